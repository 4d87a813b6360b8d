"""The report: one content, three renderings (HTML, PDF, Word), two languages.

`content` gathers `blocks` of words from the study's findings; `html`, `pdf` and `word` render the same
blocks. The same tables give the same bytes.
"""

from .content import build_report

__all__ = ["build_report"]
