"""The report as a Word document: real styles, captions that count, alternative text, languages.

`word_parts.xml` says how it looks and `word_xml` writes words and tables; python-docx does the rest: the
package, its parts and the pictures.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from ..errors import InputError
from ..tables import read_bytes, write_whole
from .blocks import Bank, Block, Break, Code, Figure, Heading, Items, Note, Paragraph, Quote, Report, Table
from .word_xml import BOLD, ROOM, clean, field, led, paragraph, run, table

if TYPE_CHECKING:
    from docx.document import Document

# Spain writes the decimal comma, as the report does; British dictionaries know "colour" and "-ize" alike.
REGIONS = {"es": "es-ES", "en": "en-GB"}
_MARGIN, _TALL = 1361, 11_000  # twentieths of a point; a figure higher than that leaves its caption no room
_PARTS = ("/styles", "/settings", "/theme", "/numbering", "/core-properties", "/officeDocument")


def write_word(report: Report, figures: Path, path: Path) -> None:
    """Write the report as a Word document (.docx), whole or not at all; the same report gives the same bytes.

    `figures` holds `{name}_{language}.png` of each `Figure`; `InputError` if one is not there. Characters
    that XML forbids are left out. The file names no author and no date. Its table of contents lists the
    sections; Word adds their pages when asked to update it.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "report.docx"
    >>> write_word(Report("Title", "Subtitle", "en", {}, (Paragraph("Hello."),)), path.parent, path)
    >>> import docx
    >>> [paragraph.text for paragraph in docx.Document(path).paragraphs]
    ['Title', 'Subtitle', 'Hello.']
    """
    from docx import Document as new_document

    document = new_document()
    _prepare(document, report)
    words = _Writer(document, report, Path(figures)).words()
    write_whole(path, lambda temporary: _save(document, words, temporary))


def _prepare(document: Document, report: Report) -> None:
    """Our styles, settings, lists, page and properties in place of the template's."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Twips

    part, package, region = document.part, document.part.package, REGIONS[report.language]
    theirs = (document.styles.element, document.settings.element, part.numbering_part.element)
    ours = parse_xml(read_bytes(Path(__file__).with_name("word_parts.xml")))
    for element, content in zip(theirs, list(ours), strict=True):
        element[:] = list(content)
        for language in element.iter(qn("w:lang"), qn("w:themeFontLang")):
            language.set(qn("w:val"), region)
    for links in (part.rels, package.rels):  # neither thumbnail nor the template's other oddments
        for key in [key for key, link in links.items() if not link.reltype.endswith(_PARTS)]:
            del links[key]
    package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES).element[:] = []  # its author and dates
    document.core_properties.title, document.core_properties.language = clean(report.title)[:255], region
    page = document.sections[0]
    page.page_width, page.page_height = Twips(2 * _MARGIN + ROOM), Twips(16_838)  # A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Twips(_MARGIN)
    footer = paragraph("Footer", run(f"{report.title}\t") + field("PAGE", run("1")))
    page.footer.paragraphs[0]._p.addprevious(parse_xml(f"<w:ftr {nsdecls('w')}>{footer}</w:ftr>")[0])
    page.footer._element.remove(page.footer.paragraphs[1]._p)


def _save(document: Document, words: str, path: Path) -> None:
    """Save with `words`, each part with the zip format's first date: python-docx writes the time of day."""
    whole = io.BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(path, "w") as target:
        for name in parts.namelist():
            entry, content = zipfile.ZipInfo(name), parts.read(name)
            entry.create_system = 0  # the same on each system
            if name == "word/document.xml":
                content = content.replace(b"<w:sectPr", words.encode() + b"<w:sectPr", 1)
            small = name.endswith(".png")  # already, and a second pass costs more time than all else here
            target.writestr(entry, content, zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED)


