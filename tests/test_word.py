"""report.word: all words arrive, with styles, captions, languages; the same bytes; no text breaks it."""

import re
import zipfile
from dataclasses import astuple, replace

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cxresearch.errors import InputError
from cxresearch.report.blocks import (
    Bank,
    Break,
    Code,
    Figure,
    Heading,
    Items,
    Note,
    Paragraph,
    Quote,
    Report,
    Table,
)  # fmt: skip
from cxresearch.report.word import write_word

LONG = Table(
    "Tabla 1.", "Los comentarios por archivo.", ("Archivo", "Recibidos"),
    tuple((f"archivo {row}", f"{row},5") for row in range(40)), strong=(39,), numeric=(1,),
)  # fmt: skip
WIDE = Table(
    "Tabla 3.", "Cuotas corregidas.",
    ("Código", "Consumidores", "Marcas", "Diferencia en puntos", "Sensible", "Específico", "Igualdad", "Fin"),
    (("Reconocimiento de la identidad del consumidor", *["12,3 (10,1 a 14,5)"] * 6, "no se sabe"),),
    numeric=(1, 2, 3, 4, 5, 6),
)  # fmt: skip
HOSTILE = "a\x00b\x0bc\ufffe\ud83d <w:p>&amp; ]]> \"'\t\r\nfin \U0001f600 \\1 \\g<0>"


def report(*blocks, language="es"):
    return Report("Título & más", "Subtítulo", language, {"contents": "Contenido"}, blocks)


EVERY = report(
    Heading("En breve", 2, "short"), Paragraph("El saldo baja.", "No."),
    Items((Paragraph("Primero.", "Uno."), Paragraph("Segundo.")), True), Items((Paragraph("Punto."),)),
    Break(), Items((Paragraph("Otra lista."),), True), Heading("Código por código", 3), Heading("Detalle", 4),
    Figure("balance", "Figura 1.", "Su saldo.", 'Barras: "dos" <grupos>.'), LONG, Paragraph("Tras la tabla."),
    Quote("Great service", "Contrario", "marcas, Banco A", "en"), Quote("Muy bien", "", "consumidores", "es"),
    Note("Nadie ha codificado.", "Sin corregir", True), Note("Para el proyecto.", "Sobre el estudio"), WIDE,
    Code("cxresearch run\n  --help"), Heading("Comentarios", 2), Bank("El banco está en HTML."),
)  # fmt: skip


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    for language in ("es", "en"):
        Image.new("RGB", (300, 100)).save(folder / f"balance_{language}.png")
        Image.new("RGB", (100, 300)).save(folder / f"high_{language}.png")
    return folder


@pytest.fixture
def written(figures, tmp_path):
    """A report's document, as another program reads it."""

    def write(report):
        write_word(report, figures, tmp_path / "report.docx")
        return docx.Document(tmp_path / "report.docx")

    return write


@pytest.fixture
def every(written):
    return written(EVERY)


def flat(texts):
    for text in texts:
        yield from flat(text) if isinstance(text, tuple) else [text]


def words_of(node):
    return "".join(text.text or "" for text in node.iter(qn("w:t"))).replace("\u00a0", " ")


def styles(document):
    return [(each.style.name, each.text) for each in document.paragraphs]


def test_every_word_of_every_block_arrives(every):
    words = words_of(every.element.body)
    assert words.startswith("Título & másSubtítuloContenidoEn breveComentariosEn breve")
    skipped = {"short", "balance", "en", "es", EVERY.blocks[8].alt}
    for text in flat(astuple(block) for block in EVERY.blocks):
        if isinstance(text, str) and text not in skipped:
            assert all(line.strip() in words for line in text.split("\n")), text


def test_styles_are_real_ones(every):
    found = styles(every)
    for style, text in [
        ("Title", "Título & más"), ("Subtitle", "Subtítulo"), ("Heading 1", "En breve"),
        ("Heading 2", "Código por código"), ("Heading 3", "Detalle"), ("Normal", "No. El saldo baja."),
        ("List Number", "Uno. Primero."), ("List Bullet", "Punto."), ("Quote", "Great service"),
        ("Quote Source", "Contrario · marcas, Banco A"), ("Quote Source", "consumidores"),
        ("Note Strong", "Sin corregir\nNadie ha codificado."),
        ("Note", "Sobre el estudio\nPara el proyecto."),
        ("Code", "cxresearch run\n  --help"), ("Normal", "El banco está en HTML."),
    ]:  # fmt: skip
        assert (style, text) in found


