"""codebook: the study's own is whole; every way to break one is refused by name."""

import re
from pathlib import Path

import pytest
import yaml

from cxresearch.codebook import load_codebook
from cxresearch.errors import InputError

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

CROSSWALKS = {
    "nature": {
        "rational": "price_value exchange ease efficiency convenience consistency omnichannel relevance",
        "physical": "commodity product_use",
        "emotional": "empathy thoughtfulness emotional_need emotional_bond reciprocity",
        "psychological": "recognition dehumanization human_contact loyalty advocacy expectation_met "
        "expectation_unmet immediacy",
    },
    "management": {
        "strategy": "relevance omnichannel advertising culture customer_knowledge price_value",
        "operations": "ease consistency efficiency convenience exchange commodity correction follow_up",
        "people": "empathy thoughtfulness recognition human_contact service emotional_bond",
    },
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
        assert len(code.examples.typical.es) == len(code.examples.typical.en) == 2, code.code
        written = [pattern for rule in code.patterns.es + code.patterns.en for pattern in rule.patterns]
        assert len(written) >= 40, code.code
        for language in ("es", "en"):
            own = [pattern for rule in code.patterns[language] for pattern in rule.patterns]
            assert own, code.code
            assert len(set(own)) == len(own), code.code
    assert len({code.color for code in book.codes}) == len(book.codes)


def test_crosswalks_of_the_guide(book):
    """The guide's two further views; it gives some codes a place in one of them only."""
    for view, places in CROSSWALKS.items():
        expected = {code: place for place, codes in places.items() for code in codes.split()}
        assert {c.code: getattr(c, view) for c in book.codes if getattr(c, view)} == expected


def test_the_hash_follows_the_content(save, tiny_codebook):
    first = load_codebook(save(tiny_codebook)).content_hash
    again = load_codebook(save(tiny_codebook)).content_hash
    remarked = save("# a remark\n" + yaml.safe_dump(tiny_codebook, indent=4, default_flow_style=True))
    laid_out = load_codebook(remarked).content_hash
    tiny_codebook["codes"][0]["patterns"]["es"].append({"patterns": ["otra"], "negated": "skip"})
    other = load_codebook(save(tiny_codebook)).content_hash
    assert re.fullmatch("[0-9a-f]{12}", first)
    assert first == again == laid_out != other


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
        (put(["no", 12], *SPANISH), ["codes.2.patterns.es.2 (empathy)", "in quotes", "found 12"]),
        (put([{"patterns": [12]}], *SPANISH), ["codes.2.patterns.es.1.patterns.1 (empathy)", "found '12'"]),
        (put([{"patterns": []}], *SPANISH), ["codes.2.patterns.es.1.patterns (empathy)", "at least 1"]),
        (put([{"unless": ["no"]}], *SPANISH), ["codes.2.patterns.es.1.patterns (empathy) is missing"]),
        (
            put([{"patterns": ["no"], "negate": "skip"}], *SPANISH),
            ["codes.2.patterns.es.1.negate (empathy)", "Did you mean 'negated'?"],
        ),
        (
            put([{"patterns": ["no"], "negated": "yes"}], *SPANISH),
            ["codes.2.patterns.es.1.negated (empathy)", "'skip' or 'only'", "found 'yes'"],
        ),
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


def test_a_rule_for_a_group_that_the_study_lacks(save, tiny_codebook):
    tiny_codebook["codes"][1]["patterns"]["es"] = ["bien", {"patterns": ["quedamos"], "group": "brands"}]
    path = save(tiny_codebook)
    assert load_codebook(path).names == load_codebook(path, ["brands", "people"]).names
    with pytest.raises(InputError) as refused:
        load_codebook(path, ["consumer", "brand"])
    assert str(refused.value) == (
        "codebook.yaml, code 2 (empathy), pattern \"quedamos\": restricted to the group 'brands', but the "
        "study's groups are consumer and brand. Did you mean 'brand'?"
    )


BAD_PATTERNS = [
    ("", "begins and ends with a word"),
    ("   ", "begins and ends with a word"),
    ("*", "begins and ends with a word"),
    ("* espera", "begins and ends with a word"),
    ("espera *", "begins and ends with a word"),
    ("es*", "'es*' has fewer than three letters before the *"),
    ("ñá*", "'ñá*' has fewer than three letters before the *"),
    ("no (respond*|es*)", "'es*' has fewer than three letters"),
    ("no * *2 va", "two gaps follow each other"),
    ("no *0 va", "a gap of 0 words; it may be 1 to 20"),
    ("no *21 va", "a gap of 21 words"),
    ("*3 va", "begins and ends with a word"),
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
    ("espera.*", "patterns are not regular expressions; write esper*"),
    ("^hola", "not regular expressions"),
    ("no [a-z]+ va", "not regular expressions"),
    ("no ?!", "'?!' is not one word"),
    ("😡", "'😡' is not one word"),
]


@pytest.mark.parametrize("pattern, reason", BAD_PATTERNS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_bad_patterns_are_refused(save, tiny_codebook, language, pattern, reason):
    tiny_codebook["codes"][1]["patterns"][language] = ["bien dicho", pattern]
    message = refusal(save(tiny_codebook))
    where = f"codes.2.patterns.{language}.2.patterns.1 (empathy)"
    assert message.startswith(f'codebook.yaml, {where}: pattern "{pattern}": ')
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
