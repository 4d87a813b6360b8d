"""What changed from one edition of a codebook to another, and which comments change their codes by it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from .codebook import Codebook
from .themes import CODER, code_comments, code_table

ANY = "any code"


def compare_codebooks(old: Codebook, new: Codebook) -> pd.DataFrame:
    """List every change between two editions.

    Returns
    -------
    pd.DataFrame
        One row per text that was taken out or put in: ``place`` (such as ``codes.ease.patterns.es``),
        ``change`` (``removed`` or ``added``) and ``text``. A changed text is one removed and one added; a
        code that only one edition has is one row. Rows follow the new codebook; what it lacks comes last.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> old = load_codebook("data/raw/codebook.yaml")
    >>> compare_codebooks(old, old.model_copy(update={"version": "9.0"})).values[1].tolist()
    ['version', 'added', '9.0']
    """
    before, after = dict.fromkeys(_texts(old.model_dump())), dict.fromkeys(_texts(new.model_dump()))
    rows = [(place, "removed", text) for place, text in before if (place, text) not in after]
    rows += [(place, "added", text) for place, text in after if (place, text) not in before]
    whole = tuple(f"codes.{code}." for code in {*old.names} ^ {*new.names})  # one row says it all
    rows = [row for row in rows if not row[0].startswith(whole) or row[0].endswith(".code")]
    order = list(dict.fromkeys(place for place, _ in [*after, *before]))
    table = pd.DataFrame(rows, columns=["place", "change", "text"], dtype="str")
    return table.sort_values(
        "place", key=lambda places: places.map(order.index), kind="stable", ignore_index=True
    )


def changed_codes(old: Codebook, new: Codebook, comments: pd.DataFrame) -> pd.DataFrame:
    """Count the comments that gain or lose each code by a change of the codebook.

    `comments` is as in `code_comments`. Returns one row for ``any code`` and one per code of either edition
    (index ``code``): ``before``, ``after``, ``gained``, ``lost`` and ``changed`` (comments).
    """
    names = list(dict.fromkeys([*new.names, *old.names]))
    then, now = (
        code_table(code_comments(comments, book), CODER, comments.index, names) for book in (old, new)
    )
    counts = {"before": then, "after": now, "gained": now & ~then, "lost": then & ~now, "changed": now ^ then}
    tables = {name: table.assign(**{ANY: table.any(axis=1)})[[ANY, *names]] for name, table in counts.items()}
    return pd.DataFrame({name: table.sum() for name, table in tables.items()}).rename_axis("code")


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a codebook's content with its place, in which codes and families go by their names."""
    if isinstance(value, dict) and "unless" in value:  # a rule: its patterns, each with its conditions
        conditions = {name: v for name, v in value.items() if v and name != "patterns"}
        for pattern in value["patterns"]:
            yield place, pattern + "".join(f" ({name}: {v})" for name, v in conditions.items())
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            named = isinstance(inner, dict) and (inner.get("code") or inner.get("family"))
            yield from _texts(inner, f"{place}.{named}" if named else place)
    elif value is not None:
        yield place, str(value)
