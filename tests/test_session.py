"""session: every act saved before the next, undone one by one, resumed after any end; no other file read."""

import builtins
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch import tables
from cxresearch.codebook import Codebook
from cxresearch.errors import InputError
from cxresearch.handcoding import load_hand_codes
from cxresearch.sentiment import LABELS
from cxresearch.session import CodingSession, FileChanged, OwnFile, Round, tidy
from cxresearch.tables import read_table

IDS = ["c1", "c2", "c3", "c4"]
TEXTS = ["Dos horas en la línea", "¡Gracias, Señora!", "Never again", "It's slow & <b>bad</b>"]
HEADER = "comment_id,coder,sentiment,codes,unsure,memo,blind,done,codebook\n"


@pytest.fixture
def book(tiny_codebook) -> Codebook:
    return Codebook.model_validate(tiny_codebook)


@pytest.fixture
def comments() -> pd.DataFrame:
    return pd.DataFrame({"text": TEXTS}, index=pd.Index(IDS, name="comment_id"))


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "ana.csv"


@pytest.fixture
def start(comments, book, path):
    """Open the session of ana (again)."""

    def _start(coder: str = "ana", **options) -> CodingSession:
        return CodingSession(comments, book, path, coder, **options)

    return _start


def saved(path: Path) -> dict[str, dict[str, str]]:
    return {row["comment_id"]: row for row in read_table(path).fillna("").to_dict("records")}


# --- each act -----------------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_first_act(start, path):
    session = start()
    assert (session.current, session.place, session.progress) == ("c1", 1, (0, 4))
    session.go(1)
    session.search("gracias")
    assert not path.exists()
    assert not session.undo()


def test_codes_stand_in_the_codebooks_order_and_are_taken_back(start, path):
    session = start()
    session.toggle("empathy")
    session.toggle("efficiency")
    assert saved(path)["c1"]["codes"] == "efficiency;empathy"
    session.toggle("empathy")
    assert saved(path)["c1"]["codes"] == "efficiency"
    assert session.codes == ["efficiency"]


def test_a_label_is_set_changed_and_taken_back(start, path):
    session = start()
    for label, kept in (("negative", "negative"), ("positive", "positive"), ("positive", "")):
        session.label(label)
        assert saved(path)["c1"]["sentiment"] == kept


def test_doubt_and_memo(start, path):
    session = start()
    session.doubt()
    session.remember("ease or efficiency?\nsecond line")
    assert saved(path)["c1"]["unsure"] == "yes"
    assert saved(path)["c1"]["memo"] == "ease or efficiency? second line"
    session.doubt()
    session.remember("")
    assert (saved(path)["c1"]["unsure"], saved(path)["c1"]["memo"]) == ("", "")


def test_what_is_saved_is_a_file_of_hand_codes(start, path, book):
    session = start()
    session.toggle("empathy")
    session.label("neutral")
    session.finish()
    session.toggle("efficiency")
    hand = load_hand_codes([path], book.names)
    assert hand[["comment_id", "coder", "sentiment", "codes"]].values.tolist() == [
        ["c1", "ana", "neutral", ["empathy"]]  # c2 is half-coded, which analysis leaves out
    ]
    assert hand.loc[0, ["blind", "done", "codebook"]].tolist() == ["yes", "yes", book.version]


def test_done_goes_to_the_next_that_is_not_done_and_round_to_those_before(start):
    session = start()
    session.go("c3")
    session.finish()
    assert session.current == "c4"
    session.finish()
    assert session.current == "c1"
    session.go("c2")
    session.finish()
    assert session.current == "c1"
    session.finish()
    assert session.progress == (4, 4)
    assert session.current == "c2"  # all are done: simply the next one
    session.go("c4")
    session.finish()
    assert session.current == "c4"


def test_a_comment_stays_done_when_it_is_mended(start, path):
    session = start()
    session.finish()
    session.go("c1")
    session.toggle("empathy")
    assert (saved(path)["c1"]["codes"], saved(path)["c1"]["done"]) == ("empathy", "yes")


@pytest.mark.parametrize("steps, expected", [([1], 2), ([1, 1, -1], 2), ([-1], 1), ([9], 4), (["c3"], 3)])
def test_going(start, steps, expected):
    session = start()
    for step in steps:
        session.go(step)
    assert session.place == expected


def test_going_nowhere_known(start):
    with pytest.raises(InputError, match="'c9' is not among those"):
        start().go("c9")
    assert Round([]).current == ""


@pytest.mark.parametrize(
    "text, found",
    [
        ("LINEA", ["c1"]),  # without accents and capitals
        ("senora", ["c2"]),
        ("  c3 ", ["c3"]),
        ("<b>", ["c4"]),
        (".", []),  # text, no pattern
        ("its", ["c4"]),
        ("pregúntale", ["c2"]),  # in a memo
        ("", []),
        ("zebra", []),
    ],
)
def test_search(start, text, found):
    session = start()
    session.go("c2")
    session.remember("preguntale a Leo")
    assert session.search(text) == found


