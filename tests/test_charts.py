"""charts: what is drawn is what the tables hold, nothing overlaps or is clipped, same figure same bytes."""

import itertools
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

import report_example as example
from cxresearch import charts
from cxresearch.findings import Findings

matplotlib.use("Agg")
GROUPS = ["consumer", "brand"]
NAMES = ("ledger", "sentiment_balance", "code_shares", "interaction_models")


def findings(tables, language="es"):
    return Findings(example.study(), example.codebook(), tables, language)


def draw(name, tables, language="es"):
    (ax,) = charts.draw_figure(name, findings(tables, language)).axes
    return ax


def alt(name, tables, language="es"):
    return charts.CHARTS[name].words(findings(tables, language))[1]


def words(ax):
    """All texts with something in them, as drawn."""
    ax.figure.draw_without_rendering()
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


def test_figures_grow_with_their_rows():
    tables = example.tables()
    before = draw("ledger", tables).figure.get_size_inches()
    tables["ledger"]["no words"] = 3
    after = draw("ledger", tables).figure.get_size_inches()
    assert after - before == pytest.approx([0, 0.3])


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_goes_where_it_is_told(name):
    ax = Figure().subplots(2)[1]
    assert charts.CHARTS[name].draw(findings(example.tables()), ax) is ax


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
    told = alt(name, example.tables(), language)
    assert expected in told.replace("\u00a0", " ")


def test_alt_text_follows_the_table():
    tables = example.tables()
    before = alt("interaction_models", tables, "en")
    tables["estimates"].loc[lambda t: t["code"] == "emotional_self", "share"] = 0.987
    after = alt("interaction_models", tables, "en")
    assert "98.7%" in after and "98.7%" not in before


def test_importing_does_not_load_matplotlib():
    code = "import sys, cxresearch.report, cxresearch.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
