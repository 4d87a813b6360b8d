"""The codebook as a page for those who code by it: definitions first, patterns at hand, HTML or Markdown."""

from .codebook import Codebook
from .templates import render

KINDS = ("html", "md")


def codebook_page(codebook: Codebook, language: str, kind: str = "html") -> str:
    """Write a codebook out in one language (``es`` or ``en``), as one page (``html`` or ``md``, Markdown).

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> page = codebook_page(load_codebook("data/raw/codebook.yaml"), "es", "md")
    >>> page.splitlines()[0]
    '# Libro de códigos de la experiencia del cliente y su personalización'
    """
    return render(f"codebook.{kind}.j2", book=codebook, language=language)
