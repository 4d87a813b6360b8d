"""cli: what score, code and check write and say when all is well."""

import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

from conftest import COMMENTS, CXRESEARCH
from cxresearch.codebook import load_codebook
from cxresearch.language import detect_languages
from cxresearch.sentiment import score_sentiment
from cxresearch.tables import read_table, write_table
from cxresearch.themes import code_comments

FORMATS = [".csv", ".tsv", ".jsonl", ".xlsx", ".parquet"]
ADDED = ["language", "score", "compound", "positive", "neutral", "negative", "label"]
TEXTS = [
    "Great service, thanks!",
    "Llevo dos horas esperando en la línea, qué lentos 😡",
    "Não consigo acessar a minha conta desde ontem, péssimo atendimento",
    None,
    "Lo sentimos mucho.\nTe escribimos hoy; «gracias», dice",
    "It was slow, and I am still waiting",
    "😀😀",
]


@pytest.fixture
def comments():
    return pd.DataFrame({"id": [f"{n:03}" for n in range(len(TEXTS))], "text": TEXTS}, dtype="str")


def plain(table):
    """Cells as Python objects, None where missing."""
    return table.astype(object).where(table.notna(), None)


def scores_of(path):
    """The columns that `score` adds, as numbers and text whatever the format."""
    table = read_table(path)
    return table[ADDED].astype({name: float for name in ADDED[1:6]}).reset_index(drop=True)


def test_score_adds_what_score_sentiment_finds(project, comments, command):
    write_table(comments, "in.csv")
    code, out, err = command("score", "in.csv", "out.parquet")
    assert (code, err) == (0, "")
    table = read_table("out.parquet")
    assert list(table) == ["id", "text", *ADDED]
    assert table["id"].tolist() == comments["id"].tolist()
    spoken = detect_languages(comments["text"])["language"].where(comments["text"].notna())
    expected = score_sentiment(comments["text"], spoken)
    expected.insert(0, "language", spoken)
    assert plain(table[ADDED]).values.tolist() == plain(expected).values.tolist()
    assert table["label"].tolist()[:2] == ["positive", "negative"]
    assert table.loc[table["language"].isin(["pt"]) | table["text"].isna(), ADDED[1:]].isna().all(axis=None)
    assert "7 comments" in out and "1 pt" in out and "1 without text" in out


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_every_format_gives_the_same_scores(source, target, project, comments, command):
    write_table(comments, "expected.parquet")
    command("score", "expected.parquet", "scores.parquet")
    write_table(comments, f"in{source}")
    assert command("score", f"in{source}", f"out{target}")[0] == 0
    pd.testing.assert_frame_equal(scores_of(f"out{target}"), scores_of("scores.parquet"), check_dtype=False)
    texts = read_table(f"out{target}")["text"]
    assert texts.isna().tolist() == comments["text"].isna().tolist()
    assert texts[texts.notna()].tolist() == comments["text"].dropna().tolist()


@pytest.mark.parametrize(
    "content",
    [
        "id;text\r\n1;Qué mal servicio\r\n2;\"Gracias; de verdad\"\r\n".encode("cp1252"),  # Excel in Spain
        "id,text\n1,Qué mal servicio\n2,Gracias; de verdad\n".encode("utf-8-sig"),
        "id\ttext\n1\tQué mal servicio\n2\tGracias; de verdad\n".encode("utf-16"),
        "id|text\r1|Qué mal servicio\r2|Gracias; de verdad\r".encode(),
    ],
    ids=["cp1252, semicolons, CRLF", "UTF-8 with BOM", "UTF-16, tabs", "pipes, CR"],
)  # fmt: skip
def test_text_files_as_people_have_them(content, project, command):
    project.write("in.csv", content)
    assert command("score", "in.csv", "out.csv")[0] == 0
    table = read_table("out.csv")
    assert table["text"].tolist() == ["Qué mal servicio", "Gracias; de verdad"]
    assert table["label"].tolist() == ["negative", "positive"]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".xlsx"])
