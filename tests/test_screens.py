"""screens without a browser: messages in, state out; both languages complete; a comment is never HTML."""

import re

import pandas as pd
import pytest

from cxresearch.adjudication import Adjudication
from cxresearch.codebook import Codebook, load_codebook
from cxresearch.phrases import load_phrases
from cxresearch.screens import _ADJUDICATION, _CODING, _COMMON, _STYLE, KEYS, AdjudicationScreen, CodingScreen
from cxresearch.session import CodingSession
from cxresearch.tables import read_table

SCRIPTS = _COMMON + _CODING + _ADJUDICATION
HOSTILE = "<script>alert(1)</script> {what} &amp; \u202e"


@pytest.fixture
def book(tiny_codebook) -> Codebook:
    return Codebook.model_validate(tiny_codebook)


@pytest.fixture
def comments() -> pd.DataFrame:
    table = pd.DataFrame({"text": [HOSTILE, "Dos", "Tres"], "group": ["brand", "consumer", "staff"]})
    table = table.assign(rating=[4.0, None, 2.5], date=pd.Timestamp("2025-01-06"), language="es", brand="{n}")
    return table.assign(author="p_1", code="ease", label="negative").set_index(pd.Index(["c1", "c2", "c3"]))


@pytest.fixture
def screen(comments, book, tmp_path) -> CodingScreen:
    session = CodingSession(comments, book, tmp_path / "ana.csv", "ana", machine={"c1": ["empathy"]})
    return CodingScreen(session, "es")


def ask(screen, do: str, *, comment: str | None = None, number: int = 1, **values) -> dict:
    """Send a message as the browser does, and return the state that answers it."""
    seen = screen.session.current if comment is None else comment
    message = {"act": {"do": do, **values}, "comment": seen, "view": "v", "number": number}
    screen._handle_custom_msg(message, [])
    return screen.state


def test_what_is_drawn_first(screen):
    state = screen.state
    assert (state["id"], state["text"], state["language"]) == ("c1", HOSTILE, "es")
    assert (state["place"], state["places"], state["done"], state["of"], state["serial"]) == (1, 3, 0, 3, 0)
    assert (state["codes"], state["sentiment"], state["unsure"], state["memo"]) == ([], "", "", "")
    assert [code["key"] for code in screen.page["codes"]] == ["a", "b"]
    assert screen.page["codes"][0]["definition"] == "Definition."
    assert screen.page["families"] == [
        ["consumer_identity", "consumer_identity"],
        ["emotional_self", "emotional_self"],
    ]


def test_attributes_as_people_write_them_and_nothing_a_machine_said(screen):
    shown = [["group", "brand"], ["brand", "{n}"], ["date", "2025-01-06"], ["rating", "4"]]
    assert screen.state["attributes"] == shown
    assert ask(screen, "go", to=1)["attributes"] == [["group", "consumer"], *shown[1:3]]
    assert ask(screen, "go", to=1)["attributes"][-1] == ["rating", "2.5"]


def test_each_message_does_one_thing_and_is_answered(screen):
    state = ask(screen, "toggle", code="empathy", number=1)
    assert (state["codes"], state["said"], state["number"], state["view"]) == (["empathy"], "toggle", 1, "v")
    assert state["serial"] == 1
    assert ask(screen, "label", sentiment="positive")["sentiment"] == "positive"
    assert ask(screen, "doubt")["unsure"] == "yes"
    assert ask(screen, "remember", memo="hm")["memo"] == "hm"
    state = ask(screen, "finish", number=5)
    assert (state["id"], state["done"], state["number"], state["serial"]) == ("c2", 1, 5, 5)
    assert ask(screen, "go", to=-1)["finished"] == "yes"
    assert ask(screen, "undo")["finished"] == ""
    for _ in range(4):
        ask(screen, "undo")
    assert ask(screen, "undo")["said"] == "undo_none"


def test_search_finds_and_changes_nothing(screen):
    state = ask(screen, "search", text="dos")
    assert state["found"] == [["c2", "c2: Dos"]]
    assert (state["id"], state["serial"]) == ("c1", 0)
    assert ask(screen, "search", text="nada")["found"] == []
    assert ask(screen, "go", to="c2")["found"] is None


def test_machine_codes_only_when_asked_for(screen, comments, book, tmp_path):
    assert screen.page["machine"]
    assert screen.state["machine"] is None
    assert ask(screen, "show_machine")["machine"] == ["empathy"]
    assert read_table(tmp_path / "ana.csv")["blind"].tolist() == ["no"]
    blind = CodingScreen(CodingSession(comments, book, tmp_path / "leo.csv", "leo"), "es")
    assert not blind.page["machine"]
    assert "no machine codes" in ask(blind, "show_machine")["alert"]


def test_a_key_meant_for_a_comment_no_longer_in_view_does_nothing(screen):
    ask(screen, "finish", comment="c1")
    state = ask(screen, "finish", comment="c1")  # pressed twice while the kernel was busy
    assert (state["alert"], state["id"], state["done"]) == ("too_early", "c2", 1)
    assert ask(screen, "toggle", comment="c1", code="empathy")["codes"] == []
    assert ask(screen, "go", comment="c1", to=1)["id"] == "c3"  # going changes nothing


