"""handcoding: coders' files read back, every slip refused by file and row, codes beside their comments."""

import pandas as pd
import pytest

from cxresearch.codebook import Codebook
from cxresearch.errors import InputError
from cxresearch.handcoding import (
    FILED,
    add_hand_codes,
    check_coder,
    hand_codes,
    hand_sentiment,
    load_hand_codes,
    people_and_rounds,
    reference_coder,
)
from cxresearch.themes import COLUMNS as CODE_COLUMNS
from cxresearch.themes import code_table

NAMES = ["ease", "efficiency", "loyalty"]
HEADER = "comment_id,coder,sentiment,codes\n"


@pytest.fixture
def save(tmp_path):
    """Write a coder's file and return its path."""

    def _save(rows, name="ana.csv", header=HEADER):
        path = tmp_path / name
        path.write_text(header + rows, encoding="utf-8")
        return path

    return _save


def test_files_one_below_the_other(save):
    ana = save("c1,ana,negative,ease;loyalty\nc2,ana,,\n")
    leo = save("c1,leo,neutral,\nc3,leo,positive,loyalty\n", "leo.csv")
    hand = load_hand_codes([ana, leo], NAMES)
    assert hand["coder"].tolist() == ["ana", "ana", "leo", "leo"]
    assert hand["codes"].tolist() == [["ease", "loyalty"], [], [], ["loyalty"]]
    assert hand["sentiment"].fillna("none").tolist() == ["negative", "none", "neutral", "positive"]
    assert hand.index.tolist() == [0, 1, 2, 3]


def test_no_files():
    none = load_hand_codes([], NAMES)
    assert none.empty
    assert none.columns.tolist() == ["comment_id", "coder", "sentiment", "codes"]


def test_further_columns_are_kept(save):
    hand = load_hand_codes(
        [save("ease,c1,ana,,hm\n", header="codes,comment_id,coder,sentiment,note\n")], NAMES
    )
    assert hand["note"].tolist() == ["hm"]
    assert hand["codes"].tolist() == [["ease"]]


@pytest.mark.parametrize("cell", ["ease;loyalty", " ease ; loyalty ", "ease;;loyalty;", ";ease; ;loyalty"])
def test_spaces_and_spare_semicolons_do_no_harm(save, cell):
    assert load_hand_codes([save(f"c1,ana,positive,{cell}\n")], NAMES)["codes"][0] == ["ease", "loyalty"]


def test_a_file_without_any_code(save):
    hand = load_hand_codes([save("c1,ana,,\nc2,ana,,\n")], NAMES)
    assert hand["codes"].tolist() == [[], []]
    assert hand["codes"].tolist() == [[], []]


@pytest.mark.parametrize(
    "rows, told",
    [
        ("c1,ana,,ease\nc2,ana,,loyalti;ease\n", r"ana\.csv, row 3: .*'loyalti'.*Did you mean 'loyalty'\?"),
        ("c1,ana,,xyz\n", r"row 2: .*'xyz'.*Known here: ease, efficiency, loyalty"),
        ("c1,ana,,Ease\n", r"row 2: there is no code 'Ease'.*Did you mean 'ease'\?"),
        ('c1,ana,,"ease, loyalty"\n', r"row 2: there is no code 'ease, loyalty'"),
        ("c1,ana,good,\n", r"ana\.csv, row 2: there is no sentiment 'good'\. Known here: neg"),
        ("c1,learned,,ease\n", r"row 2: the coder 'learned' has a machine's name\. Rename it"),
        ("c1,ana,,\n\nc1,ana,,ease\n", r"c1 is coded twice by ana in ana\.csv\. Keep one"),
        (",ana,,ease\n", r"ana\.csv, row 2: comment_id is empty"),
        ("c1,ana,,\nc2,,,ease\n", r"ana\.csv, row 3: coder is empty"),
    ],
)
def test_slips_are_refused(save, rows, told):
    with pytest.raises(InputError, match=told):
        load_hand_codes([save(rows)], NAMES)


@pytest.mark.parametrize("lacking", ["comment_id", "coder", "sentiment", "codes"])
def test_a_missing_column_is_refused(save, lacking):
    header = HEADER.replace(lacking, "other")
    told = f"ana.csv has no column '{lacking}'; .*Hand codes need comment_id, coder, sentiment, codes"
    with pytest.raises(InputError, match=told):
        load_hand_codes([save("c1,ana,,\n", header=header)], NAMES)