def test_formulas_are_defused_and_numbers_are_not(ending, project, command):
    project.write("in.csv", "text,n,tag\n=cmd|'/c calc'!A1,-5,@ana\n+1 for the staff,-3.2,-x\n")
    assert command("score", "in.csv", f"out{ending}")[0] == 0
    table = read_table(f"out{ending}")
    assert table["text"].tolist() == ["'=cmd|'/c calc'!A1", "'+1 for the staff"]
    assert table["tag"].tolist() == ["'@ana", "'-x"]
    assert table["n"].tolist() == ["-5", "-3.2"]
    if ending == ".xlsx":
        cells = [cell for row in openpyxl.load_workbook(f"out{ending}").active for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
    else:
        assert "=cmd" not in (project.folder / f"out{ending}").read_text().replace("'=cmd", "")


@pytest.mark.parametrize(
    "language, scored",
    [("es", [True, True, True]), ("en", [True, True, True]), ("auto", [True, True, False])],
)
def test_language_can_be_stated(language, scored, project, command):
    texts = [
        "Muy mal servicio, no vuelvo",
        "The staff was lovely",
        "Der Kundendienst war leider sehr schlecht",
    ]
    write_table(pd.DataFrame({"text": texts}), "in.csv")
    assert command("score", "in.csv", "out.csv", "--language", language)[0] == 0
    assert read_table("out.csv")["compound"].notna().tolist() == scored


def test_a_file_in_other_languages_gets_empty_scores_and_a_word_about_it(project, command):
    write_table(pd.DataFrame({"text": ["Der Kundendienst war leider sehr schlecht und langsam"]}), "in.csv")
    code, out, _ = command("score", "in.csv", "out.csv")
    assert code == 0 and "scored: none; left empty: 1 other" in out
    assert read_table("out.csv")[ADDED[1:]].isna().all(axis=None)


def test_emoji_alone_are_scored(project, command):
    project.write("in.csv", "text\n😀😀\n😡\n")
    assert command("score", "in.csv", "out.csv")[0] == 0
    assert read_table("out.csv")["label"].tolist() == ["positive", "negative"]


def test_text_column_can_be_named_and_out_is_replaced(project, command):
    project.write("in.csv", "comentario,text\nGracias por todo,x\n")
    project.write("out.csv", "former")
    assert command("score", "in.csv", "out.csv", "--text-column", "comentario")[0] == 0
    assert read_table("out.csv")["label"].tolist() == ["positive"]


def test_code_adds_a_0_1_column_per_code_and_evidence_points_at_the_words(project, comments, command):
    write_table(comments, "in.csv")
    code, out, err = command("code", "in.csv", "out.csv", "--evidence", "words.jsonl")
    assert (code, err) == (0, "") and "coded:" in out
    table, words = read_table("out.csv"), read_table("words.jsonl")
    assert list(table) == ["id", "text", "efficiency", "empathy"]
    assert table["efficiency"].fillna("").tolist() == ["0", "1", "", "", "0", "1", "0"]
    assert table["empathy"].fillna("").tolist() == ["0", "0", "", "", "1", "0", "0"]

    source = read_table("in.csv")["text"]
    spoken = detect_languages(comments["text"])["language"].where(comments["text"].notna())
    book = load_codebook(project.folder / "codebook.yaml")
    found = code_comments(comments.assign(language=spoken), book).dropna(subset="code")
    assert words["matched"].tolist() == found["matched"].tolist() and len(words) >= 4
    assert list(words) == ["row", "code", "start", "end", "matched", "pattern"]
    for row, start, end, matched in words[["row", "start", "end", "matched"]].astype(object).values.tolist():
        assert source[int(row)][int(start) : int(end)] == matched
    coded = {(int(row), name) for row, name in words[["row", "code"]].values.tolist()}
    assert coded == {(row, n) for n in ("efficiency", "empathy") for row in table.index[table[n] == "1"]}


def test_code_uses_the_rules_of_a_group_only_where_the_group_is_named(project, command, tiny_codebook):
    tiny_codebook["codes"][1]["patterns"]["es"] = [{"patterns": ["quedamos atentos"], "group": "brand"}]
    project.write("codebook.yaml", yaml.safe_dump(tiny_codebook))
    project.write("in.csv", "text,who\nQuedamos atentos a todo,brand\nQuedamos atentos a todo,consumer\n")
    assert command("code", "in.csv", "out.csv", "--group-column", "who")[0] == 0
    assert read_table("out.csv")["empathy"].tolist() == ["1", "0"]
    assert command("code", "in.csv", "out.csv")[0] == 0
    assert read_table("out.csv")["empathy"].tolist() == ["0", "0"]
    code, _, err = command("code", "in.csv", "out.csv", "--group-column", "whom")
    assert code == 2 and "no column 'whom'" in err and "Did you mean 'who'?" in err


@pytest.mark.parametrize("name, start", [("page.html", "<!DOCTYPE html>"), ("page.md", "# Tiny")])
def test_codebook_page(project, command, name, start):
    code, out, err = command("codebook", "page", name, "--language", "en")
    assert (code, err, out) == (0, "", f"{name}: version 1, 2 codes\n")
    assert (project.folder / name).read_text().lstrip().startswith(start)


def test_codebook_page_refuses_other_endings(project, command):
    before = project.files()
    code, _, err = command("codebook", "page", "page.pdf")
    assert code == 2 and "pages end in .html or .md, but found '.pdf'" in err
    assert project.files() == before


def test_codebook_diff_lists_changes_and_counts_comments(project, command, tiny_codebook):
    tiny_codebook["version"] = "2"
    tiny_codebook["codes"][0]["patterns"]["es"] = ["tard*"]
    project.write("new.yaml", yaml.safe_dump(tiny_codebook))
    code, out, err = command("codebook", "diff", "codebook.yaml", "new.yaml")
    assert (code, err) == (0, "")
    assert "- version: 1\n+ version: 2" in out
    assert "- codes.efficiency.patterns.es: lent*" in out and "+ codes.efficiency.patterns.es: tard*" in out
    assert "not counted" in out and "comments.parquet is not there yet" in out
    texts = ["muy lento", "tardan", "muy lento y tardado"]
    rows = {"comment_id": ["c1", "c2", "c3"], "text": texts, "language": "es", "group": "brand"}
    write_table(pd.DataFrame(rows), project.folder / "data" / "processed" / "comments.parquet")
    out = command("codebook", "diff", "codebook.yaml", "new.yaml")[1]
    assert "2 of 3 comments change:" in out
    assert out.split()[-6:] == ["efficiency", "2", "2", "1", "1", "2"]
    tiny_codebook["version"] = "1"
    project.write("new.yaml", yaml.safe_dump(tiny_codebook))
    assert "Both call themselves version 1" in command("codebook", "diff", "codebook.yaml", "new.yaml")[1]


def test_code_takes_another_codebook_without_a_study(project, command, tiny_codebook):
    (project.folder / "study.yaml").unlink()
    assert command("code", "c.csv", "out.csv", "--codebook", "codebook.yaml")[0] == 0
    assert read_table("out.csv")["efficiency"].tolist() == ["0", "1"]
    code, _, err = command("code", "c.csv", "other.csv")
    assert code == 2 and "--codebook" in err


def test_check_prints_what_is_there(project, command):
    project.write(
        "c.csv", COMMENTS + "3,,brand,A,,,\n4,Hello there,bot,A,,,\n5,Hello again,@ana.lopez,A,,,\n"
    )
    project.write(
        "hand/ana.csv", "comment_id,coder,sentiment,codes\n1,ana,positive,\n2,ana,negative,efficiency\n"
    )
    project.write_study(hand_codes="hand")
    before = project.files()
    code, out, err = command("check")
    assert (code, err) == (0, "")
    for line in [
        f"study      {project.folder / 'study.yaml'}",
        "codebook   version 1, 2 codes",
        "input      c.csv: 5 rows, 2 usable",
        "not used: 1 empty text, first in row 4",
        "not used: 2 unknown group, first in row 5 (bot)",
        "hand codes ana: 2 comments, 2 in this study (1 consumer, 1 brand); the machine is measured",
        f"reports    {project.folder / 'reports'}",
        "Everything is in order.",
    ]:
        assert line in out
    assert project.files() == before


def test_check_tells_of_hand_codes_given_under_another_version(project, command, tiny_codebook):
    project.write("codebook.yaml", yaml.safe_dump(tiny_codebook | {"version": "2.0.1"}))
    project.write("hand/ana.csv", "comment_id,coder,sentiment,codes,codebook\n1,ana,,,1.0\n2,ana,,,2.0.0\n")
    project.write_study(hand_codes="hand")
    code, out, _ = command("check")
    assert code == 0 and "ana: 1 comments coded under version 1.0 of the codebook" in out
    assert "2.0.0" not in out


def test_check_refuses_hand_codes_of_other_comments(project, command):
    project.write("c.csv", COMMENTS)
    project.write("hand/ana.csv", "comment_id,coder,sentiment,codes\nh001,ana,positive,\n")
    project.write_study(hand_codes="hand")
    code, _, err = command("check")
    assert code == 2
    assert "None of the 1 hand-coded comments is in this study: the first is 'h001'" in err


def test_check_says_where_hand_codes_would_be(project, command):
    project.write_study(hand_codes="hand")  # the folder is made when a sample is drawn
    code, out, _ = command("check")
    assert code == 0
    assert f"hand codes none in {project.folder / 'hand'}: every figure will be uncorrected" in out


def test_hand_codes_may_come_in_any_kind_of_table(project, command):
    project.write("c.csv", COMMENTS)
    project.write("hand/ana.tsv", "comment_id\tcoder\tsentiment\tcodes\n1\tana\tpositive\t\n")
    project.write_study(hand_codes="hand")
    _, out, _ = command("check")
    assert "hand codes ana: 1 comments, 1 in this study" in out


def test_check_masks_what_it_quotes(project, command):
    project.write("c.csv", COMMENTS + "3,Hello,ana@correo.mx,A,,,\n")
    out = command("check")[1]
    assert "unknown group, first in row 4 ([email])" in out


def test_check_of_the_sample_study(root, monkeypatch, command):
    monkeypatch.chdir(root / "notebooks")  # any folder inside the project will do
    code, out, _ = command("check")
    assert code == 0 and "31 codes" in out and "comments_es.csv" in out


def test_many_short_rows_finish(project, command):
    texts = [f"muy mal servicio número {n}" for n in range(20_000)]
    write_table(pd.DataFrame({"text": texts}), "in.csv")
    assert command("score", "in.csv", "out.csv")[0] == 0
    assert len(read_table("out.csv")) == 20_000


@pytest.mark.parametrize("command_name", ["run", "score", "code", "check"])
def test_help_says_what_each_option_does(command_name, command):
    code, out, _ = command(command_name, "--help")
    assert code == 0
    assert "Usage" in out and "--help" in out


def test_the_command_itself(project):
    done = subprocess.run(
        [CXRESEARCH, "score", "c.csv", "out.csv"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("out.csv: 2 comments; scored: 2 en; left empty: none.")
    assert len(read_table("out.csv")) == 2


def test_starting_up_loads_nothing_heavy():
    heavy = {"pandas", "numpy", "matplotlib", "sklearn", "papermill", "scipy"}
    program = f"import sys, cxresearch.cli; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_learn_writes_coders_with_their_cards_and_code_uses_one(ran, tmp_path, monkeypatch, command):
    """On the sample study; the file coded is new to the coder, so it is unsure of some codes."""
    shutil.copytree(ran, tmp_path / "study")
    monkeypatch.chdir(tmp_path / "study")
    code, out, err = command("learn", "--max-error", "0.4")
    assert (code, err) == (0, "")
    assert "learned 31 of 31 from 656 comments" in out and "learned 3 of 3 from 656 comments" in out
    card = Path("data/processed/learned_codes.md").read_text(encoding="utf-8")
    assert "Learned from 656 comments" in card and "max_error 0.4" in card
    Path("new.csv").write_text("text,who\nThe fee is far too high again,consumer\n", encoding="utf-8")
    model = "data/processed/learned_codes.npz"
    assert command("code", "new.csv", "out.csv", "--group-column", "who", "--model", model)[0] == 0
    cells = read_table("out.csv").iloc[0]
    assert set(cells.iloc[2:].dropna()) <= {"0", "1"} and cells.isna().any()
    code, _, err = command("code", "new.csv", "other.csv", "--model", "study.yaml")
    assert code == 2 and "study.yaml is no learned coder" in err
    code, _, err = command("code", "new.csv", "other.csv", "--model", model, "--evidence", "words.csv")
    assert code == 2 and "which is not how --model decides" in err
    assert command("learn", "--max-error", "30")[0] == 2
    assert not Path("other.csv").exists()


def test_learn_needs_hand_codes(project, command):
    code, _, err = command("learn")
    assert code == 2 and "comments.parquet is not there yet. Run the earlier notebooks" in err
