"""findings: sentences follow the tables, and claim no more than their verdicts."""

import itertools

import numpy as np
import pandas as pd
import pytest

import report_example as example
from cxresearch import charts
from cxresearch.accuracy import accuracy_table
from cxresearch.comparison import compare_groups, compare_net
from cxresearch.estimates import with_groups
from cxresearch.findings import MODELS, Findings
from cxresearch.phrases import load_phrases
from cxresearch.thresholds import calibrate_thresholds


def findings(tables, language="en", study=None):
    return Findings(study or example.study(), example.codebook(), tables, language)


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def mixed():
    """Tables of a study in which the consumers' comments alone are coded by hand."""
    tables, machine = example.tables("all"), example.tables("none")
    for name in ("estimates", "net_sentiment"):
        parts = [
            table[name][table[name]["group"] == group]
            for table, group in ((tables, "consumer"), (machine, "brand"))
        ]
        tables[name] = pd.concat(parts, ignore_index=True)
    return recompared(tables)


def recompared(tables):
    """The tables with comparisons made anew from estimates and net sentiment."""
    both, gap = ("consumer", "brand"), compare_net(tables["net_sentiment"], "consumer", "brand")
    found = compare_groups(tables["estimates"], *both).assign(kind="code")
    net = pd.DataFrame([gap.to_dict() | {"code": "net", "kind": "net"}])
    return tables | {"comparisons": pd.concat([found, net], ignore_index=True)}


@pytest.mark.parametrize(
    "language, by_machine, half",
    [
        ("en", "machine's count", "corrected share against"),
        ("es", "Según la máquina", "enfrenta una cifra corregida"),
    ],
)
def test_a_gap_corrected_in_one_group_is_called_that(language, by_machine, half):
    tables = mixed()
    assert set(tables["comparisons"]["basis"]) == {"mixed"}
    found = findings(tables, language)
    told = [found.balance()[1], *map(found.pair, MODELS)]
    assert all(by_machine.lower() not in sentence.lower() for sentence in told)
    assert half in told[1] and found.machine_part == "some"
    assert ("solo uno" if language == "es" else "only one") in told[0]
    told = [charts.CHARTS[name].words(found)[0] for name in ("sentiment_balance", "code_shares")]
    assert all(("en un solo grupo" if language == "es" else "in one group only") in title for title in told)


@pytest.mark.parametrize("coded", ["all", "none"])
@pytest.mark.parametrize(
    "language, told",
    [("es", "De las marcas no hay ningún comentario"), ("en", "There are no comments from brands")],
)
def test_a_group_without_comments(language, told, coded):
    tables = example.tables(coded)
    for name in ("estimates", "net_sentiment"):
        kept = tables[name][tables[name]["group"] == "consumer"]
        tables[name] = with_groups(kept, ["consumer", "brand"])
    tables = recompared(tables)
    found = findings(tables, language)
    words = " ".join(itertools.chain(*found.answers().values()))
    assert told in words and "nan" not in words.split()
    own = found.estimates["emotional_self", "consumer"]
    assert found.phrases.share(own) in found.pair("emotional_self")  # what is known of the group there is
    assert "no comments" not in words or language == "en"
    for name in ("sentiment_balance", "interaction_models", "code_shares"):
        charts.draw_figure(name, found)
    assert findings(tables).machine_part == ("all" if coded == "none" else "none")


def test_intervals_say_that_they_take_the_sample_to_be_random():
    for coded, said in (("some", True), ("all", False), ("none", False)):
        assert ("chosen at random" in findings(example.tables(coded)).say("notes.reading")) == said


@pytest.mark.parametrize(
    "verdict, summary",
    [("not shown", "Nor is anything shown in any other way"), ("too few to say", "")],
)
def test_a_verdict_that_is_no_finding_does_not_hold(verdict, summary):
    row = {"code": MODELS[0], "variant": "x", "base_verdict": verdict, "like": verdict, "verdict": verdict}
    held = "same verdict" if summary else "cannot say"
    row |= {"gap": 0.0, "low": -0.1, "high": 0.1, "holds": held}
    told = findings(example.tables() | {"sensitivity": pd.DataFrame([row])}).robust(MODELS[0])
    assert told.startswith(summary) and "holds" not in told.lower()


def with_verdicts(**verdicts):
    tables = example.tables("all")
    table = tables["comparisons"].set_index("code", drop=False)
    for code, verdict in verdicts.items():
        table.loc[code, "verdict"] = verdict
    return tables | {"comparisons": table.reset_index(drop=True)}


@pytest.mark.parametrize("mood, said", [("different", True), ("not shown", False)])
def test_nets_may_be_alike_though_the_groups_feel_differently(mood, said):
    told = findings(with_verdicts(net="not shown", negative=mood, positive="not shown")).balance()[1]
    assert (
        "Taken one by one, though, consumers and brands do differ in: negative sentiment." in told
    ) == said


