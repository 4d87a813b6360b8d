"""The report: one content, three renderings (HTML, PDF, Word), two languages.

`content` gathers `blocks` of words from the study's findings; `html`, `pdf` and `word` render the same
blocks. The same tables give the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path

from ..findings import Findings
from ..processes import side_by_side
from ..quotes import limit_bank
from ..steps import FORMS
from ..study import Study
from .bank import bank_html
from .blocks import Report
from .content import build_report
from .html import write_html
from .pdf import write_pdf
from .word import write_word

__all__ = ["Report", "build_report", "write_report"]


def write_report(reports: Mapping[str, Report], found: Mapping[str, Findings], study: Study) -> list[Path]:
    """Write a study's report in each language as web page, PDF and Word file; returns the files.

    `found` holds the tables quote_bank and quotes, for the page's searchable comments. `InputError` if a
    figure is missing.
    """
    parts = [(report, found[language], study) for language, report in reports.items()]
    side_by_side(_write_language, parts)
    return [study.reports_folder / f"report_{language}.{form}" for language in reports for form in FORMS]


def _write_language(report: Report, found: Findings, study: Study) -> None:
    """Write the three files of one language."""
    figures, bank = study.reports_folder / "figures", found.tables["quote_bank"]
    part = bank_html(limit_bank(bank, found.tables["quotes"], study), found, len(bank))
    page, pdf, word = (study.reports_folder / f"report_{report.language}.{form}" for form in FORMS)
    write_html(report, figures, page, part)
    write_pdf(report, figures, pdf)
    write_word(report, figures, word)
