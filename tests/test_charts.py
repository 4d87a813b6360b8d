"""charts: what is drawn is what the tables hold, nothing overlaps or is clipped, same figure same bytes."""

import itertools
import os
import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import report_example as example
from cxresearch import charts
from cxresearch.charts.models import spread
from cxresearch.findings import Findings
from cxresearch.profiles import MODELS, VALUES

matplotlib.use("Agg")
GROUPS = ["consumer", "brand"]
NAMES = tuple(charts.CHARTS)
SHARES = ("sentiment_balance", "code_shares", "correction", "interaction_models", "value_plane")
PLANES = {"interaction_models": MODELS, "value_plane": VALUES}
BRANDS = ["Almendra", "Harrowell $ & Hermanos de la Costa", "Miralba", "Telvanta", "Zarzuela $"]


def findings(tables, language="es"):
    return Findings(example.study(), example.codebook(), tables, language)


def tables(coded="some", **options):
    """The tables of the example, with families by brand; in the last one there are too few to say."""
    made = example.tables(coded, **options)
    families = made["estimates"].query("kind == 'family'")
    rows = [
        families.assign(group=families["group"] + f": {brand}", n=90 + 5 * i)
        for i, brand in enumerate(BRANDS)
    ]
    rows[-1][["share", "low", "high"]], rows[-1]["note"] = np.nan, "too few to say"
    made["breakdown"] = pd.concat(rows, ignore_index=True).assign(by="brand")
    return made


def figure(name, made, language="es"):
    return charts.draw_figure(name, findings(made, language))


def draw(name, made, language="es"):
    return figure(name, made, language).axes[0]


def alt(name, made, language="es"):
    return charts.CHARTS[name].words(findings(made, language))[1]


def title(name, made, language="es"):
    told, _ = charts.CHARTS[name].words(findings(made, language))
    return told.replace("\u00a0", " ").replace("\u202f", " ")


def words(drawn):
    """All texts with something in them, as drawn."""
    drawn.draw_without_rendering()
    found = [drawn._suptitle]
    for ax in drawn.axes:
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
            ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            found += [axis.label, *(tick.label1 for tick in ticks)] if ax.axison else []
        legend = ax.get_legend()
        found += [*ax.texts, *([*legend.get_texts(), legend.get_title()] if legend else [])]
    return [text for text in found if text.get_text().strip() and text.get_visible()]


def marks(ax):
    """Places of all points of a panel, by their label."""
    return {points.get_label(): points for points in ax.collections if hasattr(points, "get_offsets")}


@pytest.mark.parametrize("coded", ["all", "some", "none"])
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_words_are_whole_and_apart(name, language, coded):
    drawn = figure(name, tables(coded), language)
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in words(drawn)]
    frame = drawn.bbox
    assert [t for t, b in boxes if b.x0 < 0 or b.x1 > frame.x1 or b.y0 < 0 or b.y1 > frame.y1] == []
    pairs = itertools.combinations(boxes, 2)
    assert [(a, b) for (a, x), (b, y) in pairs if x.overlaps(y)] == []


def test_ledger_chart_leaves_out_reasons_that_did_not_occur():
    ax = draw("ledger", tables())
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "Recibidos",
        "Sin texto",
        "Texto casi igual",
        "Estudiados",
    ]
    assert [bar.get_width() for bar in ax.patches] == [803, 2, 1, 800]


def test_code_shares_chart_draws_shares_and_intervals():
    made = tables()
    ax, estimates = draw("code_shares", made), made["estimates"].query("kind == 'code'")
    points = [p for p in ax.collections if len(p.get_offsets()) > 1]
    lines = [c for c in ax.collections if len(c.get_segments() if hasattr(c, "get_segments") else ())]
    for group, drawn, reach in zip(GROUPS, points, lines, strict=True):
        expected = estimates[estimates["group"] == group].set_index("code").loc[example.codebook().names]
        assert np.asarray(drawn.get_offsets())[:, 0] == pytest.approx(expected["share"].to_numpy())
        assert drawn.get_urls() == [f"#quotes/{group}/{code}" for code in expected.index]
        ends = np.array([segment[:, 0] for segment in reach.get_segments()])
        assert ends == pytest.approx(expected[["low", "high"]].to_numpy())


def test_code_shares_chart_has_a_bold_header_for_each_family():
    labels = draw("code_shares", tables(), "en").get_yticklabels()
    bold = [label.get_text() for label in labels if label.get_fontweight() == "bold"]
    assert bold == [f"{family.capitalize()} (en)" for family in example.CODES]
    assert len(labels) == len(example.CODES) + len(example.codebook().names)


