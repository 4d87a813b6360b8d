"""agreement: against published worked examples, krippendorff, nltk, scikit-learn and plain loops."""

from itertools import combinations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics import masi_distance
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from cxresearch import agreement
from cxresearch.agreement import agreement_table, cohen_kappa, flags
from cxresearch.errors import InputError

COEFFICIENTS = ["percent", "kappa", "ac1", "alpha"]


def wide(ratings, codes=None):
    """Code tables by coder of an array (coders, comments, codes)."""
    names = codes or [f"k{place}" for place in range(ratings.shape[2])]
    ids = [f"c{place:03}" for place in range(ratings.shape[1])]
    return {f"coder{n}": pd.DataFrame(own, index=ids, columns=names) for n, own in enumerate(ratings)}


def pair(both, only_first, only_second, neither):
    """Two coders' tables with these counts."""
    cells = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], [both, only_first, only_second, neither], axis=0)
    return wide(cells.T[:, :, None].astype(bool), ["ease"])


def row(*counts, **how):
    return agreement_table(pair(*counts), **how).iloc[0]


# --- worked examples


@pytest.mark.parametrize(
    "name, counts, expected",
    [
        ("kappa", [20, 5, 10, 15], 0.4),  # the grant example: po .70, pe .50
        ("kappa", [40, 9, 6, 45], 0.70),  # Feinstein & Cicchetti (1990)
        ("kappa", [80, 10, 5, 5], 0.32),  # the same: as many agree, kappa falls
        ("ac1", [80, 10, 5, 5], 0.81),  # while AC1 does not
        ("ac1", [118, 5, 2, 0], 0.9408),  # Gwet (2002): kappa is -.0234
        ("kappa", [118, 5, 2, 0], -0.0234),
        ("alpha", [1, 3, 1, 5], 0.095),  # Krippendorff (2011), A: binary, two observers, no missing data
        ("kappa", [0, 3, 0, 7], 0.0),  # one coder silent: chance level, not undefined
    ],
)
def test_worked_examples(name, counts, expected):
    assert row(*counts, draws=5)[name] == pytest.approx(expected, abs=0.005 if expected != 0.4 else 1e-9)


# Krippendorff (2011), C: four observers, twelve units, five values; also in Gwet (2014), p. 120, and in his R
# package irrCAC (cac.raw4raters), whose documentation prints the AC1. The last unit has one value only.
OBSERVERS = """1 2 3 3 2 1 4 1 2 . . .
               1 2 3 3 2 2 4 1 2 5 . 3
               . 3 3 3 2 3 4 2 2 5 1 .
               1 2 3 3 2 4 4 1 2 5 1 ."""
OBSERVED = np.array([line.replace(".", "nan").split() for line in OBSERVERS.splitlines()], dtype=float)
# Gwet (2014), three categories, two raters, as irrCAC has it (cont3x3abstractors): rows one, columns two
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])


def one_code_per_value(values):
    """Ratings of "is it this value?", for each value; missing where the value is."""
    found = np.unique(values[~np.isnan(values)])
    return np.where(np.isnan(values)[..., None], np.nan, values[..., None] == found)


def test_krippendorffs_example_of_four_observers():
    """Sets of one code each are equal or disjoint: MASI alpha is nominal alpha."""
    last = agreement_table(wide(one_code_per_value(OBSERVED)), draws=5).iloc[-1]
    assert (last["code"], last["n"], last["coders"]) == ("set", 11, 4)
    assert last["alpha"] == pytest.approx(0.743, abs=0.0005)


@pytest.mark.parametrize(
    "values, percent, expected",
    [
        (OBSERVED, 0.81818, 0.77544),
        (np.repeat(np.argwhere(ABSTRACTORS >= 0), ABSTRACTORS.ravel(), axis=0).T, 0.89, 0.8493305),
    ],
)
def test_gwets_examples(values, percent, expected):
    """A disagreement counts in two codes; each code's share follows from its chance agreement 2s(1 - s)."""
    values = values.astype(float)
    table = agreement_table(wide(one_code_per_value(values)), draws=5).iloc[:-2]
    agreed = 1 - (1 - table["percent"]).sum() / 2
    by_chance = (table["percent"] - table["ac1"]) / (1 - table["ac1"])
    shares = 0.5 + np.sign(table["prevalence"] - 0.5) * np.sqrt(1 - 2 * by_chance) / 2
    shares = shares.fillna(1 - shares.sum())  # one code has no disagreement, and so no trace of chance
    chance = (shares * (1 - shares)).sum() / (len(shares) - 1)
    assert agreed == pytest.approx(percent, abs=5e-6)
    assert (agreed - chance) / (1 - chance) == pytest.approx(expected, abs=5e-6)
    assert gwet_ac1(values.T) == pytest.approx(expected, abs=5e-6)  # the transcription used below, too


