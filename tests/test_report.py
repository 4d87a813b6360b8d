"""report: its blocks say what the tables hold, alike in both languages; without codes they claim nothing."""

import itertools
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure as Figured

import report_example as example
from cxresearch import charts
from cxresearch.accuracy import accuracy_table
from cxresearch.errors import InputError
from cxresearch.findings import Findings
from cxresearch.phrases import load_phrases, small
from cxresearch.report import build_report, write_report
from cxresearch.report.blocks import Bank, Break, Code, Figure, Heading, Items, Note, Paragraph, Quote, Table

LANGUAGES = ("es", "en")
every = pytest.mark.parametrize("coded", example.CODED)
both = pytest.mark.parametrize("language", LANGUAGES)


def report(tables=None, language="en", study=None, book=None):
    tables = example.tables("all") if tables is None else tables
    found = Findings(study or example.study(), book or example.codebook(), tables, language)
    return build_report(found, example.RUN)


@cache
def made(coded, language):
    """The report of the example, made once."""
    return report(example.tables(coded), language)


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def texts(block):
    """All words of a block."""
    match block:
        case Items(items):
            return [text for item in items for text in (item.lead, item.text)]
        case Table():
            return [block.label, block.caption, *block.header, *itertools.chain(*block.rows)]
        case Figure():
            return [block.label, block.caption, block.alt]
        case Quote():
            return [block.text, block.role, block.source]
        case Note():
            return [block.title, block.text]
        case Paragraph():
            return [block.lead, block.text]
        case Break():
            return []
        case _:
            return [block.text]


def words(report, *kinds):
    """All words of a report, or of some kinds of blocks, without the signs that hold them together."""
    blocks = [block for block in report.blocks if not kinds or isinstance(block, kinds)]
    return plain("\n".join(text for block in blocks for text in texts(block) if text))


def section(report, part):
    """The blocks of a section by its anchor, or of a part of it by its heading or the heading's phrase."""
    phrase = load_phrases(report.language).texts["headings"].get(part, part)
    level, found = 0, []
    for block in report.blocks:
        if isinstance(block, Heading):
            if level and block.level <= level:
                break
            if not level and (part == block.anchor or block.text == phrase):
                level = block.level
        if level:
            found.append(block)
    return found


def table_of(report, caption):
    """The table whose caption holds these words."""
    (table,) = [b for b in report.blocks if isinstance(b, Table) and caption in plain(b.caption)]
    return table


def rows_of(report, caption):
    return [[plain(cell) for cell in row] for row in table_of(report, caption).rows]


# --- the whole ---------------------------------------------------------------------------------------------


@every
@both
def test_headings_are_in_order_and_none_stands_alone(coded, language):
    blocks = [block for block in made(coded, language).blocks if not isinstance(block, Break)]
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    assert levels[0] == 2 and all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for block, after in itertools.pairwise([*blocks, None]):
        if isinstance(block, Heading):
            assert after and (not isinstance(after, Heading) or after.level > block.level), block
    anchors = [heading.anchor for heading in made(coded, language).sections]
    assert anchors[0] == "short" and len(set(anchors)) == len(anchors) == 11 and all(anchors)


@every
@both
def test_figures_and_tables_are_numbered_in_order(coded, language):
    for kind, key in ((Figure, "page.figure"), (Table, "page.table")):
        labels = [block.label for block in made(coded, language).blocks if isinstance(block, kind)]
        assert labels == [load_phrases(language).say(key, n=n) for n in range(1, len(labels) + 1)] != []


@every
@both
def test_no_word_is_missing_or_left_open(coded, language):
    told = words(made(coded, language))
    assert not re.search(r"\b(nan|None(?! of)|NaN|NaT)\b|[{}]| {2}|\(\)|\.\.(?!\.)", told)
    assert not [b for b in made(coded, language).blocks if isinstance(b, Paragraph) and not b.text.strip()]
    for figure in (block for block in made(coded, language).blocks if isinstance(block, Figure)):
        assert figure.name in charts.CHARTS and figure.caption.endswith(".") and len(figure.alt) > 60


