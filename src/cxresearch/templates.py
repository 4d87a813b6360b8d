"""Text from the templates in the folder ``report``: pages, cards, what the terminal says."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(name: str, /, **values: object) -> str:
    """Fill a template; a name that it uses must be given, and in HTML every value is escaped.

    Examples
    --------
    >>> render("check.txt.j2")
    Traceback (most recent call last):
    jinja2.exceptions.UndefinedError: 'study' is undefined
    """
    templates = Environment(
        loader=PackageLoader("cxresearch", "report"), undefined=StrictUndefined,
        autoescape="html" in name, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return templates.get_template(name).render(values)
