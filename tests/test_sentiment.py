"""sentiment: English equals NLTK's VADER; Spanish keeps the rules of its specification.

The Spanish cases compare scores with each other, so that they hold while valences are tuned.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

from cxresearch.lexicons import english_rules, spanish_rules
from cxresearch.sentiment import LABELS, score_sentiment
from cxresearch.tables import read_table

SHARES = {"positive": "pos", "neutral": "neu", "negative": "neg"}


def nltk_scores(texts):
    """NLTK's own scores, with the lexicon it ships, which is ours (see test_lexicons)."""
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon, analyzer.constants = english_rules().valence, VaderConstants()
    return pd.DataFrame([analyzer.polarity_scores(text) for text in texts], index=texts.index)


def assert_equals_nltk(texts):
    """Compound to 1e-4, the shares to the 0.001 that rounding halves may make."""
    texts = pd.Series(texts, dtype="str")
    ours = score_sentiment(texts, pd.Series("en", index=texts.index))
    theirs = nltk_scores(texts)
    off = (ours["compound"] - theirs["compound"]).abs() > 1.0001e-4
    for name, key in SHARES.items():
        off |= (ours[name] - theirs[key]).abs() > 0.00101
    worst = pd.concat([texts, ours, theirs], axis=1)[off]
    assert worst.empty, worst.head(3).to_dict("records")


RULES = english_rules()
SOME_LEXICON = sorted(word for word in RULES.valence if word.isalpha())[::150]
EMOTICONS = [":)", ":(", ":D", ":-/", "<3", ";)", ":'(", ":P", "xD", "8)", "=/", "O:-)", "</3", "86"]
WORDS = [
    *sorted(RULES.negators),
    *sorted(word for word in RULES.boosters if " " not in word),
    *("kind", "of", "sort", "just", "enough", "least", "at", "very", "but", "never", "so", "this", "no"),
    *(word for idiom in RULES.idioms for word in idiom),
    *("good", "bad", "great", "great", "sucks", "hate", "love", "kind", "ok", "terrible", "thanks"),
    *("the", "service", "flight", "a", "I", "x", "café", "DM", "😡", "24/7", "@united", "#fail", "isn’t"),
    *SOME_LEXICON,
]
PUNCTUATION = [*VaderConstants.PUNC_LIST, "...", "!!!!!", "????", "(", ")", "*", "#", "@", "_", "¡", "…", "’"]
SPACES = [" ", "  ", "\n", "\t", "\r\n", "\x0b", "\x1c", "\x85", "\xa0", "\u2003", "\u3000"]

word = st.sampled_from(WORDS)
cased = st.one_of(word, word, word.map(str.upper), word.map(str.title))
mark = st.sampled_from(PUNCTUATION)
token = st.one_of(
    cased,
    cased,
    st.builds(str.__add__, cased, mark),
    st.builds(str.__add__, mark, cased),
    st.builds(lambda a, b, c: a + b + c, mark, cased, mark),
    st.builds(lambda a, b, c: a + b + c, cased, mark, cased),
    st.sampled_from(EMOTICONS),
    mark,
    st.sampled_from(sorted(VaderConstants.SPECIAL_CASE_IDIOMS)),
    st.sampled_from(
        ["kind of", "sort of", "just enough", "at least", "very least", "never so", "never this"]
    ),
)


@st.composite
def rule_text(draw):
    """A text of rule words: often the same few again and again, parted by unusual white space."""
    pool = draw(st.lists(token, min_size=1, max_size=10))
    chosen = draw(st.lists(st.sampled_from(pool), max_size=14))
    space = draw(st.sampled_from(SPACES))
    ends = draw(st.sampled_from(["", " ", "\n "]))
    return ends + space.join(chosen) + ends


@settings(max_examples=200)
@given(st.lists(rule_text(), min_size=1, max_size=8))
def test_english_equals_nltk_on_rule_words(texts):
    assert_equals_nltk(texts)


