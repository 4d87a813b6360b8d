"""adjudication: what differs, what is decided, a log that only grows, and gold codes derived from both."""

import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.adjudication import ITEM, LOG_COLUMNS, Adjudication, gold_codes
from cxresearch.codebook import Codebook
from cxresearch.errors import InputError
from cxresearch.handcoding import load_hand_codes
from cxresearch.session import FileChanged
from cxresearch.tables import read_table

NO_LOG = pd.DataFrame(columns=LOG_COLUMNS)


def coded(*rows: tuple) -> pd.DataFrame:
    """Hand codes: comment, coder, sentiment, codes separated by blanks."""
    table = pd.DataFrame(rows, columns=["comment_id", "coder", "sentiment", "codes"])
    return table.assign(codes=table["codes"].str.split())


HAND = coded(
    ("c1", "ana", "positive", "empathy"),
    ("c1", "leo", "positive", "empathy"),
    ("c2", "ana", "negative", "efficiency empathy"),
    ("c2", "leo", "neutral", "efficiency"),
    ("c3", "ana", "positive", ""),
    ("c4", "leo", "neutral", "empathy"),
    ("c4", "ana", "neutral", ""),
)


def log_of(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=LOG_COLUMNS)


@pytest.fixture
def start(tmp_path, tiny_codebook):
    """Adjudicate hand codes in a folder of the test."""
    comments = pd.DataFrame({"text": ["A", "B", "C", "D"]}, index=["c4", "c2", "c1", "c3"])
    book = Codebook.model_validate(tiny_codebook)

    def _start(hand: pd.DataFrame = HAND, **options) -> Adjudication:
        paths = tmp_path / "adjudication.csv", tmp_path / "gold.csv"
        return Adjudication(hand, comments, book, *paths, **({"by": "eva"} | options))

    return _start


# --- what differs -------------------------------------------------------------------------------------------


def test_differences_in_the_order_of_the_comments_and_the_codebook(start):
    work = start()
    assert work.ids == ["c4", "c2"]
    assert work.progress == (0, 3)
    shown = [work.items_of(each)[["item", "given_by", "not_given_by"]].values.tolist() for each in work.ids]
    assert shown == [
        [["empathy", "leo", "ana"]],
        [["sentiment", "ana=negative;leo=neutral", ""], ["empathy", "ana", "leo"]],
    ]
    assert work.coded("c2")["coder"].tolist() == ["ana", "leo"]


def test_no_sentiment_is_something_else_than_a_sentiment(start):
    hand = coded(("c1", "ana", None, ""), ("c1", "leo", "neutral", ""))
    assert start(hand).items_of("c1")["given_by"].tolist() == ["ana=;leo=neutral"]


def test_three_coders(start):
    hand = coded(
        *[("c1", who, "neutral", codes) for who, codes in zip("abc", ["empathy", "", "empathy"], strict=True)]
    )
    items = start(hand).items_of("c1")
    assert items[["item", "given_by", "not_given_by"]].values.tolist() == [["empathy", "a;c", "b"]]


def test_gold_later_rounds_and_single_coders_do_not_count_unless_named(start):
    other = coded(
        ("c3", "ana.2", "negative", ""), ("c3", "gold", "negative", ""), ("c9", "zoe", "neutral", "")
    )
    hand = pd.concat([HAND, other], ignore_index=True)
    assert start(hand).ids == ["c4", "c2"]
    assert start(hand, coders=["ana", "ana.2"]).ids == ["c3"]


def test_where_nobody_differs_there_is_nothing_to_go_through(start):
    work = start(HAND[HAND["comment_id"] == "c1"])
    assert (work.ids, work.current, work.progress) == ([], "", (0, 0))
    work.go(1)
    assert work.current == ""


# --- deciding -----------------------------------------------------------------------------------------------


def test_a_decision_is_one_more_line_and_the_last_one_counts(start, tmp_path):
    work = start()
    work.decide("c4", "empathy", "yes", "=she says so")
    first = (tmp_path / "adjudication.csv").read_text()
    work.decide("c4", "empathy", "no", "on second thoughts")
    assert (tmp_path / "adjudication.csv").read_text().startswith(first)
    log = read_table(tmp_path / "adjudication.csv").fillna("")
    assert list(log) == LOG_COLUMNS
    assert log.values.tolist() == [
        ["c4", "empathy", "yes", "'=she says so", "eva", "leo", "ana"],
        ["c4", "empathy", "no", "on second thoughts", "eva", "leo", "ana"],
    ]
    assert work.items_of("c4")[["decision", "reason", "by"]].values.tolist() == [
        ["no", "on second thoughts", "eva"]
    ]
    assert work.progress == (1, 3)