def test_a_coder_in_two_files_is_refused(save):
    """A copy of a file left in the folder would count its coder twice."""
    files = [save("c1,ana,,ease\n"), save("c2,ana,,\nc1,ana,,\n", "ana (1).csv")]
    with pytest.raises(
        InputError, match=r"c1 is coded twice by ana in ana\.csv, ana \(1\)\.csv.*one file per"
    ):
        load_hand_codes(files, NAMES)


def test_two_coders_may_code_one_comment_in_one_file(save):
    assert len(load_hand_codes([save("c1,ana,,ease\nc1,leo,,\n")], NAMES)) == 2


@pytest.mark.parametrize(
    "coders, ids, reference",
    [
        (["ana", "gold"], ["c1", "c2"], "gold"),
        (["gold", "ana", "ana"], ["x1", "c2", "c3"], "ana"),  # gold coded another study's comments
        (["leo", "ana", "leo"], ["c1", "c2", "c3"], "leo"),
        (["leo", "ana"], ["c1", "c2"], "ana"),  # as many: by name
        (["dictionary", "dictionary", "ana"], ["c1", "c2", "c2"], "ana"),  # machines do not count
        (["ana", "ana", "leo", "leo"], ["c1", "c1", "c1", "c2"], "leo"),  # comments, not codes
        ([], [], ""),
    ],
)
def test_reference_coder(coders, ids, reference):
    hand = pd.DataFrame({"coder": coders, "comment_id": ids}, dtype="str")
    assert reference_coder(hand, pd.Index(["c1", "c2", "c3"])) == reference


def test_reference_coder_refuses_codes_of_other_comments():
    hand = pd.DataFrame({"coder": ["ana"], "comment_id": ["h001"]})
    with pytest.raises(InputError, match=r"None of the 1 hand-coded .* 'h001', the study's 'c1'"):
        reference_coder(hand, pd.Index(["c1"]))


@pytest.fixture
def hand():
    """Two coders; one comment that the study no longer has."""
    rows = [
        ("c3", "ana", "positive", ["ease", "ease"]),
        ("c1", "ana", None, []),
        ("gone", "ana", "negative", ["loyalty"]),
        ("c1", "leo", "neutral", ["efficiency"]),
    ]
    return pd.DataFrame(rows, columns=["comment_id", "coder", "sentiment", "codes"])


def test_hand_codes_become_codes(hand, tiny_codebook):
    book = Codebook.model_validate(tiny_codebook)
    hand.loc[0, "codes"] = ["empathy", "efficiency", "empathy"]
    coded = hand_codes(hand, pd.Index(["c1", "c2", "c3"]), book)
    found = coded[["coder", "comment_id", "code"]].fillna("").to_numpy().tolist()
    assert found == [
        ["ana", "c1", ""],  # looked at, no code
        ["ana", "c3", "efficiency"],
        ["ana", "c3", "empathy"],
        ["leo", "c1", "efficiency"],
    ]
    assert set(coded["codebook"]) == {""}
    assert code_table(coded, "ana", pd.Index(["c1", "c2", "c3"]), book.names).index.tolist() == ["c1", "c3"]
    stated = hand_codes(hand.assign(codebook=["0.9", None, "0.9", "1.0"]), pd.Index(["c1", "c3"]), book)
    assert stated["codebook"].tolist() == ["", "0.9", "0.9", "1.0"]


def test_no_hand_codes_are_an_empty_table(tiny_codebook):
    none = hand_codes(load_hand_codes([]), pd.Index(["c1"]), Codebook.model_validate(tiny_codebook))
    assert none.empty
    assert none.columns.tolist() == CODE_COLUMNS


def test_hand_sentiment(hand):
    found = hand_sentiment(hand, "ana", pd.Index(["c1", "c2", "c3"]))
    assert found.to_dict() == {"c3": "positive"}  # c1 has no label
    assert found.index.name == "comment_id"
    assert hand_sentiment(hand, "leo", pd.Index(["c3", "c1"])).to_dict() == {"c1": "neutral"}
    assert hand_sentiment(hand, "nobody", pd.Index(["c1"])).empty


