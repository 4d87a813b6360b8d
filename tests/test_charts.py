"""charts: what is drawn is what the tables hold, nothing overlaps or is clipped, same figure same bytes."""

import itertools
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import report_example as example
from cxresearch import charts

matplotlib.use("Agg")
GROUPS = ["consumer", "brand"]
NAMES = ("ledger", "sentiment_balance", "code_shares", "interaction_models")


def draw(name, tables, language="es", groups=GROUPS):
    book = example.codebook()
    _, ax = plt.subplots(figsize=charts.figure_size(name, tables), layout="constrained")
    estimates = tables["estimates"]
    drawn = {
        "ledger": lambda: charts.ledger_chart(tables["ledger"], ax, language),
        "sentiment_balance": lambda: charts.sentiment_balance_chart(
            tables["net_sentiment"], estimates, ax, language, groups
        ),
        "code_shares": lambda: charts.code_shares_chart(estimates, ax, book, language, groups),
        "interaction_models": lambda: charts.interaction_models_chart(estimates, ax, book, language, groups),
    }[name]()
    assert drawn is ax
    return ax


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def words(ax):
    """All texts with something in them, as drawn."""
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    ticks = [tick.label1 for tick in ax.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    found = [*ax.texts, *ticks, *ax.get_yticklabels(), ax.xaxis.label]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    return [text for text in found if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("coded", ["all", "some", "none"])
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_words_are_whole_and_apart(name, language, coded):
    ax = draw(name, example.tables(coded), language)
    texts = words(ax)
    boxes = [text.get_window_extent() for text in texts]
    frame = ax.figure.bbox
    outside = [
        t.get_text() for t, b in zip(texts, boxes, strict=True) if b.x0 < 0 or b.x1 > frame.x1 or b.y0 < 0
    ]
    assert not outside
    pairs = itertools.combinations(zip(texts, boxes, strict=True), 2)
    assert [(a.get_text(), b.get_text()) for (a, x), (b, y) in pairs if x.overlaps(y)] == []


def test_ledger_chart_leaves_out_reasons_that_did_not_occur():
    ax = draw("ledger", example.tables())
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "Recibidos",
        "Sin texto",
        "Texto casi igual",
        "Estudiados",
    ]
    assert [bar.get_width() for bar in ax.patches] == [803, 2, 1, 800]


def test_code_shares_chart_draws_shares_and_intervals():
    tables = example.tables()
    ax, estimates = draw("code_shares", tables), tables["estimates"].query("kind == 'code'")
    for container, group in zip(ax.containers, GROUPS, strict=True):
        expected = estimates[estimates["group"] == group].set_index("code").loc[example.codebook().names]
        line, _, (bars,) = container.lines
        assert np.asarray(line.get_xdata()) == pytest.approx(expected["share"].to_numpy())
        ends = np.array([segment[:, 0] for segment in bars.get_segments()])
        assert ends == pytest.approx(expected[["low", "high"]].to_numpy())


def test_code_shares_chart_has_a_bold_header_for_each_family():
    labels = draw("code_shares", example.tables(), "en").get_yticklabels()
    bold = [label.get_text() for label in labels if label.get_fontweight() == "bold"]
    assert bold == [f"{family.capitalize()} (en)" for family in example.CODES]
    assert len(labels) == len(example.CODES) + len(example.codebook().names)


def test_sentiment_bars_go_left_and_right():
    tables = example.tables()
    bars = [bar.get_width() for bar in draw("sentiment_balance", tables).patches]
    net = tables["net_sentiment"].set_index("group").loc[GROUPS]
    assert bars == pytest.approx(np.ravel(net.assign(negative=-net["negative"])[["negative", "positive"]]))


@pytest.mark.parametrize("name", NAMES[1:])
def test_withheld_shares_are_said_to_be_too_few(name):
    texts = [text.get_text() for text in words(draw(name, example.tables(n=15)))]
    assert "muy pocos para decirlo" in texts


@pytest.mark.parametrize("coded, mark", [("all", ""), ("none", "(sin corregir)")])
@pytest.mark.parametrize("name", NAMES[1:])
def test_uncorrected_figures_are_marked(name, coded, mark):
    label = draw(name, example.tables(coded)).get_xlabel()
    assert ("sin corregir" in label) == bool(mark) and label.endswith(mark)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_figure_same_bytes(tmp_path, name, ending):
    for copy in "ab":
        charts.save_figure(draw(name, example.tables()).figure, tmp_path / f"{copy}.{ending}")
    written = (tmp_path / f"a.{ending}").read_bytes()
    assert written == (tmp_path / f"b.{ending}").read_bytes()
    assert b"<dc:date>" not in written and b"<text" not in written


def test_figure_size_grows_with_the_rows():
    one = pd.DataFrame({"group": ["a"]})
    assert charts.figure_size(
        "sentiment_balance", {"net_sentiment": pd.concat([one, one])}
    ) > charts.figure_size("sentiment_balance", {"net_sentiment": one})


@pytest.mark.parametrize(
    "name, language, expected",
    [
        ("ledger", "es", "recibidos: 803; sin texto: 2; texto casi igual: 1; estudiados: 800."),
        ("ledger", "en", "received: 803; empty text: 2; nearly the same text: 1; studied: 800."),
        ("sentiment_balance", "es", "Consumidores, n = 400 (200 codificados a mano); "),
        ("code_shares", "en", "each of the 9 codes. The widest gaps: Ease (en): consumers "),
        ("interaction_models", "es", "Emotional_self (es): consumidores "),
    ],
)
def test_alt_text_tells_the_numbers(name, language, expected):
    told = charts.alt_text(name, example.tables(), example.codebook(), language, GROUPS)
    assert expected in told.replace("\u00a0", " ")


def test_alt_text_follows_the_table():
    tables = example.tables()
    before = charts.alt_text("interaction_models", tables, example.codebook(), "en", GROUPS)
    tables["estimates"].loc[lambda t: t["code"] == "emotional_self", "share"] = 0.987
    after = charts.alt_text("interaction_models", tables, example.codebook(), "en", GROUPS)
    assert "98.7%" in after and "98.7%" not in before


def test_importing_does_not_load_matplotlib():
    code = "import sys, cxresearch.report, cxresearch.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
