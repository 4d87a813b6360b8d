"""sensitivity: rules as a table of cases, variants through the real estimator."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from cxresearch.comparison import compare_groups, compare_net, net_sentiment
from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.sensitivity import holds, sensitivity, variants


def headline(verdict, gap, low=None, high=None, code="ease"):
    low, high = (gap - 0.1 if low is None else low), (gap + 0.1 if high is None else high)
    return pd.DataFrame(
        {"code": [code], "gap": gap, "low": low, "high": high, "verdict": verdict, "reason": ""}
    )


@pytest.mark.parametrize(
    "base, variant, expected",
    [
        (("different", 0.2), ("different", 0.1), "same verdict"),
        (("different", 0.2), ("different", -0.1), "changes"),  # the other way round
        (("different", 0.2), ("not shown", 0.1), "same direction"),
        (("different", -0.2), ("not shown", -0.1), "same direction"),
        (("different", 0.2), ("not shown", -0.1), "changes"),
        (("different", 0.04), ("aligned", 0.02), "changes"),
        (("aligned", 0.01), ("aligned", -0.02), "same verdict"),  # no side to keep to
        (("aligned", 0.01), ("not shown", -0.05), "same direction"),
        (("aligned", 0.01), ("not shown", 0.2, 0.05, 0.3), "changes"),
        (("aligned", 0.01), ("different", 0.12), "changes"),
        (("not shown", 0.05), ("not shown", -0.05), "same verdict"),
        (("not shown", 0.05), ("different", 0.15), "changes"),
        (("not shown", 0.05), ("aligned", 0.01), "changes"),
        (("different", 0.2), ("too few to say", np.nan), "cannot say"),
        (("different", 0.2), ("uncorrected", 0.2), "cannot say"),
        (("uncorrected", 0.2), ("uncorrected", 0.2), "cannot say"),  # no headline at all
        (("too few to say", np.nan), ("different", 0.2), "cannot say"),
    ],
)
def test_rules(base, variant, expected):
    table = sensitivity(headline(*base), {"variant": headline(*variant)})
    assert table["holds"].tolist() == [expected]
    assert table[["base_verdict", "verdict"]].iloc[0].tolist() == [base[0], variant[0]]


def test_summary():
    base = pd.concat(
        [
            headline("different", 0.2),
            headline("aligned", 0.01, code="tact"),
            headline("different", 0.3, code="care"),
        ]
    )
    one = pd.concat(
        [
            headline("not shown", 0.1, code="care"),
            headline("different", -0.2),
            headline("aligned", 0, code="tact"),
        ]
    )
    two = pd.concat([headline("different", 0.4), headline("aligned", 0.02, code="tact")])
    table = sensitivity(base, {"one": one, "two": two})
    assert table["code"].tolist() == ["ease", "ease", "tact", "tact", "care", "care"]
    assert table["variant"].tolist() == ["one", "two"] * 3
    summary = holds(table).set_index("code")
    assert summary["summary"].to_dict() == {
        "ease": "depends on the variant", "tact": "holds", "care": "holds in direction"
    }  # fmt: skip
    assert summary["changed_by"].tolist() == ["one", "", ""]
    assert summary.loc["ease", ["lowest", "highest", "variants"]].tolist() == [-0.2, 0.4, 2]
    assert summary.loc["care", ["same direction", "cannot say"]].tolist() == [1, 1]
    missing = sensitivity(base.iloc[:1], {"one": headline("too few to say", np.nan)})
    assert holds(missing)["summary"].tolist() == ["cannot say"]


def test_no_variants_and_other_codes():
    assert sensitivity(headline("different", 0.2), {}).empty
    assert holds(sensitivity(headline("different", 0.2), {})).empty
    with pytest.raises(InputError, match=r"variant 'other': none of the codes \['ease'\]"):
        sensitivity(headline("different", 0.2), {"other": headline("different", 0.2, code="tact")})


def study(rng, n=1200, hand=400):
    ids = pd.Index([f"c{i}" for i in range(n)])
    groups = pd.Series(rng.choice(["brand", "consumer"], n), ids)
    brands = pd.Series(rng.choice(["Almendra", "Harrowell", "Telvanta"], n), ids)
    one = brands.eq("Telvanta") & groups.eq("brand")  # one brand makes the gap in tact
    true = pd.DataFrame({"ease": rng.random(n) < np.where(groups == "brand", 0.2, 0.5),
                         "tact": rng.random(n) < np.where(one, 0.9, 0.2)}, ids)  # fmt: skip
    machine = true ^ (rng.random(true.shape) < 0.1)
    return machine, true.iloc[:hand], groups, brands


def test_a_gap_that_one_brand_makes():
    """As a notebook does it: compare, loop over the variants, sum up."""
    machine, hand, groups, brands = study(np.random.default_rng(1))
    base = compare_groups(shares(machine, hand, groups), "brand", "consumer")
    tables = {}
    for name, given in variants(machine, hand, groups, brands):
        tables[name] = compare_groups(shares(*given), "brand", "consumer")
    assert list(tables) == ["hand codes only", "without Almendra", "without Harrowell", "without Telvanta"]
    summary = holds(sensitivity(base, tables)).set_index("code")
    assert summary["verdict"].tolist() == ["different", "different"]
    assert summary.loc["ease", "summary"] == "holds" and summary.loc["tact", "summary"] != "holds"
    table = sensitivity(base, tables).set_index(["code", "variant"])
    assert table.loc[("tact", "without Telvanta"), "verdict"] != "different"
    assert abs(table.loc[("tact", "without Telvanta"), "gap"]) < 0.1


def test_hand_codes_only_is_the_share_by_hand():
    machine, hand, groups, brands = study(np.random.default_rng(2))
    name, given = next(variants(machine, hand, groups, brands))
    table = shares(*given)
    for row in table.itertuples():
        own = hand.loc[groups[hand.index] == row.group, row.code]
        assert row.share == pytest.approx(own.mean())
        assert [row.low, row.high] == pytest.approx(
            proportion_confint(own.sum(), len(own), method="wilson"), abs=0.003
        )
    assert name == "hand codes only" and set(table["basis"]) == {"corrected"}
    partly = next(variants(machine, hand[["ease"]], groups, brands))[1]
    assert list(partly[0]) == ["ease"]  # nothing is said of codes that nobody judged


def test_without_hand_codes_or_brands():
    machine, hand, groups, brands = study(np.random.default_rng(3), n=200)
    assert next(variants(machine, None, groups, brands))[0] == "without Almendra"
    names = dict(variants(machine, hand.iloc[:60], groups, brands.where(brands == "Telvanta")))
    assert list(names) == ["hand codes only", "without Telvanta"]
    kept, judged, member = names["without Telvanta"]
    assert (brands[kept.index] != "Telvanta").all() and len(kept) == (brands != "Telvanta").sum()
    assert set(judged.index) < set(kept.index) == set(member.index)
    everything = compare_groups(shares(machine, None, groups), "brand", "consumer")
    tables = {name: compare_groups(shares(*given), "brand", "consumer")
              for name, given in variants(machine, None, groups, brands)}  # fmt: skip
    summary = holds(sensitivity(everything, tables))
    assert set(summary["summary"]) == {"no verdict"} and set(summary["variants"]) == {0}


def test_net_sentiment_is_a_headline_too():
    rng = np.random.default_rng(4)
    labels = pd.Series(rng.choice(["positive", "negative"], 400, p=[0.8, 0.2]))
    labels[200:] = rng.choice(["positive", "negative"], 200)
    groups = pd.Series(["brand"] * 200 + ["consumer"] * 200)
    net = (
        compare_net(net_sentiment(labels, labels, groups), "brand", "consumer")
        .to_frame()
        .T.assign(code="net")
    )
    base = pd.concat([headline("different", 0.2), net])
    table = sensitivity(base, {"other threshold": base})
    assert table["code"].tolist() == ["ease", "net"] and set(table["holds"]) == {"same verdict"}


@pytest.mark.parametrize(
    "verdict, variant, expected",
    [
        ("not shown", "not shown", "never shown"),  # no finding that could hold
        ("not shown", "different", "depends on the variant"),
        ("too few to say", "too few to say", "no verdict"),
        ("uncorrected", "uncorrected", "no verdict"),
        ("different", "too few to say", "cannot say"),
        ("aligned", "aligned", "holds"),
    ],
)
def test_only_a_finding_holds(verdict, variant, expected):
    base = headline(verdict, 0.01)
    assert holds(sensitivity(base, {"other": headline(variant, 0.01)}))["summary"].item() == expected


@pytest.mark.parametrize(
    "like, variant, expected",
    [
        ("different", "different", "same verdict"),
        ("not shown", "not shown", "cannot say"),  # so few comments show nothing, whoever codes them
        ("not shown", "different", "changes"),
        ("different", "not shown", "same direction"),
    ],
)
def test_a_second_coder_is_set_beside_the_first_on_the_same_comments(like, variant, expected):
    tables = {"ana, not leo": headline(variant, 0.1), "all": headline("different", 0.2)}
    table = sensitivity(headline("different", 0.2), tables, {"ana, not leo": headline(like, 0.15)})
    assert table["holds"].tolist() == [expected, "same verdict"]
    assert table["base_verdict"].tolist() == ["different"] * 2
    assert table["like"].tolist() == [like, "different"]
