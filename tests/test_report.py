"""report: sentences follow the tables, nothing is claimed without hand codes, the page is whole and safe."""

import itertools
import re
import string
from html import unescape
from html.parser import HTMLParser

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import report_example as example
from cxresearch import charts
from cxresearch.accuracy import accuracy_table
from cxresearch.comments import REASONS
from cxresearch.errors import InputError
from cxresearch.phrases import load_phrases
from cxresearch.privacy import MASKS
from cxresearch.report import Findings, render_report, write_report
from cxresearch.findings import MODELS
from cxresearch.thresholds import calibrate_thresholds

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    for name in charts.CHARTS:
        figure, ax = plt.subplots()
        ax.plot([1, 2], label="x")
        charts.save_figure(figure, folder / f"{name}.svg")
        plt.close(figure)
    return {name: folder / f"{name}.svg" for name in charts.CHARTS}


def page(figures, tables=None, language="es", study=None, book=None):
    tables = example.tables() if tables is None else tables
    return render_report(findings(tables, language, study, book), figures)


def findings(tables, language="en", study=None, book=None):
    return Findings(study or example.study(), book or example.codebook(), tables, language)


def table_of(figures, caption, *args, **changes):
    """Rows of the table whose caption holds these words, and the places of those in bold."""
    parts = page(figures, *args, **changes).split("<caption")
    (table,) = [part for part in parts if caption in part.partition("</caption>")[0]]
    marked = re.findall(r"<tr( class=\"strong\")?>(<th scope=\"row\">.*?)</tr>", table)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for _, row in marked]
    bold = [place for place, (strong, _) in enumerate(marked) if strong]
    return [[unescape(cell) for cell in row] for row in rows], bold


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "br", "path", "use", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += "" if self.open[-1:] == ["style"] else data

    def all(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


# --- wording -----------------------------------------------------------------------------------------------


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def test_both_languages_say_the_same_things():
    texts = [dict(leaves(load_phrases(language).texts)) for language in ("es", "en")]
    assert texts[0].keys() == texts[1].keys()
    holes = [
        {
            key: {field for _, field, _, _ in string.Formatter().parse(text) if field}
            for key, text in t.items()
        }
        for t in texts
    ]
    assert holes[0] == holes[1]


@pytest.mark.parametrize("language", ["es", "en"])
def test_words_of_the_data_are_named(language):
    texts = load_phrases(language).texts
    assert set(REASONS) <= set(texts["names"]["ledger"])
    assert set(MASKS) <= set(texts["masks"])


@pytest.mark.parametrize(
    "value, digits, spanish, english",
    [
        (0, 0, "0", "0"),
        (-0.04, 1, "0,0", "0.0"),  # never minus nothing
        (-12.34, 1, "−12,3", "−12.3"),
        (9999, 0, "9999", "9,999"),  # RAE: four digits stand together
        (12500, 0, "12\u202f500", "12,500"),
        (1234567.5, 1, "1\u202f234\u202f567,5", "1,234,567.5"),
    ],
)
def test_numbers(value, digits, spanish, english):
    assert load_phrases("es").number(value, digits) == spanish
    assert load_phrases("en").number(value, digits) == english


def test_percent():
    assert load_phrases("es").percent(0.124) == "12,4\u202f%"
    assert load_phrases("en").percent(0.124) == "12.4%"
    assert load_phrases("en").percent(float("nan")) == ""


@pytest.mark.parametrize(
    "words, expected",
    [
        ([], ""),
        (["ease"], "ease"),
        (["facilidad", "empatía"], "facilidad y empatía"),
        (["facilidad", "intercambio"], "facilidad e intercambio"),
        (["facilidad", "historia"], "facilidad e historia"),
        (["facilidad", "hielo"], "facilidad y hielo"),  # hie- sounds as y
        (["a", "b", "c"], "a, b y c"),
    ],
)
def test_join(words, expected):
    assert load_phrases("es").join(words) == expected


def test_unknown_language():
    with pytest.raises(ValueError, match="one of es, en, found 'fr'"):
        load_phrases("fr")


@pytest.mark.parametrize("n, expected", [(1, "1 is aligned"), (2, "2 are aligned"), (0, "0 are aligned")])
def test_singular_and_plural(n, expected):
    assert load_phrases("en").say("verdicts.aligned", n=n) == expected


# --- findings ----------------------------------------------------------------------------------------------


def with_verdicts(**verdicts):
    tables = example.tables("all")
    table = tables["comparisons"].set_index("code", drop=False)
    for code, verdict in verdicts.items():
        table.loc[code, "verdict"] = verdict
    return tables | {"comparisons": table.reset_index(drop=True)}


@pytest.mark.parametrize(
    "first, second, lead",
    [
        ("aligned", "aligned", "Yes, on both models."),
        ("aligned", "different", "In part: on only one of the two models."),
        ("aligned", "not shown", "In part: on only one of the two models."),
        ("different", "different", "No: they differ on both models."),
        ("different", "not shown", "No: they differ on one of the two models, and the other is unclear."),
        ("not shown", "too few to say", "It has not been shown."),
        ("uncorrected", "uncorrected", "It is too early to say."),
    ],
)
def test_alignment_claims_no_more_than_the_verdicts(first, second, lead):
    found = findings(with_verdicts(consumer_identity=first, emotional_self=second))
    assert found.alignment()[0] == lead


def test_alignment_counts_codes_by_verdict():
    tables = with_verdicts(
        ease="different", relevance="aligned", empathy="different", recognition="not shown"
    )
    text = findings(tables).alignment()[1]
    assert (
        "Of the 4 codes that make up the two models, 2 differ, 1 is aligned and 1 is not shown either way."
        in text
    )


@pytest.mark.parametrize(
    "verdict, lead",
    [
        ("different", "No."),
        ("not shown", "No imbalance has been shown."),
        ("uncorrected", "It is too early to say."),
    ],
)
def test_balance(verdict, lead):
    assert findings(with_verdicts(net=verdict)).balance()[0] == lead


def test_balance_names_the_lower_group_and_turns_the_interval():
    tables = with_verdicts()
    net = tables["comparisons"]["code"] == "net"
    tables["comparisons"].loc[net, ["gap", "low", "high"]] = [-0.5, -0.6, -0.4]
    text = plain(findings(tables).balance()[1])
    assert "The net of consumers is 50.0 points (40.0 to 60.0) below that of brands" in text


@pytest.mark.parametrize(
    "ours, theirs, lead",
    [
        ((0.5, 0.4, 0.6), (0.2, 0.1, 0.3), "The consumer-brand model, in both groups."),
        ((0.2, 0.1, 0.3), (0.5, 0.4, 0.6), "The human-human model, in both groups."),
        ((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), "Neither clearly prevails."),  # the intervals touch
    ],
)
def test_a_model_prevails_only_when_intervals_are_apart(ours, theirs, lead):
    tables = example.tables("all")
    for model, values in zip(MODELS, (ours, theirs), strict=True):
        tables["estimates"].loc[tables["estimates"]["code"] == model, ["share", "low", "high"]] = values
    assert findings(tables).prevails(MODELS)[0] == lead


def test_plan_puts_shown_differences_first_then_what_is_frequent():
    tables = with_verdicts(
        price_value="not shown", ease="different", loyalty="different", relevance="aligned"
    )
    table = tables["comparisons"]
    table["gap"] = table["gap"].abs() + 0.01
    _, items = findings(tables).plan()
    verdicts = table.set_index("code")["verdict"]
    names = [name.removesuffix(" (en).").lower() for name, _ in items]
    assert "relevance" not in names and names[0] == "ease"
    assert [verdicts[name] == "different" for name in names] == sorted(
        (verdicts[name] == "different" for name in names), reverse=True
    )
    assert all(
        ("has not been shown" in text) == (verdicts[n] != "different")
        for n, (_, text) in zip(names, items, strict=True)
    )


def verdict_of_ease(figures, tables, language="en"):
    """Verdict of the first code in the table of the models: the row after its family's."""
    rows, bold = table_of(figures, load_phrases(language).say("comparison.personalization"), tables, language)
    assert bold == [0, 3]
    return rows[1][-1]


@pytest.mark.parametrize(
    "q, expected", [(0.0004, "different (q < 0.001)"), (0.0312, "different (q = 0.031)")]
)
def test_verdict_gives_q(figures, q, expected):
    tables = with_verdicts(ease="different")
    tables["comparisons"].loc[tables["comparisons"]["code"] == "ease", "q"] = q
    assert plain(verdict_of_ease(figures, tables)) == expected


def test_verdict_says_why_q_is_withheld(figures):
    tables = with_verdicts(ease="not shown")
    tables["comparisons"].loc[lambda t: t["code"] == "ease", "reason"] = (
        "fewer than 5 cases or non-cases expected"
    )
    assert verdict_of_ease(figures, tables, "es") == "no demostrado (menos de 5 casos esperados)"


# --- how good the machine is -------------------------------------------------------------------------------


ACCURACY = "sentiment is right, by language and group"


def test_accuracy_of_each_language_and_group(figures):
    rows, bold = table_of(figures, ACCURACY, language="en")
    parts = [f"{language} {group}" for language, group, *_ in rows]
    groups = ("all", "consumers", "brands")
    expected = [f"{language} {group}" for language in ("English", "Spanish") for group in groups]
    assert parts == ["All all", *expected] and bold == [0, 1, 4]
    assert all(re.fullmatch(r".+ \(.+ to .+\)", plain(cell)) for row in rows for cell in row[3:])


def test_accuracy_in_one_language_is_told_once(figures):
    tables = example.tables()
    tables["accuracy"] = tables["accuracy"].query("language != 'en'")
    rows, _ = table_of(figures, ACCURACY, tables, "en")
    assert [language for language, *_ in rows] == ["Spanish"] * 3


def with_counts(counts):
    """Tables whose comments in Spanish, by label by hand (rows) and by machine, are so many."""
    labels = example.MOODS
    truth = pd.Series(np.repeat(labels, np.sum(counts, axis=1)))
    machine = pd.Series(np.concatenate([np.repeat(labels, row) for row in counts]))
    known = pd.DataFrame({"language": "es", "group": "brand"}, index=truth.index)
    return example.tables() | {"confusion": accuracy_table(truth, machine, known, labels, draws=100)[1]}


MISTAKE = "In Spanish comments, the machine's most frequent mistake is to take as"


@pytest.mark.parametrize(
    "counts, expected",
    [
        (
            [[8, 2, 0], [30, 70, 0], [0, 0, 9]],  # 30 % of 100, although 20 % of 10 may be as many
            f"{MISTAKE} negative what is neutral by hand: it happens to 30.0% (21.9 to 39.6) of those coded "
            "neutral by hand (n = 100), though other mistakes may be as frequent.",
        ),
        (
            [[50, 450, 0], [0, 400, 0], [9, 1, 90]],
            f"{MISTAKE} neutral what is negative by hand: it happens to 90.0% (87.1 to 92.3) of those coded "
            "negative by hand (n = 500).",
        ),
        (
            [[5, 0, 0], [0, 5, 0], [0, 0, 5]],
            "In Spanish comments, the machine is right about all that are coded by hand.",
        ),
    ],
)
def test_most_frequent_mistake(counts, expected):
    assert plain(findings(with_counts(counts)).mistake("es")) == expected


def test_confusion_leaves_out_labels_that_nobody_gave(figures):
    tables = with_counts([[3, 1, 0], [0, 0, 0], [0, 0, 2]])
    rows, _ = table_of(figures, "Cada fila suma", tables, "es")
    assert [[plain(cell) for cell in row] for row in rows] == [
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
)
def test_thresholds_claim_no_more_than_the_numbers(figures, changes, there, not_there):
    tables = example.tables() | {"thresholds": example.thresholds(**changes)}
    _, _, rest = page(figures, tables, "en").partition(load_phrases("en").say("headings.thresholds"))
    items = re.findall("<li><strong>(.*?)</strong> (.*?)</li>", rest.partition("</ul>")[0], flags=re.S)
    leads, told = zip(*items, strict=True)
    assert leads == ("English.", "Spanish.") and told[0] == told[1]
    assert all(words in plain(told[0]) for words in there) and not_there not in told[0]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("lacking", [c for n in (1, 2, 3) for c in itertools.combinations(example.MOODS, n)])
def test_why_thresholds_were_not_calibrated_is_told_in_words(language, lacking):
    labels = pd.Series([label for label in example.MOODS for _ in range(5 if label in lacking else 30)])
    row = calibrate_thresholds(pd.DataFrame({"score": np.linspace(-1, 1, len(labels))}), labels, draws=10)
    told = load_phrases(language).name("reasons", row["reason"])
    assert "labelled" not in told and "20" in told


def test_settings_name_the_thresholds_of_each_language(figures):
    tables = example.tables()
    tables["thresholds"].loc[1, ["negative_below", "positive_above"]] = [-0.125, 0.3]
    rows, _ = table_of(figures, "The settings behind this report", tables, "en")
    values = {name: plain(value) for name, value in rows}
    assert values["Negative below"] == "−0.125 (English); −0.05 (Spanish)"
    assert values["Positive above"] == "0.3 (English); 0.05 (Spanish)"


# --- the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("coded", ["all", "some", "none"])
def test_page_is_well_made(figures, coded, language):
    html = page(figures, example.tables(coded), language)
    parsed = Page(html)
    assert parsed.all("html") == [{"lang": language}] and parsed.open == []
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [a["href"].removeprefix("#") for a in parsed.all("a")]
    assert set(links) <= set(ids) and len(links) == 9  # the skip link and eight sections
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert {a.get("scope") for a in parsed.all("th")} == {"col", "row"}
    drawings = parsed.all("svg")
    assert len(drawings) == 4 and all(a["role"] == "img" and len(a["aria-label"]) > 40 for a in drawings)
    assert not re.search(r"\bnan\b|None|\{\w*\}", parsed.text)


def test_page_asks_no_server_for_anything(figures):
    html = page(figures)
    assert set(re.findall(r"https?://[\w./]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not re.search(r"<(script|link|iframe|img)\b|@import|url\((?!#)", html)


@pytest.mark.parametrize("language", ["es", "en"])
def test_same_tables_same_bytes(figures, tmp_path, language):
    for copy in "ab":
        write_report(findings(example.tables(), language), figures, tmp_path / copy)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


CLAIMS = {
    "es": r"\b[Cc]oinciden\b(?! los)|difieren|no demostrado",
    "en": r"aligned,|they differ|Different|not shown",
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_without_hand_codes_nothing_is_claimed(figures, language):
    say = load_phrases(language).say
    body, _ = Page(page(figures, example.tables("none"), language)).text.rsplit(say("headings.limits"), 1)
    assert say("notes.machine_all_title") in body
    assert not re.search(CLAIMS[language], body.replace(say("notes.machine_all"), ""))
    assert "Krippendorff" not in body and say("headings.accuracy") not in body
    assert body.count(say("names.reasons.nobody coded")) == 2
    corrected = Page(page(figures, example.tables("some"), language)).text
    assert (
        re.search(CLAIMS[language], corrected)
        and load_phrases(language).say("notes.machine_all_title") not in corrected
    )


def test_figures_in_sentences_come_from_the_tables(figures):
    tables = example.tables()
    tables["estimates"].loc[lambda t: t["code"] == "emotional_self", ["share", "low", "high"]] = [
        0.123,
        0.101,
        0.157,
    ]
    text = plain(Page(page(figures, tables)).text)
    assert text.count("12,3 % (10,1 a 15,7)") >= 4 and "95 %" in text


@pytest.mark.parametrize("coded", ["all", "some", "none"])
def test_too_few_comments(figures, coded):
    text = Page(page(figures, example.tables(coded, n=15), "en")).text
    assert "too few comments" in text and not re.search(r"\bnan\b", text)


@pytest.mark.parametrize(
    "reliability, reason, expected",
    [
        ("not reliable here", "", "not reliable here"),
        ("open", "", "open"),
        ("reliable", "never given by both, so no interval", "reliable"),
        ("", "one category only", "all or none carry the code"),
    ],
)
def test_agreement_is_marked(figures, reliability, reason, expected):
    tables = example.tables("all")
    ease = tables["agreement"]["code"] == "ease"
    tables["agreement"].loc[ease, ["reliability", "reason"]] = [reliability, reason]
    rows, _ = table_of(figures, "Agreement code by code", tables, "en")
    assert next(row for row in rows if row[0].startswith("Ease (en)"))[-1] == expected


@pytest.mark.parametrize("people", [True, False])
def test_what_is_not_reliable_stays_marked(figures, people):
    """In every table and sentence, by people's agreement, or else by the machine's with the only coder."""
    tables = example.tables("all")
    assert "†" not in Page(page(figures, tables, language="en")).text
    ease = tables["agreement"]["code"] == "ease"
    tables["agreement"].loc[ease, "reliability"] = "not reliable here"
    tables["agreement"]["people"] = people
    found = findings(tables)
    assert found.names["ease"].endswith("†") and not found.names["empathy"].endswith("†")
    text = Page(page(figures, tables, language="en")).text
    assert text.count("Ease (en)\u00a0†") >= 3 and "Ease (en) " not in text
    assert ("Fewer than two people have coded" in text) != people
    estimates = found.both("ease")
    assert estimates["name"].endswith("†")


@pytest.mark.parametrize(
    "verdict, told",
    [
        ("same verdict", "This holds in all 2 other ways"),
        ("same direction", "no longer shown, but points the same way"),
        ("changes", "the verdict changes in 1 of the 2 other ways"),
        ("cannot say", ""),
    ],
)
def test_every_headline_says_whether_it_holds(figures, verdict, told):
    tables = example.tables("all")
    first = "cannot say" if verdict == "cannot say" else "same verdict"
    ways = [("hand codes only", first), ("without A", verdict)]
    rows = [(code, *way) for code in ("net", "emotional_self") for way in ways]
    table = pd.DataFrame(rows, columns=["code", "variant", "holds"])
    tables["sensitivity"] = table.assign(base_verdict="different", gap=0.2)
    found = findings(tables)
    for text in (found.pair("emotional_self"), found.balance()[1]):
        assert told in text and ("other ways" in text) == bool(told)
    assert "other ways" not in found.pair("consumer_identity")  # nothing was tried


@pytest.mark.parametrize("about, there", [(example.both("Nobody in it exists."), True), (None, False)])
def test_about(figures, about, there):
    text = Page(page(figures, study=example.study(about=about))).text
    assert ("Nobody in it exists. (es)" in text) == there == ("Sobre este estudio" in text)


def test_names_from_data_are_escaped(figures):
    hostile = "<script>alert(1)</script>"
    tables = example.tables(groups=("consumer", hostile))
    tables["ledger"].loc[0, "file"] = hostile
    html = page(
        figures, tables, study=example.study(groups=["consumer", hostile], name=example.both(hostile))
    )
    assert "<script" not in html and "&lt;script&gt;" in html


def test_settings_of_the_study_are_told(figures):
    text = Page(
        page(figures, language="en", study=example.study(seed=77, margins={"alignment_margin": 0.075}))
    ).text
    assert "77" in text and "7.5 points" in text
    assert f"version 1.2, 9 codes, hash {example.codebook().content_hash}" in text
    assert "cxresearch run --study study.yaml" in text


def test_missing_family(figures):
    codes = {family: codes for family, codes in example.CODES.items() if family != "practice"}
    with pytest.raises(InputError, match=r"has no family practice, .* Keep all seven families"):
        page(figures, book=example.codebook(codes))


def test_missing_figure(figures, tmp_path):
    with pytest.raises(InputError, match="Draw the figures first: 06_draw_charts"):
        page(figures | {"ledger": tmp_path / "no.svg"})


def test_empty_tables_without_columns_are_accepted(figures):
    tables = example.tables("some")
    tables |= {name: pd.DataFrame() for name in ("agreement", "accuracy", "confusion", "thresholds")}
    assert "Krippendorff" not in page(figures, tables)


@pytest.mark.parametrize(
    "coder, told", [("dictionary", "patterns of the codebook"), ("learned", "it learned")]
)
def test_the_report_is_about_the_machine_coder_in_use(coder, told):
    """Its method is told, and of the machines it alone is compared with people."""
    tables = example.tables()
    names = ("dictionary", "learned", "ana")
    pairs = [tables["agreement"].assign(second=name) for name in names]
    tables["agreement"] = pd.concat(pairs, ignore_index=True)
    found = findings(tables, study=example.study(machine_coder=coder))
    assert told in found.say("method.coding")
    assert {second for _, second in found.agreement()} == {coder, "ana"}