@given(st.lists(st.one_of(st.text(), st.text("aAgod !?.:)('tnbu \xa0\x1d\x00")), min_size=1, max_size=5))
def test_english_equals_nltk_on_any_text(texts):
    assert_equals_nltk(texts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "a",
        "great",
        "GREAT service",
        "GREAT SERVICE",
        "not good good",  # a repeated word takes the context of its first place
        "good, not good",
        "never so good. never this good. so not good",
        "it was not so good",
        "at least good. the very least good. least good",
        "kind of good, this kind of help is kind",
        "it is just enough good",
        "yeah right good one, well the bomb it was",
        "this really is bad ass stuff",
        "I like it but I hate it but I love it",
        "But good",
        "good but",
        "not a bit very good",
        "VERY good, BARELY good, VERY bad",
        "good!!!!!!! good???? really?? ?",
        "don't hate isn't bad wouldn't-be great",
        "I can’t love it",
        "without doubt the best",
        "never never never good",
        "no good no",
        "hand to mouth we hand to mouth love it",
    ],
)
def test_english_equals_nltk_rule_by_rule(text):
    assert_equals_nltk([text, f"we think {text}", f"{text} in the end", text.upper(), text.title()])


def test_english_rules_never_cross_two_comments():
    assert_equals_nltk(
        ["we came at", "least good", "so kind", "of you", "we think the", "shit", "not", "good", "but", "bad"]
    )


def test_english_equals_nltk_on_the_sample(root):
    assert_equals_nltk(read_table(root / "data" / "raw" / "comments_en.csv")["text"].dropna())


def test_english_equals_nltk_on_a_very_long_text():
    generator = np.random.default_rng(7)
    long = [" ".join(generator.choice(WORDS, 20_000)), " ".join(f"w{n} good" for n in range(10_000))]
    assert_equals_nltk([*long, "short and good"])


def test_english_equals_nltk_on_real_comments(real_data):
    for path in sorted(real_data.glob("*.csv")):
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        texts = [column for column in table if table[column].str.len().median() > 20]
        assert texts, f"{path.name} has no column of texts"
        for column in texts:
            assert_equals_nltk(table[column].drop_duplicates())


def spanish(*texts):
    """Scores of Spanish comments."""
    return score_sentiment(pd.Series(texts), pd.Series("es", index=range(len(texts))))


def compound(text):
    return spanish(text)["compound"][0]


@pytest.mark.parametrize(
    "text",
    [
        "El personal es amable",
        "Excelente atención",
        "excelente.",
        "¡Excelente!",
        "Funciona bien",
        "Gracias",
        "graciasss",
        "GRACIASSSS",
        "muchas graciasssss",
        "buenísimoooo",
        "No es horrible",
        "Nunca fue horrible",
        "Nada mal",  # expressions that contain a negator are looked up whole
        "Sin problemas",
        "nunca falla",
        "No tiene desperdicio",
        "NO TIENE DESPERDICIO",
        "Vale la pena",
        "valE LA peNa",
        "mil gracias",
        "Llegó 😀",
        "Llegó😀",
        "Llegó :)",
        "Llegó:)",
        "Llegó :))",
        "Llegó :)))))",
        "Llegó :D",
        "Llegó ❤️",
        "Llegó <3",
    ],
)
def test_positive_in_spanish(text):
    assert compound(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "El trato fue horrible",
        "HORRIBLE",
        "horribleeee",
        "pésimo",
        "Pesimo servicio",  # without its accent
        "PÉSIMO",
        "PESIMOOO",
        "pe\u0301simo",
        "No es amable",
        "no son amables",
        "NO es amable",
        "Nunca fue amable",
        "Jamás fue amable",
        "jamas fue amable",
        "Nadie es amable",
        "Tampoco es amable",
        "Sin ser amable",
        "No fue muy amable",
        "De ninguna manera amable",  # a negating expression
        "Lejos de ser amable",
        "No vale la pena",
        "no me gustó",
        "a duras penas",
        "Llegó 😡",
        "Llegó😡😡",
        "Llegó :(",
        "Llegó:(",
        "Llegó :'(",
    ],
)
def test_negative_in_spanish(text):
    assert compound(text) < 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "El martes a las diez",
        "@excelente",
        "@pesimo_servicio.mx",
        "@GRACIAS :@horrible",
        "https://excelente.mx/pésimo",
        "www.horrible.com/gracias?amable",
        "HTTP://HORRIBLE.MX",
        "vía:https://pésimo.mx",
        "[email] [phone] [card] [iban] [id] [link]",
        "correo:[email] sitio=[link]",
        "86 pesos",  # slang in VADER's lexicon, a number here
        "a las 10:30 y a las 8:00",
        "de 1 a 8)",
        "8/10",
        "total:300 y <30 minutos",
        "Pregunta:Por qué",
        "Pero",
        "no",
        "muy",
    ],
)
def test_no_sentiment_in_spanish(text):
    assert compound(text) == 0


