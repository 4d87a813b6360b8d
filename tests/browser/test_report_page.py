"""The report's page in a real browser: accessible, whole on a phone and on paper, asking nobody anything."""

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: the page was not tried in a browser")
import axe
import lab
import matplotlib
from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument

import report_example as example
from cxresearch import charts
from cxresearch.findings import Findings
from cxresearch.report import blocks as b
from cxresearch.report.bank import bank_html
from cxresearch.report.html import write_html
from test_bank import bank

if not lab.CHROMIUM:
    pytest.skip("there is no chromium here: the page was not tried in a browser", allow_module_level=True)
matplotlib.use("Agg")
DRAWN = ("ledger", "sentiment_balance", "code_shares", "interaction_models")
LONG = "Una respuesta que ocupa más de un renglón, con su cifra: 50,3 % (45,3 a 55,2). " * 4
# On a page this long contrast takes half a minute; the page made here has the same colours
ALL_BUT_CONTRAST = "() => axe.run('html', { rules: { 'color-contrast': { enabled: false } } })"
TO_LINK = """() => { const link = document.activeElement;
  return link.closest('svg') && (link.getAttribute('href') ?? '').startsWith('#quotes/consumer/ease'); }"""


def content(found: Findings) -> b.Report:
    """A page with all kinds of blocks, and more than fits a screen of each that could be too wide."""
    wide = b.Table(
        "Tabla 1.", LONG, ("Código", *"ABCDEFG"), (("Facilidad", *["50,3 % (45,3 a 55,2)"] * 7),) * 3
    )
    plain = b.Table(
        "Tabla 2.", "Dos.", ("Archivo", "n"), (("comments_es.csv", "400"), ("Todos", "656")), (1,), (1,)
    )
    figures = [
        b.Figure(name, f"Figura {n}.", LONG, charts.CHARTS[name].words(found)[1])
        for n, name in enumerate(DRAWN, 1)
    ]
    parts = (
        b.Note(LONG, "Sobre este estudio"), b.Note(LONG, "Cifras sin corregir", strong=True),
        b.Heading("En breve", anchor="short"), b.Heading("¿Hay equilibrio?", 3), b.Paragraph(LONG, "No."),
        b.Break(), b.Heading("Los datos", anchor="facts"), *figures, wide, plain, b.Heading("Citas", 3),
        b.Quote("¡Ojo! " + "x" * 90, "Típico", "Consumidores", "es"), b.Quote("Slow", "Contrary", "A", "en"),
        b.Heading("Con detalle", 4), b.Items((b.Paragraph(LONG, lead="Uno."),) * 2, ordered=True), b.Break(),
        b.Code("cxresearch run --study " + "x" * 90), b.Heading("Todos los comentarios", anchor="all"),
        b.Bank("Están en la página web."),
    )  # fmt: skip
    labels = {"contents": "Contenido", "behind": "Ver los comentarios de"}
    return b.Report(
        "Lo que dice la gente", "Informe", "es", labels, parts, found.names | {"consumer": "consumidores"}
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """The page, with charts of the example and a few comments."""
    folder = tmp_path_factory.mktemp("report")
    found = Findings(example.study(), example.codebook(), example.tables(), "es")
    for name in DRAWN:
        charts.save_figure(charts.draw_figure(name, found), folder / f"{name}_es.svg")
    comments = bank("La fila va lenta", "Qué fácil <b>todo</b>", "No sirve", codes="ease")
    comments.loc[2, "codes"] = "empathy"
    write_html(content(found), folder, folder / "report_es.html", bank_html(comments, found, 3))
    return (folder / "report_es.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    with lab.chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, address):
    """Open the page in a width; at the end nothing may have been complained of or asked of a server."""
    asked, told = [], []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    def _open(width: int = 1200, at: str = address) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(at)
        page.wait_for_selector("#quote-bank[data-ready]")
        return page

    yield _open
    page.close()
    assert told == []
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []


@pytest.mark.parametrize("width", [1200, 360])
def test_axe_finds_nothing(opened, pytestconfig, width):
    assert axe.violations(opened(width), axe.axe_core(pytestconfig)) == []


@pytest.mark.parametrize("width", [1600, 1200, 900, 360])
def test_nothing_is_wider_than_the_screen_or_covers_the_text(opened, width):
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    text = page.locator("main > p.subtitle").bounding_box()
    contents = page.get_by_role("navigation", name="Contenido").bounding_box()
    beside = contents["x"] + contents["width"] < text["x"]
    below = contents["y"] > page.get_by_text("¿Hay equilibrio?").bounding_box()["y"]
    assert contents["x"] >= 0
    assert beside if width >= 1200 else below


def test_a_captions_words_stay_in_sight_where_the_table_is_wider(opened):
    page = opened(360)
    caption = page.locator("caption span").first
    region = page.locator(".tabled").first
    assert region.evaluate("(it) => it.scrollWidth > it.clientWidth")
    region.evaluate("(it) => { it.scrollLeft = it.scrollWidth; }")
    box = caption.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_a_charts_mark_is_reached_by_keyboard_and_leads_to_its_comments(opened):
    page = opened()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(TO_LINK):
            break
    focused = page.locator(":focus")
    expect(focused).to_have_accessible_name("Ver los comentarios de consumidores, Ease (es)")
    assert focused.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#quote-bank")).to_be_focused()
    expect(page.get_by_label("Código", exact=True)).to_have_value("ease")
    expect(page.locator("#bank-table tbody tr")).to_have_count(2)


def test_on_paper_the_answers_fill_the_first_page_and_there_is_no_bank(opened):
    page = opened()
    page.emulate_media(media="print")
    expect(page.locator("#quote-bank")).to_be_hidden()
    expect(page.get_by_text("Están en la página web.")).to_be_visible()
    expect(page.locator("nav.contents")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1200
    first, second, *_ = [one.get_textpage().get_text_bounded() for one in PdfDocument(page.pdf(format="A4"))]
    assert "¿Hay equilibrio?" in first
    assert "Los datos" not in first
    assert second.lstrip().startswith("2. Los datos")


@pytest.mark.parametrize("language, second", [("es", "2. Los comentarios"), ("en", "2. The comments")])
def test_the_sample_studys_report(ran, opened, pytestconfig, language, second):
    page = opened(at=(ran / "reports" / f"report_{language}.html").as_uri())
    page.evaluate(axe.axe_core(pytestconfig))
    assert page.evaluate(ALL_BUT_CONTRAST)["violations"] == []
    after_summary = PdfDocument(page.pdf(format="A4"))[1].get_textpage().get_text_bounded()
    assert after_summary.lstrip().startswith(second)  # the summary fills one page
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