class _Writer:
    """Blocks to WordprocessingML, counting captions, pictures and sections."""

    def __init__(self, document: Document, report: Report, figures: Path) -> None:
        self.part, self.report, self.figures = document.part, report, figures
        self.counted: Counter[str] = Counter()

    def words(self) -> str:
        """All of the document's words; a break and a table act upon the paragraph that follows them."""
        made, before, summary = [self._opening()], None, next(iter(self.report.sections), None)
        for block in self.report.blocks:
            words, look = self._block(block), r"\1\2"
            if isinstance(before, Break) or block is summary:  # the answers have a page of their own
                look = r'\1<w:pageBreakBefore/>\2<w:spacing w:before="0"/>'
            elif isinstance(block, Table) or (isinstance(before, Table) and not isinstance(block, Heading)):
                look = r'\1\2<w:spacing w:before="280"/>'
            first = r"(<w:pStyle [^>]*>(?:<w:keepNext/>)?)((?:<w:numPr>.*?</w:numPr>)?)"
            made.append(re.sub(first, look, words, count=1))
            before = block if words or isinstance(block, Break) else before
        return "".join(made)

    def _opening(self) -> str:
        """The title and, as a table of contents that Word can update, the sections."""
        report, mark = self.report, '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
        title = paragraph("Title", run(report.title)) + paragraph("Subtitle", run(report.subtitle))
        if not report.sections:
            return title
        lines = [
            f'<w:hyperlink w:anchor="_Toc{number:08}">{run(section.text)}</w:hyperlink>'
            for number, section in enumerate(report.sections, 1)
        ]
        instruction = r'<w:r><w:instrText xml:space="preserve"> TOC \o "1-1" \h \z </w:instrText></w:r>'
        lines[0] = mark("begin") + instruction + mark("separate") + lines[0]
        lines[-1] += mark("end")
        contents = paragraph("TOCHeading", run(report.labels["contents"]))
        contents += "".join(paragraph("TOC1", line) for line in lines)
        kind = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        return f"{title}<w:sdt><w:sdtPr>{kind}</w:sdtPr><w:sdtContent>{contents}</w:sdtContent></w:sdt>"

    def _block(self, block: Block) -> str:
        match block:
            case Heading(text, level):
                return paragraph(f"Heading{level - 1}", self._section(text) if level == 2 else run(text))
            case Paragraph():
                return paragraph("Normal", led(block))
            case Items(items, ordered):
                style, extra = ("ListNumber", self._numbering()) if ordered else ("ListBullet", "")
                return "".join(paragraph(style, led(item), extra) for item in items)
            case Figure(label=label, caption=caption):
                return self._picture(block) + self._caption(label, caption, '<w:spacing w:after="280"/>')
            case Table(label, caption):
                return self._caption(label, caption, "<w:keepNext/>") + table(block)
            case Quote(text, role, source, language):
                words = run(text, f"<w:lang w:val={quoteattr(clean(REGIONS.get(language, language)))}/>")
                told = Paragraph(source, role and f"{role} ·")
                return paragraph("Quote", words) + paragraph("QuoteSource", led(told))
            case Note(text, title, strong):
                return paragraph("NoteStrong" if strong else "Note", run(f"{title}\n", BOLD) + run(text))
            case Code(text) | Bank(text):
                return paragraph("Code" if isinstance(block, Code) else "Normal", run(text))
            case Break():
                return ""

    def _section(self, text: str) -> str:
        """A section's heading, marked as the aim of its line in the contents."""
        self.counted["#section"] += 1
        number = self.counted["#section"]
        start = f'<w:bookmarkStart w:id="{number}" w:name="_Toc{number:08}"/>'
        return f'{start}{run(text)}<w:bookmarkEnd w:id="{number}"/>'

    def _numbering(self) -> str:
        """A numbering of its own, from 1."""
        number = self.part.numbering_part.element.add_num(1)
        number.add_lvlOverride(0).add_startOverride(1)
        return f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number.numId}"/></w:numPr>'

    def _picture(self, block: Figure) -> str:
        """A figure as wide as the text, or as high as a page allows, with its alternative text."""
        from docx.shared import Twips

        path = self.figures / f"{block.name}_{self.report.language}.png"
        if not path.is_file():
            raise InputError(f"{path} is not there. Draw the figures first: 06_draw_charts.")
        inline = self.part.new_pic_inline(str(path), width=Twips(ROOM))
        if inline.extent.cy > Twips(_TALL):
            inline = self.part.new_pic_inline(str(path), height=Twips(_TALL))
        self.counted["#picture"] += 1
        inline.docPr.set("id", str(self.counted["#picture"]))
        inline.docPr.set("descr", clean(block.alt))
        for side in "LR":  # what stands in the line of text needs no distance
            inline.set(f"dist{side}", "0")
        return paragraph("Figure", f"<w:r><w:drawing>{inline.xml}</w:drawing></w:r>")

    def _caption(self, label: str, caption: str, extra: str) -> str:
        """A caption whose number Word counts; where it would count another, the field is told which."""
        name, number, end = re.findall(r"^([^0-9]*)([0-9]*)(.*)", label, re.DOTALL)[0]
        words = run(name, BOLD)
        if number:
            kind = re.sub(r"\W", "", name) or "Figure"
            told = "" if self.counted[kind] + 1 == int(number) else rf" \r {number}"
            self.counted[kind] = int(number)
            words += field(rf"SEQ {kind} \* ARABIC{told}", run(number, BOLD))
        return paragraph("Caption", words + run(f"{end} ", BOLD) + run(caption), extra)