@every
@both
def test_tables_are_whole(coded, language):
    for table in (block for block in made(coded, language).blocks if isinstance(block, Table)):
        assert {len(row) for row in table.rows} == {len(table.header)} and all(table.header)
        assert all(row[0] for row in table.rows), table.caption
        assert set(table.strong) <= set(range(len(table.rows)))
        for place in table.numeric:
            assert all(re.fullmatch(r"[+−]?[\d.,\u202f]*(\u202f?%)?", row[place]) for row in table.rows)


def shape(block):
    """What a block is, apart from its words."""
    match block:
        case Heading(_, level, anchor):
            return level, anchor
        case Items(items, ordered):
            return len(items), ordered
        case Table():
            return block.strong, block.numeric, len(block.header), len(block.rows)
        case Figure():
            return block.name
        case _:
            return type(block).__name__


@every
def test_both_languages_have_the_same_blocks(coded):
    shapes = [[shape(b) for b in made(coded, lang).blocks if not isinstance(b, Quote)] for lang in LANGUAGES]
    assert shapes[0] == shapes[1]


@both
def test_the_same_tables_give_the_same_blocks(language):
    assert report(example.tables("some"), language) == made("some", language)


@every
def test_numbers_are_written_as_the_language_does(coded):
    """Apart from versions, hashes, names of files and what people wrote."""
    unlike = {"es": r"\d\.\d", "en": r"\d,\d(?!\d\d)"}
    for language, wrong in unlike.items():
        blocks = [b for b in made(coded, language).blocks if not isinstance(b, Quote | Code)]
        told = [plain(text) for block in blocks for text in texts(block)]
        versions = {*example.RUN["packages"].values(), "0001122330011223"}
        found = [text for text in told if text not in versions and re.search(wrong, text.replace("1.2", ""))]
        assert found == []


CLAIMS = {
    "es": r"\b[Cc]oinciden\b(?! los)|difieren|no demostrado|predomina [el]",
    "en": r"aligned,|they differ|Different|not shown\b|prevails,",
}


@both
def test_without_hand_codes_nothing_is_claimed(language):
    say, found = load_phrases(language).say, made("none", language)
    note = next(block for block in found.blocks if isinstance(block, Note) and block.strong)
    assert note.title == say("notes.machine_all_title")
    limits = [block for block in found.blocks if isinstance(block, Heading)].index(
        Heading(say("headings.limits"), 3)
    )
    heads = [block for block in found.blocks if isinstance(block, Heading)][:limits]
    body = [block for block in found.blocks[: found.blocks.index(heads[-1])] if block is not note]
    told = "\n".join(text for block in body for text in texts(block) if isinstance(text, str))
    assert not re.search(CLAIMS[language], told)
    assert say("headings.agreement") not in told and say("headings.correction") not in words(found)
    corrected = made("some", language)
    assert re.search(CLAIMS[language], words(corrected))
    assert not [block for block in corrected.blocks if isinstance(block, Note) and block.strong]


@both
def test_figures_of_the_machine_are_marked(language):
    say = load_phrases(language).say
    for coded, part in (("none", "all"), ("one group", "some"), ("all", "none")):
        captions = [b.caption for b in made(coded, language).blocks if isinstance(b, Table)]
        marked = [caption for caption in captions if say("uncorrected.all").strip(" ()") in caption]
        assert bool(marked) == (part != "none")
        notes = [b.title for b in made(coded, language).blocks if isinstance(b, Note) and b.strong]
        assert notes == ([] if part == "none" else [say(f"notes.machine_{part}_title")])


@every
def test_too_few_comments(coded):
    found = report(example.tables(coded, n=15))
    assert "too few comments" in words(found) and not re.search(r"\bnan\b", words(found))
    assert not re.search(CLAIMS["en"], words(found, Paragraph).partition("Krippendorff")[0])


def test_a_group_without_comments_is_called_that():
    rows = rows_of(made("missing group", "en"), "Sentiment by group")
    assert rows[1] == ["Brands", "0", "0", "no comments", "", "no comments", "no comments"]


