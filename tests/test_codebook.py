"""codebook: the study's own is whole; every way to break one is refused by name."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.codebook import load_codebook, parse_pattern
from cxresearch.errors import InputError
from cxresearch.tokens import fold

ROOT = Path(__file__).parents[1]

GUIDE = {  # the coding guide's families and codes, in its order
    "consumer_identity": "ease consistency efficiency convenience relevance omnichannel",
    "emotional_self": "empathy thoughtfulness recognition human_contact",
    "transactional": "price_value immediacy commodity exchange dehumanization",
    "transformational": "emotional_need advocacy loyalty reciprocity",
    "touchpoint": "advertising word_of_mouth product_use service communication",
    "expectation": "expectation_met expectation_unmet correction",
    "practice": "culture customer_knowledge emotional_bond follow_up",
}


@pytest.fixture(scope="module")
def book():
    return load_codebook(ROOT / "data" / "raw" / "codebook.yaml")


@pytest.fixture
def save(tmp_path):
    """Write a codebook's content, or any text, and return its path."""

    def _save(content):
        path = tmp_path / "codebook.yaml"
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _save


def refusal(path):
    with pytest.raises(InputError) as refused:
        load_codebook(path)
    return str(refused.value)


def test_the_studys_codebook_holds_the_coding_guide(book):
    assert {f.family: book.family_codes(f.family) for f in book.families} == {
        family: codes.split() for family, codes in GUIDE.items()
    }
    assert book.names == [code for codes in GUIDE.values() for code in codes.split()]
    assert len(book.names) == 31


def test_the_studys_codebook_is_complete(book):
    for code in book.codes:
        assert code.patterns.es, code.code
        assert code.patterns.en, code.code
        assert code.examples.typical.es, code.code
        assert code.examples.typical.en, code.code
        for language in ("es", "en"):
            patterns = getattr(code.patterns, language)
            assert len(set(patterns)) == len(patterns), code.code


def test_views_of_the_guide(book):
    """The crosswalk's two views; a code may lack one."""
    by_code = {code.code: code for code in book.codes}
    assert by_code["price_value"].nature == "rational"
    assert by_code["commodity"].nature == "physical"
    assert by_code["empathy"].nature == "emotional"
    assert by_code["loyalty"].nature == "psychological"
    assert by_code["culture"].management == "strategy"
    assert by_code["follow_up"].management == "operations"
    assert by_code["human_contact"].management == "people"


def test_the_hash_follows_the_content(save, tiny_codebook):
    first = load_codebook(save(tiny_codebook)).content_hash
    again = load_codebook(save(tiny_codebook)).content_hash
    tiny_codebook["version"] = "2"
    other = load_codebook(save(tiny_codebook)).content_hash
    assert re.fullmatch("[0-9a-f]{12}", first)
    assert first == again != other


def test_texts_by_language(book):
    name = book.families[0].name
    assert (name["es"], name["en"]) == (name.es, name.en)


def test_the_smallest_codebook_loads(save, tiny_codebook):
    loaded = load_codebook(save(tiny_codebook))
    assert loaded.names == ["efficiency", "empathy"]
    assert loaded.family_codes("emotional_self") == ["empathy"]
    assert loaded.codes[0].nature is None


def test_a_byte_order_mark_does_no_harm(save, tiny_codebook):
    path = save(tiny_codebook)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_codebook(path).names == ["efficiency", "empathy"]


def rename(key, new):
    """Misspell a field of the second code."""

    def change(content):
        content["codes"][1][new] = content["codes"][1].pop(key)

    return change


def put(value, *place):
    """Set one field."""

    def change(content):
        for key in place[:-1]:
            content = content[key]
        content[place[-1]] = value

    return change


def drop(*place):
    """Remove one field."""

    def change(content):
        for key in place[:-1]:
            content = content[key]
        del content[place[-1]]

    return change


SPANISH = ("codes", 1, "patterns", "es")


@pytest.mark.parametrize(
    "change, told",
    [
        # a name misspelt, anywhere
        (rename("definition", "definiton"), ["codes.2.definiton (empathy)", "Did you mean 'definition'?"]),
        (put("x", "verson"), ["codebook.yaml, verson", "no such setting", "Did you mean 'version'?"]),
        (put([], "codes", 0, "patterns", "sp"), ["codes.1.patterns.sp (efficiency)", "Known here: en, es."]),
        (put("x", "families", 1, "nmae"), ["families.2.nmae", "Did you mean 'name'?"]),
        (put("x", "codes", 1, "examples", "near_mis"), ["(empathy)", "Did you mean 'near_miss'?"]),
        (put("x", "codes", 1, "colour"), ["codes.2.colour (empathy)", "Did you mean 'color'?"]),
        # a field missing, empty or of the wrong kind
        (drop("codes", 1, "source"), ["codes.2.source (empathy) is missing"]),
        (drop("codes", 0, "examples", "near_miss"), ["codes.1.examples.near_miss (efficiency) is missing"]),
        (drop("codes", 1, "definition", "en"), ["codes.2.definition.en (empathy) is missing"]),
        (drop("families"), ["families is missing"]),
        (put([], "codes"), ["codes", "at least 1", "found '[]'"]),
        (put("", "codes", 1, "include", "es"), ["codes.2.include.es (empathy)", "at least 1 character"]),
        (put("red", "codes", 1, "color"), ["codes.2.color (empathy)", "found 'red'"]),
        (put("Empathy!", "codes", 1, "code"), ["codes.2.code (Empathy!)", "found 'Empathy!'"]),
        (put("mystic", "codes", 1, "nature"), ["codes.2.nature (empathy)", "'rational'", "found 'mystic'"]),
        (put("staff", "codes", 1, "management"), ["codes.2.management (empathy)", "'people'"]),
        (put("lo sentimos", *SPANISH), ["codes.2.patterns.es (empathy)", "valid list"]),
        (put([12], *SPANISH), ["codes.2.patterns.es.1 (empathy)", "valid string", "found '12'"]),
        # codes that contradict each other
        (put("efficiency", "codes", 1, "code"), ["code 2 (efficiency)", "code 1 has the same name"]),
        (
            put("emotional_slef", "codes", 1, "family"),
            ["code 2 (empathy)", '"emotional_slef"', "Did you mean 'emotional_self'?"],
        ),
        (put("xyz", "codes", 1, "family"), ['"xyz" is not one of consumer_identity, emotional_self']),
        (
            put("emotional_self", "families", 0, "family"),
            ["family 2 (emotional_self): family 1 has"],
        ),
        (put("emotional_self", "codes", 0, "code"), ["code 1 (emotional_self): family 2 has the same name"]),
    ],
)
def test_refusals(save, tiny_codebook, change, told):
    change(tiny_codebook)
    message = refusal(save(tiny_codebook))
    assert message.startswith("codebook.yaml")
    for part in told:
        assert part in message