def test_gaps_stand_beside_the_margin_with_their_verdicts():
    made = tables("all")
    _, panel = figure("code_shares", made).axes
    found = made["comparisons"].query("kind == 'code'").set_index("code")
    assert len(set(found["verdict"])) > 1
    (band,) = panel.patches
    assert [band.get_x(), band.get_x() + band.get_width()] == pytest.approx([-0.05, 0.05])
    names = {"coinciden": "aligned", "difieren": "different", "no demostrado": "not shown"}
    drawn = marks(panel)
    for label, verdict in names.items():
        expected = found[found["verdict"] == verdict]
        if len(expected):
            links = [url.rsplit("/", 1)[1] for url in drawn[label].get_urls()]
            assert sorted(links) == sorted(expected.index)
            gaps = np.asarray(drawn[label].get_offsets())[:, 0]
            assert gaps == pytest.approx(expected.loc[links, "gap"].to_numpy())


def test_sentiment_bars_go_left_and_right():
    made = tables()
    bars = draw("sentiment_balance", made).patches
    net = made["net_sentiment"].set_index("group").loc[GROUPS]
    expected = np.ravel(net.assign(negative=-net["negative"])[["negative", "positive"]])
    assert [bar.get_width() for bar in bars] == pytest.approx(expected)
    assert bars[0].get_url() == "#quotes/consumer/negative"


@pytest.mark.parametrize("name", PLANES)
def test_planes_hold_a_point_per_group_and_brand(name):
    made, (x, y) = tables(), PLANES[name]
    drawn, data = figure(name, made), charts.CHARTS[name].data(findings(made))
    assert len(data) == len(GROUPS) * (1 + len(BRANDS)) and data["note"].eq("too few to say").sum() == 2
    for panel, group in zip(drawn.axes, GROUPS, strict=True):
        own, brands = marks(panel)["todos los comentarios"], marks(panel)["cada marca (n)"]
        shares = made["estimates"].set_index(["group", "code"])["share"].loc[group]
        assert own.get_offsets().tolist() == [pytest.approx([shares[x], shares[y]])]
        assert len(brands.get_offsets()) == len(BRANDS) - 1
        assert BRANDS[-1] in panel.get_xlabel().replace("\n", " ")


@pytest.mark.parametrize("name", PLANES)
def test_planes_do_without_brands(name):
    made = tables() | {"breakdown": pd.DataFrame()}
    data = charts.CHARTS[name].data(findings(made))
    assert data["brand"].tolist() == ["all", "all"]
    assert len(figure(name, made).axes) == 2 and "marca por marca" not in title(name, made)


def test_planes_keep_the_brands_with_most_comments():
    made = tables()
    rows = made["breakdown"].query("group == 'brand: Miralba'")
    more = [rows.assign(group=f"brand: b{n}", n=n) for n in range(1000, 1030)]
    made["breakdown"] = pd.concat([made["breakdown"], *more])
    data = charts.CHARTS["value_plane"].data(findings(made))
    assert set(data["brand"]) == {"all", *(f"b{n}" for n in range(1018, 1030))}
    assert words(figure("value_plane", made))


def test_labels_move_apart_as_little_as_needed():
    heights = np.sort(np.random.default_rng(1).random((50, 12)) ** 3)
    for old in heights:
        new = spread(old, 0.07)
        assert np.diff(new).min() >= 0.07 - 1e-12 and new.min() >= 0 and new.max() <= 1
        assert new == pytest.approx(spread(new, 0.07))
    assert spread(np.array([0.1, 0.5]), 0.07) == pytest.approx([0.1, 0.5])


def test_correction_leads_from_the_machine_to_the_corrected_share():
    made = tables()
    for panel, group in zip(figure("correction", made).axes, GROUPS, strict=True):
        rows = made["estimates"].query("kind == 'code'").set_index(["group", "code"]).loc[group]
        rows = rows.loc[example.codebook().names]
        columns = {"máquina": "machine_share", "corregido": "share", "a mano": "hand_share"}
        for label, column in columns.items():
            places = np.asarray(marks(panel)[label].get_offsets())[:, 0]
            assert places == pytest.approx(rows[column].to_numpy())


def test_without_hand_codes_nothing_is_corrected():
    made = tables("none")
    assert charts.CHARTS["correction"].data(findings(made)).empty
    assert title("correction", made, "en").startswith("Nobody has coded comments by hand")
    assert not any(ax.axison for ax in figure("correction", made).axes)


@pytest.mark.parametrize("name", SHARES)
def test_withheld_shares_are_said_to_be_too_few(name):
    texts = [text.get_text() for text in words(figure(name, tables(n=15)))]
    assert "muy pocos para decirlo" in texts


@pytest.mark.parametrize("coded, mark", [("all", ""), ("none", "(sin corregir)")])
@pytest.mark.parametrize("name", SHARES)
def test_uncorrected_figures_are_marked(name, coded, mark):
    if name == "correction" and coded == "none":
        return
    labels = [ax.get_xlabel() for ax in figure(name, tables(coded) | {"breakdown": pd.DataFrame()}).axes]
    assert any("sin corregir" in label for label in labels) == bool(mark)
    assert any(label.endswith(mark) for label in labels)
    assert ("sin corregir" in title(name, tables(coded))) == bool(mark)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_figure_same_bytes(tmp_path, name, ending):
    for copy in "ab":
        charts.save_figure(figure(name, tables()), tmp_path / f"{copy}.{ending}")
    written = (tmp_path / f"a.{ending}").read_bytes()
    assert written == (tmp_path / f"b.{ending}").read_bytes()
    assert b"<dc:date>" not in written and b"<text" not in written


