"""cxresearch sample: from the draw over a sheet that somebody fills in to hand codes, and nothing lost."""

import openpyxl
import pandas as pd
import pytest

from cxresearch.comments import load_comments
from cxresearch.handcoding import load_hand_codes
from cxresearch.sampling import load_sample
from cxresearch.study import find_study

TEXTS = ["The app is slow today", "Thank you very much", "We are sorry about that", "Where is my order now"]


@pytest.fixture
def coding(project):
    """A project of 20 comments that are loaded; its settings name a folder for hand codes."""
    lines = [f"{i},{TEXTS[i % 4]} number {i},{'brand' if i % 2 else 'consumer'},A" for i in range(20)]
    project.write("c.csv", "\n".join(["id,text,group,brand", *lines]) + "\n")
    columns = {"comment_id": "id", "text": "text", "group": "group", "brand": "brand"}
    thresholds = {"near_duplicate": 1}
    entry = {"file": "c.csv", "columns": columns, "constants": {"language": "en"}}
    project.write_study(inputs=[entry], hand_codes="hand", thresholds=thresholds)
    study = find_study(str(project.folder / "study.yaml"))
    study.save(load_comments(study)[0], "comments")
    return project


def fill(path, **answers):
    """Fill in a workbook as a coder would: comment_id to sentiment and codes, by their names."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if (answer := answers.get(f"c{row[0].value}")) is not None:
            row[header.index("sentiment")].value = answer[0]
            for number, name in enumerate(answer[1:], 1):
                row[header.index(f"code {number}")].value = name
    book.save(path)


def handed_out(command):
    """Draw four comments and write ana's sheet of them; their ids."""
    command("sample", "draw", 4)
    command("sample", "sheet", "ana.xlsx", "--language", "en")
    return [row[0].value for row in openpyxl.load_workbook("ana.xlsx").worksheets[0].iter_rows(min_row=2)]


def test_draw_writes_every_comments_chance(coding, command):
    code, out, told = command("sample", "draw", 8)
    assert code == 0, told
    assert "8 comments drawn, 8 of 20 in all" in out and "consumer, en" in out
    sample = load_sample(coding.folder / "hand" / "sample.csv")
    assert len(sample) == 20 and sample["place"].count() == 8
    code, out, told = command("sample", "draw", 4)
    assert "4 comments drawn, 12 of 20 in all" in out
    again = load_sample(coding.folder / "hand" / "sample.csv")
    assert again.loc[again["draw"] == 1, "comment_id"].tolist() == sample.dropna()["comment_id"].tolist()


def test_a_sheet_goes_out_and_comes_back(coding, command):
    command("sample", "draw", 4)
    code, out, told = command("sample", "sheet", "ana.xlsx", "--language", "en")
    assert code == 0, told
    assert "4 comments to code" in out
    ids = [row[0].value for row in openpyxl.load_workbook("ana.xlsx").worksheets[0].iter_rows(min_row=2)]
    one, two = ids[:2]
    fill("ana.xlsx", **{f"c{one}": ("negative", "efficiency"), f"c{two}": ("positive",)})
    code, out, told = command("sample", "read", "ana.xlsx", "--coder", "ana")
    assert code == 0, told
    assert "2 comments added, 2 coded in ana.xlsx, 4 in the sample" in out and "not coded yet" in out
    hand = load_hand_codes([coding.folder / "hand" / "ana.csv"], ["efficiency", "empathy"])
    assert hand["comment_id"].tolist() == [one, two]
    assert hand["codes"].tolist() == [["efficiency"], []]
    code, out, told = command("check")  # sample.csv is no coder
    assert code == 0, told
    assert "hand codes ana: 2 comments" in out


def test_problems_are_listed_and_nothing_is_written(coding, command):
    ids = handed_out(command)
    fill("ana.xlsx", **{f"c{ids[0]}": ("negative", "efficienzy"), f"c{ids[1]}": ("positive", "empathy")})
    code, out, told = command("sample", "read", "ana.xlsx", "--coder", "ana")
    assert code == 2
    assert "efficienzy" in out and ids[0] in out and "nothing was written" in told
    assert not (coding.folder / "hand" / "ana.csv").exists()
    code, out, told = command("sample", "read", "ana.xlsx", "--coder", "ana", "--partly")
    assert code == 0, told
    assert "1 comments added" in out