def test_comments_still_being_coded_are_left_out(save):
    header = "comment_id,coder,sentiment,codes,done\n"
    path = save("c1,ana,negative,ease,yes\nc2,ana,,ease,\nc3,ana,,,yes\n", header=header)
    assert load_hand_codes([path], NAMES)["comment_id"].tolist() == ["c1", "c3"]
    assert load_hand_codes([save("c1,ana,,ease,\n", header=header)], NAMES).empty


@pytest.mark.parametrize("name", ["ana", "Ana_2", "zoé", "ana-maría.2", "a.9", "ana.10"])
def test_names_that_coders_may_have(name):
    assert check_coder(name) == name


@pytest.mark.parametrize(
    "name", ["", "../ana", "ana lópez", "_ana", "gold", "Dictionary", "sample", "a.b", "a\n"]
)
def test_names_that_coders_may_not_have(name):
    with pytest.raises(InputError, match=r"[Cc]hoose another"):
        check_coder(name)


def filed(**rows):
    """A coder's rows as they are filed: comment_id to sentiment and codes."""
    table = pd.DataFrame([(i, "ana", *row) for i, row in rows.items()], columns=list(FILED[:4]))
    return table.reindex(columns=list(FILED), fill_value="")


def test_new_rows_are_added_and_old_ones_stay(tmp_path):
    path = tmp_path / "ana.csv"
    assert add_hand_codes(filed(c1=("positive", "ease")), path) == 1
    before = path.read_bytes()
    assert add_hand_codes(filed(c1=("positive", "ease"), c2=("", "loyalty;ease")), path) == 1
    assert path.read_bytes().startswith(before)
    hand = load_hand_codes([path], NAMES)
    assert hand.empty  # nothing was called done
    assert add_hand_codes(filed(c2=("", "ease;loyalty")), path) == 0  # the order of codes is no difference


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("negative", "ease"), "c1: sentiment is 'positive' there, but 'negative' here"),
        (("positive", "loyalty"), "c1: codes is 'ease' there, but 'loyalty' here.*later round"),
    ],
)
def test_rows_that_contradict_the_file_are_refused(tmp_path, row, told):
    path = tmp_path / "ana.csv"
    add_hand_codes(filed(c1=("positive", "ease")), path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=told):
        add_hand_codes(filed(c0=("", "ease"), c1=row), path)
    assert path.read_bytes() == before


def test_memos_and_done_count_as_said(tmp_path):
    path = tmp_path / "ana.csv"
    add_hand_codes(filed(c1=("positive", "ease")), path)
    corrected = filed(c1=("positive", "ease")).assign(memo="sure", done="yes")
    with pytest.raises(InputError, match="memo is '' there, but 'sure' here"):
        add_hand_codes(corrected, path)
    assert add_hand_codes(corrected, path, replace=True) == 1
    assert load_hand_codes([path], NAMES)["memo"].tolist() == ["sure"]


def test_replacing_leaves_other_rows(tmp_path):
    path = tmp_path / "ana.csv"
    add_hand_codes(filed(c1=("positive", "ease"), c2=("", "ease")).assign(done="yes"), path)
    add_hand_codes(filed(c2=("", "loyalty")).assign(done="yes"), path, replace=True)
    hand = load_hand_codes([path], NAMES)
    assert hand.set_index("comment_id")["codes"].to_dict() == {"c1": ["ease"], "c2": ["loyalty"]}


def test_a_file_with_a_comment_twice_is_not_added_to(tmp_path):
    path = tmp_path / "ana.csv"
    twice = pd.concat([filed(c1=("positive", "ease"))] * 2)
    add_hand_codes(twice, path)
    with pytest.raises(InputError, match="row 3: 'c1' is coded twice"):
        add_hand_codes(filed(c2=("", "ease")), path)


@pytest.mark.parametrize(
    ("names", "people", "rounds"),
    [
        (["leo", "ana", "ana"], ["ana", "leo"], []),
        (["ana", "ana.2", "ana.3"], ["ana"], [("ana", "ana.2"), ("ana", "ana.3")]),
        (["ana.2", "leo"], ["leo"], []),  # the first round is not here
        (["dictionary", "learned", "language_model", "gold"], [], []),
        ([], [], []),
    ],
)
def test_people_are_no_machines_and_count_once(names, people, rounds):
    assert people_and_rounds(names) == (people, rounds)
