"""The bank of comments in a real browser: filters, search, links to it; nothing hostile runs or leaves."""

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: the bank was not tried in a browser")
import axe
import lab
import pandas as pd
from playwright.sync_api import Page, expect

import report_example as example
from cxresearch.findings import Findings
from cxresearch.report.bank import bank_html
from test_bank import HOSTILE, bank

if not lab.CHROMIUM:
    pytest.skip("there is no chromium here: the bank was not tried in a browser", allow_module_level=True)
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Bank</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root { --ink: #1f2328; --soft: #57606a; --line: #d8dde3; --tint: #f4f6f8; --accent: #12355b; }</style>
</head><body><main><h1>Report</h1><p><a href="#quotes/consumer/emotional_self">A bar</a>
<a href="#quotes/all/negative">Another</a></p><p style="height: 80rem">Text</p>%s</main></body></html>"""


@pytest.fixture(scope="module")
def browser():
    with lab.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """A page with 25 comments of consumers, coded ease, and three others."""
    of = {"sentiment": "positive", "codes": "empathy"}
    rows = [bank(*[f"La fila va lenta {n}" for n in range(25)], codes="ease", language="es")]
    rows += [
        bank(HOSTILE, **of),
        bank("Qué atención tan amable", **of, group="brand"),
        bank("Hi", codes="", sentiment="neutral"),
    ]
    found = Findings(example.study(), example.codebook(), {}, "en")
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(PAGE % bank_html(pd.concat(rows), found), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, address):
    """Open the page; at the end nothing may have been complained of, run, or asked of a server."""
    asked, told = [], []
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    def _open(hash_: str = "") -> Page:
        page.goto(address + hash_)
        page.wait_for_selector("#quote-bank[data-ready]")
        return page

    yield _open
    hacked = page.evaluate("window.hacked")
    page.close()
    assert not hacked and not told
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []


def status(page: Page, text: str) -> None:
    expect(page.locator("#quote-bank [role=status]")).to_have_text(text)


def test_filters_by_keyboard_and_search(opened):
    page = opened()
    status(page, "28 of 28 comments")
    page.get_by_label("Group").focus()
    page.keyboard.press("b")  # Brands
    status(page, "1 of 28 comments")
    expect(page.locator(".bank-behind")).to_contain_text("Comments behind: Brands.")
    page.get_by_role("button", name="Clear the filters").press("Enter")
    status(page, "28 of 28 comments")
    expect(page.locator(".bank-behind")).to_be_hidden()
    page.get_by_label("Code").select_option("Ease (en)")
    status(page, "25 of 28 comments")
    page.get_by_label("Sentiment").select_option("Positive")
    status(page, "0 of 28 comments")
    expect(page.locator("#bank-table")).to_contain_text("None meets all conditions.")
    page.get_by_role("button", name="Clear the filters").click()
    page.get_by_label("Search for words").fill("atencion")  # accents do not count
    status(page, "1 of 28 comments")


def test_pages_and_languages(opened):
    page = opened("#quotes/all/ease")
    page.get_by_role("link", name="Page 3").click()
    expect(page.locator("#bank-table tbody tr")).to_have_count(5)
    assert page.locator("#bank-table [lang=es]").count() == 5


def test_what_is_hostile_is_shown_as_text(opened):
    page = opened()
    page.get_by_label("Search for words").fill("<img src=x onerror")
    status(page, "1 of 28 comments")
    shown = page.locator("#bank-table tbody td span").first
    assert shown.inner_text().split() == HOSTILE.split()


@pytest.mark.parametrize(
    "link, shown",
    [
        ("#quotes/all/emotional_self", 2),
        ("#quotes/consumer/empathy", 1),
        ("#quotes/brand/all", 1),
        ("#quotes/all/neutral", 1),
        ("#quotes/all/empathy/positive", 2),
        ("#quotes/nobody/nothing", 28),
        ("#quotes/%E0%A4%A/ease", 28),  # no text at all
        ("#quotes", 28),
    ],
)
def test_a_link_sets_the_filters_on_arrival(opened, link, shown):
    status(opened(link), f"{shown} of 28 comments")


def test_a_bar_leads_to_its_comments_each_time(opened):
    page = opened()
    for _ in range(2):
        page.get_by_role("link", name="A bar").click()
        status(page, "1 of 28 comments")
        expect(page.locator(".bank-behind")).to_contain_text("Consumers · Emotional_self (en) (any code)")
        assert page.evaluate("document.activeElement.id") == "quote-bank"
        expect(page.locator("#quote-bank")).to_be_in_viewport()
        page.get_by_label("Code").select_option("")  # by hand, so that the link is a new one again
        page.get_by_label("Search for words").fill("fila")
        status(page, "25 of 28 comments")
    page.get_by_role("link", name="Another").click()
    status(page, "25 of 28 comments")
    page.go_back()
    status(page, "27 of 28 comments")


@pytest.mark.parametrize("width", [1000, 360])
def test_no_violation_by_axe_and_nothing_wider_than_the_page(opened, pytestconfig, width):
    source = axe.axe_core(pytestconfig)
    page = opened("#quotes/consumer/ease")
    page.set_viewport_size({"width": width, "height": 800})
    assert axe.violations(page, source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    width_of_text = page.locator("#bank-table tbody td span").first.bounding_box()["width"]
    assert width_of_text > 0.55 * min(width, 700)
