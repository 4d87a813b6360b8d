"""The one exception that is meant for the person at the keyboard, and a hint at what they meant."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something in the user's files, settings or folders that they can mend.

    The message says what was expected, what was found, where, and what to do next.
    """


def nearest(word: str, choices: Iterable[str], *, listed: bool = True) -> str:
    """Hint at the valid name nearest to a wrong one; when none is near, list them all, if so wished.

    Examples
    --------
    >>> nearest("margn", ["margin", "seed"])
    " Did you mean 'margin'?"
    """
    known = sorted(choices)
    if close := difflib.get_close_matches(word, known, n=1):
        return f" Did you mean '{close[0]}'?"
    return f" Known here: {', '.join(known)}." if known and listed else ""
