"""phrases: both languages say the same, nothing lies unused, numbers are written as each language does."""

import re
import string
from functools import cache
from pathlib import Path

import pytest

import cxresearch
from cxresearch.comments import REASONS
from cxresearch.phrases import load_phrases
from cxresearch.privacy import MASKS

SOURCE = Path(cxresearch.__file__).parent
LANGUAGES = ("es", "en")


def leaves(node, path=()):
    """Each phrase by its dotted key."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, str(key)))
    else:
        yield ".".join(path), node


def phrases(language):
    return dict(leaves(load_phrases(language).texts))


def holes(text):
    """What a phrase leaves open, and with how many digits it is written."""
    found = {(name, how) for _, name, how, _ in string.Formatter().parse(str(text)) if name}
    return {(name, how if how.startswith(".") else "") for name, how in found if name != "pct"}


def test_both_languages_say_the_same_things():
    es, en = ({key: holes(text) for key, text in phrases(language).items()} for language in LANGUAGES)
    assert es == en


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_of_writing_a_value_is_known(language):
    found = load_phrases(language)
    for key, text in phrases(language).items():
        for how in {how.lower() for _, _, how, _ in string.Formatter().parse(str(text)) if how}:
            known = how in found.texts["names"] or re.fullmatch(r"\.\d", how) or hasattr(found, how)
            assert known, (key, how)


@cache
def asked_for():
    """What the library's code could ask for, as one pattern: its texts, with anything where a value goes."""
    found = set()
    for path in SOURCE.rglob("*"):
        if path.suffix not in (".py", ".j2", ".js"):
            continue
        code = path.read_text(encoding="utf-8")
        for before, text in re.findall(r"""(say \+ f?|\bf?)["'`]([\w. {}\[\]()':,]+)["'`]""", code):
            text = re.sub(r"^\{say\}", "*", re.sub(r"\{(?!say\}).*?\}", "?", text))
            text = f"*{text}" if before.startswith("say") else text
            found.add(re.escape(text).replace(r"\?", "[^.]*").replace(r"\*", r"[\w.]+\."))
        for places in re.findall(r"""texts((?:\[[^\]]+\])+)""", code):
            parts = re.findall(r"\[([^\]]+)\]", places)
            parts = [re.escape(part.strip("\"'")) if part[0] in "\"'" else "[^.]*" for part in parts]
            found.add(r"\.".join(parts) + r"\..*")
        found |= {
            rf"(?:bank\.script|screen)\.(?:.*\.)?{word}" for word in re.findall(r"\bwords\.(\w+)", code)
        }
    return re.compile("|".join(sorted(one for one in found if re.search(r"\w\\?\.|^\[\\w", one))))


def test_no_phrase_lies_unused():
    keys = [key for key in phrases("en") if not key.startswith("names.") and key != "base"]
    keys = [
        re.sub(r"\.(one|other)$", "", key) if key.rpartition(".")[0] + ".one" in keys else key for key in keys
    ]
    assert [key for key in keys if not asked_for().fullmatch(key)] == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_words_of_the_data_are_named(language):
    texts = load_phrases(language).texts
    assert set(REASONS) <= set(texts["names"]["ledger"])
    assert set(MASKS) <= set(texts["masks"])


@pytest.mark.parametrize(
    "value, digits, spanish, english",
    [
        (0, 0, "0", "0"),
        (-0.04, 1, "0,0", "0.0"),  # never minus nothing
        (-12.34, 1, "−12,3", "−12.3"),
        (9999, 0, "9999", "9,999"),  # RAE: four digits stand together
        (12500, 0, "12\u202f500", "12,500"),
        (1234567.5, 1, "1\u202f234\u202f567,5", "1,234,567.5"),
    ],
)
def test_numbers(value, digits, spanish, english):
    assert load_phrases("es").number(value, digits) == spanish
    assert load_phrases("en").number(value, digits) == english


def test_percent():
    assert load_phrases("es").percent(0.124) == "12,4\u202f%"
    assert load_phrases("en").percent(0.124) == "12.4%"
    assert load_phrases("en").percent(float("nan")) == ""


@pytest.mark.parametrize(
    "words, expected",
    [
        ([], ""),
        (["ease"], "ease"),
        (["facilidad", "empatía"], "facilidad y empatía"),
        (["facilidad", "intercambio"], "facilidad e intercambio"),
        (["facilidad", "historia"], "facilidad e historia"),
        (["facilidad", "hielo"], "facilidad y hielo"),  # hie- sounds as y
        (["a", "b", "c"], "a, b y c"),
    ],
)
def test_join(words, expected):
    assert load_phrases("es").join(words) == expected


def test_unknown_language():
    with pytest.raises(ValueError, match="one of es, en, found 'fr'"):
        load_phrases("fr")


@pytest.mark.parametrize("n, expected", [(1, "1 link"), (2, "2 links"), (0, "0 links")])
def test_singular_and_plural(n, expected):
    assert load_phrases("en").say("masks.link", n=n) == expected