@pytest.mark.parametrize("do", ["_save", "__init__", "row", "nonsense"])
def test_nothing_else_can_be_asked_for(screen, do):
    assert ask(screen, do)["alert"] == "too_early"


def test_what_was_not_saved_is_not_in_the_state(screen, tmp_path):
    ask(screen, "toggle", code="empathy")
    (tmp_path / "ana.csv").write_text("comment_id,coder,sentiment,codes\nc1,ana,,\n")
    state = ask(screen, "label", sentiment="positive", number=2)
    assert (state["alert"], state["sentiment"], state["serial"], state["number"]) == ("changed", "", 1, 2)
    assert state["said"] == ""


def test_why_the_disk_refused_is_told(screen, tmp_path, monkeypatch):
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    state = ask(screen, "toggle", code="empathy")
    assert "the disk is full" in state["alert"]
    assert state["codes"] == []


def test_the_notebook_file_holds_no_comment(screen):
    assert repr(screen) == "CodingScreen: 1 of 3"
    assert HOSTILE not in str(screen._repr_mimebundle_())


def test_the_sample_codebook_has_a_key_for_every_code(comments, root, tmp_path):
    book = load_codebook(root / "data" / "raw" / "codebook.yaml")
    page = CodingScreen(CodingSession(comments, book, tmp_path / "ana.csv", "ana"), "en").page
    keys = [code["key"] for code in page["codes"]]
    assert len(set(keys)) == len(book.codes) == 31
    assert "".join(keys) == "abcdefghijklmnopqrstuvwxyz45678"
    assert not set(KEYS) & set("123?./")  # what other things have


def test_more_codes_than_keys(comments, tiny_codebook, tmp_path):
    tiny_codebook["codes"] = [tiny_codebook["codes"][0] | {"code": f"code{n}"} for n in range(70)]
    book = Codebook.model_validate(tiny_codebook)
    page = CodingScreen(CodingSession(comments, book, tmp_path / "ana.csv", "ana"), "en").page
    assert [code["key"] for code in page["codes"]] == [*KEYS, *[""] * (70 - len(KEYS))]


# --- adjudication -------------------------------------------------------------------------------------------


@pytest.fixture
def judged(comments, book, tmp_path) -> AdjudicationScreen:
    rows = [("c1", "ana", "positive", ["empathy"]), ("c1", "leo", "negative", ["empathy", "efficiency"])]
    hand = pd.DataFrame(rows, columns=["comment_id", "coder", "sentiment", "codes"])
    hand["memo"] = [HOSTILE, None]
    work = Adjudication(hand, comments, book, tmp_path / "log.csv", tmp_path / "gold.csv", "eva")
    return AdjudicationScreen(work, "en")


def test_a_difference_is_decided(judged, tmp_path):
    state = judged.state
    assert [each["coder"] for each in state["coders"]] == ["ana", "leo"]
    assert [each["memo"] for each in state["coders"]] == [HOSTILE, ""]
    assert state["items"][0] == {"item": "sentiment", "decision": "", "reason": "", "by": ""}
    values = {"comment_id": "c1", "item": "efficiency", "decision": "no", "reason": "r"}
    state = ask(judged, "decide", **values)
    assert state["items"][1] == {"item": "efficiency", "decision": "no", "reason": "r", "by": "eva"}
    assert (state["done"], state["of"], state["reasons"], state["serial"]) == (1, 2, ["r"], 1)
    state = ask(judged, "decide", **values | {"reason": " "})
    assert "with a reason" in state["alert"] or "and a reason" in state["alert"]
    assert state["serial"] == 1


def test_nothing_to_decide(comments, book, tmp_path):
    rows = [("c1", who, "positive", []) for who in ("ana", "leo")]
    hand = pd.DataFrame(rows, columns=["comment_id", "coder", "sentiment", "codes"])
    work = Adjudication(hand, comments, book, tmp_path / "log.csv", tmp_path / "gold.csv", "eva")
    state = AdjudicationScreen(work, "es").state
    assert (state["id"], state["items"], state["coders"], state["places"]) == ("", [], [], 0)


# --- wording, scripts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_phrase_the_scripts_ask_for_is_there_and_no_other(language):
    words = load_phrases(language).texts["screen"]
    asked = set(re.findall(r"words\.([a-z_]+)", SCRIPTS))
    by_name = {"include", "exclude", "example", "negative", "neutral", "positive", "yes", "no", "sentiment"}
    assert asked | by_name | {"changed", "too_early"} == set(words)
    acts = {*CodingScreen.acts, *AdjudicationScreen.acts} - {"search"}
    assert set(words["said"]) == acts | {"undo_none"}
    assert all(words["said"][act] for act in acts - {"go"})


def test_no_script_makes_html_of_text():
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|srcdoc"
    assert not re.search(forbidden, SCRIPTS)
    assert "http" not in SCRIPTS + _STYLE  # nothing is loaded from elsewhere


def test_each_screen_has_its_script_and_the_common_one():
    assert CodingScreen._esm == _COMMON + _CODING
    assert AdjudicationScreen._esm == _COMMON + _ADJUDICATION
    for script in (_CODING, _ADJUDICATION):
        assert script.rstrip().endswith("export default { render };")
