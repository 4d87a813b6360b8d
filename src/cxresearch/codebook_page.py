"""The codebook as a page for those who code by it: definitions first, patterns at hand, HTML or Markdown."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from .codebook import Codebook

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
    templates = Environment(
        loader=PackageLoader("cxresearch", "report"),
        autoescape=kind == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(f"codebook.{kind}.j2").render(book=codebook, language=language)