def test_a_sheet_read_twice_changes_nothing(coding, command):
    ids = handed_out(command)
    fill("ana.xlsx", **{f"c{ids[0]}": ("negative",)})
    command("sample", "read", "ana.xlsx", "--coder", "ana")
    before = coding.files()
    code, out, told = command("sample", "read", "ana.xlsx", "--coder", "ana")
    assert code == 0, told
    assert "0 comments added" in out and coding.files() == before


def test_only_one_draw(coding, command):
    command("sample", "draw", 4)
    command("sample", "draw", 3)
    code, out, told = command("sample", "sheet", "more.jsonl", "--draw", 2)
    assert code == 0, told
    assert "3 comments to code" in out
    assert len(pd.read_json("more.jsonl", lines=True)) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("draw", 21), "expected 1 to 20"),
        (("draw", 2, "--rare", "empaty"), "no such code.*empathy"),
        (("draw", 2, "--rare", "empathy"), "codes.parquet is not there yet"),
        (("sheet", "a.xlsx"), "sample.csv cannot be read"),
        (("read", "a.xlsx", "--coder", "gold"), "Choose another"),
    ],
)
def test_what_cannot_be_done_is_told(coding, command, arguments, told):
    before = coding.files()
    code, _, error = command("sample", *arguments)
    assert code == 2 and pd.Series([error]).str.contains(told).all(), error
    assert coding.files() == before


def test_a_sheet_of_one_draw_comes_back_and_a_corrected_one_replaces(coding, command):
    command("sample", "draw", 4)
    command("sample", "draw", 3)
    command("sample", "sheet", "more.xlsx", "--draw", 2, "--language", "en")
    ids = [row[0].value for row in openpyxl.load_workbook("more.xlsx").worksheets[0].iter_rows(min_row=2)]
    fill("more.xlsx", **{f"c{i}": ("neutral",) for i in ids})
    code, out, told = command("sample", "read", "more.xlsx", "--coder", "ana", "--draw", 2)
    assert code == 0, told
    assert "3 comments added" in out
    fill("more.xlsx", **{f"c{ids[0]}": ("positive",)})
    code, _, told = command("sample", "read", "more.xlsx", "--coder", "ana", "--draw", 2)
    assert code == 2
    assert "sentiment is 'neutral' there, but 'positive' here" in told
    code, out, told = command("sample", "read", "more.xlsx", "--coder", "ana", "--draw", 2, "--replace")
    assert code == 0, told
    hand = load_hand_codes([coding.folder / "hand" / "ana.csv"], ["efficiency", "empathy"])
    assert sorted(hand["sentiment"]) == ["neutral", "neutral", "positive"]


def test_check_tells_of_the_sample_and_of_gold_that_is_out_of_date(coding, command):
    command("sample", "draw", 4)
    drawn = load_sample(coding.folder / "hand" / "sample.csv").dropna()["comment_id"].tolist()
    header = "comment_id,coder,sentiment,codes\n"
    for who, label in (("ana", "neutral"), ("leo", "positive"), ("gold", "neutral")):
        coding.write(f"hand/{who}.csv", f"{header}{drawn[0]},{who},{label},\n")
    code, out, told = command("check")
    assert code == 0, told
    assert "sample     4 comments drawn, 4 in this study; ana has coded 1; gold has coded 1" in out
    assert "gold is out of date: 1 differences between coders are open" in out


def test_a_study_without_a_folder_for_hand_codes(coding, command):
    entry = {"file": "c.csv", "columns": {"text": "text", "group": "group"}}
    coding.write_study(inputs=[entry])
    code, _, error = command("sample", "draw", 2)
    assert code == 2 and "names no folder for people's codes" in error


def test_a_draw_that_nobody_drew(coding, command):
    command("sample", "draw", 2)
    code, _, error = command("sample", "sheet", "a.xlsx", "--draw", 5)
    assert code == 2 and "No comments were drawn as draw 5" in error