BAD_PATTERNS = [
    ("", "begins and ends with a word"),
    ("   ", "begins and ends with a word"),
    ("*", "begins and ends with a word"),
    ("* espera", "begins and ends with a word"),
    ("espera *", "begins and ends with a word"),
    ("es*", "'es*' has fewer than three letters before the *"),
    ("ñá*", "'ñá*' has fewer than three letters before the *"),
    ("no (respond*|es*)", "'es*' has fewer than three letters"),
    ("**", "'**' is not one word"),
    ("esper**", "'esper**' is not one word"),
    ("*espera", "'*espera' is not one word"),
    ("esp*era", "'esp*era' is not one word"),
    ("espera|demora", "write alternatives as (one|two|thr*)"),
    ("(espera|demora", "a bracket is open"),
    ("espera)", "a bracket is open"),
    ("no (a (b|c))", "a bracket is open"),
    ("()", "'' is not one word"),
    ("(espera|)", "'' is not one word"),
    ("(me gusta|encanta)", "'me gusta' is not one word"),
    ("(*|espera)", "'*' is not one word"),
    ("(e-mail|correo)", "'e-mail' is not one word"),
    ("no ?!", "'?!' is not one word"),
    ("😡", "'😡' is not one word"),
]


@pytest.mark.parametrize("pattern, reason", BAD_PATTERNS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_bad_patterns_are_refused(save, tiny_codebook, language, pattern, reason):
    tiny_codebook["codes"][1]["patterns"][language] = ["bien dicho", pattern]
    message = refusal(save(tiny_codebook))
    assert message.startswith(f'codebook.yaml, code 2 (empathy), {language} pattern "{pattern}": ')
    assert reason in message


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "codebook.yaml is empty"),
        ("# only a remark\n", "codebook.yaml is empty"),
        ("- a\n- b\n", "not a list of settings"),
        ("version: [1\n", "codebook.yaml is not readable YAML"),
        ("\tversion: 1\n", "codebook.yaml is not readable YAML"),
    ],
)
def test_what_is_no_codebook_is_refused(save, text, told):
    assert told in refusal(save(text))


def test_other_encodings_and_missing_files_are_refused(save, tmp_path):
    path = save("")
    path.write_bytes("título: á".encode("latin-1"))
    assert "codebook.yaml is not readable YAML" in refusal(path)
    assert "nowhere.yaml cannot be read: No such file" in refusal(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    "pattern, elements",
    [
        ("espera", [("espera",)]),
        ("  Esperá   más ", [("espera",), ("mas",)]),
        ("esper*", [("esper*",)]),
        ("(no|nunca) * respond*", [("no", "nunca"), None, ("respond*",)]),
        ("( no | nunc* ) va", [("no", "nunc*"), ("va",)]),
        ("(no|nunca)va", [("no", "nunca"), ("va",)]),
        ("don't don’t", [("dont",), ("dont",)]),
        ("e-mail 24/7", [("e",), ("mail",), ("24",), ("7",)]),  # comments are cut in the same way
        ("mail-order*", [("mail",), ("order*",)]),
        ("¿cuándo? contestan", [("cuando",), ("contestan",)]),
        ("pe\u0301simo", [("pesimo",)]),  # an accent typed apart
        ("a * * b", [("a",), None, None, ("b",)]),
        ("ñoñ*", [("non*",)]),
    ],
)
def test_parse_pattern(pattern, elements):
    assert parse_pattern(pattern) == elements


plain_word = st.text("abñéÜ1", min_size=1, max_size=6)
prefix = st.text("abñéÜ1", min_size=3, max_size=6).map("{}*".format)
choices = st.lists(st.one_of(plain_word, prefix), min_size=1)


@given(st.lists(choices, min_size=1, max_size=4), st.lists(st.booleans(), min_size=3, max_size=3))
def test_patterns_are_read_as_they_are_written(elements, gaps):
    written = [f"({'|'.join(words)})" if len(words) > 1 else words[0] for words in elements]
    expected = [tuple(fold(word) for word in words) for words in elements]
    text, parsed = written[0], [expected[0]]
    for place, gap in zip(range(1, len(written)), gaps, strict=False):
        text += (" * " if gap else " ") + written[place]
        parsed += ([None] if gap else []) + [expected[place]]
    assert parse_pattern(text) == parsed
