"""sentiment: English equals NLTK's VADER; Spanish keeps the rules of its specification.

The Spanish cases compare scores with each other, so that they hold while valences are tuned.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.sentiment.vader import SentimentIntensityAnalyzer, SentiText, VaderConstants

from cxresearch import tokens
from cxresearch.errors import InputError
from cxresearch.lexicons import emoji_valences, english_rules, spanish_rules
from cxresearch.sentiment import LABELS, explain, label_scores, score_sentiment
from cxresearch.tables import read_table
from cxresearch.tokens import Vocabulary, tokenize, words

SHARES = {"positive": "pos", "neutral": "neu", "negative": "neg"}


def nltk_scores(texts):
    """NLTK's own scores, with the lexicon it ships, which is ours (see test_lexicons)."""
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon, analyzer.constants = english_rules().valence, VaderConstants()
    return pd.DataFrame([analyzer.polarity_scores(text) for text in texts], index=texts.index)


def mended(text):
    """A text as it is read: split pairs of surrogates joined, single ones replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def emoji_sum(text):
    """Valence of the emoji in a text; repeated within a token one counts once."""
    return sum(emoji_valences().get(c, 0.0) for token in mended(text).split() for c in sorted(set(token)))


def assert_equals_nltk(texts):
    """Compound to 1e-4, the shares to the 0.001 that rounding halves may make; the score but for emoji."""
    texts = pd.Series(texts, dtype=object)
    ours = score_sentiment(texts, pd.Series("en", index=texts.index))
    theirs = nltk_scores(texts.map(mended))
    off = (ours["compound"] - theirs["compound"]).abs() > 1.0001e-4
    for name, key in SHARES.items():
        off |= (ours[name] - theirs[key]).abs() > 0.00101
    moved = texts.map(emoji_sum).round(6)
    rises = ours["score"] - ours["compound"]
    saturated = ours["score"].abs() > 0.999
    off |= (np.sign(rises) != np.sign(moved)) & ~(saturated & (rises == 0))
    worst = pd.concat([texts, ours, theirs], axis=1)[off]
    assert worst.empty, worst.head(3).to_dict("records")


RULES = english_rules()
SOME_LEXICON = sorted(word for word in RULES.valence if word.isalpha())[::150]
EMOTICONS = [":)", ":(", ":D", ":-/", "<3", ";)", ":'(", ":P", "xD", "8)", "=/", "O:-)", "</3", "86"]
WORDS = [
    *sorted(RULES.negators),
    *sorted(word for word in RULES.boosters if " " not in word),
    *("kind", "of", "sort", "just", "enough", "least", "at", "very", "but", "never", "so", "this", "no"),
    *" ".join([*VaderConstants.SPECIAL_CASE_IDIOMS, *RULES.boosters]).split(),
    *("good", "bad", "great", "great", "sucks", "hate", "love", "kind", "ok", "terrible", "thanks"),
    *("the", "service", "flight", "a", "I", "x", "café", "DM", "😡", "24/7", "@united", "#fail", "isn’t"),
    *("😍", "❤️", "👍🏽", "great😡", "\ud83d", "\ud83d\ude21", "bad\ude21", "خدمة", "\u200fسيئة", "\x00"),
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


any_text = st.one_of(
    st.text(st.characters()),
    st.text("aAgod !?.:)('tnbu \xa0\x1d\x00"),
    st.text([*"good bad!", "😡", "❤", "\ufe0f", "\ud83d", "\ude21", "س", "\u200f", "\u202e"]),
)


@given(st.lists(any_text, min_size=1, max_size=5))
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
        "Late 😡",
        "great 😡😡😡!!!",
        "😍",
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


def scores_of(texts, language, **how):
    """Scores of comments in one language."""
    texts = pd.Series(texts, dtype=object)
    return score_sentiment(texts, pd.Series(language, index=texts.index), **how)


@pytest.mark.parametrize(
    "text, label, moved_by",
    [
        ("Late 😡", "negative", "😡"),
        ("😡", "negative", "😡"),
        ("Late😡", "negative", "😡"),
        ("They came 😍😍", "positive", "😍😍"),
        ("They came 😍😡", "neutral", "😍😡"),
        ("They came ❤️", "positive", "❤"),
        ("They came 👍🏽", "positive", "👍"),
    ],
)
def test_english_emoji_move_the_score_alone(text, label, moved_by):
    row = scores_of([text], "en").iloc[0]
    total = sum(emoji_valences()[emoji] for emoji in sorted(set(moved_by)))
    assert row["compound"] == 0
    assert row["score"] == pytest.approx(total / np.sqrt(total**2 + 15), abs=1e-4)
    if label != "neutral" or abs(row["score"]) <= 0.05:
        assert row["label"] == label


@pytest.mark.parametrize("template", ["@{}", "@{}.mx", "https://{}.com", "www.{}.com", "http://x.com/{}"])
def test_english_handles_and_links_carry_no_valence(template):
    names = [word for word in english_rules().valence if word.isalnum()]
    assert len(names) > 7000
    scores = scores_of([template.format(name) for name in names], "en")
    assert (scores["score"] == 0).all()


@pytest.mark.parametrize("mask", ["[email]", "[phone]", "[card]", "[iban]", "[id]", "[link]"])
def test_masks_carry_no_valence(mask):
    for language in ("es", "en"):
        assert scores_of([mask, f"{mask}.", f"({mask})"], language)["score"].tolist() == [0, 0, 0]


def spanish(*texts):
    """Scores of Spanish comments."""
    return scores_of(texts, "es")


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
        "no está nada mal",
        "un servicio de lujo",
        "Es horrible pero amable",
        "Horrible, aunque amable",
        "Es horrible, sin embargo es amable",
        "Es horrible, eso sí, muy amable",
        "Eso sí, muy amables",
        # forms of words
        "amabilísimos",
        "amabilisima",
        "facilito",
        "rapidito",
        "felicitándolos",
        "Recomiéndenlo",
        "agradeciéndoles",
        "excelenteeee",
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
        "ni es amable",
        "Ni amables ni rápidos",
        "sin amabilidad",
        "brilla por su ausencia",
        "La amabilidad brilla por su ausencia",
        "me tomaron el pelo",
        "quedar mal",
        "me quedaron mal",
        "quedaron muy mal",
        "Es amable pero horrible",
        "Amable, aunque horrible",
        "Es amable, sin embargo es horrible",
        "Es amable, eso sí, horrible",
        # forms of words
        "malísimas",
        "lentísimo",
        "feíto",
        "decepcionándonos",
        "estafarnos",
        "odiarlo",
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
        ("apenas amable", "amable"),  # weakens, like "barely" in VADER
        ("horrible", "apenas horrible"),
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


@pytest.mark.parametrize(
    "text",
    ["No es nada amable", "No fue nunca amable", "Tampoco es nada útil", "No son ni amables ni justos"],
)
def test_two_negators_say_no_once(text):
    """As they do in Spanish, unlike English."""
    assert compound(text) < 0


def test_so_so_is_about_neutral():
    assert spanish("Ni fu ni fa")["label"].tolist() == ["neutral"]


FELT = [word for word, value in spanish_rules().valence.items() if word.isalpha() and value]
some_spanish = st.lists(st.sampled_from([*sorted(FELT)[::40], "bien"]), max_size=8)


@given(some_spanish, st.sampled_from(["", "!", " !!", "??", "!?!?"]))
def test_spanish_sum(chosen, marks):
    """Sum of valences, negative ones times 1.5, plus marks, divided by the number of sentiment words."""
    text = " ".join(f"quetzal {word}" for word in chosen) + f" quetzal{marks}"
    valence = np.array([spanish_rules().valence[word] for word in chosen])
    total = (valence * np.where(valence < 0, 1.5, 1)).sum()
    asked = marks.count("?")
    emphasis = min(marks.count("!"), 4) * 0.292 + (asked * 0.18 if asked > 1 else 0)
    mean = (total + np.sign(total) * emphasis) / max(len(chosen), 1)
    row = spanish(text).iloc[0]
    if abs(total) > 1e-9:  # else rounding decides on the sign of the marks
        assert row["score"] == pytest.approx(mean / np.sqrt(mean**2 + 15), abs=1.01e-4)
    assert row["compound"] == row["score"]


def test_every_expression_counts_as_one_word():
    """Its score is its own, whatever its words are worth and whichever of them is a negator."""
    own = {entry: value for entry, value in spanish_rules().valence.items() if " " in entry}
    scores = spanish(*own)
    assert (np.sign(scores["compound"]) == np.sign(list(own.values()))).all()
    expected = np.array(list(own.values()))
    weighed = np.where(expected < 0, 1.5 * expected, expected)
    assert scores["compound"].to_numpy() == pytest.approx(weighed / np.sqrt(weighed**2 + 15), abs=1e-4)


def test_a_longer_expression_wins():
    assert "no vale la pena" in spanish_rules().valence
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


SKIPPED = ["@amable", "@pesimo.mx", "https://malo.mx/?a=1!", "www.gracias.com", "[email]", "[link],", ":[id]"]


@given(st.lists(st.sampled_from(PHRASES), max_size=8), st.data())
def test_handles_links_and_masks_change_nothing_in_spanish(phrases, data):
    """Wherever they stand: even within an expression, or between a negator and its word."""
    plain = " ".join(phrases).split()
    with_skipped = list(plain)
    for skipped in data.draw(st.lists(st.sampled_from(SKIPPED), max_size=4)):
        with_skipped.insert(data.draw(st.integers(0, len(with_skipped))), skipped)
    scores = spanish(" ".join(plain), " ".join(with_skipped))
    assert scores.iloc[0].equals(scores.iloc[1].rename(0))


spoken = st.tuples(
    st.one_of(st.none(), spanish_text, rule_text(), any_text),
    st.sampled_from(["es", "es", "en", "en", "pt", "other", None]),
)


@given(st.lists(spoken, max_size=7), st.integers(1, 7), st.randoms())
def test_neither_chunks_nor_tokens_nor_order_matter(comments, size, shuffled):
    table = pd.DataFrame(comments, columns=["text", "language"], dtype=object)
    table.index = [n // 2 for n in range(len(table))]  # the same label twice
    texts, language = table["text"], table["language"]
    whole = score_sentiment(texts, language)
    assert whole.index.equals(texts.index)
    same = pd.testing.assert_frame_equal
    same(score_sentiment(texts, language, tokens=tokenize(texts)), whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "CHUNK", size)
        same(score_sentiment(texts, language), whole)
    kept = Vocabulary()
    for start in range(0, len(texts), size):
        at = slice(start, start + size)
        own = score_sentiment(texts.iloc[at], language.iloc[at], tokens=tokenize(texts.iloc[at], kept))
        same(own, whole.iloc[at])
    order = list(range(len(texts)))
    shuffled.shuffle(order)
    same(score_sentiment(texts.iloc[order], language.iloc[order]), whole.iloc[order])


@given(st.lists(st.one_of(st.none(), spanish_text, rule_text(), any_text), max_size=6), st.data())
def test_scores_keep_their_range(texts, data):
    language = data.draw(st.lists(st.sampled_from(["es", "en"]), min_size=len(texts), max_size=len(texts)))
    index = pd.Index([f"c{n}" for n in range(len(texts))], dtype="str")
    column = pd.Series(texts, index=index, dtype=object)
    scores = score_sentiment(column, pd.Series(language, index=index, dtype="str"))
    assert scores.index.equals(index)
    assert scores[["score", "compound"]].abs().le(1).all(axis=None)
    shares = scores[["positive", "neutral", "negative"]]
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    total = shares.sum(axis=1)
    assert ((total == 0) | (total - 1).abs().lt(0.0021)).all()
    assert (scores.loc[total == 0, "compound"] == 0).all()
    assert scores.loc[scores["label"].isna(), "score"].eq(0).all()
    assert scores.loc[total > 0, "label"].isin(LABELS).all()


def test_very_long_spanish_text():
    parts = ["amable", "no", "muy", "pero", "vale", "la", "pena", "sin", "embargo"]
    long = " ".join(np.random.default_rng(7).choice(parts, 20_000))
    assert spanish(long, "amable")["compound"][1] == compound("amable")


def test_other_languages_and_missing_texts():
    texts = pd.Series(["great", None, "ótimo", "genial", "great"], index=list("abcde"), dtype="str")
    language = pd.Series(["en", "es", "pt", "other", None], index=list("abcde"), dtype="str")
    scores = score_sentiment(texts, language)
    assert scores["compound"].notna().tolist() == [True, True, False, False, False]
    assert scores["label"].fillna("missing").tolist() == ["positive"] + ["missing"] * 4
    assert scores.loc["b", ["compound", "positive", "neutral", "negative"]].tolist() == [0, 0, 0, 0]


ANYTHING = [  # a value of a text column; the label it gets in Spanish, in English
    (None, None, None),
    (float("nan"), None, None),
    (pd.NA, None, None),
    ("", None, None),
    (" \t\n", None, None),
    ("?!...", None, "neutral"),
    ("!", None, None),
    ("\x00", None, None),
    ("😡", "negative", "negative"),
    ("😍👍🏽", "positive", "positive"),
    ("\ud83d\ude21", "negative", "negative"),  # 😡 as a split pair
    ("\ud83d", None, None),
    ("\ude21 \ud83d", None, None),
    ("excelente\ud83d excellent", "positive", "positive"),
    ("genial\x00 excelente great", "positive", "positive"),
    (24, "neutral", "neutral"),
    (7, "neutral", None),  # VADER leaves out words of one character
    (2.5, "neutral", "neutral"),
    ("خدمة سيئة جدا", "neutral", "neutral"),
    ("@ana https://a.mx [link]", None, "neutral"),
]


@pytest.mark.parametrize("value, spanish_label, english_label", ANYTHING)
@pytest.mark.parametrize("company", [[], ["El trato fue amable, kind"]])
def test_any_value_of_an_object_column(value, spanish_label, english_label, company):
    for language, label in (("es", spanish_label), ("en", english_label)):
        scores = scores_of([value, *company], language)
        assert scores["score"].notna().all()
        assert (scores["label"].iloc[0] if pd.notna(scores["label"].iloc[0]) else None) == label
        assert scores["label"].iloc[1:].tolist() == ["positive"] * len(company)


@pytest.mark.parametrize("long", ["a" * 1_000_000, "a!b😡" * 250_000, "muy amable great " * 60_000])
@pytest.mark.parametrize("language", ["es", "en"])
def test_very_long_texts(long, language):
    scores = scores_of([long, "gracias thanks"], language)
    assert scores["label"].notna().all()
    assert scores["label"].iloc[1] == "positive"
    assert np.sign(scores["score"].iloc[0]) == ("amable" in long) - ("😡" in long)


TYPES = ["object", "str", "category", "string[pyarrow]", "string[python]", pd.ArrowDtype(pa.large_string())]


@pytest.mark.parametrize("dtype", [*TYPES, pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))])
def test_column_types(dtype):
    texts = pd.Series(["great", None, "", "horrible 😡"], dtype=dtype)
    for code in TYPES[:4]:
        language = pd.Series(["en", "es", None, "es"], dtype=code)
        scores = score_sentiment(texts, language)
        assert scores["label"].fillna("").tolist() == ["positive", "", "", "negative"]
        assert scores["score"].isna().tolist() == [False, False, True, False]
        assert score_sentiment(texts[:0], language[:0]).empty


@pytest.mark.parametrize("column", [[None, None], [1, 2], [1.5, None]])
def test_columns_without_texts(column):
    for language in ("es", "en"):
        texts = pd.Series(column)
        scores = score_sentiment(texts, pd.Series(language, index=texts.index))
        assert scores["score"].tolist() == [0, 0]
        assert not scores["label"].isin(["positive", "negative"]).any()


def test_labels_follow_the_thresholds():
    texts = pd.Series(["good", "bad", "table", "good but bad"])
    english = pd.Series("en", index=texts.index)
    at = score_sentiment(texts, english)["compound"]
    assert set(score_sentiment(texts, english)["label"]) <= set(LABELS)
    strict = score_sentiment(texts, english, negative_below=at[1], positive_above=at[0])["label"]
    assert strict[:3].tolist() == ["neutral"] * 3  # on the line is neutral
    wide = score_sentiment(texts, english, negative_below=at[1] + 1e-6, positive_above=at[0] - 1e-6)["label"]
    assert wide[:3].tolist() == ["positive", "negative", "neutral"]


def test_thresholds_of_each_comment():
    texts, language = pd.Series(["good", "good", "bad"], index=[7, 7, 8]), pd.Series("en", index=[7, 7, 8])
    above, below = pd.Series([0.9, 0.1, 0.1], index=[7, 7, 8]), pd.Series([-0.1, -0.1, -0.9], index=[7, 7, 8])
    scores = score_sentiment(texts, language, negative_below=below, positive_above=above)
    assert scores["label"].tolist() == ["neutral", "positive", "neutral"]
    assert label_scores(scores, below, above).tolist() == ["neutral", "positive", "neutral"]
    assert label_scores(scores).tolist() == ["positive", "positive", "negative"]


@pytest.mark.parametrize("below, above", [(0.1, 0.0), (-1.1, 0.05), (-0.05, 1.1), (float("nan"), 0.05)])
def test_thresholds_that_cross_are_refused(below, above):
    with pytest.raises(ValueError, match=r"negative_below .* must not exceed positive_above"):
        score_sentiment(pd.Series(["a"]), pd.Series(["es"]), negative_below=below, positive_above=above)


def words_told(told):
    """The rows of an explanation that are about words, as one list of rows per word."""
    rows, by_word = told[told["word"] != ""].to_dict("records"), []
    for row in rows:
        last = by_word[-1][-1] if by_word else None
        opens = row["rule"] in ("", "lexicon", "expression")
        if row["rule"] == "lexicon" and last and last["rule"] == "expression":
            opens = row["because"] != last["because"]
        by_word.append([row]) if opens else by_word[-1].append(row)
    return by_word


@settings(max_examples=150)
@given(st.one_of(spanish_text, rule_text(), any_text), st.sampled_from(["es", "en"]))
def test_explanations_add_up(text, language):
    told = explain(text, language)
    by_word = words_told(told)
    if language == "en":
        expected = SentiText(mended(text), VaderConstants.PUNC_LIST, VaderConstants.REGEX_REMOVE_PUNCTUATION)
        expected = expected.words_and_emoticons
    else:
        found = words(pd.Series([text], dtype=object))
        expected = [found.vocabulary[number] for number in found.ids]
    assert [rows[0]["word"] for rows in by_word] == expected
    for rows in by_word:
        assert {row["word"] for row in rows} == {rows[0]["word"]}
        valence = [0.0, *(row["valence"] for row in rows)]
        assert np.diff(valence) == pytest.approx([row["change"] for row in rows])
    end = told[told["word"] == ""].set_index("rule")
    assert list(end.index[:1]) == ["sum"] and list(end.index[-2:]) == ["compound", "score"]
    assert end.loc["sum", "valence"] == pytest.approx(sum(rows[-1]["valence"] for rows in by_word))
    scores = scores_of([text], language).iloc[0]
    assert end.loc["compound", "valence"] == scores["compound"]
    assert end.loc["score", "valence"] == scores["score"]


@pytest.mark.parametrize(
    "text, language, word, rules",
    [
        ("No es muy amable", "es", "amable", [("lexicon", "amable"), ("booster", "muy"), ("negation", "No")]),
        ("el trato fue HORRIBLE", "es", "HORRIBLE", [("lexicon", "horrible"), ("capitals", "HORRIBLE")]),
        ("es horrible pero amable", "es", "amable", [("lexicon", "amable"), ("contrast", "pero")]),
        ("es nada mal", "es", "nada", [("expression", "nada mal"), ("lexicon", "nada mal")]),
        ("decepcionándonos", "es", "decepcionándonos", [("lexicon", "decepcionar")]),
        ("El martes", "es", "martes", [("", "")]),
        ("not very good", "en", "good", [("lexicon", "good"), ("booster", "very"), ("negation", "not")]),
        ("a kind of it", "en", "kind", [("lexicon", "kind"), ("least, kind of", "kind")]),
        ("great, but late", "en", "great", [("lexicon", "great"), ("contrast", "but")]),
    ],
)
def test_explain_names_rule_and_cause(text, language, word, rules):
    told = explain(text, language)
    own = told[told["word"] == word]
    assert list(zip(own["rule"], own["because"], strict=True)) == rules


def test_explain_tells_of_emoji_marks_and_weights():
    late = explain("Late 😡!!", "en").set_index("rule")
    assert "emoji -" in late.loc["score", "because"]
    assert late.loc["score", "change"] < 0
    assert "exclamation and question marks" in explain("great!!", "en")["rule"].tolist()
    ends = explain("amable y horrible!", "es").query("word == ''")["rule"].tolist()
    assert ends[:2] == ["sum", "negative words weigh more"]
    assert ends[2:4] == ["exclamation and question marks", "mean of the words"]


@pytest.mark.parametrize("value, spanish_label, english_label", ANYTHING)
def test_explain_takes_anything(value, spanish_label, english_label):
    for language in ("es", "en"):
        end = explain(value, language).iloc[-1]
        assert (end["rule"], end["valence"]) == ("score", scores_of([value], language)["score"].iloc[0])


def test_explain_takes_very_long_texts():
    assert explain("a" * 1_000_000, "en")["rule"].iloc[-1] == "score"
    assert len(explain("amable mesa " * 20_000, "es")) > 40_000


@pytest.mark.parametrize("language", ["pt", "", "ES"])
def test_explain_knows_two_languages(language):
    with pytest.raises(InputError, match=f"expected 'es' or 'en', found {language!r}"):
        explain("Ótimo", language)


@pytest.mark.parametrize(
    "text, sign",
    [
        ("No, pésimo", -1),
        ("No entiendo nada, pésima app", -1),
        ("No sale, mala atención", -1),
        ("No fue nada y fueron amables", 1),
        ("Nunca. Excelente trato", 1),
        ("No fue amable", -1),
        ("Cero recomendable", -1),
        ("No gracias", 0),
        ("pésimo 👏👏👏", -1),
    ],
)
def test_a_negation_ends_with_its_clause(text, sign):
    assert np.sign(compound(text)) == sign


@pytest.mark.parametrize(
    "texts, language, match",
    [
        (pd.Series(["a"]), pd.Series(["en"], index=[7]), "same comments"),
        (pd.Series(["a", "b"]), pd.Series(["en"]), "same comments"),
        (pd.Series(["a"]), pd.Series(["EN"]), "found 'EN'"),
        (pd.Series(["a"]), "Spanish", "found 'Spanish'"),
    ],
)
def test_columns_that_do_not_belong_together_are_refused(texts, language, match):
    with pytest.raises(InputError, match=match):
        score_sentiment(texts, language)


def test_tokens_of_another_column_are_refused():
    with pytest.raises(InputError, match="same comments"):
        score_sentiment(pd.Series(["a", "b"]), "en", tokens=tokenize(pd.Series(["a"])))


def test_one_language_for_all():
    texts = pd.Series(["great", "bad"])
    pd.testing.assert_frame_equal(
        score_sentiment(texts, "en"), score_sentiment(texts, pd.Series(["en", "en"]))
    )


def test_explain_takes_one_text():
    with pytest.raises(InputError, match="one text"):
        explain(["a", "b"])
