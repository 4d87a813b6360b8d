"""comments: raw = kept + dropped in every run, masked before anything is returned, ids that stay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import COMMENTS
from cxresearch import privacy
from cxresearch.comments import REASONS, ledger, load_comments
from cxresearch.errors import InputError
from cxresearch.raw import parse_dates
from cxresearch.study import COMMENT_COLUMNS, find_study
from cxresearch.tables import write_table

IN_ONE_PROJECT = [HealthCheck.function_scoped_fixture]


def load(project, **changes):
    """Load the comments of the project's study, some settings changed."""
    project.write_study(**changes)
    return load_comments(find_study())


def test_columns_groups_and_types(project):
    project.write(
        "c.csv",
        "clave;texto;quién;marca;fecha;estrellas;autor;país\n"
        "a1;Muy bien todo;cliente;A;03/04/2025;4.5;@Ana;MX\n"
        "a2;Gracias por escribirnos;1;A;;;;ES\n",
    )
    ours = {"comment_id": "clave", "text": "texto", "group": "quién", "brand": "marca", "date": "fecha"}
    entry = {
        "columns": ours | {"rating": "estrellas", "author": "autor"},
        "groups": {"cliente": "consumer", 1: "brand"},  # numbers need no quotes
        "constants": {"channel": "x", "language": "es"},
        "keep": {"country": "país"},
        "day_first": True,
    }
    comments, dropped, masked = load(project, entry=entry)
    assert list(comments) == [*COMMENT_COLUMNS, "second_language", "file", "row", "country"]
    assert comments["group"].tolist() == ["consumer", "brand"]
    assert comments["date"].iloc[0] == pd.Timestamp(2025, 4, 3) and pd.isna(comments["date"].iloc[1])
    assert comments["rating"].iloc[0] == 4.5 and np.isnan(comments["rating"].iloc[1])
    assert comments["author"].iloc[0] == privacy.pseudonyms(pd.Series(["ana"]), b"k").iloc[0]
    assert comments["author"].isna().tolist() == [False, True]
    assert comments[["channel", "language", "country"]].values.tolist() == [
        ["x", "es", "MX"],
        ["x", "es", "ES"],
    ]
    assert comments["row"].tolist() == [2, 3]
    assert dropped.empty and masked.sum() == 0


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".xlsx", ".parquet"])
def test_the_format_makes_no_difference(ending, project):
    expected, *_ = load(project)
    table = pd.read_csv(project.folder / "c.csv")
    if ending == ".parquet":  # keeps its types
        table = table.assign(date=pd.to_datetime(table["date"]))
    write_table(table, project.folder / f"d{ending}")
    comments, *_ = load(project, entry={"file": f"d{ending}"})
    away = ["file", "row"]
    pd.testing.assert_frame_equal(comments.drop(columns=away), expected.drop(columns=away))


def test_every_reason_with_the_value_that_shows_it(project):
    project.write(
        "c.csv",
        COMMENTS
        + "3,,brand,A,,,\n"
        + "4,?!,brand,A,,,\n"
        + "5,Hello there,bot,A,,,\n"
        + "6,Hello there,brand,A,2025-02-31,,\n"
        + "1,Another text,brand,A,,,\n"
        + "7,we are  SORRY it was slow,brand,A,,,\n"
        + "8,We are sorry it was slow!,brand,A,,,\n"
        + "9,We are sorry it was slow!,brand,B,,,\n",  # another brand: no duplicate
    )
    comments, dropped, _ = load(project)
    assert comments["comment_id"].tolist() == ["1", "2", "9"]
    assert dropped[["row", "reason", "detail"]].values.tolist() == [
        [4, "empty text", ""],
        [5, "no words", "?!"],
        [6, "unknown group", "bot"],
        [7, "unreadable date", "2025-02-31"],
        [8, "duplicate id", "1, as in c.csv, row 2"],
        [9, "exact duplicate", "of 2"],
        [10, "near duplicate", "of 2"],
    ]
    assert sorted(dropped["reason"]) == sorted(REASONS)
    table = ledger(comments, dropped)
    assert table.loc["c.csv", "raw"] == 10 and (table.loc["c.csv", list(REASONS)] == 1).all()


