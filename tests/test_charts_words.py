"""charts.words: the strongest words of each group and language, and which are shown to differ."""

import numpy as np
import pandas as pd
import pytest

import chart_example as example
from cxresearch import charts
from cxresearch.keywords import log_odds


def word(name, odds, p=1e-6, language="es", z=None, **changes):
    row = {"word": name, "language": language, "n_first": 40, "comments_first": 30, "n_second": 9}
    row |= {
        "comments_second": 8,
        "log_odds": odds,
        "z": 4 * np.sign(odds) if z is None else z,
        "p": p,
        "q": p,
        "content": True,
    }
    return row | changes


def tables(*more):
    rows = [word("mi", 2.0), word("lento", 1.0, 0.2, z=1.0), word("gracias", -1.5), word("hola", -1.0, z=-3)]
    return {"words": [*rows, word("slow", 1.2, language="en"), word("thanks", -1.1, language="en"), *more]}


@pytest.mark.parametrize("language", ["es", "en"])
def test_words_are_whole_and_apart(language):
    assert example.faults(example.draw("words", tables(), language)) == []


def test_rows_go_from_the_first_group_to_the_second_in_each_language():
    labels = [label.get_text() for label in example.draw("words", tables(), "en").get_yticklabels()]
    listed = ["mi", "lento", "hola", "gracias"]
    assert [label.split(" (")[0] for label in labels] == ["Spanish", *listed, "English", "slow", "thanks"]
    assert labels[1] == "mi (40 / 9)"


def test_words_not_shown_to_differ_are_hollow():
    own = example.draw("words", tables(), "en").collections
    fills = [
        part.get_facecolors() for part in own if hasattr(part, "get_sizes") and len(part.get_offsets()) == 3
    ]
    assert [fill[:3].tolist() == [1, 1, 1] for fill in fills[0]] == [False, True, False]


def test_limits_exclude_0_just_where_p_does():
    said = pd.Series(["slow slow app", "slow thing", "thank you all", "you there"] * 30)
    table = log_odds(said, pd.Series(["consumer", "consumer", "brand", "brand"] * 30), "consumer", "brand")
    shown = charts.CHARTS["words"].data(example.findings({"words": table.assign(language="en")}))
    assert len(shown) and shown["p"].min() < 0.05
    clear = (shown["log_odds_low"] > 0) | (shown["log_odds_high"] < 0)
    assert (clear <= (shown["p"] < 0.05)).all()


def test_function_words_are_left_out_where_marked():
    rows = [row | {"content": row["word"] != "mi"} for row in tables()["words"]]
    assert "mi" not in set(charts.CHARTS["words"].data(example.findings({"words": rows}))["word"])


@pytest.mark.parametrize(
    "change, words",
    [
        ({}, "In Spanish, consumers say more “mi”; brands, “gracias” and “hola”."),
        ({"q": 0.3}, "No word has been shown to be said more by one group than by the other."),
    ],
)
def test_the_title_names_what_is_shown(change, words):
    assert example.told("words", {"words": [row | change for row in tables()["words"]]})[0] == words


def test_words_are_no_mathematics():
    ax = example.draw("words", tables(word("$x_1$", 3.0)))
    assert not any(label.get_parse_math() for label in ax.get_yticklabels())


def test_nothing_to_draw():
    assert charts.CHARTS["words"].data(example.findings({})).empty
    assert example.told("words", {})[0].startswith("Too few words")


def test_same_chart_same_bytes(tmp_path):
    assert example.same_bytes("words", tables(), tmp_path)