def test_it_goes_on_at_the_first_comment_with_something_open(start):
    start().decide("c4", "empathy", "yes", "r")
    again = start(by="uma")
    assert (again.current, again.place, again.progress) == ("c2", 2, (1, 3))
    again.decide("c2", "sentiment", "neutral", "r")
    assert again.log["by"].tolist() == ["eva", "uma"]


@pytest.mark.parametrize(
    "values, told",
    [
        (("c2", "sentiment", "neutral", " "), "with|and a reason"),
        (("c2", "sentiment", "yes", "r"), "negative, neutral, positive"),
        (("c2", "empathy", "neutral", "r"), "yes, no"),
        (("c2", "efficiency", "no", "r"), "do not differ on efficiency"),
        (("c9", "empathy", "no", "r"), "do not differ on empathy of the comment 'c9'"),
    ],
)
def test_decisions_that_are_none(start, tmp_path, values, told):
    with pytest.raises(InputError, match=told):
        start().decide(*values)
    assert not (tmp_path / "adjudication.csv").exists()


def test_a_log_that_somebody_else_changed_is_left_alone(start, tmp_path):
    one, two = start(), start()
    one.decide("c4", "empathy", "yes", "r")
    content = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(FileChanged):
        two.decide("c4", "empathy", "no", "r")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == content
    assert two.progress == (0, 3)


def test_what_could_not_be_written_is_not_decided(start, tmp_path, monkeypatch):
    work = start()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(InputError, match="disk is full"):
        work.decide("c4", "empathy", "yes", "r")
    assert work.progress == (0, 3)
    assert len(work.log) == 0


# --- coders change their minds ------------------------------------------------------------------------------


def changed(**codes: str) -> pd.DataFrame:
    hand = HAND.copy()
    for who, now in codes.items():
        row = (hand["comment_id"] == "c4") & (hand["coder"] == who)
        hand.loc[row, "codes"] = pd.Series([now.split()], index=hand.index[row])
    return hand


def test_a_decision_that_is_no_longer_needed_is_passed_over(start):
    start().decide("c4", "empathy", "no", "r")
    work = start(changed(ana="empathy"))
    assert work.ids == ["c2"]
    gold = gold_codes(changed(ana="empathy"), work.log).set_index("comment_id")
    assert gold.loc["c4", ["codes", "memo", "adjudicated"]].tolist() == ["empathy", "", "no"]


def test_a_new_difference_is_open_though_the_former_one_was_decided(start):
    start().decide("c4", "empathy", "no", "r")
    assert start().ids[0] == "c4"
    assert start().progress == (1, 3)
    assert start(changed(ana="efficiency")).items_of("c4")["open"].tolist() == [True, False]
    sides_swapped = start(changed(ana="empathy", leo=""))
    assert sides_swapped.items_of("c4")["open"].tolist() == [True]
    assert start().progress == (1, 3)  # and it stands again as before


# --- gold ---------------------------------------------------------------------------------------------------


def test_gold_is_what_all_say_and_what_was_decided_once_nothing_is_open(start, tmp_path):
    work = start()
    gold = tmp_path / "gold.csv"
    work.decide("c2", "sentiment", "neutral", "calm")
    work.decide("c2", "empathy", "yes", "sorry for her")
    assert not gold.exists()  # c1 and c2 alone would be the easy ones
    work.decide("c4", "empathy", "no", "a formula")
    table = read_table(gold).fillna("")
    assert table[["comment_id", "coder", "sentiment", "codes", "done", "memo"]].values.tolist()[:2] == [
        ["c1", "gold", "positive", "empathy", "yes", ""],
        ["c2", "gold", "neutral", "efficiency;empathy", "yes", "empathy: sorry for her; sentiment: calm"],
    ]
    assert load_hand_codes([gold], ["efficiency", "empathy"])["codes"].tolist() == [
        ["empathy"], ["efficiency", "empathy"], [],
    ]  # fmt: skip


def settle(work):
    """Decide whatever is open."""
    for item in work.items[work.items["open"]].to_dict("records"):
        work.decide(item["comment_id"], item["item"], "neutral" if item["item"] == "sentiment" else "no", "r")