# --- independent implementations


def gwet_ac1(units):
    """Gwet (2014), written out: units of several coders' values, some missing."""
    units = [[value for value in unit if value == value] for unit in units]
    units, found = [unit for unit in units if unit], {value for unit in units for value in unit}
    twice = [unit for unit in units if len(unit) > 1]
    agreed, chance = 0.0, 0.0
    for unit in twice:
        counts = [unit.count(value) for value in found]
        agreed += sum(n * (n - 1) for n in counts) / (len(unit) * (len(unit) - 1)) / len(twice)
    for value in found:
        share = sum(unit.count(value) / len(unit) for unit in units) / len(units)
        chance += share * (1 - share) / (len(found) - 1)
    return (agreed - chance) / (1 - chance)


def percent_of(units):
    """Mean over units of the share of agreeing pairs."""
    shares = []
    for unit in units:
        pairs = [a == b for a, b in combinations(unit, 2) if a == a and b == b]
        shares += [np.mean(pairs)] if pairs else []
    return np.mean(shares) if shares else np.nan


def light_kappa(ratings):
    """Mean of nltk's kappa over the pairs of coders with comments in common, NaN if one has no kappa."""
    kappas = []
    for one, two in combinations(ratings, 2):
        known = ~np.isnan(one + two)
        if known.any():
            values = [one[known], two[known]]
            if len(np.unique(values)) == 1:
                return np.nan
            task = AnnotationTask([(c, str(i), v) for c in (0, 1) for i, v in enumerate(values[c])])
            kappas.append(task.kappa())
            assert kappas[-1] == pytest.approx(cohen_kappa_score(*values))
    return np.mean(kappas) if kappas else np.nan


def nominal_alpha(ratings):
    """Alpha by the krippendorff package and by nltk; NaN if the comments judged twice hold one value."""
    ratings = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    values = ratings[~np.isnan(ratings)]
    if len(np.unique(values)) < 2:
        return np.nan
    found = krippendorff.alpha(ratings, level_of_measurement="nominal")
    rows = [(c, str(i), v) for c, own in enumerate(ratings) for i, v in enumerate(own) if v == v]
    assert found == pytest.approx(AnnotationTask(rows).alpha())
    return found


def exact_masi(one, two):
    """Passonneau (2006), written out."""
    if not one and not two:
        return 0.0
    weight = 1 if one == two else 2 / 3 if one < two or two < one else 1 / 3 if one & two else 0
    return 1 - weight * len(one & two) / len(one | two)


def set_alpha(ratings, distance=exact_masi):
    """Alpha of whole comments by nltk; NaN if all sets are alike."""
    rows = [
        (coder, str(comment), frozenset(np.flatnonzero(ratings[coder, comment])))
        for coder, comment in np.argwhere(~np.isnan(ratings).any(axis=2))
    ]
    count = pd.Series([comment for _, comment, _ in rows]).value_counts()
    rows = [one for one in rows if count[one[1]] > 1]
    if len({one[2] for one in rows}) < 2:
        return np.nan
    return AnnotationTask(rows, distance=distance).alpha()


def expected_of(ratings):
    """The coefficients of one code's ratings (coders, comments)."""
    alpha = nominal_alpha(ratings)
    ac1 = gwet_ac1(ratings.T.tolist()) if alpha == alpha else np.nan
    return [percent_of(ratings.T), light_kappa(ratings), ac1, alpha]


def random_ratings(seed, coders, comments, codes, share, missing):
    random = np.random.default_rng(seed)
    truth = random.random((comments, codes)) < share
    ratings = (truth ^ (random.random((coders, comments, codes)) < 0.2)).astype(float)
    ratings[random.random(ratings.shape) < missing] = np.nan
    ratings[random.random(ratings.shape[:2]) < missing] = np.nan  # whole comments, too
    return ratings


random_studies = st.builds(
    random_ratings,
    st.integers(0, 2**32 - 1),
    st.integers(2, 4),
    st.integers(2, 15),
    st.integers(1, 3),
    st.sampled_from([0.05, 0.3, 0.6]),
    st.sampled_from([0, 0.1, 0.5]),
)


