"""Paragraphs and tables as WordprocessingML (ECMA-376, part 1), for `word`.

Written as text: python-docx makes a table cell by cell, which takes seconds for a long report.
"""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ..tables import NOT_XML
from .blocks import Paragraph, Table

ROOM = 9184  # for words, between the margins; twentieths of a point, as all lengths here
BOLD = '<w:rStyle w:val="Strong"/>'
_SIZE = 18  # of words in tables, in half points
_SLIM = frozenset("fijlrtI .,:;|!'()[]/-\u00a0\u202f")
_PADDING = 190  # of a cell, and a little air
_BETWEEN = '</w:t><w:{}/><w:t xml:space="preserve">'


def table(block: Table) -> str:
    """A table as wide as its words need and the page allows; its head repeats, and no row is split."""
    widths, size = _widths(block)
    end, rows = len(block.rows) - 1, []
    for number, cells in enumerate((block.header, *block.rows), -1):
        keep = number < end and (end < 12 or number in (-1, 0, end - 1))  # short: whole; long: no row alone
        made = []
        for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
            right = place in block.numeric
            style = "TableHeading" if number < 0 else "TableNumber" if right else "TableText"
            extra = "<w:keepNext/>" * keep + '<w:jc w:val="right"/>' * right
            if right and number >= 0:  # a number's line ends at most before its interval
                text = re.sub(r" (?!\()", "\u00a0", text)
            words = paragraph(style, run(text, BOLD * (number in block.strong) + size), extra)
            made.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{words}</w:tc>')
        head = "<w:tblHeader/>" * (number < 0)
        rows.append(f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(made)}</w:tr>")
    about = quoteattr(clean(f"{block.label} {block.caption}"))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="06A0" w:firstRow="1" w:firstColumn="1" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val={about}/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _widths(block: Table) -> tuple[list[int], str]:
    """Widths of the columns, and the letters' size if they must be smaller than usual.

    Each column gets what its longest word or number needs, the interval below the number if not beside it;
    the rest of the page goes to those whose lines would break.
    """
    columns = [*zip(block.header, *block.rows, strict=True)]
    room = ROOM - _PADDING * len(columns)
    for ends in (r"\n", r" (?=\()|\n"):  # of a number's line
        least = []
        for place, (head, *cells) in enumerate(columns):
            parts = re.split(ends if place in block.numeric else "[ \n]", "\n".join(cells))
            least.append(min(_breadth([*head.split(" "), *parts]), room / 3))
        if sum(least) <= room:
            break
    most = [max(_breadth(column), low) for column, low in zip(columns, least, strict=True)]
    shrink = min(1, room / sum(least))
    share = min(1, max(room - sum(least), 0) / max(sum(most) - sum(least), 1))
    widths = [int(low * shrink + share * (high - low)) for low, high in zip(least, most, strict=True)]
    size = f'<w:sz w:val="{max(13, int(_SIZE * shrink))}"/>' if shrink < 1 else ""
    return [width + _PADDING for width in widths], size


def _breadth(texts: Sequence[str]) -> float:
    """About how wide the longest of these texts is: Arial's letters, in three sizes."""
    letters = max(texts, key=len, default="")
    units = sum(0.31 if c in _SLIM else 0.8 if c.isupper() or c in "mw%…—" else 0.59 for c in letters)
    return units * _SIZE * 10


def led(block: Paragraph) -> str:
    """A paragraph's words, its lead in bold."""
    return (run(f"{block.lead} ", BOLD) if block.lead else "") + run(block.text)


def paragraph(style: str, content: str, extra: str = "") -> str:
    """A paragraph of runs and fields; `extra` are properties of its own."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{content}</w:p>'


def run(text: str, look: str = "") -> str:
    """Words that look alike; line ends and tabs become Word's."""
    words = escape(clean(text)).replace("\t", _BETWEEN.format("tab"))
    words = re.sub(r"\r\n?|\n", _BETWEEN.format("br"), words)
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def field(instruction: str, shown: str) -> str:
    """What Word works out, and what it shows until then."""
    return f'<w:fldSimple w:instr=" {instruction} ">{shown}</w:fldSimple>'


def clean(text: str) -> str:
    """Text without what XML forbids: control characters and halves of emoji."""
    return NOT_XML.sub("", text).encode(errors="ignore").decode()
