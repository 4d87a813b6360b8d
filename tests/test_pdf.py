"""The PDF by two readers that are not typst: the bytes themselves, and PDFium, which Chromium reads with."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

from cxresearch.errors import InputError
from cxresearch.report import blocks, pdf
from cxresearch.report.blocks import Figure, Heading, Paragraph, Quote, Report, Table

LINKED = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
width="500" height="{height}">
<a xlink:href="#quotes/code=ease"><rect width="300" height="80" fill="#12355b"/></a></svg>"""
MARKUP = 'Más <b>negrita</b> & $x$ #panic("no") @nadie *a* _b_ `c` [d] \\ ~ // no /* no */ = no'
BLOCKS = (
    blocks.Note("Escrito para el proyecto.", "Sobre este estudio"),
    Heading("En breve", 2, "short"),
    Paragraph("El saldo queda 56,2 puntos por debajo.", "No."),
    blocks.Items((Paragraph("El 12 % de los casos.", "Facilidad."), Paragraph(MARKUP)), ordered=True),
    blocks.Break(),
    blocks.Break(),
    Heading("Los comentarios", 2, "comments"),
    Heading("Por código", 3),
    Heading("Consumidores", 4),
    Figure("ledger", "Figura 1.", "De recibidos a estudiados.", "De 12 recibidos se estudian 10"),
    Table("Tabla 1.", "Por archivo.", ("Archivo", "Casos"), (("uno.csv", "4"), ("todos", "9")), (1,), (1,)),
    Quote("They “never” answered", "Típico", "consumidores, Almendra, 2025-03", "en"),
    blocks.Note("Nadie ha codificado.", "Cifras sin corregir", strong=True),
    blocks.Code("cxresearch run --study study.yaml"),
    blocks.Bank("El banco está en la versión HTML."),
)


@pytest.fixture
def write(tmp_path):
    """Write blocks as a Spanish report beside one chart and return its path."""
    (tmp_path / "ledger_es.svg").write_text(LINKED.format(height=120), encoding="utf-8")

    def write(*content: blocks.Block, name: str = "report.pdf") -> Path:
        report = Report("Dos voces: *estudio*", "Informe", "es", {"contents": "Contenido"}, content)
        pdf.write_pdf(report, tmp_path, tmp_path / name)
        return tmp_path / name

    return write


def pages(path: Path) -> list[str]:
    """Each page's text on one line, without the marks PDFium and the report put where a word breaks."""
    texts = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]
    return [" ".join(re.sub("[\x02\u200b\ufffe]", "", text).split()) for text in texts]