@settings(max_examples=80, deadline=None)
@given(random_studies)
def test_independent_implementations(ratings):
    table = agreement_table(wide(ratings), draws=2)
    together = ratings.reshape(len(ratings), -1)
    for name, own in [*enumerate(np.moveaxis(ratings, 2, 0)), (len(table) - 2, together)]:
        found = table.loc[name]
        judged = (~np.isnan(own)).sum(axis=0) > 1
        if name < len(table) - 2:
            assert found["n"] == judged.sum()
            assert found["coders"] == (~np.isnan(own[:, judged])).any(axis=1).sum()
        if found["n"] > 1:
            assert found["prevalence"] == pytest.approx(np.nanmean(own[:, judged]))
            assert found[COEFFICIENTS].tolist() == pytest.approx(expected_of(own), abs=1e-9, nan_ok=True)
        else:
            assert found[COEFFICIENTS].isna().all()
    last = table.iloc[-1]
    expected = set_alpha(ratings) if last["n"] > 1 else np.nan
    assert last["alpha"] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("weights", [(1, 2 / 3, 1 / 3, 0), (1, 0.67, 0.33, 0)])
def test_set_alpha_is_nltks(weights, monkeypatch):
    """nltk 3.5 had .67 and .33, later ones the thirds; both empty is left out, which nltk divides by 0."""

    def distance(one, two):
        if weights[1] == 2 / 3:
            return masi_distance(one, two)
        jaccard = len(one & two) / len(one | two)
        weight = 1 if one == two else 0.67 if one <= two or two <= one else 0.33 if one & two else 0
        return 1 - jaccard * weight

    monkeypatch.setattr(agreement, "MASI_WEIGHTS", weights)
    ratings = random_ratings(5, 3, 60, 6, 0.3, 0)
    ratings[..., 0] = 1
    found = agreement_table(wide(ratings), draws=2).iloc[-1]["alpha"]
    assert found == pytest.approx(set_alpha(ratings, distance), abs=1e-9)


def test_of_one_code_set_alpha_is_alpha():
    table = agreement_table(wide(random_ratings(2, 3, 40, 1, 0.3, 0.2)), draws=50)
    first, last = (table.loc[place, ["n", "alpha", "alpha_low", "alpha_high"]] for place in (0, 2))
    assert last.tolist() == pytest.approx(first.tolist(), abs=1e-9)


# --- counts, and who is right


def test_comments_that_one_coder_has_and_codes_that_not_all_have_are_left_out():
    first = pd.DataFrame({"b": [1, 1, 0, None], "a": [1, 0, 1, 0], "x": [1, 1, 1, 1]}, index=list("1234"))
    second = pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 1]}, index=list("432"))
    table = agreement_table({"ana": first, "ben": second}, draws=10).set_index("code")
    assert list(table.index) == ["b", "a", "all", "set"]
    counts = ["n", "both", "only_first", "only_second", "neither"]
    assert table.loc["b", counts].tolist() == [2, 1, 0, 0, 1]
    assert table.loc["a", counts].tolist() == [3, 1, 0, 1, 1]
    assert table.loc["all", counts].tolist() == [3, 2, 0, 1, 2]
    assert table.loc["a", ["prevalence", "percent", "precision", "recall", "f1"]].tolist() == pytest.approx(
        [0.5, 2 / 3, 0.5, 1, 2 / 3]
    )
    assert table.loc["set", "n"] == 2  # the comment with a missing code is no whole set
    assert table.loc["set"].drop(["n", "coders", "alpha", "alpha_low", "alpha_high", "reason"]).isna().all()


def test_what_only_one_coder_has_counts_nowhere():
    """A machine codes all comments, people some: its other comments say nothing about chance."""
    people, machine = pair(12, 6, 4, 30).values()
    rest = pd.DataFrame({"ease": True}, index=[f"rest{place}" for place in range(500)])
    alone = agreement_table({"people": people, "machine": machine}, draws=20)
    with_rest = agreement_table({"people": people, "machine": pd.concat([rest, machine])}, draws=20)
    pd.testing.assert_frame_equal(alone, with_rest)


def test_precision_and_recall_of_the_second_coder():
    found = row(20, 10, 5, 65, draws=200)
    for name, n in (("precision", 25), ("recall", 30)):
        low, high = proportion_confint(20, n, method="wilson")
        own = [found[name], found[f"{name}_low"], found[f"{name}_high"]]
        assert own == pytest.approx([20 / n, low, high], abs=1e-9)
    assert found["f1"] == 40 / 55
    assert found["f1_low"] < 40 / 55 < found["f1_high"]
    several = agreement_table(wide(random_ratings(1, 3, 30, 2, 0.4, 0)), draws=20)
    assert several.filter(regex="precision|recall|f1").isna().all(axis=None)


