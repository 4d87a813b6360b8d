"""A plain matcher for patterns, word by word with backtracking, and texts and patterns to try it on."""

from hypothesis import strategies as st

from cxresearch.patterns import GAP
from cxresearch.tokens import fold


def accepts(element, word):
    """Whether one written element (a word, a prefix, or alternatives in brackets) accepts a word."""
    for choice in element.strip("()").split("|"):
        if choice.endswith("*") and fold(word).startswith(fold(choice[:-1])):
            return True
        if fold(word) == fold(choice):
            return True
    return False


def ends(elements, own, place):
    """All places at which a pattern begun before `place` may end, by plain backtracking."""
    if not elements:
        return {place - 1}
    if elements[0].startswith("*"):
        most = int(elements[0][1:] or GAP)
        return {end for gap in range(most + 1) for end in ends(elements[1:], own, place + gap)}
    if place >= len(own) or not accepts(elements[0], own[place]):
        return set()
    return ends(elements[1:], own, place + 1)


def naive_match(comments, elements):
    """First and last word (counted over the column) of every occurrence."""
    found, before = [], 0
    for own in comments:
        for place in range(len(own)):
            found += [(before + place, before + last) for last in sorted(ends(elements, own, place))]
        before += len(own)
    return found


VOCABULARY = ["no", "NO", "nada", "abre", "abren", "abrió", "abrieron", "Días", "dia", "xyz"]
WRITTEN = [
    "no",
    "nada",
    "abr*",
    "abri*",
    "abre",
    "día",
    "dias",
    "(no|nada)",
    "(abren|día*)",
    "(nad*|abrio)",
    "fin",
]
comments_of_words = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=12), max_size=4)


@st.composite
def patterns(draw):
    """A pattern as written, element by element; never a gap at its ends."""
    written = [draw(st.sampled_from(WRITTEN))]
    for _ in range(draw(st.integers(0, 3))):
        gap = draw(st.sampled_from([[], [], ["*"], ["*1"], ["*5"]]))
        written += [*gap, draw(st.sampled_from(WRITTEN))]
    return written