def test_a_study_of_ones_own_groups_and_about():
    tables = example.tables("some", groups=("patient", "clinic"))
    study = example.study(groups=["patient", "clinic"], about=None)
    told = words(report(tables, "es", study))
    assert "patient y clinic" in told and "Sobre este estudio" not in told
    assert load_phrases("es").say("datasheet.not_stated") in told
    assert not re.search(r"consumidores|marcas,", told.partition("original")[0].partition("modelo")[0])


def test_missing_family():
    codes = {family: codes for family, codes in example.CODES.items() if family != "practice"}
    with pytest.raises(InputError, match=r"has no family practice, .* Keep all seven families"):
        report(book=example.codebook(codes))


def test_empty_tables_without_columns_are_accepted():
    tables = example.tables("some")
    empty = ("agreement", "error_differences", "accuracy", "confusion", "thresholds", "series", "words")
    tables |= {name: pd.DataFrame() for name in (*empty, "sensitivity", "breakdown")}
    told = words(report(tables))
    assert "Krippendorff" not in told and load_phrases("en").say("patterns_chart.monthly.empty") in told


# --- what the tables say -----------------------------------------------------------------------------------


SHARE, LIMITS = {"share": 0.1234, "low": 0.1, "high": 0.16}, {"low": 0.7, "high": 0.8}
SIGNAL = {"signal": "above", "share": 0.7654, "centre": 0.111}
FIRST = {"likely": "act first", "quadrant": "act first", "share": 0.7654}


@pytest.mark.parametrize(
    "table, chosen, values, part, expected",
    [
        ("estimates", "code == 'emotional_self'", SHARE, "short", "12,3 % (10,0 a 16,0)"),
        ("estimates", "code == 'price_value'", SHARE, "value", "12,3 % (10,0 a 16,0)"),
        ("estimates", "code == 'service'", SHARE, "where", "12,3 % (10,0 a 16,0)"),
        ("estimates", "code == 'culture'", {"machine_share": 0.7654}, "appendices", "76,5 %"),
        ("estimates", "code == 'culture'", {"rogan_gladen": 0.7654}, "appendices", "76,5 %"),
        ("comparisons", "code == 'ease'", {"gap": -0.7654} | LIMITS, "codes", "−76,5 (70,0 a 80,0)"),
        ("net_sentiment", "group == 'brand'", {"net": 0.7654} | LIMITS, "balance", "+76,5 (70,0 a 80,0)"),
        ("breakdown", "code == 'negative' and group == 'brand: es'", {"share": 0.7654}, "balance", "76,5 %"),
        ("ledger", "file == 'a.csv'", {"raw": 1234}, "comments", "1234"),
        ("masked", "kind == 'card'", {"n": 77}, "comments", "77 tarjetas"),
        ("profiles", "measure == 'distance'", {"value": 0.7654} | LIMITS, "profiles", "0,77 (0,70 a 0,80)"),
        ("profiles", "measure == 'spearman'", {"baseline": 0.7654}, "profiles", "al azar saldría 0,77"),
        ("profiles", "brand == 'Almendra'", {"index": -0.7654}, "value", "−0,77"),
        ("associations", "question == 'intention by sentiment'", {"share": 0.7654}, "intention", "76,5 %"),
        ("associations", "given == 'service'", {"share_without": 0.7654}, "expectations", "76,5 %"),
        ("series", "code == 'ease' and month == '2025-03'", SIGNAL, "months", "marzo de 2025: 76,5 %"),
        ("priorities", "code == 'culture'", FIRST | {"performance": -0.7654}, "plan", "−76,5 puntos"),
        ("accuracy", "language == 'es' and group == 'all'", {"accuracy": 0.7654}, "accuracy", "76,5 %"),
        ("agreement", "code == 'ease'", {"alpha": 0.7654}, "agreement_by_code", "0,77"),
    ],
)
def test_a_figure_of_the_tables_stands_where_it_is_told_of(table, chosen, values, part, expected):
    def told(tables):
        return plain(
            "\n".join(text for block in section(report(tables, "es"), part) for text in texts(block))
        )

    tables = example.tables("some")
    place = tables[table].query(chosen).index
    assert len(place) and expected not in told(tables)
    tables[table].loc[place, list(values)] = list(values.values())
    assert expected in told(tables)