@pytest.mark.parametrize("reason, why", [("no variation", "the test does not apply"), ("", "q = 0.080")])
def test_an_interval_without_0_that_shows_nothing_says_why(reason, why):
    tables = with_verdicts(ease="not shown")
    row = tables["comparisons"]["code"] == "ease"
    tables["comparisons"].loc[row, ["low", "high", "q", "reason"]] = [0.01, 0.2, 0.08, reason]
    assert why in findings(tables).pair("ease").replace("\u00a0", " ")


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
    told = "different on 2, aligned on 1 and not shown either way on 1."
    assert (
        f"The two groups on the 4 codes that make up the two models: {told}"
        in findings(tables).alignment()[1]
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
    assert "The net sentiment of consumers is 50.0 points (40.0 to 60.0) below that of brands" in text


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


def with_plan(*rows):
    """Tables whose priorities are these (code, rank, likely, settled quadrant), not in order of rank."""
    tables = example.tables("all")
    table = tables["priorities"].set_index("code", drop=False).sort_index()
    table = table[table["group"] == "consumer"].assign(likely="low", quadrant="low", rank=99.0)
    for code, rank, likely, quadrant in rows:
        table.loc[code, ["rank", "likely", "quadrant"]] = [rank, likely, quadrant]
    return tables | {"priorities": table.reset_index(drop=True)}


def test_the_plan_lists_what_is_to_be_acted_on_first_in_the_order_of_the_table():
    act = "act first"
    tables = with_plan(
        ("service", 1, act, "not settled"), ("culture", 2, "keep up", "keep up"), ("ease", 3, act, act),
        ("empathy", 4, act, "too few to say"), ("relevance", 5, act, act),
    )  # fmt: skip
    found = findings(tables)
    for short in (True, False):
        assert [name for name, _ in found.plan(short=short)[1]] == [
            "Service (en).",
            "Ease (en).",
            "Relevance (en).",
        ]
    told = [words for _, words in found.plan()[1]]
    assert ["Its place is firm" in words for words in told] == [False, True, True]
    assert ["is not firm" in words for words in told] == [True, False, False]


def test_the_plan_has_no_more_than_five_lines():
    rows = [(code, rank, "act first", "act first") for rank, code in enumerate(example.codebook().names, 1)]
    assert len(findings(with_plan(*rows[:5])).plan()[1]) == len(findings(with_plan(*rows)).plan()[1]) == 5


def test_a_line_of_the_plan_says_what_the_tables_hold():
    tables = with_plan(("ease", 1, "act first", "act first"))
    table = tables["priorities"]
    values = {"share": 0.99, "performance": -0.6543, "overall": 0.99, "first_five": 0.937}
    table.loc[table["code"] == "ease", list(values)] = list(values.values())
    shares, net = tables["estimates"], tables["net_sentiment"]  # say what the rest of the report says
    shares.loc[(shares["code"] == "ease") & (shares["group"] == "consumer"), "share"] = 0.4312
    net.loc[net["group"] == "consumer", "net"] = -0.111
    found = findings(tables, "es")
    ((_, told),), ((_, short),) = found.plan()[1], found.plan(short=True)[1]
    for part in ("43,1 %", "−65,4 puntos", "−11,1 en el conjunto", "94 %"):
        assert part in plain(told)
    assert "43,1 %" in plain(short) and "−65,4 puntos" in plain(short)


@pytest.mark.parametrize(
    "coded, there", [("some", "In order, the topics"), ("none", "This is how the machine orders")]
)
def test_the_plan_says_whose_order_it_is(coded, there):
    intro, items = findings(example.tables(coded)).plan()
    assert intro.startswith(there) and items
    assert all(
        ("Uncorrected: it is what the machine finds." in words) == (coded == "none") for _, words in items
    )


def test_nothing_to_plan_is_said():
    assert findings(with_plan()).plan() == (
        "By these figures no important topic fares worse than the comments as a whole.",
        [],
    )
    few = with_plan()
    few["priorities"]["quadrant"] = "too few to say"
    assert findings(few).plan() == ("There is no saying: there are too few comments.", [])


@pytest.mark.parametrize("verdict", ["aligned", "different", "not shown", "too few to say", "uncorrected"])
def test_a_pair_says_the_verdict_of_the_table(verdict):
    said = {
        "aligned": "aligned, because the difference of", "different": "they differ by",
        "not shown": "neither alignment nor a difference has been shown",
        "too few to say": "too few comments", "uncorrected": "is uncorrected",
    }  # fmt: skip
    told = findings(with_verdicts(emotional_self=verdict)).pair("emotional_self", robust=False)
    assert {name for name, words in said.items() if words in told} == {verdict}


def test_a_pair_gives_the_figures_of_the_tables():
    tables = with_verdicts(ease="aligned")
    ease = tables["estimates"]["code"] == "ease"
    for group, values in (("consumer", [0.1234, 0.101, 0.157]), ("brand", [0.1, 0.08, 0.13])):
        own = ease & (tables["estimates"]["group"] == group)
        tables["estimates"].loc[own, ["share", "low", "high"]] = values
    row = tables["comparisons"]["code"] == "ease"
    limits = {"gap": 0.0234, "low": -0.02, "high": 0.06, "low_90": -0.011, "high_90": 0.049}
    tables["comparisons"].loc[row, list(limits)] = list(limits.values())
    assert plain(findings(tables, "es").pair("ease")) == (
        "Ease (es): en el 12,3 % (10,1 a 15,7) de los comentarios de los consumidores y en el 10,0 % (8,0 a "
        "13,0) de los de las marcas; coinciden, porque la diferencia, de 2,3 puntos (−1,1 a 4,9 al 90 %), "
        "cabe con todo su intervalo en el margen de 5 puntos."
    )


MISTAKE = "In Spanish comments, the machine's most frequent mistake is to take as"


def with_counts(counts):
    """Tables whose comments in Spanish, by label by hand (rows) and by machine, are so many."""
    labels = example.MOODS
    truth = pd.Series(np.repeat(labels, np.sum(counts, axis=1)))
    machine = pd.Series(np.concatenate([np.repeat(labels, row) for row in counts]))
    known = pd.DataFrame({"language": "es", "group": "brand"}, index=truth.index)
    return example.tables() | {"confusion": accuracy_table(truth, machine, known, labels, draws=100)[1]}


@pytest.mark.parametrize(
    "counts, expected",
    [
        (
            [[16, 4, 0], [30, 70, 0], [0, 0, 20]],  # 30 % of 100, although 20 % of 20 may be as many
            f"{MISTAKE} “negative” what is “neutral” by hand: it happens to 30.0% (21.9 to 39.6) of those so "
            "coded by hand (n = 100), though other mistakes may be as frequent.",
        ),
        (
            [[50, 450, 0], [0, 400, 0], [9, 1, 90]],
            f"{MISTAKE} “neutral” what is “negative” by hand: it happens to 90.0% (87.1 to 92.3) of those so "
            "coded by hand (n = 500).",
        ),
        (
            [[25, 0, 0], [0, 25, 0], [0, 0, 25]],
            "In Spanish comments, the machine is right about all that are coded by hand.",
        ),
        ([[5, 9, 0], [9, 5, 0], [0, 0, 19]], ""),  # too few of each to say
    ],
)
def test_most_frequent_mistake(counts, expected):
    assert plain(findings(with_counts(counts)).mistake("es")) == expected


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("lacking", [c for n in (1, 2, 3) for c in itertools.combinations(example.MOODS, n)])
def test_why_thresholds_were_not_calibrated_is_told_in_words(language, lacking):
    labels = pd.Series([label for label in example.MOODS for _ in range(5 if label in lacking else 30)])
    row = calibrate_thresholds(pd.DataFrame({"score": np.linspace(-1, 1, len(labels))}), labels, draws=10)
    told = load_phrases(language).name("reasons", row["reason"])
    assert "labelled" not in told and "20" in told


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


@pytest.mark.parametrize(
    "verdict, told",
    [
        (
            "same verdict",
            "This holds in every other way of doing the study that was tried and could tell (2)",
        ),
        ("same direction", "(1 of 2), the study no longer shows this, but points the same way"),
        ("changes", "(1 of 2), the study gives another verdict"),
        ("cannot say", ""),
    ],
)
def test_every_headline_says_whether_it_holds(verdict, told):
    tables = example.tables("all")
    first = "cannot say" if verdict == "cannot say" else "same verdict"
    ways = [("hand codes only", first), ("without A", verdict)]
    rows = [("emotional_self", *way) for way in ways]
    table = pd.DataFrame(rows, columns=["code", "variant", "holds"])
    found = findings(tables | {"sensitivity": table.assign(base_verdict="different", gap=0.2)})
    text = found.pair("emotional_self")
    assert told in text and ("other way" in text) == bool(told)
    assert "other way" not in found.pair("consumer_identity")  # nothing was tried


@pytest.mark.parametrize("people", [True, False])
def test_what_is_not_reliable_stays_marked(people):
    """In every sentence, by people's agreement, or else by the machine's with the only coder."""
    tables = example.tables("all")
    table = tables["agreement"]
    table.loc[table["code"].isin(["ease", "empathy"]), "reliability"] = ["not reliable here", "open"]
    found = findings(tables | {"agreement": table.assign(people=people)})
    assert found.names["ease"].endswith("†") and not found.names["empathy"].endswith("†")
    assert found.pair("ease").startswith("Ease (en)\u00a0†: in ")
    assert ("the person who coded" in found.say(found.marks)) != people
