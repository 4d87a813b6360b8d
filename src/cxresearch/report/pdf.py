"""A report as tagged PDF (PDF/UA-1), set by typst from `report.typ`: no system library, no system font.

The words reach the template as JSON, never as source, so nothing in a comment can be markup. Letters that
typst's fonts lack (emoji, Arabic) come from those matplotlib brings; its "last resort" font shows a box for
what all lack, and the letter stays in the file as it was written, to be copied or read aloud.
"""

import json
import re
from dataclasses import asdict
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cxresearch.errors import InputError
from cxresearch.report.blocks import Block, Figure, Quote, Report, Table
from cxresearch.tables import write_whole

NO_LETTERS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
UNBROKEN = re.compile(r"\S{30}(?=\S)")
LINE, GAP, BOLD = 118, 3, 1.2  # letters a table has across the page, between columns, for one in bold


def write_pdf(report: Report, figures: Path, path: Path) -> None:
    """Write a report to `path`; each `Figure` is `{name}_{language}.svg` in the folder `figures`.

    The same report and figures give the same bytes; `InputError` if a figure is missing or is no picture.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cxresearch.report.blocks import Paragraph
    >>> report = Report("Two voices", "A study", "en", {"contents": "Contents"}, (Paragraph("*Brands*"),))
    >>> with TemporaryDirectory() as folder:
    ...     write_pdf(report, Path(folder), Path(folder, "report.pdf"))
    ...     Path(folder, "report.pdf").read_bytes()[:8]
    b'%PDF-1.7'
    """
    import typst

    content = _shown({name: vars(report)[name] for name in ("title", "subtitle", "language", "labels")})
    content["blocks"] = [_plain(block, report.language, figures) for block in report.blocks]
    more = find_spec("matplotlib").submodule_search_locations[0]  # type: ignore[union-attr, index]
    template = files("cxresearch.report").joinpath("report.typ").read_bytes()
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[Path(more, "mpl-data", "fonts", "ttf")])
    page = typst.Compiler(template, figures, fonts, sys_inputs={"report": json.dumps(content)})
    try:
        write_whole(path, lambda whole: page.compile(output=whole, format="pdf", pdf_standards="ua-1"))
    except typst.TypstError as error:
        raise InputError(
            f"{path}: expected words and charts fit for PDF/UA-1, but typst says: {error.message}. "
            f"If a chart in {figures} is damaged, delete it and run `cxresearch run` to draw it again."
        ) from None


def _plain(block: Block, language: str, figures: Path) -> dict[str, Any]:
    """A block as JSON can hold it, with its kind and what the template cannot know."""
    plain: dict[str, Any] = _shown(asdict(block)) | {"kind": type(block).__name__.lower()}
    if isinstance(block, Figure):
        plain["file"] = f"{block.name}_{language}.svg"
        if not (figures / plain["file"]).is_file():
            raise InputError(
                f"{figures / plain['file']}: expected this chart for the report, but there is no such file. "
                "Run `cxresearch run`: its step 06 draws the charts."
            )
    elif isinstance(block, Quote):
        known = re.fullmatch("[a-z]{2,3}", block.language)
        plain |= {"text": " ".join(plain["text"].split()), "language": block.language if known else language}
    elif isinstance(block, Table):
        plain["widths"] = _widths(block)
    return plain


def _shown(words: Any) -> Any:
    """Words at any depth: no letters a PDF must not hold, and places to break what has no spaces."""
    if isinstance(words, str):
        return UNBROKEN.sub("\\g<0>\u200b", NO_LETTERS.sub("\N{REPLACEMENT CHARACTER}", words))
    if isinstance(words, dict):
        return {name: _shown(part) for name, part in words.items()}
    return [_shown(part) for part in words] if isinstance(words, (list, tuple)) else words


def _widths(table: Table) -> list[float]:
    """Letters for each column: its longest word or number, then of the rest what it needs; [] if all fit."""
    columns = list(zip(table.header, *table.rows, strict=True))
    if sum(GAP + max(BOLD * len(head), 0, *map(len, cells)) for head, *cells in columns) <= LINE:
        return []
    least, more = [], []
    for number, (head, *cells) in enumerate(columns):
        parts = cells if number in table.numeric else " ".join(cells).split()
        words: list[float] = [len(part) for part in parts]
        words += [BOLD * len(word) for word in head.split()]
        least.append(GAP + min(max(words, default=1), 32))
        sizes = [min(BOLD * len(head), 16), *map(len, cells)]
        more.append(max(GAP + max(min(max(sizes), 24), min(sum(sizes) / len(sizes), 80)) - least[-1], 0.1))
    rest = max(LINE - sum(least), 0) / sum(more)
    return [need + rest * wish for need, wish in zip(least, more, strict=True)]
