"""Speed and accuracy of coding by the codebook, beside pandas' str.contains once per code.

    CXRESEARCH_REAL_DATA=/folder/with/comments python benchmarks/themes.py [number of comments]

Speed is CPU time on one core; only the ratios mean anything elsewhere. The peer answers less: which comments
have the code, but not by which words. Two codebooks are timed: the study's own, for which the peer takes a
tenth of the comments (its time is multiplied by ten), and a plain one of 31 codes with 40 words, prefixes and
phrases each, all without gaps and conditions, drawn from the texts. Accuracy is measured on the comments of
the folder that two coders have coded (codes with at least ten cases count in the macro mean).
"""

import os
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sentiment import cpu, portions, real_files

from cxresearch.codebook import Codebook, load_codebook
from cxresearch.language import detect_languages
from cxresearch.learning import learn
from cxresearch.patterns import parse_pattern
from cxresearch.themes import code_comments, code_table, codes_by
from cxresearch.tokens import tokenize


def regex(pattern: str) -> str:
    """A pattern as a regular expression; accents are not folded."""
    parts = []
    for element in parse_pattern(pattern):
        if isinstance(element, int):
            parts.append(rf"(?:\W+\w+){{0,{element}}}\W+")
        else:
            words = "|".join(choice.replace("*", r"\w*") for choice in element)
            parts.append(("" if not parts or parts[-1].endswith(r"\W+") else r"\W+") + f"(?:{words})")
    return rf"\b{''.join(parts)}\b"


def contains(texts: pd.Series, expressions: list[str]) -> list[pd.Series]:
    """The peer: one str.contains per code."""
    return [texts.str.contains(expression, case=False, regex=True) for expression in expressions]


def plain_codebook(book: Codebook, texts: pd.Series, seed: int = 1) -> Codebook:
    """The same codes with 40 patterns each, drawn from the words and neighbours of the texts."""
    random = np.random.default_rng(seed)
    words = sorted({w for text in texts.head(20_000) for w in re.findall(r"[a-z]{4,12}", text.lower())})
    pairs = sorted({p for text in texts.head(20_000) for p in re.findall(r"\b[a-z]{2,9} [a-z]{2,9}\b", text)})
    content = book.model_dump()
    for code in content["codes"]:
        own = [*random.choice(words, 20), *random.choice(pairs, 10)]
        own += [f"{word[:5]}*" for word in random.choice(words, 10)]
        code["patterns"] = {"es": own, "en": own}
    return Codebook.model_validate(content)


def speed(name: str, book: Codebook, comments: pd.DataFrame, share: int) -> None:
    """Print how many times quicker than the peer, with the tokens there already and without."""
    rules = [code.patterns.es + code.patterns.en for code in book.codes]
    expressions = ["|".join({regex(p): None for rule in own for p in rule.patterns}) for own in rules]
    sizes = [len({p for rule in own for p in rule.patterns}) for own in rules]
    code_comments(comments.head(100), book)  # both have read their patterns once
    some = comments["text"].iloc[::share]
    contains(some.head(10), expressions)
    split, tokens = cpu(tokenize, comments["text"])
    ours, codes = cpu(code_comments, comments, book, tokens)
    peer, _ = cpu(contains, some, expressions)
    again = cpu(code_comments, comments, book, tokens)[0]
    ours, peer = (ours + again) / 2, peer * share
    print(
        f"{name}: {len(rules)} codes, {min(sizes)} to {max(sizes)} patterns, {len(comments):,} comments, "
        f"{codes['code'].notna().sum():,} triggers: x {peer / ours:.0f} on tokens, "
        f"x {peer / (ours + split):.0f} with tokenising ({ours:.2f} + {split:.2f} s, {peer:.1f} s)"
    )


def accuracy(book: Codebook, coded: pd.DataFrame) -> None:
    """Print micro and macro F1 against the first coder."""
    coded = coded.set_index("comment_id")
    pairs = coded["codes_coder_a"].dropna().str.split(";").explode().rename("code").reset_index()
    truth = code_table(codes_by("a", pairs, coded.index, book), "a", coded.index, book.names)
    machine = code_table(code_comments(coded, book), "dictionary", coded.index, book.names)
    both, either = (truth & machine).sum(), truth.sum() + machine.sum()
    f1 = (2 * both / either)[truth.sum() >= 10]
    micro = 2 * both.sum() / either.sum()
    print(f"coded_dev, dictionary: micro-F1 {micro:.3f}, macro-F1 {f1.mean():.3f} ({len(f1)} codes)")
    given = learn(coded, truth, machine.astype(float), seed=1).decide(coded, machine.astype(float))[0]
    both, either = (truth & given.astype(bool)).sum(), truth.sum() + given.astype(bool).sum()
    f1, micro = (2 * both / either)[truth.sum() >= 10], 2 * both.sum() / either.sum()
    print(f"coded_dev, learned, cross-validated: micro-F1 {micro:.3f}, macro-F1 {f1.mean():.3f}")


def main() -> None:
    """Run all measurements."""
    folder = os.environ.get("CXRESEARCH_REAL_DATA")
    if not folder:
        sys.exit("CXRESEARCH_REAL_DATA is not set: the folder with the real comments")
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    warnings.filterwarnings("ignore", "This pattern is interpreted")
    book = load_codebook(Path(__file__).parents[1] / "data" / "raw" / "codebook.yaml")
    files = real_files(Path(folder))
    texts = pd.concat([next(portions(table["text"], n)) for table in files.values()]).sample(
        n, random_state=1
    )
    comments = pd.DataFrame({"text": texts.array, "group": "consumer"})
    comments["language"] = detect_languages(comments["text"])["language"].replace("other", "en")
    speed("plain codebook", plain_codebook(book, comments["text"]), comments, 1)
    speed("the study's codebook", book, comments, 10)
    accuracy(book, files["coded_dev"])


if __name__ == "__main__":
    main()