def test_a_later_round_has_a_file_of_its_own(comments, book, tmp_path):
    session = CodingSession(comments, book, tmp_path / "ana.2.csv", "ana.2")
    session.finish()
    assert saved(tmp_path / "ana.2.csv")["c1"]["coder"] == "ana.2"


# --- undo ---------------------------------------------------------------------------------------------------


def test_undo_goes_to_where_the_change_was_made(start, path):
    session = start()
    session.toggle("empathy")
    session.finish()
    session.toggle("efficiency")
    session.go("c4")
    assert session.undo()
    assert (session.current, session.codes) == ("c2", [])
    assert session.undo()
    assert (session.current, session.progress) == ("c1", (0, 4))
    assert session.undo()
    assert session.codes == []
    assert not session.undo()
    assert saved(path)["c1"]["codes"] == ""


def test_what_changes_nothing_is_no_step(start):
    session = start()
    session.remember("x")
    session.remember(" x\n")
    session.finish()
    session.go("c1")
    session.finish()
    assert session.saves == 2
    assert session.undo()
    assert session.undo()
    assert not session.undo()


# --- blind --------------------------------------------------------------------------------------------------


def test_machine_codes_are_hidden_until_asked_for_and_the_row_says_so_for_ever(start, path):
    session = start(machine={"c1": ["empathy"]})
    assert session.machine_codes is None
    session.toggle("efficiency")
    session.show_machine()
    assert session.machine_codes == ["empathy"]
    assert saved(path)["c1"]["blind"] == "no"
    session.undo()
    assert (session.codes, saved(path)["c1"]["blind"]) == ([], "no")
    session.go("c2")
    assert session.machine_codes is None
    session.show_machine()
    assert session.machine_codes == []
    assert start(machine={"c1": ["empathy"]}).machine_codes == ["empathy"]


def test_machine_codes_cannot_be_asked_for_where_there_are_none(start):
    with pytest.raises(InputError, match="no machine codes"):
        start().show_machine()
    session = start(machine={})
    session.show_machine()
    assert session.machine_codes == []
    assert start().machine_codes is None


def test_no_other_file_of_the_folder_is_opened(start, path, monkeypatch):
    (path.parent / "leo.csv").write_text(HEADER + "c1,leo,positive,empathy,,,yes,yes,1\n")
    (path.parent / "gold.csv").write_text(HEADER + "c1,gold,positive,empathy,,,yes,yes,1\n")
    opened, ours = [], builtins.open
    monkeypatch.setattr(
        builtins, "open", lambda file, *a, **k: opened.append(str(file)) or ours(file, *a, **k)
    )
    monkeypatch.setattr(Path, "read_bytes", lambda self: opened.append(str(self)) or ours(self, "rb").read())
    session = start()
    session.toggle("empathy")
    start().finish()
    assert any(name.endswith("ana.csv") for name in opened)
    assert not any("leo" in name or "gold" in name for name in opened)


# --- resuming -----------------------------------------------------------------------------------------------


def test_it_goes_on_at_the_first_comment_that_is_not_done(start):
    session = start()
    session.finish()
    session.toggle("empathy")  # half-coded
    session.go("c3")
    session.finish()
    again = start()
    assert (again.current, again.codes, again.progress) == ("c2", ["empathy"], (2, 4))


def test_rows_of_an_earlier_draw_and_further_columns_stay(start, path):
    path.write_text("comment_id,coder,sentiment,codes,note\nold,ana,positive,empathy,irony\n")
    session = start()
    session.finish()
    assert list(saved(path)) == ["old", "c1"]
    row = saved(path)["old"]
    assert (row["codes"], row["note"], row["done"], row["blind"]) == ("empathy", "irony", "yes", "")


@pytest.mark.parametrize("moment", ["os.replace", "tables._QUOTED"])
def test_killed_while_saving(start, path, book, comments, moment):
    session = start()
    session.toggle("empathy")
    comments.to_parquet(path.parent / "comments.parquet")
    (path.parent / "book.json").write_text(book.model_dump_json(exclude_none=True))
    script = f"""
import os, pandas as pd
from cxresearch import tables
from cxresearch.codebook import Codebook
from cxresearch.session import CodingSession
book = Codebook.model_validate_json(open("book.json").read())
session = CodingSession(pd.read_parquet("comments.parquet"), book, "ana.csv", "ana")
die = lambda *args: os._exit(9)
if {moment!r} == "os.replace":
    os.replace = die  # all is in the temporary file, nothing renamed
else:
    tables._WRITERS[".csv"] = lambda table, to: (open(to, "w").write('"half a'), die())
session.finish()
"""
    died = subprocess.run([sys.executable, "-c", script], cwd=path.parent, check=False, capture_output=True)
    assert died.returncode == 9, died.stderr
    assert list(path.parent.glob(".unfinished-*"))
    again = start()
    assert (again.current, again.codes, again.progress) == ("c1", ["empathy"], (0, 4))
    again.finish()
    assert start().progress == (1, 4)