def test_pairs_without_comments_in_common_do_not_count():
    """Ana and Ben share comments, Ben and Eva others, Ana and Eva none."""
    ratings = random_ratings(4, 3, 40, 1, 0.4, 0)
    ratings[2, :20], ratings[0, 20:] = np.nan, np.nan
    one = agreement_table(wide(ratings[:2, :20]), draws=2).loc[0, "kappa"]
    two = agreement_table(wide(ratings[1:, 20:]), draws=2).loc[0, "kappa"]
    found = agreement_table(wide(ratings), draws=2).iloc[0]
    assert found["kappa"] == pytest.approx((one + two) / 2)
    assert (found["n"], found["coders"]) == (40, 3)


# --- what cannot be said


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "counts, reason, missing",
    [
        ((0, 0, 0, 0), "no comments", "percent kappa ac1 alpha percent_low alpha_low precision f1"),
        ((1, 0, 0, 0), "a single comment", "percent kappa ac1 alpha percent_low alpha_low precision f1"),
        ((0, 0, 0, 50), "one category only", "kappa ac1 alpha percent_low alpha_low precision f1"),
        ((50, 0, 0, 0), "one category only", "kappa ac1 alpha percent_low alpha_low"),
        ((0, 9, 0, 50), "one coder never used the code", "precision"),
        ((25, 0, 0, 25), "no disagreement, so no interval", "percent_low alpha_low"),
        ((0, 15, 15, 70), "never given by both, so no interval", ""),
        ((0, 25, 25, 0), "never given by both, so no interval", "percent_low alpha_low"),
        ((1, 1, 0, 98), "too few comments for an interval", "alpha_low"),
        ((20, 5, 5, 20), "", ""),
    ],
)
def test_undefined_values_are_missing_with_a_reason(counts, reason, missing):
    found = row(*counts)
    assert found["reason"] == reason
    columns = ["percent", "kappa", "ac1", "alpha", "percent_low", "alpha_low", "precision", "f1"]
    assert [column for column in columns if np.isnan(found[column])] == missing.split()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "counts, reasons",
    [
        ((0, 0, 0, 0), ["no comments"] * 3),
        ((0, 1, 0, 0), ["a single comment"] * 3),
        ((0, 0, 0, 50), ["one category only"] * 3),
        ((25, 0, 0, 25), ["no disagreement, so no interval"] * 3),
        ((1, 1, 0, 98), ["too few comments for an interval"] * 3),
        ((20, 5, 5, 20), [""] * 3),
    ],
)
def test_all_decisions_and_whole_sets_have_reasons_too(counts, reasons):
    table = agreement_table(pair(*counts))
    assert table["reason"].tolist() == reasons
    assert (table["alpha"].isna() | (table["alpha"] < 1) | (table["reason"] == reasons[0])).all()


@pytest.mark.filterwarnings("error")
def test_three_coders_of_whom_two_never_used_the_code():
    """Alpha and AC1 stand; the mean of the pairs' kappas does not, as one pair has none."""
    ratings = np.zeros((3, 40, 1))
    ratings[0, :8] = 1
    found = agreement_table(wide(ratings)).iloc[0]
    assert found["reason"] == "one coder never used the code"
    assert found[COEFFICIENTS].isna().tolist() == [False, True, False, False]


@pytest.mark.filterwarnings("error")
def test_everything_missing():
    table = agreement_table(wide(np.full((3, 4, 2), np.nan)))
    assert table["reason"].tolist() == ["no comments"] * 4
    assert table[["n", "coders"]].eq(0).all(axis=None)


@pytest.mark.filterwarnings("error")
def test_several_coders_in_perfect_agreement():
    ratings = np.tile(random_ratings(3, 1, 30, 2, 0.4, 0), (3, 1, 1))
    table = agreement_table(wide(ratings))
    assert table["reason"].eq("no disagreement, so no interval").all()
    assert table["alpha"].eq(1).all() and table.loc[:2, COEFFICIENTS].eq(1).all(axis=None)
    assert table.filter(regex="_low|_high").isna().all(axis=None)


# --- intervals