def test_every_style_in_use_is_defined(every):
    defined = {style.style_id for style in every.styles}
    kinds = ("w:pStyle", "w:rStyle", "w:tblStyle")
    used = {node.get(qn("w:val")) for node in every.element.body.iter(*map(qn, kinds))}
    assert used <= defined
    assert {
        style.base_style.style_id for style in every.styles if getattr(style, "base_style", None)
    } <= defined


def test_each_ordered_list_begins_with_one(every):
    lists = [p._p.pPr.numPr.numId.val for p in every.paragraphs if p.style.name == "List Number"]
    assert lists[0] == lists[1] != lists[2]
    for number in lists:
        num = every.part.numbering_part.element.num_having_numId(number)
        assert num.lvlOverride_lst[0].startOverride.val == 1


def test_captions_are_counted_by_word_and_stay_right(every):
    captions = [p for p in every.paragraphs if p.style.name == "Caption"]
    fields = [node.get(qn("w:instr")).strip() for p in captions for node in p._p.iter(qn("w:fldSimple"))]
    assert fields == [r"SEQ Figura \* ARABIC", r"SEQ Tabla \* ARABIC", r"SEQ Tabla \* ARABIC \r 3"]
    assert [words_of(p._p) for p in captions] == [
        "Figura 1. Su saldo.",
        f"Tabla 1. {LONG.caption}",
        "Tabla 3. Cuotas corregidas.",
    ]


def test_captions_stay_with_what_they_are_about(every):
    body = list(every.element.body)
    (picture,) = [p for p in every.paragraphs if p._p.findall(".//" + qn("w:drawing"))]
    assert picture.style.name == "Figure"
    assert picture.style.paragraph_format.keep_with_next
    assert "Figura" in words_of(body[body.index(picture._p) + 1])
    for table in every.tables:
        above = docx.text.paragraph.Paragraph(body[body.index(table._tbl) - 1], None)
        assert "Tabla" in words_of(above._p)
        assert above.paragraph_format.keep_with_next


def test_heads_of_tables_repeat_and_no_row_is_split(every):
    for table in every.tables:
        marked = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert marked == [True, *[False] * (len(table.rows) - 1)]
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert table.style.name == "Report Table"
        assert table._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstColumn")) == "1"


def test_tables_keep_their_cells_and_what_marks_them(every):
    cells = [[cell.text for cell in row.cells] for row in every.tables[0].rows]
    assert cells == [list(row) for row in (LONG.header, *LONG.rows)]
    assert every.tables[1].cell(1, 1).text == "12,3 (10,1\u00a0a\u00a014,5)"  # whole, or broken there
    assert every.tables[1].cell(0, 3).text == "Diferencia en puntos"
    last, other = every.tables[0].rows[40].cells, every.tables[0].rows[1].cells
    assert [cell.paragraphs[0].runs[0].style.name == "Strong" for cell in (*last, *other)] == [1, 1, 0, 0]
    assert [cell.paragraphs[0].style.name for cell in last] == ["Table Text", "Table Number"]


def test_wide_tables_fit_the_page(every):
    page = every.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    for table in every.tables:
        assert sum(column.width for column in table.columns) <= room
        assert all(cell.width == column.width for column in table.columns for cell in column.cells)
    narrow = every.tables[0]
    assert sum(column.width for column in narrow.columns) < room / 2
    assert narrow.cell(1, 1).paragraphs[0].runs[0].font.size is None  # the style's


@pytest.mark.parametrize(
    "cell, smallest, largest", [("12,3 (10,1 a 14,5)", 8, 9), ("12.345.678.901,2345", 6.5, 7.5)]
)
def test_words_of_a_table_too_wide_become_smaller(written, cell, smallest, largest):
    rows = (("x", *[cell] * 7),)  # an interval goes below its number first
    (table,) = written(report(Table("T 1.", "C", tuple("abcdefgh"), rows, numeric=tuple(range(1, 8))))).tables
    size = table.cell(1, 1).paragraphs[0].runs[0].font.size
    assert smallest <= (size.pt if size else 9) <= largest


def test_figures_fit_the_page_and_say_what_they_show(written):
    high = Figure("high", "Figura 2.", "Alta.", HOSTILE)
    document = written(replace(EVERY, blocks=(*EVERY.blocks, high)))
    page = document.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    first, second = document.inline_shapes
    assert first.width == room
    assert second.height < page.page_height - page.top_margin - page.bottom_margin
    assert second.height == pytest.approx(3 * second.width, rel=0.01)
    about = [shape._inline.docPr for shape in document.inline_shapes]
    assert about[0].get("descr") == EVERY.blocks[8].alt
    assert about[1].get("descr").startswith("abc <w:p>&amp;")
    assert about[0].id != about[1].id


