"""The report: one content, three renderings (HTML, PDF, Word), two languages.

`content` gathers `blocks` of words from the study's findings; `html`, `pdf` and `word` render the same
blocks. The same tables give the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path

from ..findings import Findings
from ..quotes import limit_bank
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
    figures, files = study.reports_folder / "figures", []
    for language, report in reports.items():
        tables = found[language].tables
        bank = limit_bank(tables["quote_bank"], tables["quotes"], study)
        part = bank_html(bank, found[language], len(tables["quote_bank"]))
        page, pdf, word = (study.reports_folder / f"report_{language}.{f}" for f in ("html", "pdf", "docx"))
        write_html(report, figures, page, part)
        write_pdf(report, figures, pdf)
        write_word(report, figures, word)
        files += [page, pdf, word]
    return files