def test_a_dropped_row_never_makes_another_a_duplicate(project):
    project.write(
        "c.csv",
        COMMENTS + "3,Hello there,bot,A,,,\n3,Hello there,brand,A,,,\n4,Hello you,brand,A,31/31/31,,\n",
    )
    comments, dropped, _ = load(project)
    assert dropped["row"].tolist() == [4, 6]
    assert comments["row"].tolist() == [2, 3, 5]


def test_near_duplicates_are_those_of_one_group_and_brand(project):
    rows = ["sorry!,consumer,A", "sorry!,brand,B", "sorry!,brand,", "sorry?,brand,", "sorry?,consumer,A"]
    project.write("c.csv", "text,group,brand\n" + "".join(f"We are all very {row}\n" for row in rows))
    columns = {"text": "text", "group": "group", "brand": "brand"}
    _, dropped, _ = load(project, entry={"columns": columns})
    assert dropped[["row", "reason"]].values.tolist() == [[5, "near duplicate"], [6, "near duplicate"]]


def test_near_duplicates_can_be_kept(project):
    project.write("c.csv", COMMENTS + "3,We are sorry it was slow!,brand,A,,,\n")
    assert len(load(project)[0]) == 2
    assert len(load_comments(find_study(), near_duplicate=1)[0]) == 3
    assert len(load(project, thresholds={"near_duplicate": 1})[0]) == 3


def test_ids_used_in_two_files_are_dropped_with_the_place_of_the_first(project):
    project.write("d.csv", COMMENTS.replace("Great", "Lousy"))
    project.write_study()
    entry = find_study().model_dump(exclude_defaults=True)["inputs"][0]
    comments, dropped, _ = load(project, inputs=[entry, entry | {"file": "d.csv"}])
    assert comments["file"].tolist() == ["c.csv", "c.csv"]
    assert dropped["file"].tolist() == ["d.csv", "d.csv"]
    assert dropped["detail"].iloc[0] == "1, as in c.csv, row 2"
    table = ledger(comments, dropped)
    assert table["raw"].tolist() == [2, 2, 4] and table["kept"].tolist() == [2, 0, 2]


def test_files_of_one_name_are_told_apart(project):
    project.write("2024/c.csv", "text,group\nHello there,brand\n")
    project.write("2025/c.csv", "text,group\nGood morning,brand\n")
    columns = {"text": "text", "group": "group"}
    comments, dropped, _ = load(
        project, inputs=[{"file": f"{year}/c.csv", "columns": columns} for year in (2024, 2025)]
    )
    assert ledger(comments, dropped).index.tolist() == ["2024/c.csv", "2025/c.csv", "all files"]