def with_verdicts(**verdicts):
    tables = example.tables("all")
    table = tables["comparisons"].set_index("code", drop=False)
    for code, verdict in verdicts.items():
        table.loc[code, "verdict"] = verdict
    return tables | {"comparisons": table.reset_index(drop=True)}


VERDICTS = {
    "ease": "different", "relevance": "aligned", "empathy": "not shown", "recognition": "too few to say",
    "price_value": "uncorrected",
}  # fmt: skip


@both
def test_verdicts_are_those_of_the_table(language):
    found, phrases = report(with_verdicts(**VERDICTS), language), load_phrases(language)
    for name, families in (("personalization", 2), ("value", 2), ("where", 3)):
        table = table_of(found, phrases.say(f"comparison.{name}"))
        assert len(table.strong) == families
        for code, *_, verdict in table.rows:
            if (known := code.split(" (")[0].lower()) in VERDICTS:
                assert verdict.startswith(phrases.name("verdict", VERDICTS[known]))
    lists = next(block for block in section(found, "codes") if isinstance(block, Items))
    told = [(item.lead, item.text.split(" (")[0].lower()) for item in lists.items]
    codes = ("ease", "relevance", "empathy", "recognition")
    assert told == [(phrases.say(f"verdicts.list.{VERDICTS[code]}"), code) for code in codes]


FEWER = "fewer than 5 cases or non-cases expected"


@pytest.mark.parametrize(
    "values, expected",
    [
        ({"verdict": "different", "q": 0.0004}, "different (q < 0.001)"),
        ({"verdict": "different", "q": 0.0312}, "different (q = 0.031)"),
        ({"verdict": "not shown", "reason": FEWER}, "not shown (fewer than 5 cases expected)"),
        ({"verdict": "aligned", "q": 0.0312}, "aligned"),
    ],
)  # fmt: skip
def test_a_verdict_gives_q_or_why_there_is_none(values, expected):
    tables = with_verdicts()
    tables["comparisons"].loc[tables["comparisons"]["code"] == "ease", list(values)] = list(values.values())
    assert rows_of(report(tables), "The two models and their codes")[1][-1] == expected


@both
@pytest.mark.parametrize("part", ["balance", "personalization"])
def test_the_original_study_stands_apart_from_these_comments(language, part):
    say, blocks = load_phrases(language).say, section(made("some", language), part)
    head, theirs, here, first, *_ = blocks[1:]
    assert (head.text, theirs.text) == (say("headings.original"), say(f"original.{part}"))
    assert here.text == say("headings.here") and re.search(r"\d", first.text)
    assert not re.search(r"\d", theirs.text)


def test_the_plan_is_that_of_the_table():
    tables = example.tables("some")
    rows = tables["priorities"].query(
        "group == 'consumer' and likely == 'act first' and quadrant != 'too few to say'"
    )
    expected = [f"{code.capitalize()} (en)." for code in rows.sort_values("rank")["code"][:5]]
    lists = [block for block in made("some", "en").blocks if isinstance(block, Items) and block.ordered]
    assert [[item.lead for item in block.items] for block in lists] == [expected[:3], expected] != [[], []]


def test_months_outside_their_range_are_counted_and_told():
    tables = example.tables("some")
    tables["series"]["signal"] = ""
    told = words(report(tables), Paragraph)
    assert re.search(r"Of \d+ monthly values, 0 leave the usual range; by chance, \d+ to \d+ could", told)
    tables["series"].loc[tables["series"].query("group == 'brand'").index[:8], "signal"] = "below"
    told = words(report(tables), Paragraph)
    assert re.search(r"Of \d+ monthly values, 8 leave", told) and told.count("below the usual") == 6


@pytest.mark.parametrize("p, there", [(0.01, "apart"), (0.2, "not_shown")])
def test_profiles_are_said_to_differ_only_where_chance_is_ruled_out(p, there):
    tables = example.tables("some")
    tables["profiles"]["p"] = p
    told = words(report(tables), Paragraph)
    for key in ("apart", "not_shown"):
        assert (load_phrases("en").say(f"profiles.{key}") in told) == (key == there)
    assert load_phrases("en").say("profiles.apart") not in words(made("one group", "en"))