@pytest.mark.parametrize("language, region", [("es", "es-ES"), ("en", "en-GB")])
def test_languages_of_the_document_and_of_quotes(written, language, region):
    document = written(replace(EVERY, language=language))
    assert document.core_properties.language == region
    assert [node.get(qn("w:val")) for node in document.styles.element.iter(qn("w:lang"))] == [region]
    quoted = [node.get(qn("w:val")) for node in document.element.body.iter(qn("w:lang"))]
    assert quoted == ["en-GB", "es-ES"]


def test_properties_claim_nothing_but_title_and_language(every):
    told = {child.tag.split("}")[1]: child.text for child in every.core_properties._element}
    assert told == {"title": "Título & más", "language": "es-ES"}


def test_contents_lead_to_the_sections(every):
    contents = every.element.body.find(qn("w:sdt"))
    links = {words_of(link): link.get(qn("w:anchor")) for link in contents.iter(qn("w:hyperlink"))}
    starts = every.element.body.iter(qn("w:bookmarkStart"))
    assert links == {words_of(each.getparent()): each.get(qn("w:name")) for each in starts}
    assert list(links) == ["En breve", "Comentarios"]
    marks = [each.get(qn("w:fldCharType")) for each in contents.iter(qn("w:fldChar"))]
    assert marks == ["begin", "separate", "end"]
    assert every.settings.element.find(qn("w:updateFields")) is None  # Word would ask the reader first


def test_what_follows_a_break_begins_a_page(every):
    fresh = [p.text for p in every.paragraphs if p.paragraph_format.page_break_before]
    assert fresh == ["En breve", "Otra lista."]  # the answers, and what follows the break


@pytest.mark.parametrize(
    "block", [EVERY.blocks[8], LONG, Heading("Dos"), Note("Nota", "T"), Quote("a", "b", "c", "es")]
)
def test_a_break_reaches_each_kind_of_block(written, block):
    document = written(report(Paragraph("Antes."), Break(), Break(), Items(()), block, Paragraph("Después.")))
    fresh = [p.paragraph_format.page_break_before for p in document.paragraphs]
    assert fresh.count(True) == 1
    assert fresh[3] is True


def test_pages_are_a4_and_numbered(every):
    page = every.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    (footer,) = page.footer.paragraphs
    assert "Título & más\t" in footer.text
    assert [node.get(qn("w:instr")) for node in footer._p.iter(qn("w:fldSimple"))] == [" PAGE "]


def test_same_report_same_bytes(figures, tmp_path):
    one, two = tmp_path / "one.docx", tmp_path / "elsewhere" / "two.docx"
    for path in (one, two):
        write_word(EVERY, figures, path)
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.namelist()[0] == "[Content_Types].xml"
        assert not [name for name in parts.namelist() if re.search("thumbnail|customXml|app.xml", name)]
        assert not any(b"python-docx" in parts.read(name) for name in parts.namelist())


def test_hostile_text_stays_text_everywhere(written):
    item = Paragraph(HOSTILE, HOSTILE)
    blocks = (
        Heading(HOSTILE), item, Items((item,), True), Break(), Figure("balance", HOSTILE, HOSTILE, HOSTILE),
        Table(HOSTILE, HOSTILE, (HOSTILE,), ((HOSTILE,),), (0,)),
        Quote(HOSTILE, HOSTILE, HOSTILE, HOSTILE[4:]),
        Note(HOSTILE, HOSTILE), Code(HOSTILE), Bank(HOSTILE), Heading("x" * 5000),
    )  # fmt: skip
    document = written(Report(HOSTILE * 20, HOSTILE, "es", {"contents": HOSTILE}, blocks))
    kept = "abc <w:p>&amp; ]]> \"'\t\nfin \U0001f600 \\1 \\g<0>"
    found = styles(document)
    for style in ("Subtitle", "Heading 1", "Quote", "Code"):
        assert (style, kept) in found
    assert document.tables[0].cell(1, 0).text == kept


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=()), max_size=60)] * 3), max_size=4))
def test_no_words_make_a_table_wider_than_the_page(rows):
    from cxresearch.report.word_xml import ROOM, table

    drawn = table(Table("T 1.", "C", ("a", "b" * 90, "c d"), tuple(rows), numeric=(2,)))
    assert sum(map(int, re.findall(r'<w:gridCol w:w="(\d+)"', drawn))) <= ROOM


def test_missing_figure(figures, tmp_path):
    path = tmp_path / "report.docx"
    with pytest.raises(InputError, match=r"none_es\.png is not there\. Draw the figures first"):
        write_word(report(Figure("none", "Figura 1.", "C", "A")), figures, path)
    assert not path.exists()
