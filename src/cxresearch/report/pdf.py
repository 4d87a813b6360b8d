"""A report as tagged PDF (PDF/UA-1), set by typst from `report.typ`: no system library, no system font.

The words reach the template as JSON, never as source, so nothing in a comment can be markup. Letters that
typst's own fonts lack (emoji, Arabic) come from the fonts that matplotlib brings; what these lack too shows
as a box of the "last resort" font and stays in the file as it was written, to be copied or read aloud.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from cxresearch.errors import InputError
from cxresearch.report.blocks import Block, Figure, Quote, Report, Table
from cxresearch.tables import write_whole

NO_LETTERS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
LINE = 96  # letters of a table's size, and the gaps between its columns, that fit across the page
GAP = 3  # letters that a gap between two columns takes


def write_pdf(report: Report, figures: Path, path: Path) -> None:
    """Write a report to `path`; each `Figure` is `{name}_{language}.svg` in the folder `figures`.

    The same report and figures give the same bytes, whatever the machine and the day.

    Raises
    ------
    InputError
        If a figure is missing or cannot be read as a picture.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cxresearch.report.blocks import Heading, Paragraph
    >>> words = (Heading("In short"), Paragraph("Brands are *warmer*.", "No."))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.pdf")
    ...     write_pdf(Report("Two voices", "A study", "en", {"contents": "Contents"}, words), Path(folder), path)
    ...     path.read_bytes()[:8]
    b'%PDF-1.7'
    """
    import typst

    content = {"title": report.title, "subtitle": report.subtitle, "language": report.language}
    content |= {"labels": report.labels, "blocks": [_plain(block, report, figures) for block in report.blocks]}
    words = NO_LETTERS.sub("\N{REPLACEMENT CHARACTER}", json.dumps(content, ensure_ascii=False))
    try:
        pdf = typst.compile(
            files("cxresearch.report").joinpath("report.typ").read_bytes(),
            root=figures,
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[_more_fonts()]),
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs={"report": words},
        )
    except typst.TypstError as error:
        raise InputError(
            f"{path}: expected charts and words that typst can set as PDF/UA-1, but it says: {error.message}. "
            f"If it names a chart, delete that file and run `cxresearch run` to draw it again."
        ) from None
    write_whole(path, lambda whole: whole.write_bytes(pdf))


def _plain(block: Block, report: Report, figures: Path) -> dict[str, object]:
    """A block as JSON can hold it, with its kind and what the template cannot know."""
    plain = {"kind": type(block).__name__.lower(), **asdict(block)}
    if isinstance(block, Figure):
        plain["file"] = f"{block.name}_{report.language}.svg"
        if not (figures / plain["file"]).is_file():
            raise InputError(
                f"{figures / plain['file']}: expected this chart for the report, but the file is not there. "
                "Run `cxresearch run`: its step 06 draws all charts."
            )
    elif isinstance(block, Quote) and not re.fullmatch("[a-z]{2,3}", block.language):
        plain["language"] = report.language
    elif isinstance(block, Table):
        plain["widths"] = _widths(block)
    return plain


def _widths(table: Table) -> Sequence[float]:
    """Shares of the page's width for a table's columns by the length of their cells; none if all fit as is."""
    columns = list(zip(table.header, *table.rows, strict=True))
    longest = [max(map(len, cells)) for cells in columns]
    if sum(longest) + GAP * len(columns) <= LINE:
        return ()
    words = [max(len(word) for cell in cells for word in [*cell.split(), ""]) for cells in columns]
    usual = [sum(map(len, cells)) / len(cells) for cells in columns]
    return [
        GAP + max(word, min(most, 20), min(mean, 70))
        for word, most, mean in zip(words, longest, usual, strict=True)
    ]


def _more_fonts() -> Path:
    """The folder of fonts that matplotlib brings, found without importing it."""
    spec = find_spec("matplotlib")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