@both
def test_sensitivity_names_its_variants_in_the_language(language):
    ways = {"hand codes only": ("solo lo codificado a mano", "hand codes only")}
    ways["without Almendra"] = ("sin Almendra", "without Almendra")
    ways["sentiment thresholds of 0.2"] = ("umbrales del sentimiento de 0,2", "sentiment thresholds of 0.2")
    ways["learned"] = ("codificador aprendido (máquina)", "learned coder (machine)")
    ways["leo, not ana, is right (12 comments that both coded)"] = (
        "con los códigos de «leo» en lugar de «ana» (12 comentarios que codificaron los dos)",
        "coded by leo instead of ana (12 comments both coded)",
    )
    table = pd.DataFrame({"variant": list(ways)}).assign(
        code="net", base_verdict="different", gap=0.2, holds="changes"
    )
    rows = rows_of(
        report(example.tables() | {"sensitivity": table}, language),
        load_phrases(language).say("tables.sensitivity.caption"),
    )
    assert [row[2:6] for row in rows] == [["5", "0", "0", "5"]]
    assert rows[0][-1] == "; ".join(name[LANGUAGES.index(language)] for name in ways.values())


def test_comparisons_that_claim_nothing_are_not_counted_as_holding():
    assert "main comparisons in which" not in words(made("none", "en"), Paragraph)
    assert re.search(
        r"Of the \d+ main comparisons in which something is shown, \d+ ", words(made("some", "en"), Paragraph)
    )


# --- how sure ----------------------------------------------------------------------------------------------


ACCURACY = "sentiment is right, by language and group"


def test_accuracy_of_each_language_and_group():
    rows, groups = rows_of(made("some", "en"), ACCURACY), ("all", "consumers", "brands")
    expected = [[language, group] for language in ("English", "Spanish") for group in groups]
    assert [row[:2] for row in rows] == [["All", "all"], *expected]
    assert table_of(made("some", "en"), ACCURACY).strong == (0, 1, 4)
    assert all(re.fullmatch(r".+ \(.+ to .+\)", cell) for row in rows for cell in row[3:])


def test_accuracy_in_one_language_is_told_once():
    tables = example.tables()
    tables["accuracy"] = tables["accuracy"].query("language != 'en'")
    assert [row[0] for row in rows_of(report(tables), ACCURACY)] == ["Spanish"] * 3


def test_confusion_leaves_out_labels_that_nobody_gave():
    counts, labels = [[3, 1, 0], [0, 0, 0], [0, 0, 2]], example.MOODS
    truth = pd.Series(np.repeat(labels, np.sum(counts, axis=1)))
    machine = pd.Series(np.concatenate([np.repeat(labels, row) for row in counts]))
    known = pd.DataFrame({"language": "es", "group": "brand"}, index=truth.index)
    confusion = accuracy_table(truth, machine, known, labels, draws=100)[1]
    assert rows_of(report(example.tables() | {"confusion": confusion}, "es"), "Cada fila suma") == [
        ["Negativo", "4", "75,0 % (30,1 a 95,4)", "25,0 % (4,6 a 69,9)", "0,0 % (0,0 a 49,0)"],
        ["Positivo", "2", "0,0 % (0,0 a 65,8)", "0,0 % (0,0 a 65,8)", "100,0 % (34,2 a 100,0)"],
    ]


BETTER, WORSE = {"gain_low": 0.002, "gain": 0.02}, {"gain_high": -0.001, "gain": -0.02}
CALIBRATED = {"source": "calibrated", "negative_below": -0.125, "positive_above": 0.3}


