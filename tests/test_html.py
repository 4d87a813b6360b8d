"""html: all words are on the page, as text whatever they are; charts speak and lead to comments."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import matplotlib
import matplotlib.pyplot as plt
import pytest

from cxresearch.charts import save_figure
from cxresearch.errors import InputError
from cxresearch.report import blocks as b
from cxresearch.report.html import render_html, write_html

matplotlib.use("Agg")
HOSTILE = (
    """</p></style></title></svg>--> <script>hack()</script><img src=x onerror=hack()> "&amp;' {{ 7 }}"""
)
BANK = '<section class="bank" id="quote-bank"><script type="module">\nlet a = "á";\n</script></section>'
LINKED = ("#quotes/R&D/ease", "#quotes/all/<b>")


class Page(HTMLParser):
    """Tags with their attributes, and the words between them in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open[-1:] != ["style"] and data.strip():
            self.words.append(data.strip())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Two charts: bars that link to comments, and one without links."""
    folder = tmp_path_factory.mktemp("figures")
    for name, urls in (("bars", LINKED), ("plain", (None, None))):
        figure, ax = plt.subplots()
        for bar, url in zip(ax.barh([0, 1], [1, 2]), urls, strict=True):
            bar.set_url(url)
        save_figure(figure, folder / f"{name}_en.svg")
        plt.close(figure)
    return folder


def report(say=lambda words: words):
    """A report with every kind of block; `say` may spoil its words."""
    lead, figure = (
        b.Paragraph(say("Item."), lead=say("First")),
        b.Figure("bars", *map(say, ("F1", "Bars", "Bar!"))),
    )
    parts = (
        b.Note(say("Take care."), say("A note"), strong=True), b.Heading(say("In short"), anchor="short"),
        b.Paragraph(say("All is well."), lead=say("Yes.")), b.Break(), b.Heading(say("Facts"), 2, "facts"),
        b.Heading(say("Deeper"), 3), b.Heading(say("Deepest"), 4), b.Items((lead,)), b.Items((lead,), True),
        figure, b.Figure("plain", *map(say, ("F2", "None", "Plain!"))), figure,
        b.Table(say("T1"), say("Counts"), (say("Code"), "n"), ((say("ease"), "1"), ("all", "2")), (1,), (1,)),
        b.Quote(say("¡Ojo!"), say("Typical"), say("Ana"), "es"), b.Break(), b.Code(say("run it")),
        b.Bank(say("See the page.")),
    )  # fmt: skip
    names = {"R&D": say("Research"), "ease": say("Ease")}
    labels = {"contents": say("Contents"), "behind": say("Comments of")}
    return b.Report(say("Title"), say("Subtitle"), "en", labels, parts, names)


def spoilt(words):
    return f"{words} {HOSTILE}"


def strings(thing):
    """Every word of a block that is meant for reading."""
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, (tuple, list)):
        return [word for part in thing for word in strings(part)]
    skipped = {"anchor", "name", "alt", "language"}
    return strings([v for k, v in getattr(thing, "__dict__", {}).items() if k not in skipped])


@pytest.mark.parametrize("say", [str, spoilt])
@pytest.mark.parametrize("bank", ["", BANK])
def test_every_word_stands_on_the_page_as_text(figures, say, bank):
    content = report(say)
    page = Page(render_html(content, figures, bank))
    words = [content.title, content.subtitle, content.labels["contents"], *strings(content.blocks)]
    shown = {*page.words, *(word.removesuffix(".") for word in page.words)}  # a quote's role gets a full stop
    assert [word for word in words if word not in shown] == []
    assert page.words[0] == content.title  # what the browser's tab says
    assert len(page.all("script")) == bool(bank)
    assert not page.all("img")
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]


def test_a_hostile_page_has_the_tags_of_a_tame_one(figures):
    def tags(say):
        page = Page(render_html(report(say), figures, BANK))
        return [(tag, sorted(attrs.keys() - {"class"})) for tag, attrs in page.tags]

    assert tags(spoilt) == tags(str)


def test_answers_come_first_and_contents_lead_to_every_section(figures):
    page = Page(render_html(report(), figures))
    assert page.words.index("All is well.") < page.words.index("Contents") < page.words.index("Deeper")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    used = [a["href"] for a in page.all("a")] + [u["xlink:href"] for u in page.all("use")]
    assert {"#short", "#facts"} <= set(used)
    assert {link.removeprefix("#") for link in used} <= set(ids)
    assert {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a} <= set(ids)
    assert page.all("html") == [{"lang": "en"}]
    assert {"lang": "es"} in page.all("p")


def test_table_headers_have_a_scope(figures):
    page = Page(render_html(report(), figures))
    assert [th["scope"] for th in page.all("th")] == ["col", "col", "row", "row"]
    assert page.all("tr")[2] == {"class": "strong"}
    assert [td["class"] for td in page.all("td")] == ["right", "right"]


def test_charts_have_a_name_and_their_links_too(figures):
    svgs = Page(render_html(report(spoilt), figures, BANK)).all("svg")
    assert [svg["role"] for svg in svgs] == ["group", "img", "group"]  # links in an image cannot be reached
    assert [svg["aria-label"] for svg in svgs] == [spoilt("Bar!"), spoilt("Plain!"), spoilt("Bar!")]
    page = Page(render_html(report(), figures, BANK))
    links = [a for a in page.all("a") if "quotes" in a["href"]]
    assert [a["href"] for a in links] == [*LINKED, *LINKED]
    assert [a["aria-label"] for a in links[:2]] == ["Comments of Research, Ease", "Comments of all, <b>"]
    assert all("target" not in a for a in links)


def test_without_comments_charts_have_no_links(figures):
    html = render_html(report(), figures)
    assert "#quotes" not in html
    assert [svg["role"] for svg in Page(html).all("svg")] == ["img"] * 3


def test_only_the_scripts_of_the_bank_may_run(figures):
    def policy(bank):
        (meta,) = [m for m in Page(render_html(report(), figures, bank)).all("meta") if "http-equiv" in m]
        return dict(part.strip().split(" ", 1) for part in meta["content"].split(";"))

    assert policy("") == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    digest = b64encode(sha256('\nlet a = "á";\n'.encode()).digest()).decode()
    assert policy(BANK)["script-src"] == f"'sha256-{digest}' blob:"


def test_a_missing_figure_is_told_of(figures, tmp_path):
    with pytest.raises(
        InputError, match=r"bars_en\.svg is not there. Draw the figures first: 06_draw_charts"
    ):
        write_html(report(), tmp_path, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_same_report_same_bytes(figures, tmp_path):
    for name in ("one", "two"):
        write_html(report(), figures, tmp_path / name, BANK)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert not re.search(rb"\r|/tmp|<metadata|<!--", (tmp_path / "one").read_bytes())
