"""Do the same work for several things side by side, one process each."""

import sys
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from typing import Any

_THREADED = ("typst",)  # once it has worked, its threads wait for work that a forked process would never get


def side_by_side(work: Callable[..., object], items: Iterable[tuple[Any, ...]]) -> None:
    """Call `work` with each item's parts; where processes can be forked safely (Linux), all at once.

    Once typst has worked here, they cannot, and all is done in turn. For work that writes files: what it
    returns is lost. A fault is raised here, as if all were done in turn.

    Examples
    --------
    >>> side_by_side(print, [("one", 1)])
    one 1
    """
    first, *others = items
    safe = sys.platform == "linux" and not any(name in sys.modules for name in _THREADED)
    context = get_context("fork") if safe else None
    helpers = [context.Process(target=work, args=item) for item in others if context]
    for helper in helpers:
        helper.start()
    try:
        work(*first)
    finally:  # nobody writes on after a fault has been told
        for helper in helpers:
            helper.join()
    for number, item in enumerate(others):
        if not helpers or helpers[number].exitcode:
            work(*item)  # in this process, where its fault is seen