@pytest.mark.parametrize("act", ["toggle", "undo", "finish", "show_machine"])
def test_what_could_not_be_written_did_not_happen(start, path, monkeypatch, act):
    session = start(machine={})
    session.toggle("empathy")
    before, content = (session.row(), session.current, session.saves), path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(InputError, match="disk is full"):
        getattr(session, act)(*["empathy"] if act == "toggle" else [])
    assert (session.row(), session.current, session.saves) == before
    assert path.read_bytes() == content
    assert not list(path.parent.glob(".unfinished-*"))
    monkeypatch.undo()
    assert session.undo()
    assert session.codes == []


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "coder", ["learned", "Dictionary", "gold", "", "ana maria", "../ana", "a;b", "a=b", ".2"]
)
def test_names_that_no_person_can_have(start, coder):
    with pytest.raises(InputError, match=r"Choose another\.$"):
        start(coder)


@pytest.mark.parametrize(
    "rows, told",
    [
        ("c1,leo,,,,,yes,yes,1\n", "row 2 belongs to the coder 'leo', not to 'ana'"),
        ("c1,leo,,,,,yes,,1\n", "row 2 belongs to the coder 'leo'"),  # half-coded
        (
            "c1,ana,,,,,yes,yes,1\nc2,ana,,emphaty,,,yes,yes,1\n",
            "row 3: there is no code 'emphaty'. Did you mean",
        ),
        ("c1,ana,,emphaty,,,yes,,1\n", "row 2: there is no code 'emphaty'. Did you mean 'empathy'"),
        ("c1,ana,,,,,yes,yes,1\nc1,ana,,,,,yes,,1\n", "row 3: the comment is there twice"),
        ("c1,ana,bad,,,,yes,yes,1\n", "there is no sentiment 'bad'"),
    ],
)
def test_files_that_are_not_this_coders_hand_codes(start, path, rows, told):
    path.write_text(HEADER + rows)
    with pytest.raises(InputError) as refused:
        start()
    assert told in str(refused.value)
    assert path.read_text() == HEADER + rows


def test_unknown_codes_and_labels(start, path):
    session = start()
    with pytest.raises(InputError, match="no code 'ease'"):
        session.toggle("ease")
    with pytest.raises(InputError, match="negative, neutral, positive, but found 'mixed'"):
        session.label("mixed")
    assert not path.exists()


@pytest.mark.parametrize("change", ["edited", "removed", "made"])
def test_a_file_that_somebody_else_changed_is_left_alone(start, path, change):
    session = start()
    if change == "made":
        start().finish()  # a second window
    else:
        session.toggle("empathy")
        path.unlink() if change == "removed" else path.write_text(HEADER + "c1,ana,positive,,,,yes,yes,1\n")
    content = path.read_bytes() if path.exists() else None
    before = session.row()
    for act in (lambda: session.label("negative"), session.finish, session.doubt):
        with pytest.raises(FileChanged, match="nothing was written"):
            act()
    assert session.row() == before
    assert (path.read_bytes() if path.exists() else None) == content


def test_comments_must_be_there_and_each_once(book, path, comments):
    for wrong in (comments.iloc[:0], pd.concat([comments, comments])):
        with pytest.raises(InputError, match="each once"):
            CodingSession(wrong, book, path, "ana")


# --- rules --------------------------------------------------------------------------------------------------

ACTS = st.one_of(
    st.tuples(st.just("toggle"), st.sampled_from(["efficiency", "empathy"])),
    st.tuples(st.just("label"), st.sampled_from(LABELS)),
    st.tuples(st.just("remember"), st.text(max_size=20)),
    st.tuples(st.just("go"), st.one_of(st.sampled_from([1, -1]), st.sampled_from(IDS))),
    st.sampled_from([("doubt",), ("finish",), ("undo",), ("show_machine",)]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=12))
def test_any_acts_then_reloading_gives_the_same_and_undo_goes_all_the_way(tmp_path_factory, book, acts):
    folder = tmp_path_factory.mktemp("any")
    comments = pd.DataFrame({"text": TEXTS}, index=IDS)
    path = folder / "ana.csv"
    session = CodingSession(comments, book, path, "ana", machine={})
    shown = set()
    for act, *values in acts:
        shown |= {session.current} if act == "show_machine" else set()
        getattr(session, act)(*values)
    again = CodingSession(comments, book, path, "ana", machine={})
    assert [again.row(each) for each in IDS] == [session.row(each) for each in IDS]
    assert again.progress == session.progress
    assert again.current == next((each for each in IDS if not session.row(each)["done"]), IDS[0])
    while session.undo():
        pass
    blank = {name: "" for name in ("sentiment", "codes", "unsure", "memo", "done")}
    for each in IDS:
        row = CodingSession(comments, book, path, "ana").row(each)
        assert row | blank == row
        assert row["blind"] == ("no" if each in shown else "yes")


@given(st.text())
def test_a_tidied_remark_comes_back_from_csv_as_it_was(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("tidy") / "t.csv"
    line = tidy(text)
    assert line == tidy(line)
    tables.write_table(pd.DataFrame({"id": ["x"], "memo": [line]}), path)
    assert OwnFile(path).read(["id", "memo"])["memo"].tolist() == [line]
