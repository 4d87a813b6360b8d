"""Speed and accuracy of the sentiment scores, beside NLTK's VADER and the vaderSentiment package.

    CXRESEARCH_REAL_DATA=/folder/with/comments python benchmarks/sentiment.py [largest number of comments]

Speed is CPU time on one core. Tools take turns on the same texts, in portions, so that a machine that slows
down slows down all of them; only the ratios mean anything elsewhere. The texts are halves of two real
comments put together, so that no whole text comes twice, every third with a number of its own: a million of
them hold some 400,000 distinct tokens. Accuracy is measured on every file of the folder that has labels.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as VaderSentiment

from cxresearch.accuracy import classification_summary
from cxresearch.language import detect_languages
from cxresearch.lexicons import english_rules
from cxresearch.sentiment import LABELS, label_scores, score_sentiment
from cxresearch.thresholds import calibrate_thresholds
from cxresearch.tokens import Vocabulary, tokenize

PORTION, STREAMED = 100_000, 50_000  # larger portions are quicker, smaller ones need less memory
CLASSES = list(LABELS)


def nltk_analyzer() -> SentimentIntensityAnalyzer:
    """NLTK's analyzer with the lexicon file of vaderSentiment, which NLTK would have to download."""
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon, analyzer.constants = english_rules().valence, VaderConstants()
    return analyzer


NLTK, VADER = nltk_analyzer(), VaderSentiment()


def real_files(folder: Path) -> dict[str, pd.DataFrame]:
    """Every file with a text column, by name."""
    tables = {path.stem: pd.read_csv(path, dtype="str") for path in sorted(folder.glob("*.csv"))}
    return {name: table.dropna(subset=["text"]) for name, table in tables.items() if "text" in table}