def test_other_processes_write_the_same_bytes(tmp_path):
    code = (
        "import sys, test_charts as t; t.charts.save_figure(t.figure('value_plane', t.tables()), sys.argv[1])"
    )
    for seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", code, tmp_path / f"{seed}.svg"]
        subprocess.run(command, env=environment, check=True)
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


def test_the_order_of_saving_does_not_matter(tmp_path):
    drawn = figure("sentiment_balance", tables())
    for name in ("a.png", "a.svg", "b.png", "b.svg"):
        charts.save_figure(drawn, tmp_path / name)
    for ending in ("png", "svg"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_marks_in_svg_lead_to_the_comments(tmp_path):
    charts.save_figure(figure("code_shares", tables()), tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for group in GROUPS:
        assert all(f'"#quotes/{group}/{code}"' in svg for code in example.codebook().names)


def test_figures_grow_with_their_rows():
    made = tables()
    before = figure("ledger", made).get_size_inches()
    made["ledger"]["no words"] = 3
    after = figure("ledger", made).get_size_inches()
    assert after - before == pytest.approx([0, 0.3])


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_goes_where_it_is_told(name):
    ax, found = Figure().subplots(2)[1], findings(tables())
    if len(charts.CHARTS[name].data(found)):
        assert charts.CHARTS[name].draw(found, ax) is ax


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_data_are_the_same_in_every_language(name, language):
    data = charts.CHARTS[name].data(findings(tables(), language))
    pd.testing.assert_frame_equal(data, charts.CHARTS[name].data(findings(tables(), "en")))


@pytest.mark.parametrize(
    "name, coded, language, expected",
    [
        ("ledger", "all", "es", "Se estudian 800 de los 803 comentarios recibidos; excluidos: 3, por los"),
        (
            "sentiment_balance",
            "all",
            "en",
            "What consumers and brands feel is not in balance: the net sentiment of ",
        ),
        ("sentiment_balance", "none", "es", "Según la máquina, sin corregir, el saldo de los consumidores "),
        ("code_shares", "all", "es", "Los dos grupos, en 9 códigos: "),
        ("code_shares", "none", "en", "By the machine's count, uncorrected, the largest difference between "),
        ("value_plane", "all", "en", "In both groups transactional value prevails: "),
        ("value_plane", "none", "es", "Según la máquina, sin corregir, el valor transaccional y el "),
        ("correction", "some", "es", "La corrección mueve la mitad de los porcentajes "),
    ],
)
def test_titles_say_the_finding(name, coded, language, expected):
    assert title(name, tables(coded), language).startswith(expected)


def test_titles_count_the_verdicts():
    verdicts = tables("all")["comparisons"].query("kind == 'code'")["verdict"].value_counts()
    told = title("code_shares", tables("all"), "en")
    for verdict, word in (
        ("different", "different on"),
        ("aligned", "aligned on"),
        ("not shown", "not shown either way on"),
    ):
        assert (f"{word} {verdicts.get(verdict, 0)}" in told) == (verdict in verdicts)


def test_balance_and_models_that_are_not_shown_are_not_claimed():
    made = tables("all")
    made["comparisons"].loc[lambda t: t["code"] == "net", "verdict"] = "not shown"
    assert title("sentiment_balance", made, "en").startswith("No imbalance has been shown")
    of = made["estimates"]["code"].isin(MODELS)
    made["estimates"].loc[of, ["low", "high"]] = [0.0, 1.0]
    assert "neither clearly prevails" in title("interaction_models", made, "en")


@pytest.mark.parametrize(
    "name, language, expected",
    [
        ("ledger", "es", "recibidos: 803; sin texto: 2; texto casi igual: 1; estudiados: 800."),
        ("ledger", "en", "received: 803; empty text: 2; nearly the same text: 1; studied: 800."),
        ("sentiment_balance", "es", "Consumidores, n = 400 (200 codificados a mano); "),
        ("code_shares", "en", "each of the 9 codes; beside them the difference and the margin of 5 points"),
        ("interaction_models", "es", "Consumidores, n = 400 (200 codificados a mano): el modelo consumidor-"),
        ("value_plane", "en", "by brand, transactional value from "),
        ("correction", "en", "per code and group. The largest shifts: "),
    ],
)
def test_alt_text_tells_the_finding_and_the_numbers(name, language, expected):
    told = alt(name, tables(), language).replace("\u00a0", " ")
    assert expected in told and told.startswith(title(name, tables(), language)[:20])


def test_alt_text_follows_the_table():
    made = tables()
    before = alt("interaction_models", made, "en")
    made["estimates"].loc[lambda t: t["code"] == "emotional_self", "share"] = 0.987
    after = alt("interaction_models", made, "en")
    assert "98.7%" in after and "98.7%" not in before


def test_importing_does_not_load_matplotlib():
    code = "import sys, cxresearch.report, cxresearch.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