def test_intervals_are_the_bootstrap_over_comments():
    """The same draws, each made a study of its own by repeating comments, and measured by the oracles."""
    ratings, draws, seed = random_ratings(11, 3, 25, 2, 0.4, 0.1), 120, 3
    table = agreement_table(wide(ratings), draws=draws, seed=seed)
    drawn = np.random.default_rng(seed).multinomial(25, np.full(25, 1 / 25), size=draws)
    values = np.full((draws, 4, 4), np.nan)
    for place, weights in enumerate(drawn):
        own = np.repeat(ratings, weights, axis=1)
        for code in (0, 1):
            values[place, code] = expected_of(own[..., code])
        values[place, 2] = expected_of(own.reshape(3, -1))
        values[place, 3, 3] = set_alpha(own)
    low, high = np.percentile(values, [2.5, 97.5], axis=0)
    for place, name in enumerate(COEFFICIENTS):
        assert table[f"{name}_low"].tolist() == pytest.approx(low[:, place], abs=1e-9, nan_ok=True)
        assert table[f"{name}_high"].tolist() == pytest.approx(high[:, place], abs=1e-9, nan_ok=True)
    assert table.loc[:2, "ac1_low"].notna().all() and table.loc[3, "alpha_low"] < table.loc[3, "alpha_high"]


def test_pooled_precision_is_drawn_by_comments():
    """A comment's decisions stand or fall together: ten copies of a code say no more than one."""
    one = row(20, 10, 5, 65, draws=400)
    copied = {name: pd.concat([own] * 10, axis=1) for name, own in pair(20, 10, 5, 65).items()}
    copied = {name: own.set_axis([f"k{n}" for n in range(10)], axis=1) for name, own in copied.items()}
    together = agreement_table(copied, draws=400).set_index("code").loc["all"]
    assert together["precision"] == one["precision"]
    assert together["precision_low"] == pytest.approx(one["precision_low"], abs=0.05)
    assert together["precision_high"] == pytest.approx(one["precision_high"], abs=0.05)


def test_chunks_and_the_order_of_rows_change_nothing(monkeypatch):
    tables = wide(random_ratings(7, 3, 40, 4, 0.3, 0.1))
    whole = agreement_table(tables, draws=100, seed=2)
    monkeypatch.setattr(agreement, "CHUNK", 130)
    turned = {name: table.iloc[::-1] for name, table in tables.items()}
    pd.testing.assert_frame_equal(agreement_table(turned, draws=100, seed=2), whole, rtol=1e-12)
    assert not agreement_table(tables, draws=100, seed=3)["alpha_low"].equals(whole["alpha_low"])


def test_another_code_changes_nothing():
    tables = wide(random_ratings(8, 2, 40, 2, 0.3, 0))
    alone = agreement_table({name: table[["k0"]] for name, table in tables.items()}, draws=100)
    pd.testing.assert_series_equal(alone.iloc[0], agreement_table(tables, draws=100).iloc[0])


# --- input


def test_cohen_kappa_of_several_tables_at_once():
    found = cohen_kappa([[[20, 5, 10, 15], [0, 0, 0, 9]], [[5, 0, 0, 5], [0, 5, 5, 0]]])
    assert found == pytest.approx(np.array([[0.4, np.nan], [1, -1]]), nan_ok=True)


@pytest.mark.parametrize(
    "table, message",
    [
        (pd.DataFrame({"ease": [1, 0]}, index=["c1", "c1"]), "'c1' occurs more than once"),
        (pd.DataFrame({"ease": ["si", 0]}, index=["c1", "c2"]), "comment_id 'c1', code 'ease': found 'si'"),
        (pd.DataFrame({"ease": [1, 0.5]}, index=["c1", "c2"]), "'c2', code 'ease': found .*0.5"),
    ],
)
def test_unusable_tables_are_named(table, message):
    with pytest.raises(InputError, match=message):
        flags(table, "hand codes")
    with pytest.raises(InputError, match=f"ben.*{message}"):
        agreement_table({"ana": pd.DataFrame({"ease": [True]}), "ben": table})


@pytest.mark.parametrize("dtype", ["boolean", "Int64", object, "float"])
def test_missing_values_of_any_kind(dtype):
    table = pd.DataFrame({"ease": pd.Series([1, 0, None], dtype="float").astype(dtype)})
    np.testing.assert_array_equal(flags(table, "codes")["ease"], [1, 0, np.nan])
    assert agreement_table({"ana": table, "ben": table}, draws=2)["n"].tolist() == [2, 2, 2]


def test_too_little_in_common():
    ana, ben = pd.DataFrame({"ease": [True]}), pd.DataFrame({"tact": [True]})
    with pytest.raises(InputError, match=r"no code in common.*ana.*\['ease'\].*ben.*\['tact'\]"):
        agreement_table({"ana": ana, "ben": ben})
    with pytest.raises(InputError, match=r"two coders, found \['ana'\]"):
        agreement_table({"ana": ana})