@pytest.mark.parametrize(
    "changes, there, not_there",
    [
        ({}, ["positive above 0.05: the published", "would be −0.125 and 0.3.", "is not shown"], "raises"),
        (BETTER, ["raises mean F1: from 0.610", "to 0.620, a gain of 0.020 (0.002 to 0.040)"], "not shown"),
        (WORSE, ["lowers mean F1", "−0.020 (−0.020 to −0.001)"], "gain of"),
        (CALIBRATED | BETTER, ["above 0.3, calibrated on the 200 comments", "raises"], "would be"),
        (CALIBRATED, ["calibrated on the 200 comments", "calibrating them helps is not shown"], "raises"),
        (
            {"source": "set", "negative_below": -0.2},
            ["below −0.2 and", "as the settings file says"],
            "published thr",
        ),
        ({"n": 0}, ["the published thresholds", "not known: no comments in this language are"], "mean F1"),
    ],
)  # fmt: skip
def test_thresholds_claim_no_more_than_the_numbers(changes, there, not_there):
    blocks = section(report(example.tables() | {"thresholds": example.thresholds(**changes)}), "thresholds")
    (items,) = [block.items for block in blocks if isinstance(block, Items)]
    assert [item.lead for item in items] == ["English.", "Spanish."] and items[0].text == items[1].text
    told = plain(items[0].text)
    assert all(part in told for part in there) and not_there not in told


@pytest.mark.parametrize(
    "reliability, reason, expected",
    [
        ("not reliable here", "", "not reliable here"),
        ("open", "", "open"),
        ("reliable", "never given by both, so no interval", "reliable"),
        ("", "one category only", "all or none carry the code"),
    ],
)
def test_agreement_is_marked(reliability, reason, expected):
    tables = example.tables("all")
    ease = tables["agreement"]["code"] == "ease"
    tables["agreement"].loc[ease, ["reliability", "reason"]] = [reliability, reason]
    rows = rows_of(report(tables), "Agreement code by code")
    assert next(row for row in rows if row[0].startswith("Ease (en)"))[-1] == expected


def test_what_is_not_reliable_is_marked_in_every_table():
    tables = example.tables("all")
    assert "†" not in words(made("all", "en"), Items, Table, Figure)
    table = tables["agreement"]
    table["reliability"] = np.where(table["code"] == "ease", "not reliable here", "open")
    told = words(report(tables), Items, Table, Figure)
    assert told.count("Ease (en) †") > 5 and not re.search(r"\bEase \(en\)(?! †)", told)


@pytest.mark.parametrize("people, lead", [(True, "That depends"), (False, "In part: only one")])
def test_how_sure_depends_on_who_coded(people, lead):
    tables = example.tables("all")
    tables["agreement"]["people"] = people
    answer = section(report(tables), load_phrases("en").say("questions.sure"))[1]
    assert answer.lead.startswith(lead)
    assert (
        made("none", "en").blocks
        and "machine's count" in section(made("none", "en"), load_phrases("en").say("questions.sure"))[1].lead
    )


# --- quotes ------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("quotes", ["none", "chosen", "all"])
def test_a_study_quotes_as_it_says(quotes, language):
    found = report(example.tables(), language, example.study(quotes=quotes))
    kinds, say = [type(block) for block in found.blocks], load_phrases(language).say
    assert (Quote in kinds) == (quotes != "none") and (Bank in kinds) == (quotes == "all")
    assert (say("headings.quotes") in words(found, Heading)) == (quotes != "none")
    assert (say("quotes.not_quoted") in words(found)) == (quotes == "none")
    assert rows_of(found, "COREQ")[12][-1] == plain(say(f"checklists.quoted.{quotes}"))
    assert "bank.elsewhere" not in words(found) and (kinds[-1] is Bank) == (quotes == "all")


@both
def test_quotes_are_whole_comments_each_once_in_the_language_of_the_report(language):
    tables = example.tables()
    known = tables["comments"].set_index("text")
    quotes = [block for block in made("some", language).blocks if isinstance(block, Quote)]
    assert len(quotes) > 20 and len({quote.text for quote in quotes}) == len(quotes)
    for quote in quotes:
        assert known.loc[quote.text, "language"] == quote.language == language
        assert known.loc[quote.text, "brand"] in quote.source
    roles = {small(load_phrases(language).say(f"quotes.role.{role}")) for role in tables["quotes"]["role"]}
    assert {quote.role.split(" · ")[1] for quote in quotes} <= roles