def portions(texts: pd.Series, n: int, seed: int = 1) -> Iterator[pd.Series]:
    """Comments of some 16 words, made of the halves of two, in portions."""
    random = np.random.default_rng(seed)
    split = [text.split() for text in texts]
    firsts = [" ".join(words[: len(words) // 2]) for words in split]
    seconds = [" ".join(words[len(words) // 2 :]) for words in split]
    for start in range(0, n, PORTION):
        size = min(PORTION, n - start)
        one, two = random.integers(len(split), size=(2, size))
        number = random.integers(10**6, size=size)
        made = [
            f"{firsts[a]} {seconds[b]}{f' {c}' if c % 3 == 0 else ''}"
            for a, b, c in zip(one, two, number, strict=True)
        ]
        yield pd.Series(made, dtype="str")


def cpu(function: Callable[..., object], *arguments: object) -> tuple[float, object]:
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def speed(texts: pd.Series, n: int, repeats: int) -> list[float]:
    """CPU seconds of all four, and the largest difference of a compound to NLTK's."""
    totals, worst = np.zeros((repeats, 4)), 0.0
    for total in totals:
        english, spanish = Vocabulary(), Vocabulary()
        for portion in portions(texts, n):
            language = {code: pd.Series(code, index=portion.index, dtype="str") for code in ("en", "es")}
            calls = (
                lambda p=portion, t=language["en"], v=english: score_sentiment(p, t, tokens=tokenize(p, v)),
                lambda p=portion: [NLTK.polarity_scores(text)["compound"] for text in p],
                lambda p=portion: [VADER.polarity_scores(text)["compound"] for text in p],
                lambda p=portion, t=language["es"], v=spanish: score_sentiment(p, t, tokens=tokenize(p, v)),
            )
            measured = [cpu(call) for call in calls]
            total += [seconds for seconds, _ in measured]
            worst = max(worst, np.abs(measured[0][1]["compound"] - measured[1][1]).max())
    return [*np.median(totals, axis=0), worst]


def language_share(texts: pd.Series, n: int) -> tuple[float, float]:
    """CPU seconds of language detection, and of detection and scoring together, tokens shared."""
    vocabulary, detection, whole = Vocabulary(), 0.0, 0.0
    for portion in portions(texts, n):
        tokenizing, tokens = cpu(tokenize, portion, vocabulary)
        detecting, found = cpu(detect_languages, portion, tokens)
        scoring, _ = cpu(lambda p=portion, f=found, t=tokens: score_sentiment(p, f["language"], tokens=t))
        detection, whole = detection + detecting, whole + tokenizing + detecting + scoring
    return detection, whole


def stream(source: str, target: str) -> None:
    """Detect and score a parquet file portion by portion, and print the peak memory in MiB."""
    vocabulary, writer = Vocabulary(), None
    for batch in pq.ParquetFile(source).iter_batches(STREAMED):
        texts = pd.Series(batch.to_pandas()["text"])
        tokens = tokenize(texts, vocabulary)
        found = detect_languages(texts, tokens)
        scored = pa.Table.from_pandas(found.join(score_sentiment(texts, found["language"], tokens=tokens)))
        writer = writer or pq.ParquetWriter(target, scored.schema)
        writer.write_table(scored)
    writer.close()
    status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent that spawned us
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def peak_memory(texts: pd.Series, n: int) -> float:
    """Peak memory in MiB of a process of its own that streams n comments."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "comments.parquet", Path(folder) / "scored.parquet"
        with pq.ParquetWriter(source, pa.schema([("text", pa.large_string())])) as writer:
            for portion in portions(texts, n):
                writer.write_table(pa.table({"text": pa.array(portion, pa.large_string())}))
        command = [sys.executable, __file__, "--stream", str(source), str(target)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def macro_f1(truth: pd.Series, predicted: pd.Series) -> float:
    """Mean F1 over the classes that occur; draws are not needed here."""
    return classification_summary(truth, predicted, CLASSES, draws=1)["macro_f1"]


def accuracy(name: str, table: pd.DataFrame) -> dict[str, object]:
    """Macro F1 of one labelled file, with published and cross-validated thresholds, and of the peers."""
    table = table.dropna(subset=["label"]).reset_index(drop=True)
    language = detect_languages(table["text"])["language"].mode()[0]
    scores = score_sentiment(table["text"], pd.Series(language, index=table.index, dtype="str"))
    calibrated = calibrate_thresholds(scores, table["label"])
    row = {"file": name, "n": len(table), "language": language}
    row |= {"published": calibrated["macro_f1_published"], "calibrated": calibrated["macro_f1"]}
    for peer, analyzer in (("nltk", NLTK), ("vaderSentiment", VADER)):
        compound = pd.Series([analyzer.polarity_scores(t)["compound"] for t in table["text"]])
        theirs = label_scores(pd.DataFrame({"score": compound, "positive": 1, "neutral": 0, "negative": 0}))
        row[peer] = macro_f1(table["label"], theirs)
    return row


def main(largest: int) -> None:
    """Measure and print."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = os.environ.get("CXRESEARCH_REAL_DATA")
    if not folder:
        sys.exit("Set CXRESEARCH_REAL_DATA to a folder of CSV files with a column text (and label).")
    files = real_files(Path(folder))
    labelled = {name: t.rename(columns={"sentiment_coder_a": "label"}) for name, t in files.items()}
    labelled = {name: t for name, t in labelled.items() if "label" in t and t["label"].isin(CLASSES).any()}
    print(pd.DataFrame([accuracy(*item) for item in labelled.items()]).round(3).to_string(index=False))
    texts = pd.concat([table["text"] for table in files.values()], ignore_index=True)
    texts = texts[texts.str.split().str.len() < 40]
    next(portions(texts, 100)).pipe(lambda t: score_sentiment(t, detect_languages(t)["language"]))  # warm
    print(
        f"\n{'comments':>9} {'ours':>8} {'nltk':>8} {'x nltk':>7} {'vaderS.':>8} {'Spanish':>8} {'differ':>8}"
    )
    for n, repeats in ((10_000, 5), (100_000, 3), (1_000_000, 1)):
        if n <= largest:
            ours, nltk, vader, spanish, worst = speed(texts, n, repeats)
            ratios = (
                f"{ours:>7.2f}s {nltk:>7.1f}s {nltk / ours:>7.1f} {nltk / vader:>8.1f} {nltk / spanish:>8.1f}"
            )
            print(f"{n:>9,} {ratios} {worst:>9.4f}")
    long = pd.Series([" ".join(" ".join(texts).split()[:20_000])], dtype="str")
    english = pd.Series(["en"], dtype="str")
    ours = min(cpu(score_sentiment, long, english)[0] for _ in range(5))
    theirs = min(cpu(NLTK.polarity_scores, long[0])[0] for _ in range(5))
    print(f"\none text of 20,000 words: nltk / ours {theirs / ours:.1f}")
    detection, whole = language_share(texts, min(largest, 1_000_000))
    print(f"language detection: {detection / whole:.1%} of {whole:.1f} s for {largest:,} comments")
    print(f"peak memory, {largest:,} comments streamed: {peak_memory(texts, largest):.0f} MiB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stream"]:
        stream(*sys.argv[2:4])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
