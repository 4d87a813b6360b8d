"""reliability: agreement in every part, and which codes stay marked."""

import numpy as np
import pandas as pd

from cxresearch.agreement import agreement_table
from cxresearch.reliability import UNRELIABLE, agreement_by_part, unreliable

CODES = ["good", "bad"]


def coders(n=300, seed=1):
    """Three coders: alike on `good` and on the family, at odds on `bad`."""
    random = np.random.default_rng(seed)
    truth = pd.DataFrame(random.random((n, 2)) < 0.3, columns=CODES)
    tables = {}
    for name in ("ana", "leo", "zoe"):
        slips = random.random((n, 2)) < [0.01, 0.4]
        tables[name] = (truth ^ slips).assign(family=lambda table: table.any(axis=1))
    return tables


def comments(n=300):
    numbers = np.arange(n)
    return pd.DataFrame(
        {
            "language": np.where(numbers % 3 == 0, "en", "es"),
            "group": np.where(numbers % 2, "brand", "consumer"),
            "channel": pd.Series(["web"] * 10 + [None] * (n - 10)),
        }
    )


def test_every_part_is_the_table_of_its_comments():
    both, where = {k: v for k, v in coders().items() if k != "zoe"}, comments()
    cuts = ["language", ("language", "group")]
    table = agreement_by_part(both, where, cuts, CODES, draws=100, seed=3)
    names = table[["by", "part"]].drop_duplicates().to_numpy().tolist()
    assert names == [
        ["all", "all"],
        ["language", "en"],
        ["language", "es"],
        ["language, group", "en, brand"],
        ["language, group", "en, consumer"],
        ["language, group", "es, brand"],
        ["language, group", "es, consumer"],
    ]
    part = table[table["part"] == "es, brand"]
    assert part["code"].tolist() == ["good", "bad", "all", "set", "family"]
    ids = where.index[(where["language"] == "es") & (where["group"] == "brand")]
    alone = agreement_table({k: v.loc[ids, CODES] for k, v in both.items()}, draws=100, seed=3)
    columns = [column for column in alone if column != "reason"]
    pd.testing.assert_frame_equal(
        part[columns].iloc[:4].reset_index(drop=True), alone[columns], check_dtype=False
    )


def test_comments_without_a_value_and_parts_nobody_shares_are_left_out():
    table = agreement_by_part(coders(), comments(), ["channel"], CODES, draws=100)
    assert table.loc[table["by"] == "channel", "n"].tolist() == [10] * 5
    ana, leo, _ = coders().values()
    apart = agreement_by_part({"ana": ana, "leo": leo.iloc[:2]}, comments(), ["language"], CODES, draws=100)
    assert apart["n"].min() > 0


def test_codes_are_judged_by_the_whole_interval():
    table = agreement_by_part(coders(), comments(), [], CODES, draws=200).set_index("code")
    assert table["reliability"].to_dict() == {
        "good": "reliable",
        "bad": UNRELIABLE,
        "all": UNRELIABLE,
        "set": UNRELIABLE,
        "family": UNRELIABLE,
    }
    assert table.loc["bad", "alpha_high"] < 0.667 < table.loc["good", "alpha_low"]


def test_too_few_cases_leave_it_open():
    ana = pd.DataFrame({"good": [True] * 8 + [False] * 40})
    leo = pd.DataFrame({"good": [True] * 6 + [False] * 42})
    row = agreement_by_part({"ana": ana, "leo": leo}, comments(), [], ["good"], draws=500).iloc[0]
    assert row["alpha_low"] < 0.667 < row["alpha"] < row["alpha_high"]
    assert row["reliability"] == "open"


def test_without_an_interval_nothing_is_judged():
    ana = coders()["ana"]
    table = agreement_by_part({"ana": ana, "leo": ana}, comments(), [], CODES, draws=100)
    assert table["alpha"].eq(1).all()
    assert table["reliability"].eq("").all()


def test_marks_follow_people_and_else_the_machine():
    tables = coders()
    people = agreement_by_part(tables, comments(), ["language"], CODES, draws=100)
    people = people.assign(people=True, second="leo")
    same = agreement_by_part({"ana": tables["ana"], "m": tables["ana"]}, comments(), [], CODES, draws=100)
    bent = {"ana": tables["ana"], "m": tables["leo"].assign(good=tables["leo"]["bad"])}
    machine = agreement_by_part(bent, comments(), [], CODES, draws=100)
    machine = machine.assign(people=False, second="dictionary")
    assert unreliable(pd.concat([people, machine]), "dictionary") == ["bad", "family"]
    assert unreliable(machine, "dictionary") == ["good", "bad", "family"]
    assert unreliable(same.assign(people=False, second="dictionary"), "dictionary") == []
    assert unreliable(machine, "learned") == []
    assert unreliable(pd.DataFrame(), "dictionary") == []