def test_quotes_stand_in_the_section_of_their_finding():
    tables = example.tables()
    chosen = tables["quotes"].set_index("text")["finding"]
    for part, findings in (
        ("balance", {"negative", "positive"}),
        ("value", {"transactional", "transformational"}),
    ):
        told = [block.text for block in section(made("some", "en"), part) if isinstance(block, Quote)]
        assert told and all(findings & {*np.atleast_1d(chosen.loc[text])} for text in told)


@every
@both
def test_what_people_wrote_stands_in_quotes_alone(coded, language):
    """In the example every comment holds a tag, which no other text has."""
    rest = [block for block in made(coded, language).blocks if not isinstance(block, Quote)]
    assert not any("<b>" in text for block in rest for text in texts(block))


# --- appendices --------------------------------------------------------------------------------------------


@both
def test_every_coder_has_a_card(language):
    phrases, tables = load_phrases(language), example.tables()
    codes = tables["codes"].assign(coder=tables["codes"]["coder"].replace("dictionary", "learned"))
    tables["codes"] = pd.concat([tables["codes"], codes[codes["coder"] == "learned"]], ignore_index=True)
    blocks = section(report(tables, language), "cards")
    heads = [block.text for block in blocks if isinstance(block, Heading) and block.level == 4]
    assert heads == [
        "Ana",
        *(phrases.name("coders", name).capitalize() for name in ("dictionary", "learned")),
    ]
    told = [block.text for block in blocks if isinstance(block, Paragraph)]
    for kind in ("person", "dictionary", "learned"):
        assert phrases.say(f"cards.kind.{kind}") in told and phrases.say(f"cards.limits.{kind}") in told


def test_a_card_counts_comments_and_codes():
    codes = pd.DataFrame({"comment_id": ["a", "a", "b", "c"], "code": ["ease", "loyalty", "ease", None]})
    codes = codes.assign(given=[True, True, False, False], coder="ana", unsure=False, codebook="1.2 0123")
    told = words(report(example.tables() | {"codes": codes}), Paragraph)
    assert "Comments seen: 3. Codes per comment: 0.7. Version of the codebook: 1.2." in told


@pytest.mark.parametrize(
    "coded, drawn",
    [("all", "All of them are coded by hand."), ("some", "(400 in all)"), ("none", "None of them is coded")],
)
def test_the_datasheet_and_checklists_are_filled_from_the_tables(coded, drawn):
    found = made(coded, "en")
    sheet = dict(rows_of(found, "The corpus"))
    assert "800 comments of two groups" in sheet["What it holds"]
    assert (
        "January 2025 to December 2025" in sheet["What it holds"] and "Brands: 2." in sheet["What it holds"]
    )
    assert sheet["Where they come from"] == "Files: a.csv. Channels: survey (640) and chat (160)."
    assert sheet["What was done to them"].startswith("Of 803 rows received, 3 were set aside")
    hand = {"all": 800, "some": 400, "none": 0}[coded]
    assert sheet["Who coded them"].endswith(f"Comments coded by hand: {hand}.")
    items = {number: answer for number, _, answer in rows_of(found, "SRQR")}
    assert drawn in items["8"] and items["12"].startswith("The comment: 800 of 803 received")
    assert list(items) == list(load_phrases("en").texts["checklists"]["srqr"])


def test_a_corpus_without_dates_or_channels():
    tables = example.tables()
    tables["comments"] = tables["comments"].assign(date=pd.NaT, channel=None, brand=None)
    sheet = dict(rows_of(report(tables), "The corpus"))
    assert "Dates: no dates." in sheet["What it holds"] and "Brands: 0." in sheet["What it holds"]
    assert sheet["Where they come from"].endswith("Channels: not stated.")


