"""The commands for single files, without a study: ``cxresearch score`` and ``cxresearch code``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from .display import say
from .errors import InputError

if TYPE_CHECKING:  # pandas takes its time; help and typing mistakes need not wait for it
    import pandas as pd

TextColumnName = Annotated[str, Option(metavar="NAME", help="Column of IN that holds the comments.")]
LanguageChoice = Annotated[Literal["auto", "es", "en"], Option(help="Of all comments; auto: found for each.")]
InFile = Annotated[Path, Argument(metavar="IN", help="Comments, one per row: .csv, .xlsx, .jsonl, ...")]
OutFile = Annotated[Path, Argument(metavar="OUT", help="To write, replaced if there: .csv, .xlsx, ...")]
StudyFile = Annotated[str, Option(metavar="FILE", help="Settings, here or in a folder above.")]
CodebookFile = Annotated[Path | None, Option(metavar="FILE", help="Default: that of study.yaml.")]


def score(
    source: InFile, target: OutFile, text_column: TextColumnName = "text", language: LanguageChoice = "auto"
) -> None:
    """Add sentiment to a file of comments: language, score, compound, positive, neutral, negative and label.

    score runs from -1 (most negative) to 1 (most positive), compound is the same without emoji in English
    (VADER's number); positive, neutral and negative are shares of the words; label is negative for scores
    below -0.05, positive above 0.05, else neutral, and empty without words. Scores describe words, not
    feelings: irony is missed. Comments in other languages than Spanish and English, and empty ones, get empty
    scores. Texts are written as they are: personal data is not masked.

    Example: cxresearch score comments.csv scored.xlsx --text-column comentario
    """
    from .sentiment import score_sentiment

    table, texts, spoken = _read_comments(source, [target], text_column, language)
    scores = score_sentiment(texts, spoken)
    scores.insert(0, "language", spoken)
    _write(table, scores, source, target, "scored", spoken)


def code(
    source: InFile,
    target: OutFile,
    text_column: TextColumnName = "text",
    language: LanguageChoice = "auto",
    codebook: CodebookFile = None,
    group_column: Annotated[str | None, Option(metavar="NAME", help="Column that says who speaks.")] = None,
    evidence: Annotated[Path | None, Option(metavar="FILE", help="Where to write the words found.")] = None,
    model: Annotated[Path | None, Option(metavar="FILE", help="A learned coder to use instead.")] = None,
) -> None:
    """Add one column per code of the codebook: 1 where the code applies, 0 where it does not.

    --evidence also writes the words that led to each code, by row, to a second file. Without --group-column,
    patterns that hold for one group (brand, consumer) alone are not used. With --model, codes are those of a
    coder made by `cxresearch learn`, cells empty where it is unsure.
    Comments in other languages than Spanish and English, and empty ones, get empty cells. A machine codes by
    words and errs: check a sample by hand before you report its codes. Texts are written as they are:
    personal data is not masked.

    Example: cxresearch code comments.csv coded.csv --group-column who --evidence words.csv
    """
    import pandas as pd

    from .codebook import load_codebook
    from .raw import require_column
    from .study import find_study
    from .tables import write_table
    from .themes import CODER, code_comments, code_table

    if model and evidence:
        raise InputError("--evidence shows the words that patterns found, which is not how --model decides.")
    targets = [target, evidence] if evidence else [target]
    table, texts, spoken = _read_comments(source, targets, text_column, language)
    book = load_codebook(codebook or find_study().codebook_path)
    comments = pd.DataFrame({"text": texts, "language": spoken, "group": ""})
    comments.index = texts.index.astype("str")
    if group_column:
        require_column(table, group_column, source.name, "Name the column that says who speaks.")
        comments["group"] = table[group_column].to_numpy()
        rules = (rule for entry in book.codes for rule in entry.patterns.es + entry.patterns.en)
        known = {rule.group for rule in rules if rule.group}
        if known and not comments["group"].isin(known).any():
            told = f"expected {' or '.join(sorted(known))}, but found {comments['group'].iloc[0]!r}"
            raise InputError(f"{source.name}, column '{group_column}': {told}. Rename the groups.")
    triggers = code_comments(comments, book)
    codes = code_table(triggers, CODER, comments.index, book.names)
    if model:
        from .learning import load_learned  # scikit-learn takes its time; patterns need not wait for it

        learned, hints = load_learned(model, book.names), codes.astype(float)
        given, unsure, _ = learned.decide(comments.loc[codes.index], hints)
        codes = given.astype("boolean").mask(unsure)
    codes = codes.astype("Int8").reindex(comments.index).set_axis(texts.index)
    _write(table, codes, source, target, "coded", spoken)
    if evidence:
        found = triggers.dropna(subset="code").rename(columns={"comment_id": "row"})
        write_table(found[["row", "code", "start", "end", "matched", "pattern"]], evidence)


def _read_comments(
    source: Path, targets: list[Path], text_column: str, language: str
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Read a file; return its table, its texts, and the language of each, missing where the text is empty."""
    import pandas as pd

    from .language import detect_languages
    from .raw import require_column
    from .tables import check_ending, read_table

    for number, target in enumerate(targets):
        check_ending(target)
        if target.resolve() in [path.resolve() for path in (source, *targets[:number])]:
            raise InputError(f"{target} is named twice. Name another file to write, so that nothing is lost.")
    table = read_table(source)
    require_column(table, text_column, source.name, "Name the column with the comments by --text-column.")
    texts = table[text_column].astype("str")
    texts = texts.mask(texts.str.strip() == "")
    if texts.isna().all():
        raise InputError(f"{source.name}, column '{text_column}': all {len(texts)} rows are empty.")
    spoken = detect_languages(texts)["language"] if language == "auto" else language
    return table, texts, pd.Series(spoken, texts.index, dtype="str").where(texts.notna())


def _write(
    table: pd.DataFrame, added: pd.DataFrame, source: Path, target: Path, done: str, spoken: pd.Series
) -> None:
    """Write the user's table with the new columns, but over none of theirs; say how many were left empty."""
    from .tables import write_table

    for name in added.columns.intersection(table.columns):
        raise InputError(f"{source.name} already has a column '{name}'. Rename it, so that it is not lost.")
    write_table(table.join(added), target)
    counts = spoken.fillna("without text").value_counts()
    worked = ", ".join(f"{n} {name}" for name, n in counts.items() if name in ("es", "en")) or "none"
    empty = ", ".join(f"{n} {name}" for name, n in counts.items() if name not in ("es", "en")) or "none"
    say(f"{target}: {len(spoken)} comments; {done}: {worked}; left empty: {empty}.")