@pytest.mark.parametrize(
    "lower, higher",
    [
        # boosters and dampeners, on either side of zero
        ("amable", "muy amable"),
        ("amable", "sumamente amable"),
        ("amable", "súper amable"),
        ("amable", "super amable"),
        ("un poco amable", "amable"),
        ("muy horrible", "horrible"),
        ("horrible", "un poco horrible"),
        ("funciona", "funciona bien"),
        ("excelente", "bien excelente"),  # "bien" boosts what follows it
        ("muy pésimo", "pésimo"),
        # a booster farther away weighs less
        ("amable", "muy la verdad amable"),
        ("muy la verdad amable", "muy amable"),
        # negation turns and weakens, and may come up to three words before
        ("no es amable", "amable"),
        ("horrible", "no es horrible"),
        ("no es horrible", "amable"),
        ("no el lunes amable", "amable"),
        # capitals, if the rest is not in capitals
        ("el trato fue amable", "el trato fue AMABLE"),
        ("el trato fue HORRIBLE", "el trato fue horrible"),
        ("es muy amable", "es MUY amable"),
        ("el aparato NO SIRVE", "el aparato no sirve"),  # of an expression, too
        # marks
        ("amable", "amable!"),
        ("amable!", "amable!!!"),
        ("horrible!!!", "horrible"),
        ("¿horrible???", "¿horrible?"),
        # contrast: what follows counts for more
        ("Amable, pero horrible", "Horrible, pero amable"),
        (
            "El personal es amable pero el cuarto es horrible",
            "El cuarto es horrible pero el personal es amable",
        ),
        ("Es amable, sin embargo es horrible", "Es horrible, sin embargo es amable"),
        ("Es amable PEROOOO es horrible", "Es horrible PEROOOO es amable"),
        ("es amable pero lejos", "es amable y lejos"),
        # several words add up
        ("amable", "amable y excelente"),
        ("horrible y pésimo", "horrible"),
        ("Llegó :(", "Llegó 😀 :("),
    ],
)
def test_order_of_spanish_scores(lower, higher):
    assert compound(lower) < compound(higher)


@pytest.mark.parametrize(
    "one, other",
    [
        ("gracias", "graciasss"),
        ("gracias", "GRACIASSS"),
        ("pésimo", "pesimo"),
        ("pésimo", "pe\u0301simo"),
        ("no sirve", "NO SIRVE"),  # capitals throughout are a habit, not emphasis
        ("todo muy bien gracias", "TODO MUY BIEN GRACIAS"),
        ("El personal es amable", "Pero el personal es amable"),  # nothing before it to contrast
        ("El personal es amable", "PERO el personal es amable"),
        ("El personal es amable", "Sin embargo, el personal es amable"),
        ("Es amable pero es horrible", "Es amable, perooo es horrible"),
        ("Es amable", "@pesimo Es amable https://pesimo.mx [email]"),
        ("Es horrible", "Es horrible https://x.mx/?a=1?b=2 www.x.mx/???!!!"),
        ("Es amable", "Es amable correo:[email]"),
        ("Llegó :)", "Llegó :)))"),
        ("Llegó :)", "Llegó :))"),
        ("no el lunes martes amable", "ya el lunes martes amable"),  # four words before is too far
        ("amable", "¡Amable"),
        ("amable", "(amable),"),
    ],
)
def test_equal_in_spanish(one, other):
    assert compound(one) == pytest.approx(compound(other), abs=1e-4)


@pytest.mark.parametrize("mark", ["!", "!!", "?", "???"])
def test_marks_alone_carry_no_sentiment(mark):
    assert compound(f"Llegó el martes{mark}") == 0


def test_every_expression_counts_as_one_word():
    """Its score is its own, whatever its words are worth and whichever of them is a negator."""
    own = {words: value for words, (kind, value) in spanish_rules().expressions.items() if kind == "valence"}
    scores = spanish(*(" ".join(words) for words in own))
    assert (np.sign(scores["compound"]) == np.sign(list(own.values()))).all()
    expected = np.array(list(own.values()))
    assert scores["compound"].to_numpy() == pytest.approx(expected / np.sqrt(expected**2 + 15), abs=1e-4)