PRIVATE = {"email": "ana.lopez@correo.mx", "phone": "55 1234 5678", "handle": "@ana_lopez"}
PLACES = st.sampled_from(["text", "group", "date", "kept", "author"])
CELLS = {
    "id": st.sampled_from(["", "1", "2", "3", "x9"]),
    "text": st.sampled_from(
        ["", " ", "?!", "😀", "hello there", "Hello  there", "muy mal servicio", "slow, slow"]
    )
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=15),
    "group": st.sampled_from(["consumer", "brand", "consumer", "brand", "bot", ""]),
    "brand": st.sampled_from(["A", "B", ""]),
    "date": st.sampled_from(["2025-01-02", "", "2025-02-31", "soon"]),
    "rating": st.sampled_from(["", "4", "4.5"]),
    "author": st.sampled_from(["", "ana", "@Ana"]),
    "kept": st.sampled_from(["", "a", "12345678901234567"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)
SPILLS = st.lists(st.tuples(PLACES, st.sampled_from(sorted(PRIVATE)), st.integers(0, 11)), max_size=4)


@settings(suppress_health_check=IN_ONE_PROJECT, max_examples=120)
@given(rows=ROWS, spills=SPILLS)
def test_raw_is_kept_and_dropped_and_nothing_private_comes_out(project, rows, spills):
    rows = [dict(row, marker=str(number)) for number, row in enumerate(rows)]  # so that no line is blank
    for place, kind, number in spills:
        row = rows[number % len(rows)]
        row[place] = PRIVATE[kind] if place != "text" else f"{row[place]} {PRIVATE[kind]} "
    write_table(pd.DataFrame(rows, dtype="str"), project.folder / "c.jsonl")
    project.write_study(entry={"file": "c.jsonl", "keep": {"kept": "kept", "marker": "marker"}})
    try:
        comments, dropped, _ = load_comments(find_study())
    except InputError as error:
        assert f"None of the {len(rows)} rows can be used" in str(error)
        assert not any(secret in str(error) for secret in PRIVATE.values())
        return
    table = ledger(comments, dropped)
    assert (table["raw"] == table["kept"] + table[list(REASONS)].sum(axis=1)).all()
    assert table.loc["all files", "raw"] == len(rows)
    assert sorted([*comments["row"], *dropped["row"]]) == list(range(1, len(rows) + 1))
    assert comments["comment_id"].is_unique and comments["comment_id"].notna().all()
    assert dropped["reason"].isin(REASONS).all()
    for kept in (comments, dropped):
        written = kept.astype("str").fillna("").to_numpy().ravel().tolist()
        assert not any(secret in cell for secret in PRIVATE.values() for cell in written)
    assert set(comments["author"].dropna().str[:2]) <= {"p_"}
    longs = comments.loc[comments["kept"] == "12345678901234567", "marker"].astype(int)
    assert longs.tolist() == [
        n for n in comments["marker"].astype(int) if rows[n]["kept"].startswith("1234567890")
    ]


WITHOUT_ID = {
    "columns": {"text": "text", "group": "group", "brand": "brand", "date": "date", "author": "author"}
}


@settings(suppress_health_check=IN_ONE_PROJECT, max_examples=30)
@given(order=st.permutations(range(6)), name=st.sampled_from(["c.csv", "other.csv", "deep/er.csv"]))
def test_ids_of_content_do_not_depend_on_order_or_file(project, order, name):
    texts = ["Muy mal", "Muy bien", "Great", "Slow as ever", "Never again", "No me contestan"]
    rows = [f"{n},{text},consumer,A,2025-01-0{n + 1},,ana{n}\n" for n, text in enumerate(texts)]
    head = COMMENTS.splitlines(keepends=True)[0]
    project.write("c.csv", head + "".join(rows))
    first = load(project, entry=WITHOUT_ID)[0].set_index("text")["comment_id"]
    project.write(name, head + "".join(rows[n] for n in order))
    second = load(project, entry=WITHOUT_ID | {"file": name})[0].set_index("text")["comment_id"]
    assert second.to_dict() == first.to_dict()
    assert first.is_unique and first.str.fullmatch("c[0-9a-f]{12}").all()


def test_ids_of_content_are_the_same_on_every_machine(project):
    ids = load(project, entry=WITHOUT_ID)[0]["comment_id"].tolist()
    assert ids == ["c262ddc376e20", "c36d8fe419b2d"]  # hand codes of a study without ids hang on them


@pytest.mark.parametrize(
    "text, day_first, expected",
    [
        ("2025-04-03", True, "2025-04-03"),  # ISO 8601 whatever the order
        ("2025-04-03", False, "2025-04-03"),
        ("2025/4/3", False, "2025-04-03"),
        ("2025-04-03T23:59:59Z", True, "2025-04-03"),
        ("2025-04-03 00:00:00", True, "2025-04-03"),
        (" 03/04/2025 ", True, "2025-04-03"),
        ("03/04/2025", False, "2025-03-04"),
        ("3.4.2025", True, "2025-04-03"),
        ("3-4-2025, 10:30", True, "2025-04-03"),
        ("31/12/2025", True, "2025-12-31"),
        ("31/12/2025", False, None),  # never guessed
        ("12/31/2025", True, None),
        ("29/02/2024", True, "2024-02-29"),
        ("29/02/2025", True, None),
        ("0000-00-00", True, None),
        ("3 de abril", True, None),
        ("2025", True, None),
        ("03/04/25", True, None),  # which century?
        ("", True, None),
        (None, True, None),
    ],
)
def test_parse_dates(text, day_first, expected):
    read = parse_dates(pd.Series([text], dtype="str"), day_first=day_first)
    assert read.dtype == "datetime64[s]"
    assert (None if pd.isna(read[0]) else str(read[0].date())) == expected


@pytest.mark.parametrize("day_first", [True, False])
@given(days=st.lists(st.dates(pd.Timestamp(1990, 1, 1).date(), pd.Timestamp(2100, 1, 1).date()), min_size=1))
def test_dates_written_in_the_stated_order_are_read_back(day_first, days):
    written = pd.Series([day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for day in days], dtype="str")
    assert parse_dates(written, day_first=day_first).dt.date.tolist() == days


def test_one_stray_date_is_dropped_and_does_not_turn_the_file_round(project):
    project.write("c.csv", COMMENTS + "3,Hello there,brand,A,31/12/2025,,\n4,Good day,brand,A,12/31/2025,,\n")
    comments, dropped, _ = load(project)
    assert dropped[["row", "reason", "detail"]].values.tolist() == [[4, "unreadable date", "31/12/2025"]]
    assert str(comments["date"].iloc[-1].date()) == "2025-12-31"


@pytest.mark.parametrize(
    "written, read", [("EN", "en"), ("es-MX", "es"), ("en_US", "en"), ("other", "other")]
)
def test_languages_as_exports_write_them(written, read, project):
    columns = {"text": "text", "group": "group", "language": "author"}
    project.write("c.csv", f"text,group,author\nFine,brand,{written}\nVery fine,brand,\n")
    comments, *_ = load(project, entry={"columns": columns})
    assert comments["language"].tolist() == [read, "en"]  # the second is found


def test_brand_handles_stay(project):
    project.write("c.csv", "text,group\nGracias @MiBanco y @ana_lopez,brand\n")
    columns = {"text": "text", "group": "group"}
    comments, _, masked = load(project, entry={"columns": columns}, brand_handles=["mibanco"])
    assert comments["text"].tolist() == ["Gracias @MiBanco y @user"]
    assert masked["handle"] == 1


def test_the_private_key_is_made_only_when_authors_need_it(project):
    load(project, pseudonym_key=None, entry={"columns": {"text": "text", "group": "group"}})
    assert not (project.folder / ".cxresearch_key").exists()
    first = load(project, pseudonym_key=None)[0]["author"].tolist()
    assert (project.folder / ".cxresearch_key").exists()
    assert load(project, pseudonym_key=None)[0]["author"].tolist() == first


def test_many_rows_that_resemble_each_other_finish(project):
    rows = [f"Gracias por escribirnos, tu caso {n:05} sigue abierto,brand" for n in range(3000)]
    project.write("c.csv", "text;group\n" + "\n".join(row.replace(",brand", ";brand") for row in rows))
    comments, dropped, _ = load(project, entry={"columns": {"text": "text", "group": "group"}})
    assert len(comments) + len(dropped) == 3000
    assert (dropped["reason"] == "near duplicate").all() and len(comments) < 100


def test_the_sample_study_loses_nothing(root):
    comments, dropped, masked = load_comments(find_study(str(root / "study.yaml")))
    table = ledger(comments, dropped)
    assert (table["raw"] == table.drop(columns="raw").sum(axis=1)).all()
    assert (table.loc["all files", list(REASONS)] > 0).all()  # it shows every reason
    assert (masked > 0).all()
