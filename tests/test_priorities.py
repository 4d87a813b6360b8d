"""priorities: axes against plain counts and scipy, places against simulated studies."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.priorities import crossed, priorities

CODES = [f"code{i}" for i in range(12)]


def drawn(machine, hand, groups, draws=200, seed=0):
    """Bootstrap of whole comments, hand-coded and others apart, with the difference estimator."""
    rng, found = np.random.default_rng(seed), {}
    for group in sorted(groups.unique()):
        every = machine[groups[machine.index] == group].to_numpy(dtype=float)
        mine = hand.index[groups[hand.index] == group]
        error = (hand.loc[mine] - machine.loc[mine]).to_numpy(dtype=float)
        rows = []
        for draw in range(draws + 1):
            some, few = (
                np.arange(len(x)) if draw == 0 else rng.integers(len(x), size=len(x)) for x in (every, error)
            )
            rows.append(every[some].mean(axis=0) + (error[few].mean(axis=0) if len(error) else 0))
        found[group] = np.array(rows)
    return found


def study(rng, *, n=900, hand=250, planted=False, error=0.05):
    """Codes and sentiment of two groups; if planted, code0 is common and disliked, code1 common and liked."""
    share = np.r_[0.3, 0.3, np.full(10, 0.1)] if planted else np.full(12, 0.15)
    true = rng.random((2 * n, 12)) < share
    dislike = 0.3 + planted * (0.4 * true[:, 0] - 0.25 * true[:, 1])
    label = np.where(rng.random(2 * n) < dislike, "negative", "positive")
    codes = pd.DataFrame(np.c_[true, rng.random(2 * n) < 0.1], columns=[*CODES, "loyalty"])
    machine = codes ^ (rng.random(codes.shape) < error)
    groups = pd.Series(np.repeat(["consumer", "brand"], n))
    by_hand = np.r_[:hand, n : n + hand]
    judged = crossed(codes.iloc[by_hand], pd.Series(label)[by_hand])
    guess = pd.Series(np.where(rng.random(2 * n) < error, "neutral", label))
    return crossed(machine, guess), judged, groups


def ranked(machine, hand, groups, **options):
    table = shares(machine.astype(bool), hand, groups, minimum_n=5)
    own = machine.iloc[:0] if hand is None else hand
    return priorities(drawn(machine, own, groups, **options), table, "consumer")


def test_crossed():
    codes = pd.DataFrame({"ease": [1, 1, 0, None], "loyalty": [1, 0, 1, 0]}, index=list("abcd"))
    labels = pd.Series({"a": "negative", "b": None, "c": "neutral", "d": "positive", "z": "positive"})
    table = crossed(codes, labels)
    assert list(table) == [
        *["ease", "negative", "positive", "loyalty", "ease & negative", "ease & positive", "ease & loyalty"]
    ]
    assert table.loc["a"].tolist() == [1, 1, 0, 1, 1, 0, 1]
    assert table["ease & negative"].fillna(9).tolist() == [1, 9, 0, 9]  # neither guessed nor left at no
    assert "loyalty" not in crossed(codes[["ease"]], labels)


def test_axes_are_plain_counts_when_all_is_coded_by_hand():
    rng = np.random.default_rng(1)
    codes = pd.DataFrame(rng.random((400, 4)) < [0.4, 0.3, 0.2, 0.15], columns=["a", "b", "c", "loyalty"])
    label = pd.Series(rng.choice(["negative", "neutral", "positive"], 400))
    wide, groups = crossed(codes, label), pd.Series(["consumer"] * 250 + ["brand"] * 150)
    table = ranked(wide, wide, groups, draws=20)
    assert table["group"].tolist() == ["consumer"] * 3 + ["brand"] * 3
    rows = table.set_index(["group", "code"])
    own, mood = codes[:250], label[:250]
    ties = {}
    for code in "abc":
        row = rows.loc["consumer", code]
        phi = [pearsonr(own[code], other)[0] for other in (mood == "negative", own["loyalty"])]
        assert [row["share"], row["tie_negative"], row["tie_outcome"]] == pytest.approx(
            [own[code].mean(), *phi]
        )
        ties[code] = abs(phi[0]) + abs(phi[1])
        assert row["cases"] == own[code].sum()
        for group, part in (("consumer", slice(0, 250)), ("brand", slice(250, 400))):
            net = label[part].map({"negative": -1, "neutral": 0, "positive": 1})
            found = rows.loc[group, code]
            assert found["performance"] == pytest.approx(net[codes[code][part]].mean())
            assert found["overall"] == pytest.approx(net.mean())
            expected = (own[code].mean() / own[["a", "b", "c"]].mean().max() + 0) / 2
            assert found["importance"] >= expected - 1e-9
    for code in "abc":
        expected = (
            own[code].mean() / own[["a", "b", "c"]].mean().max() + ties[code] / max(ties.values())
        ) / 2
        assert rows.loc["consumer", code]["importance"] == pytest.approx(expected)
    urgency = rows.loc["consumer"].eval("importance * (1 - performance)")
    assert urgency.is_monotonic_decreasing and rows.loc["consumer", "rank"].tolist() == [1, 2, 3]


def test_limits_cover_and_places_are_found():
    covered, first = 0, 0
    for seed in range(25):
        table = ranked(*study(np.random.default_rng(seed), planted=True), seed=seed).set_index(
            ["group", "code"]
        )
        row = table.loc["consumer", "code0"]
        dislike = 0.3 + 0.4 - 0.25 * 0.3
        covered += row["performance_low"] <= 1 - 2 * dislike <= row["performance_high"]
        first += row["quadrant"] == "act first" and row["rank"] == 1
        assert table.loc["consumer", "code1"]["likely"] == "keep up"
        assert row["importance_low"] <= row["importance"] <= row["importance_high"]
    assert covered >= 21 and first >= 23


def test_of_codes_alike_hardly_one_is_called_first():
    """20 studies of 12 codes that differ by chance alone."""
    called, shaky = 0, []
    for seed in range(20):
        table = ranked(*study(np.random.default_rng(100 + seed)), seed=seed).query("group == 'consumer'")
        called += (table["quadrant"] == "act first").any()
        shaky.append((table["quadrant"] == "not settled").mean())
        top = table.query("rank == 1").iloc[0]
        assert top["first_five"] > 5 / 12  # it leads by estimate
    assert called <= 4 and np.mean(shaky) > 0.8


def test_a_place_is_first_only_if_it_is_among_the_first_five():
    """Eight codes equally urgent: each surely in its quadrant, none surely among the first five."""
    names = [*CODES[:8], "low"]
    columns = [
        *names,
        "negative",
        "positive",
        *(f"{name} & {mood}" for name in names for mood in ("negative", "positive")),
    ]
    rng = np.random.default_rng(2)
    values = np.tile([0.3] * 8 + [0.01, 0.5, 0.5] + [0.25, 0.05] * 8 + [0.002, 0.008], (301, 1))
    values[:, 11:27] += rng.normal(0, 0.01, (301, 16))
    evidence = {
        "n": 500,
        "n_hand": 500,
        "hand_cases": 100,
        "machine_cases": 100,
        "note": "",
        "basis": "corrected",
    }
    table = pd.DataFrame({"code": columns, "group": "consumer"}).assign(**evidence)
    found = priorities({"consumer": values}, table, "consumer").set_index("code")
    assert (found.loc[CODES[:8], "kept"] > 0.95).all()
    assert set(found.loc[CODES[:8], "quadrant"]) == {"not settled"}
    assert found.loc["low", "quadrant"] == "low"


def test_of_two_themes_equally_important_the_disliked_one_comes_first():
    label = pd.Series(["positive"] * 50 + ["negative"] * 50)
    codes = pd.DataFrame({"liked": np.arange(100) < 40, "disliked": np.arange(100) >= 61})
    wide = crossed(codes, label)
    table = ranked(wide, wide, pd.Series("consumer", wide.index), draws=40)
    assert table["importance"].is_monotonic_increasing  # the liked one is said once more
    assert table["code"].tolist() == ["disliked", "liked"]


def test_too_few_uncorrected_and_without_outcome():
    machine, hand, groups = study(np.random.default_rng(3), planted=True)
    hand["code5"] = hand["code5"] * (np.arange(len(hand)) < 20)
    table = ranked(machine, hand, groups).set_index(["code", "group"])
    few = table.loc["code5", "consumer"]
    assert few["quadrant"] == "too few to say" and few["cases"] < 10
    assert few[["importance", "performance", "rank", "likely", "first_five"]].isna().all()
    assert table["rank"].dropna().groupby("group").max().tolist() == [table["rank"].notna().sum() // 2] * 2
    alone = ranked(machine, None, groups)
    assert set(alone["quadrant"]) == {"uncorrected"} and set(alone["basis"]) == {"machine"}
    plain = machine.loc[:, [not name.endswith("loyalty") for name in machine]]
    assert (ranked(plain, None, groups)["tie_outcome"].dropna() == 0).all()


def test_nothing_known():
    machine, hand, groups = study(np.random.default_rng(4), n=100, hand=10)
    table = ranked(machine, hand.iloc[:4], groups, draws=20)
    assert set(table["quadrant"]) == {"too few to say"} and table["importance"].isna().all()


def test_unusable_input():
    machine, hand, groups = study(np.random.default_rng(5), n=60, hand=30)
    table, draws = shares(machine.astype(bool), hand, groups, minimum_n=5), drawn(machine, hand, groups, 5)
    with pytest.raises(InputError, match="group 'press': expected its shares and its draws"):
        priorities(draws, table, "press")
    with pytest.raises(InputError, match=r"group 'consumer': .* of the same columns"):
        priorities({"consumer": draws["consumer"][:, :3]}, table, "consumer")
    with pytest.raises(InputError, match="group 'brand'"):
        priorities(draws, table[table["group"] == "consumer"], "consumer")


def test_same_seed_same_table():
    given = study(np.random.default_rng(6))
    one, two = ranked(*given), ranked(*given)
    pd.testing.assert_frame_equal(one, two)
    assert not ranked(*given, seed=1)["performance_low"].equals(one["performance_low"])


def test_what_rests_on_hand_codes_in_part_is_mixed_and_says_so():
    machine, hand, groups = study(np.random.default_rng(9), hand=100)
    consumer = hand[groups[hand.index] == "consumer"]
    table = ranked(machine, consumer, groups, draws=20)
    assert table.groupby("group")["basis"].agg(set).to_dict() == {
        "brand": {"mixed"},
        "consumer": {"corrected"},
    }
    assert set(table.loc[table["group"] == "brand", "quadrant"]) <= {"uncorrected", "too few to say"}
    moods = [name for name in hand if "ative" in name or "itive" in name]  # nobody judged sentiment
    assert set(ranked(machine, hand.drop(columns=moods), groups, draws=20)["basis"]) == {"mixed"}
    assert set(ranked(machine, None, groups, draws=20)["basis"]) == {"machine"}


def test_limits_that_are_missing_come_with_a_note():
    codes = pd.DataFrame({"ease": [True] * 50 + [False] * 50, "tact": [False] * 60 + [True] * 40})
    wide = crossed(codes, pd.Series(["negative"] * 55 + ["positive"] * 45))
    groups = pd.Series("consumer", wide.index)
    table = ranked(wide, wide, groups, draws=50)  # of comments with ease, all are negative in every draw
    ease = table.set_index("code").loc["ease"]
    assert np.isnan(ease["performance_low"]) and ease["note"] == "no variance"