def test_a_longer_expression_wins():
    assert ("no", "vale", "la", "pena") in spanish_rules().expressions
    assert compound("vale la pena") > 0 > compound("no vale la pena")


def test_an_expression_never_crosses_two_comments():
    parts = ["no vale", "la pena", "no tiene", "desperdicio", "nada", "mal", "amable", "pero", "horrible"]
    together = spanish(*parts)["compound"].tolist()
    assert together == [compound(part) for part in parts]


PHRASES = [
    "amable",
    "horrible",
    "no",
    "muy",
    "bien",
    "pero",
    "sin embargo",
    "no vale la pena",
    "vale la pena",
]
PHRASES += [
    "NO",
    "GRACIAS",
    "nada mal",
    "😡",
    ":)",
    "el",
    "!",
    "??",
    "@amable",
    "un poco",
    "lejos de ser",
    "",
]
spanish_text = st.lists(st.sampled_from(PHRASES), max_size=8).map(" ".join)


@given(st.lists(spanish_text, min_size=2, max_size=6))
def test_a_comment_scores_the_same_in_any_company(texts):
    pd.testing.assert_frame_equal(spanish(*texts), pd.concat([spanish(t) for t in texts], ignore_index=True))


@given(st.lists(st.one_of(st.none(), spanish_text, rule_text(), st.text()), max_size=6), st.data())
def test_scores_keep_their_range(texts, data):
    language = data.draw(st.lists(st.sampled_from(["es", "en"]), min_size=len(texts), max_size=len(texts)))
    index = pd.Index([f"c{n}" for n in range(len(texts))], dtype="str")
    column = pd.Series(texts, index=index, dtype="str")
    scores = score_sentiment(column, pd.Series(language, index=index, dtype="str"))
    assert scores.index.equals(index)
    assert scores["compound"].between(-1, 1).all()
    shares = scores[["positive", "neutral", "negative"]]
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    total = shares.sum(axis=1)
    assert ((total == 0) | (total - 1).abs().lt(0.0021)).all()
    assert (scores.loc[total == 0, "compound"] == 0).all()


def test_very_long_spanish_text():
    parts = ["amable", "no", "muy", "pero", "vale", "la", "pena", "sin", "embargo"]
    long = " ".join(np.random.default_rng(7).choice(parts, 20_000))
    assert spanish(long, "amable")["compound"][1] == compound("amable")


def test_other_languages_and_missing_texts():
    texts = pd.Series(["great", None, "ótimo", "genial", "great"], index=list("abcde"), dtype="str")
    language = pd.Series(["en", "es", "pt", "other", None], index=list("abcde"), dtype="str")
    scores = score_sentiment(texts, language)
    assert scores["compound"].notna().tolist() == [True, True, False, False, False]
    assert scores["label"].fillna("missing").tolist() == ["positive", "neutral"] + ["missing"] * 3
    assert scores.loc["b", ["compound", "positive", "neutral", "negative"]].tolist() == [0, 0, 0, 0]


def test_labels_follow_the_thresholds():
    texts = pd.Series(["good", "bad", "table", "good but bad"])
    english = pd.Series("en", index=texts.index)
    at = score_sentiment(texts, english)["compound"]
    assert set(score_sentiment(texts, english)["label"]) <= set(LABELS)
    strict = score_sentiment(texts, english, negative_below=at[1], positive_above=at[0])["label"]
    assert strict[:3].tolist() == ["neutral"] * 3  # on the line is neutral
    wide = score_sentiment(texts, english, negative_below=at[1] + 1e-6, positive_above=at[0] - 1e-6)["label"]
    assert wide[:3].tolist() == ["positive", "negative", "neutral"]


@pytest.mark.parametrize("below, above", [(0.1, 0.0), (-1.1, 0.05), (-0.05, 1.1), (float("nan"), 0.05)])
def test_thresholds_that_cross_are_refused(below, above):
    with pytest.raises(ValueError, match=r"negative_below .* must not exceed positive_above"):
        score_sentiment(pd.Series(["a"]), pd.Series(["es"]), negative_below=below, positive_above=above)
