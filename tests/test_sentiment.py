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
    st.sampled_from(["kind of", "sort of", "just enough", "at least", "very least", "never so", "never this"]),
)


@st.composite
def rule_text(draw):
    """A text of rule words: often the same few again and again, parted by unusual white space."""
    pool = draw(st.lists(token, min_size=1, max_size=10))
    chosen = draw(st.lists(st.sampled_from(pool), max_size=14))
    space = draw(st.sampled_from(SPACES))
    ends = draw(st.sampled_from(["", " ", "\n "]))
    return ends + space.join(chosen) + ends


@settings(max_examples=400)
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


def test_english_equals_nltk_on_the_sample(root):
    assert_equals_nltk(read_table(root / "data" / "raw" / "comments_en.csv")["text"].dropna())


def test_english_equals_nltk_on_a_very_long_text():
    generator = np.random.default_rng(7)
    long = [" ".join(generator.choice(WORDS, 20_000)), " ".join(f"w{n} good" for n in range(10_000))]
    assert_equals_nltk([*long, "short and good"])


def test_english_equals_nltk_on_real_comments(real_data):
    checked = 0
    for path in sorted(real_data.glob("*.csv")):
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        for column in table.columns[table.columns.str.contains("text|comment|tweet|review")]:
            assert_equals_nltk(table[column].drop_duplicates())
            checked += len(table)
    assert checked > 1000
