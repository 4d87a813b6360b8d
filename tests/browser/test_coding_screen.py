"""The screens in a real JupyterLab and browser: keyboard alone, a killed kernel, a closed browser."""

import os
import signal
import statistics
from pathlib import Path

import pytest

pytest.importorskip(
    "playwright", reason="playwright is not installed: the screens were not tried in a browser"
)
import lab
from playwright.sync_api import Page, expect

from cxresearch.codebook import load_codebook
from cxresearch.screens import KEYS
from cxresearch.tables import read_table

if not lab.CHROMIUM:
    pytest.skip("there is no chromium here: the screens were not tried in a browser", allow_module_level=True)
SOURCES = "() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map((cell) => cell.source)"
NOTEBOOK = "coding.ipynb"
FOCUSED = "() => document.activeElement.closest('.cx') !== null"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    lab.sample_study(folder)
    return folder


@pytest.fixture(scope="module")
def address(folder, tmp_path_factory):
    with lab.lab(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with lab.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(folder, address, browser) -> Page:
    """A notebook in JupyterLab."""
    lab.notebook(folder / NOTEBOOK, lab.START, "")
    return lab.open_notebook(browser, address, NOTEBOOK)


@pytest.fixture
def show(page):
    """Show the coding screen of a coder, or what another last cell says."""

    def _show(coder: str, last: str = lab.CODING) -> Page:
        lab.run(page, NOTEBOOK, last.format(coder=coder))
        return page

    return _show


def rows(folder: Path, coder: str) -> dict[str, dict]:
    table = read_table(folder / f"{coder}.csv").fillna("")
    return {row["comment_id"]: row for row in table.to_dict("records")}


def test_twenty_comments_by_keyboard_then_the_kernel_is_killed(show, folder, capsys):
    page, book = show("ana"), load_codebook(folder / "codebook.yaml")
    ids = read_table(folder / "comments.parquet")["comment_id"].tolist()
    key_of = dict(zip(book.names, KEYS, strict=False))  # the sample's codebook stands in reading order
    page.evaluate(lab.STOPWATCH)
    wanted = {}
    for n, comment_id in enumerate(ids[:20]):
        codes = [book.names[n], book.names[-1 - n % 4]]
        lab.press(page, "123"[n % 3], *[key_of[code] for code in codes], *(["?"] if n % 5 == 0 else []))
        expect(page.locator(".cx-codes [aria-pressed=true]")).to_have_count(len(set(codes)))
        lab.press(page, "Enter")
        label = ("negative", "neutral", "positive")[n % 3]
        wanted[comment_id] = (label, ";".join(sorted(set(codes), key=book.names.index)), "yes")
    lab.press(page, ".")
    page.keyboard.type("half done")
    lab.press(page, "Escape", "b")
    report(page, capsys)

    before = (folder / "ana.csv").read_bytes()
    os.kill(int((folder / "kernel.pid").read_text()), signal.SIGKILL)
    pressed = page.locator(".cx-codes [aria-pressed=true]").count()
    page.locator(".cx").focus()
    page.keyboard.press("c")
    expect(page.locator(".cx [role=alert]")).to_contain_text("NOT SAVED", timeout=4000)
    page.locator(".jp-Dialog").get_by_role("button").click()  # JupyterLab starts another kernel, and says so
    page.locator(".cx").focus()
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    expect(page.locator(".cx-place")).to_have_text("21 of 200")  # nothing looks done that is not
    assert page.locator(".cx-codes [aria-pressed=true]").count() == pressed
    assert page.locator(".cx-sign").text_content() == ""
    assert (folder / "ana.csv").read_bytes() == before

    show("ana")
    saved = rows(folder, "ana")
    assert {
        each: (saved[each]["sentiment"], saved[each]["codes"], saved[each]["done"]) for each in ids[:20]
    } == wanted
    expect(page.locator(".cx-place")).to_have_text("21 of 200")
    expect(page.get_by_label("Note")).to_have_value("half done")
    expect(page.get_by_role("button", name="Consistency")).to_have_attribute("aria-pressed", "true")
    lab.press(page, "c")
    assert rows(folder, "ana")[ids[20]]["codes"] == "consistency;efficiency"


def report(page: Page, capsys) -> None:
    """Print how long it took from key to saved sign."""
    waited = [each for _, each in page.evaluate("() => window.waited")]
    with capsys.disabled():
        told = f"median {statistics.median(waited):.0f} ms, longest {max(waited):.0f} ms"
        print(f"\nfrom key to saved sign: {told} ({len(waited)} keys)")


def test_the_browser_is_closed_in_the_middle(folder, address, browser):
    lab.notebook(folder / "second.ipynb", lab.START, "")
    page, last = lab.open_notebook(browser, address, "second.ipynb"), lab.CODING.format(coder="leo")
    lab.run(page, "second.ipynb", last)
    lab.press(page, "a", "3", "Enter", "b", ".")
    page.keyboard.type("wait, ¿qué?")
    lab.settled(page)
    page.close()
    page = lab.open_notebook(browser, address, "second.ipynb")
    lab.run(page, "second.ipynb", last)
    expect(page.locator(".cx-place")).to_have_text("2 of 200")
    expect(page.get_by_label("Note")).to_have_value("wait, ¿qué?")
    expect(page.locator(".cx-codes [aria-pressed=true]")).to_have_text("bConsistency")
    page.close()


def test_a_kernel_that_hangs_is_told_of_and_what_it_answers_late_is_shown(show, folder):
    page, kernel = show("max"), int((folder / "kernel.pid").read_text())
    os.kill(kernel, signal.SIGSTOP)
    page.keyboard.press("a")
    expect(page.locator(".cx [role=alert]")).to_contain_text("NOT SAVED", timeout=4000)
    page.keyboard.press("b")  # not sent: nobody could see what it does
    os.kill(kernel, signal.SIGCONT)
    lab.settled(page)
    expect(page.locator(".cx [role=alert]")).to_be_empty()
    expect(page.locator(".cx-codes [aria-pressed=true]")).to_have_text("aEase")
    lab.press(page, "b")
    assert [row["codes"] for row in rows(folder, "max").values()] == ["ease;consistency"]


def test_jupyterlab_keeps_its_keys_to_itself(show):
    page = show("eva")
    before = page.evaluate(SOURCES)
    lab.press(
        page, *"ddabxyzvcm0", "Delete", "Shift+M", "Control+Enter", "ArrowRight", "ArrowLeft", "Backspace"
    )
    page.keyboard.press("Control+s")
    lab.press(page, "ArrowUp", "ArrowDown", "j", "k")
    assert page.evaluate(SOURCES) == before
    assert page.evaluate(FOCUSED)
    assert page.locator(".jp-mod-editMode.jp-Notebook").count() == 0


def test_focus_stays_on_the_screen_and_never_in_a_trap(show):
    page = show("iris")
    page.get_by_role("button", name="Ease").click()
    lab.settled(page)
    lab.press(page, "Enter")  # after a click, Enter means done, and does not press the button again
    expect(page.locator(".cx-place")).to_have_text("2 of 200")
    for key in (*"ab1", "?", "Backspace", "ArrowRight", "Control+z", "Enter"):
        lab.press(page, key)
        assert page.evaluate(FOCUSED), key
    lab.press(page, "/")
    page.keyboard.type("the")
    page.locator(".cx-found button").first.wait_for()
    page.keyboard.press("Enter")
    lab.settled(page)
    assert page.evaluate("() => document.activeElement.matches('.cx')")
    lab.press(page, ".")
    page.keyboard.type("abc 123?/")  # in a field, keys are text
    lab.press(page, "Escape")
    expect(page.get_by_label("Note")).to_have_value("abc 123?/")
    for way in ("Tab", "Shift+Tab"):
        page.locator(".cx").focus()
        for _ in range(80):
            page.keyboard.press(way)
            if not page.evaluate(FOCUSED):
                break
        assert not page.evaluate(FOCUSED)


def test_every_control_has_a_name_and_a_state(show):
    page = show("noa")
    screen = page.get_by_role("region", name="Coding screen")
    tree = page.evaluate("""() => [...document.querySelectorAll('.cx :is(button, input, textarea)')]
        .filter((each) => each.offsetParent).map((each) => [each.tagName, each.textContent, each.ariaLabel,
        each.ariaPressed, each.ariaKeyShortcuts, each.tabIndex])""")
    book = load_codebook(lab.ROOT / "data" / "raw" / "codebook.yaml")
    assert len(tree) == 2 + 4 + len(book.codes) + 4  # fields; sentiments and doubt; codes; going on
    assert all(text or label for _, text, label, *_ in tree)
    assert all(order == 0 for *_, order in tree)
    assert all(keys for *_, keys, _ in tree)
    toggles = [each for each in tree if each[3] is not None]
    assert len(toggles) == 4 + len(book.codes)
    for code in book.codes:
        assert screen.get_by_role("button", name=code.name.en, exact=True, pressed=False).count() == 1
    ease = screen.get_by_role("button", name="Ease", exact=True)
    ease.focus()
    assert (
        book.codes[0].definition.en
        in page.locator(f"#{ease.get_attribute('aria-describedby')}").text_content()
    )
    lab.press(page, "b")
    assert book.codes[1].definition.en in page.locator(".cx-definition").text_content()
    sizes = page.evaluate("""() => [...document.querySelectorAll('.cx button')]
        .filter((each) => each.offsetParent).map((each) => each.getBoundingClientRect())
        .map(({ width, height }) => Math.min(width, height))""")
    assert min(sizes) >= 24  # WCAG 2.5.8
    assert page.evaluate("() => document.querySelector('.cx').lang") == "en"


def test_nothing_of_a_comment_becomes_part_of_the_page(show):
    page = show("sol")
    assert page.locator(".cx-text").text_content().startswith("<img src=x")
    assert page.locator(".cx img").count() == 0
    assert page.evaluate("() => window.hacked") is None


@pytest.mark.parametrize("width", [800, 1200])
def test_codes_and_comment_fit_a_laptop(show, width):
    page = show(f"w{width}")
    fit = f"() => {{ document.querySelector('.cx').style.width = '{width}px'; }}"
    page.evaluate(fit)
    box = page.evaluate("""() => {
      const screen = document.querySelector('.cx'), top = screen.getBoundingClientRect().top;
      const end = Math.max(...[...screen.querySelectorAll('.cx-codes button')].map(
        (each) => each.getBoundingClientRect().bottom));
      return { codes: end - top, overflow: screen.scrollWidth - screen.clientWidth };
    }""")
    assert box["codes"] < 560
    assert box["overflow"] <= 0


def test_adjudication_by_keyboard(show, folder):
    ids = read_table(folder / "comments.parquet")["comment_id"].tolist()
    header = "comment_id,coder,sentiment,codes,memo\n"
    (folder / "one.csv").write_text(f"{header}{ids[0]},one,positive,ease,hm\n{ids[1]},one,neutral,ease,\n")
    (folder / "two.csv").write_text(
        f"{header}{ids[0]},two,negative,ease;loyalty,\n{ids[1]},two,neutral,ease,\n"
    )
    page = show(
        "judge",
        """\
hand = load_hand_codes([Path("one.csv"), Path("two.csv")], book.names)
AdjudicationScreen(Adjudication(hand, comments, book, "adjudication.csv", "gold.csv", "{coder}"), "en")""",
    )
    assert not (folder / "gold.csv").exists()  # not before all is settled
    page.keyboard.press("2")
    page.keyboard.press("Enter")  # no reason yet: stays in its field
    page.keyboard.type("neither side insists")
    expect(page.locator(".cx-sign")).to_have_text("Not saved yet…")
    page.keyboard.press("Enter")
    expect(page.locator(".cx-done, .cx-bar span").first).to_contain_text("1 of 2")
    assert page.evaluate("() => document.activeElement.matches('tr.cx-current')")
    page.keyboard.press("1")
    page.keyboard.type("ten years a customer")
    page.keyboard.press("Enter")
    expect(page.locator(".cx-bar")).to_contain_text("2 of 2")
    log = read_table(folder / "adjudication.csv")
    assert log[["item", "decision", "by"]].values.tolist() == [
        ["sentiment", "neutral", "judge"],
        ["loyalty", "yes", "judge"],
    ]
    gold = read_table(folder / "gold.csv").set_index("comment_id")
    assert gold.loc[ids[0], ["sentiment", "codes"]].tolist() == ["neutral", "ease;loyalty"]
