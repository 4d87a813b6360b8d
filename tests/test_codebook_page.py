"""codebook_page: everything a coder needs is on it, in both languages, safely escaped."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cxresearch.codebook import Codebook, load_codebook
from cxresearch.codebook_page import KINDS, codebook_page

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def book():
    return load_codebook(ROOT / "data" / "raw" / "codebook.yaml")


class Reader(HTMLParser):
    """Collects ids, links, headings and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.levels, self.text = [], [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_holds_the_codebook(book, language, kind):
    page = codebook_page(book, language, kind)
    text = Reader(page).text if kind == "html" else page
    assert book.version in text
    assert book.content_hash in text
    for code in book.codes:
        for part in (code.name, code.definition, code.include, code.exclude, code.examples.near_miss):
            assert part[language] in text
        for part in (code.source, *code.examples.typical[language]):
            assert part in text
        for rule in code.patterns.es + code.patterns.en:
            assert all(pattern in text for pattern in rule.patterns)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_html_page_is_sound(book, language):
    page = codebook_page(book, language)
    read = Reader(page)
    assert f'<html lang="{language}">' in page
    assert len(set(read.ids)) == len(read.ids)
    assert {link.removeprefix("#") for link in read.links} == set(read.ids)
    assert read.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(read.levels, read.levels[1:], strict=False))
    assert not re.search(r"(?:src|href)=.?(?:https?:)?//|@import|url\(|<script", page)  # nothing is fetched


def test_conditions_are_told_and_texts_escaped(tiny_codebook):
    rule = {"patterns": ["lent*"], "unless": ["no lento"], "negated": "skip", "group": "brand"}
    tiny_codebook["codes"][0]["patterns"]["es"] = [rule]
    tiny_codebook["codes"][0]["examples"]["typical"]["es"] = ["<script>alert(1)</script> & más"]
    book = Codebook.model_validate(tiny_codebook)
    page = codebook_page(book, "es")
    assert "<script>alert" not in page
    assert "<script>alert(1)</script> & más" in Reader(page).text
    told = "salvo en: «no lento»; no tras una negación; solo en comentarios del grupo brand"
    assert told in Reader(page).text
    assert told in codebook_page(book, "es", "md")
    told = "unless in: «no lento»; not after a negation; only in comments of the group brand"
    assert told in codebook_page(book, "en", "md")