def test_gold_comes_from_hand_codes_and_log_alone(start, tmp_path):
    settle(start())
    (tmp_path / "gold.csv").unlink()
    start()
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "gold.csv").fillna("").reset_index(drop=True),
        gold_codes(HAND, read_table(tmp_path / "adjudication.csv").fillna("")).astype("str"),
    )


def test_gold_stays_as_it_was_until_new_differences_are_settled(start, tmp_path):
    settle(start())
    before = (tmp_path / "gold.csv").read_bytes()
    work = start(changed(ana="efficiency"))
    assert work.items["open"].any()
    assert (tmp_path / "gold.csv").read_bytes() == before
    settle(work)
    assert (tmp_path / "gold.csv").read_bytes() != before


def test_gold_that_was_not_made_here_is_not_overwritten(start, tmp_path):
    (tmp_path / "gold.csv").write_text("comment_id,coder,sentiment,codes\nc1,gold,positive,\n")
    with pytest.raises(InputError, match="was not made by adjudication"):
        start()
    assert "c1,gold,positive" in (tmp_path / "gold.csv").read_text()


def test_a_comment_is_blind_gold_if_all_its_coders_were():
    hand = pd.concat([HAND[:2], HAND[:2].assign(comment_id="c9")], ignore_index=True)
    hand["blind"] = ["yes", "yes", "yes", "no"]
    hand["codebook"] = ["1", "1", "1", "2"]
    assert gold_codes(hand, NO_LOG)[["blind", "codebook"]].values.tolist() == [["yes", "1"], ["no", "2"]]
    assert gold_codes(HAND, NO_LOG)["blind"].tolist() == [""]  # the files do not say


def test_a_coder_who_gives_a_code_twice_gives_it_once():
    hand = coded(("c1", "ana", "neutral", "empathy empathy"), ("c1", "leo", "neutral", "empathy"))
    assert gold_codes(hand, NO_LOG)["codes"].tolist() == ["empathy"]


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", ",".join(LOG_COLUMNS) + "\nc4,empathy,maybe,r,eva,leo,ana\n"]
)
def test_a_file_that_is_no_log(start, tmp_path, content):
    (tmp_path / "adjudication.csv").write_text(content)
    with pytest.raises(InputError, match="no adjudication log"):
        start()


def test_one_coder_is_not_enough(start):
    with pytest.raises(InputError, match="two people coded"):
        start(HAND[HAND["coder"] == "ana"])
    with pytest.raises(InputError, match="who decides"):
        start(by=" ")


# --- rules: the same by plain sets --------------------------------------------------------------------------

CODES = ["a", "b", "c"]
CODING = st.fixed_dictionaries(
    {"sentiment": st.sampled_from(["negative", "positive"]), "codes": st.sets(st.sampled_from(CODES))}
)


@given(
    coding=st.dictionaries(
        st.tuples(st.sampled_from(["c1", "c2"]), st.sampled_from(["ana", "leo", "eva"])), CODING, min_size=1
    ),
    decisions=st.lists(
        st.tuples(st.sampled_from(["c1", "c2"]), st.sampled_from(CODES), st.sampled_from(["yes", "no"]))
    ),
)
def test_gold_by_plain_sets(coding, decisions):
    hand = coded(
        *[(*key, each["sentiment"], " ".join(sorted(each["codes"]))) for key, each in coding.items()]
    )
    log, expected = [], {}
    for comment in ("c1", "c2"):
        team = {who: each for (where, who), each in coding.items() if where == comment}
        last = {item: decision for where, item, decision in decisions if where == comment}
        codes, settled = set(), len(team) > 1 and len({each["sentiment"] for each in team.values()}) == 1
        for code in CODES:
            given = sorted(who for who, each in team.items() if code in each["codes"])
            without = sorted(set(team) - set(given))
            log += [(comment, code, decision, "r", "x", ";".join(given), ";".join(without))
                    for where, item, decision in decisions if (where, item) == (comment, code)]  # fmt: skip
            settled &= not (given and without) or code in last
            if last.get(code) == "yes" if given and without else given:
                codes.add(code)
        if settled:
            expected[comment] = ";".join(sorted(codes))
    gold = gold_codes(hand, log_of(*log)) if log else gold_codes(hand, NO_LOG)
    assert dict(zip(gold["comment_id"], gold["codes"], strict=True)) == expected
    assert set(ITEM) <= set(LOG_COLUMNS)