def words(value: object) -> list[str]:
    """All texts in a block that a reader should see."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, (list, tuple)):
        return [word for part in value for word in words(part)]
    hidden = {"anchor", "name", "alt", "language"}
    parts = vars(value) if hasattr(value, "__dict__") else {}
    return [word for name, part in parts.items() if name not in hidden for word in words(part)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: type(block).__name__)
def test_every_word_of_a_block_is_on_the_page_as_written(write, block):
    text = pages(write(Heading("Parte"), Heading("Trozo", 3), block))[-1]
    assert [word for word in words(block) if word not in text] == []


def test_title_contents_and_front_note_come_first_then_pages_as_the_breaks_say(write):
    first, second, third = pages(write(*BLOCKS))
    assert first.startswith("Dos voces: *estudio* Informe Sobre este estudio")
    assert re.search(r"Contenido En breve[ .]+2 Los comentarios[ .]+3 1 / 3$", first)
    assert "56,2" in second and second.endswith("2 / 3")
    assert third.startswith("Los comentarios")


def test_tagged_as_pdf_ua_says_who_it_is_and_what_its_parts_are(write):
    raw = write(*BLOCKS).read_bytes()
    assert b"/MarkInfo<</Marked true" in raw and b"/Lang(es)" in raw and b"/DisplayDocTitle true" in raw
    assert b"<pdfuaid:part>1</pdfuaid:part>" in raw
    roles = re.findall(rb"/S/(\w+)", raw)
    for role, count in {
        "Title": 1,
        "TH": 2,
        "TD": 4,
        "Figure": 1,
        "BlockQuote": 1,
        "Code": 1,
        "L": 1,
    }.items():
        assert roles.count(role.encode()) == count, role
    assert roles.count(b"TOCI") == 2 == raw.count(b"/Subtype/Link")
    alt = "De 12 recibidos se estudian 10".encode("utf-16-be").hex().upper()
    assert b"/Alt(De 12 recibidos se estudian 10)" in raw or alt.encode() in raw.upper()


@pytest.mark.parametrize(
    ("language", "tagged"), [("en", [b"en", b"es"]), ("es", [b"es"]), ("other", [b"es"])]
)
def test_a_quote_in_another_language_says_so(write, language, tagged):
    raw = write(Heading("Citas"), Quote("Never", "Típico", "alguien", language)).read_bytes()
    assert sorted(re.findall(rb"/Lang\((\w+)\)", raw)) == tagged


def test_bookmarks_follow_the_headings(write):
    marks = [(mark.level, mark.get_title()) for mark in pypdfium2.PdfDocument(write(*BLOCKS)).get_toc()]
    assert marks == [(b.level - 2, b.text) for b in BLOCKS if isinstance(b, Heading)]


def test_links_made_for_html_stay_out(write):
    assert b"quotes/code" not in write(Heading("Uno"), BLOCKS[9]).read_bytes()


def test_same_bytes_on_another_day_and_under_another_name(write, monkeypatch):
    first = write(*BLOCKS).read_bytes()
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1000000000")
    monkeypatch.setitem(os.environ, "TZ", "Asia/Tokyo")
    assert write(*BLOCKS, name="other.pdf").read_bytes() == first
    assert b"CreationDate" not in first and b"CreateDate" not in first


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bien 😡 y 漢字", "Bien 😡 y 漢字"),
        ("شكرا", "شكرا"),
        ("cafe\u0301 e\u0302\u0301", "cafe\u0301 e\u0302\u0301"),
        ("a\0b\uffffc\ufffed\ud83de\x1bf", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"),
        ("dos\n\n líneas", "dos líneas"),
        ("\\u0000 \\ud83d", "\\u0000 \\ud83d"),
    ],
    ids=["emoji and Chinese", "Arabic", "marks", "no letters", "lines", "written escapes"],
)
def test_whatever_letters_a_comment_has(write, text, shown):
    text = pages(write(Heading("Citas"), Quote(text, "Típico", "alguien", "other")))[-1]
    assert shown in text


def test_what_has_no_spaces_breaks_before_the_margin(write):
    long = "ja" * 200
    table = Table("Tabla 1.", "Huellas.", ("Archivo", "SHA-256"), (("a" * 90, "9f" * 32),))
    path = write(Heading("Citas"), Quote(long, "Típico", "alguien", "es"), table)
    assert long in pages(path)[1].replace(" ", "")
    text = pypdfium2.PdfDocument(path)[1].get_textpage()
    edges = [text.get_charbox(i)[2] for i in range(text.count_chars())]
    assert 300 < max(edges) <= (210 - 22) / 25.4 * 72 + 1


def test_long_tables_repeat_their_header_and_short_ones_stay_whole(write):
    rows = tuple((f"fila{i}", str(i)) for i in range(120))
    table = Table("Tabla 1.", "Larga.", ("Código", "Casos"), rows, (), (1,))
    short = Table("Tabla 2.", "Corta.", ("Archivo", "Filas"), rows[:10], (), (1,))
    texts = pages(write(Heading("Tablas"), table, short, short, short, short))[1:]
    assert sum("Código Casos" in text for text in texts) >= 3
    assert sum(text.count("Archivo Filas") for text in texts) == 4


def test_a_heading_never_stands_alone_at_the_foot(write):
    for lines in range(34, 50):
        filled = [Paragraph(f"Línea {i}") for i in range(lines)]
        for page in pages(write(Heading("A"), *filled, Heading("Solo", 3), Paragraph("y su texto"))):
            assert ("Solo" in page) == ("y su texto" in page)


def test_a_chart_too_high_for_the_page_is_made_smaller(write, tmp_path):
    (tmp_path / "ledger_es.svg").write_text(LINKED.format(height=2000), encoding="utf-8")
    assert "Figura 1." in pages(write(Heading("Uno"), BLOCKS[9]))[1]


def test_columns_get_what_they_need():
    header, long = ("Código", "Intervalo", "Definición"), "palabra " * 30
    widths = pdf._widths(Table("", "", header, (("Facilidad", "−56,2 a −10,1", long),) * 3, (), (1,)))
    assert sum(widths) == pytest.approx(pdf.LINE)
    assert widths[0] >= len("Facilidad") and widths[1] >= len("−56,2 a −10,1") and widths[2] > sum(widths[:2])
    assert pdf._widths(Table("", "", header, (("a", "b", "c"),))) == []
    crowded = pdf._widths(Table("", "", ("x" * 30,) * 8, ()))
    assert all(a == b for a, b in pairwise(crowded)) and len(crowded) == 8


def test_a_chart_that_is_missing_or_no_picture_is_named(write, tmp_path):
    with pytest.raises(InputError, match=r"words_es\.svg: expected this chart.*Run `cxresearch run`"):
        write(Heading("Uno"), Figure("words", "Figura 1.", "Palabras.", "Palabras"))
    (tmp_path / "ledger_es.svg").write_text("<svg", encoding="utf-8")
    with pytest.raises(InputError, match=r"report\.pdf: .*parse SVG.*delete it and run `cxresearch run`"):
        write(Heading("Uno"), BLOCKS[9])
    assert not (tmp_path / "report.pdf").exists()