def test_settings_behind_the_report_are_told():
    tables = example.tables()
    tables["thresholds"].loc[1, ["negative_below", "positive_above"]] = [-0.125, 0.3]
    study = example.study(seed=77, margins={"alignment_margin": 0.075}, quotes="chosen")
    found = report(tables, study=study)
    told = dict(rows_of(found, "The settings behind this report"))
    assert told["Seed"] == "77" and told["Margin for alignment (points)"] == "7.5"
    assert told["Negative below"] == "−0.125 (English); −0.05 (Spanish)"
    assert told["Positive above"] == "0.3 (English); 0.05 (Spanish)"
    assert told["Comments in the report"] == "Only those chosen"
    assert told["Codebook"] == f"Version 1.2, 9 codes, hash {example.codebook().content_hash}"
    assert "within the margin of 7.5 points" in words(found, Paragraph)


def test_what_is_needed_to_run_it_again():
    found = report(study=example.study().with_settings(seed=99))
    (code,) = [block.text for block in found.blocks if isinstance(block, Code)]
    assert code == "cxresearch run --study study.yaml --set seed=99"
    assert rows_of(found, "files behind the report") == [
        ["a.csv", "0123456789abcdef"],
        ["codebook.yaml", "fedcba9876543210"],
    ]
    packages = [["cxresearch", "0011223300112233"], ["pandas", "3.0.1"], ["python", "3.11.9"]]
    assert rows_of(found, "versions with which") == packages


def test_the_codebook_is_whole():
    table = table_of(made("some", "en"), "Families, in bold")
    names = [
        f"{name.capitalize()} (en)" for family, codes in example.CODES.items() for name in (family, *codes)
    ]
    assert [row[0] for row in table.rows] == names
    assert [table.rows[place][0] for place in table.strong] == [
        f"{f.capitalize()} (en)" for f in example.CODES
    ]


# --- the files ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study with a hostile name, and drawings to stand for its charts."""
    root = tmp_path_factory.mktemp("study")
    study = example.study(name=example.both("<script>alert(1)</script>"))
    study._path = root / "study.yaml"
    plot = Figured(figsize=(2, 1))
    plot.subplots().plot([1, 2])
    for name, language, form in itertools.product(charts.CHARTS, LANGUAGES, ("svg", "png")):
        charts.save_figure(plot, root / "reports" / "figures" / f"{name}_{language}.{form}")
    return study


def write(study, tables=None):
    tables = tables or example.tables()
    found = {lang: Findings(study, example.codebook(), tables, lang) for lang in LANGUAGES}
    return write_report({lang: build_report(found[lang], example.RUN) for lang in LANGUAGES}, found, study)


@pytest.fixture(scope="module")
def files(study):
    """The files of the report, by name, and their bytes."""
    return {path.name: path.read_bytes() for path in write(study)}


def test_six_files_are_written_and_again_the_same(study, files):
    assert list(files) == [f"report_{lang}.{form}" for lang in LANGUAGES for form in ("html", "pdf", "docx")]
    assert {path.name: path.read_bytes() for path in write(study)} == files


@both
def test_the_page_asks_no_server_for_anything(files, language):
    page = files[f"report_{language}.html"].decode()
    assert f'<html lang="{language}"' in page and not re.search(r"<script[^>]*\bsrc=", page)
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<(link|iframe|img)\b|@import|url\((?!#)", page)


@both
def test_the_page_is_well_made(files, language):
    page = files[f"report_{language}.html"].decode()
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    inner = [link for link in re.findall(r'href="#([^"]+)"', page) if not link.startswith("quotes/")]
    assert len(inner) > 11 and set(inner) <= set(ids)
    assert re.findall(r"<h1\b", page) == ["<h1"]
    assert {scope for scope in re.findall(r"<th\b[^>]*scope=\"(\w+)\"", page)} == {"col", "row"}


def test_what_comes_from_data_is_escaped(study):
    hostile = "<script>alert(1)</script>"
    tables = example.tables()
    tables["ledger"].loc[0, "file"] = hostile
    tables["quotes"]["text"] = hostile
    page = write(study, tables)[0].read_text(encoding="utf-8")
    assert hostile not in page and page.count("&lt;script&gt;alert(1)") > 2


def test_a_figure_that_was_not_drawn_is_asked_for(study):
    (study.reports_folder / "figures" / "ledger_es.svg").unlink()
    with pytest.raises(InputError, match="Draw the figures first: 06_draw_charts"):
        write(study)
