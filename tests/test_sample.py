"""The sample study: what it promises, and the figures its report rests on."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch.codebook import load_codebook
from cxresearch.comments import ledger, load_comments
from cxresearch.handcoding import load_hand_codes
from cxresearch.sampling import draw_sample, drawn, load_sample
from cxresearch.study import find_study
from cxresearch.tables import read_table

ROOT = Path(__file__).parents[1]
SAVED = Path(__file__).parent / "saved"


@pytest.fixture(scope="module")
def study():
    return find_study(str(ROOT / "study.yaml"))


@pytest.fixture(scope="module")
def loaded(study):
    return load_comments(study)


@pytest.fixture(scope="module")
def hand(study):
    return load_hand_codes(study.hand_code_files, load_codebook(study.codebook_path).names)


def test_it_is_large_and_varied_enough(loaded):
    comments, _, _ = loaded
    assert len(comments) >= 600
    assert set(comments["language"]) == {"es", "en"}
    assert set(comments["group"]) == {"consumer", "brand"}
    assert comments["brand"].nunique() == 8
    assert comments["sector"].nunique() == 4
    assert {"MX", "ES", "CO", "AR"} <= set(comments["country"])
    assert comments["date"].dt.to_period("M").nunique() == 12
    assert comments["channel"].nunique() >= 5
    assert 0.1 < comments["rating"].notna().mean() < 0.9


def test_nobody_wrote_two_comments_alike(loaded):
    comments, _, _ = loaded
    assert comments["text"].is_unique
    openings = comments["text"].str.split().str[:4].str.join(" ").str.lower()
    assert openings.value_counts().max() <= 6


def test_the_author_coded_every_comment_and_every_code_occurs(loaded, hand):
    comments, _, _ = loaded
    coded = hand[hand["comment_id"].isin(comments["comment_id"]) & (hand["coder"] == "author")]
    assert set(hand["coder"]) == {"author", "reader"}
    assert len(coded) == len(comments)
    counts = coded["codes"].explode().value_counts()
    assert len(counts) == 31
    assert counts.min() >= 8
    assert coded["sentiment"].notna().all()


def test_the_second_reading_is_of_a_sample_that_can_be_drawn_again(study, loaded, hand):
    comments = loaded[0].set_index("comment_id")
    again = draw_sample(comments, 200, seed=study.seed)
    sample = load_sample(study.coding_file("sample.csv"))
    pd.testing.assert_frame_equal(sample, again, check_dtype=False)
    second = hand[hand["coder"] == "reader"]
    assert second["comment_id"].tolist() == drawn(sample, comments).index.tolist()
    assert second["blind"].eq("yes").all() and second["sentiment"].notna().all()


@pytest.mark.parametrize(
    "trait", ["irony", "negation", "mixed", "emoji", "typo", "two_languages", "personal_data"]
)
def test_it_holds_what_makes_comments_hard(hand, trait):
    assert hand["note"].fillna("").str.split(";").explode().eq(trait).sum() >= 8


def test_the_masks_find_every_kind_of_invented_personal_data(loaded):
    _, _, masked = loaded
    assert (masked > 0).all(), masked
    text = " ".join(loaded[0]["text"])
    assert "@example" not in text
    assert "4111 1111" not in text


def test_the_ledger_adds_up_and_shows_every_reason(study, loaded):
    comments, dropped, _ = loaded
    counts = ledger(comments, dropped).loc["all files"]
    assert counts["raw"] == sum(len(read_table(path)) for path in study.input_files)
    assert (counts > 0).all(), counts


def test_it_says_what_it_is(study):
    assert "written for the project" in study.about.en
    assert "se escribieron para el proyecto" in study.about.es
    assert "written for this" in (ROOT / "data" / "raw" / "README.md").read_text(encoding="utf-8")


def test_the_report_rests_on_the_saved_figures(ran):
    """After a change that is meant to move them: copy the table, and say in the commit why they moved."""
    columns = ["group", "code", "n", "n_hand", "machine_cases", "hand_cases", "share", "low", "high"]
    estimates = pd.read_parquet(ran / "data" / "processed" / "estimates.parquet")[columns]
    saved = pd.read_csv(SAVED / "estimates.csv")
    pd.testing.assert_frame_equal(estimates, saved, check_dtype=False, rtol=1e-6)
