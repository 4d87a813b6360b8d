"""The command line: ``cxresearch run``, ``score``, ``code`` and ``check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from rich.console import Console
from typer import Argument, Option, Typer

from .errors import InputError

if TYPE_CHECKING:  # pandas takes its time; help and typing mistakes need not wait for it
    import pandas as pd

app = Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Study what people say about brands: from raw comments to a report you can defend. "
    "Add --debug to any command to see where an error comes from.",
)
_out, _err = Console(), Console(stderr=True)

StudyFile = Annotated[str, Option(metavar="FILE", help="Settings, here or in a folder above.")]
TextColumnName = Annotated[str, Option(metavar="NAME", help="Column of IN that holds the comments.")]
LanguageChoice = Annotated[Literal["auto", "es", "en"], Option(help="Of all comments; auto: found for each.")]
InFile = Annotated[Path, Argument(metavar="IN", help="Comments, one per row: .csv, .xlsx, .jsonl, ...")]
OutFile = Annotated[Path, Argument(metavar="OUT", help="To write, replaced if there: .csv, .xlsx, ...")]


@app.command()
def run(
    study: StudyFile = "study.yaml",
    set_: Annotated[list[str] | None, Option("--set", metavar="NAME=VALUE", help="Set a parameter.")] = None,
    force: Annotated[bool, Option("--force", help="Run unchanged steps as well.")] = False,
    only: Annotated[str | None, Option(metavar="STEP", help="Run one step, such as 05, alone.")] = None,
) -> None:
    """Run a study from raw comments to the report; steps that have not changed are skipped.

    --set replaces a setting or notebook parameter in this run, and may be repeated.
    """
    from .display import Display
    from .pipeline import run as run_study
    from .study import find_study

    overrides = {}
    for text in set_ or []:
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"--set {text}: expected NAME=VALUE, such as --set seed=7.")
        overrides[name.strip()] = value.strip()
    settings = find_study(study)
    display = Display(_out)
    with display.bars:
        run_study(settings, overrides=overrides, force=force, only=only, progress=display)
    for language in settings.languages:
        path = settings.reports_folder / f"report_{language}.html"
        if path.exists():  # not after --only
            _say(f"Report: {path}")


@app.command()
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
    from .tables import write_table

    table, texts, spoken = _read_comments(source, [target], text_column, language)
    scores = score_sentiment(texts, spoken)
    scores.insert(0, "language", spoken)
    write_table(_with_new_columns(table, scores, source), target)
    _tell(target, spoken, "scored")


@app.command()
def code(
    source: InFile,
    target: OutFile,
    text_column: TextColumnName = "text",
    language: LanguageChoice = "auto",
    codebook: Annotated[Path | None, Option(metavar="FILE", help="Default: that of study.yaml.")] = None,
    evidence: Annotated[Path | None, Option(metavar="FILE", help="Where to write the words found.")] = None,
) -> None:
    """Add one column per code of the codebook: 1 where the code applies, 0 where it does not.

    --evidence also writes the words that led to each code, by row, to a second file.
    Comments in other languages than Spanish and English, and empty ones, get empty cells. A machine codes by
    word patterns and errs: check a sample by hand before you report its codes. Texts are written as they are:
    personal data is not masked.

    Example: cxresearch code comments.csv coded.csv --evidence words.csv
    """
    from .codebook import load_codebook
    from .study import find_study
    from .tables import write_table
    from .themes import code_comments, code_table

    targets = [target, evidence] if evidence else [target]
    table, texts, spoken = _read_comments(source, targets, text_column, language)
    book = load_codebook(codebook or find_study().codebook_path)
    triggers = code_comments(texts, spoken, book)
    codes = code_table(triggers, texts.index, book.names).astype("Int8").where(spoken.isin(["es", "en"]))
    coded = _with_new_columns(table, codes, source)
    if evidence:
        write_table(triggers.rename(columns={"comment_id": "row"}).drop(columns="coder"), evidence)
    write_table(coded, target)
    _tell(target, spoken, "coded")


@app.command()
def check(study: StudyFile = "study.yaml") -> None:
    """Check a study's settings, codebook, input files and hand codes; nothing is run or written.

    Says how many rows of each input can be used, and what is wrong with the others.
    """
    import pandas as pd

    from .codebook import load_codebook
    from .comments import ledger, load_comments
    from .handcoding import load_hand_codes, reference_coder
    from .study import find_study

    settings = find_study(study)
    book = load_codebook(settings.codebook_path)
    comments, dropped, _ = load_comments(settings.with_settings(pseudonym_key="so that none is made"))
    hand = load_hand_codes(settings.hand_code_files, book.names)
    reference = reference_coder(hand, pd.Index(comments["comment_id"]))
    lines = [f"study      {settings.path}", f"codebook   version {book.version}, {len(book.codes)} codes"]
    for name, counts in ledger(comments, dropped).drop(index="all files").iterrows():
        lines.append(f"input      {name}: {counts['raw']} rows, {counts['kept']} usable")
        for _, first in dropped[dropped["file"] == name].drop_duplicates("reason").iterrows():
            why = f"{counts[first['reason']]} {first['reason']}, first in row {first['row']}"
            lines.append(f"           not used: {why}" + (f" ({first['detail']})" if first["detail"] else ""))
    for coder, own in hand.groupby("coder"):
        groups = comments.set_index("comment_id")["group"].reindex(own["comment_id"]).value_counts()
        here = f"{groups.sum()} in this study ({', '.join(f'{n} {group}' for group, n in groups.items())})"
        measure = "; the machine is measured against these" if coder == reference else ""
        lines.append(f"hand codes {coder}: {len(own)} comments, {here}{measure}")
    if hand.empty:
        lines.append("hand codes none: every figure will be uncorrected machine coding")
    lines += [f"notebooks  {settings.notebooks_folder}", f"tables     {settings.processed_folder}"]
    _say("\n".join([*lines, f"reports    {settings.reports_folder}", "Everything is in order."]))


def main() -> None:
    """Run the command line; what goes wrong is told in one paragraph, with exit code 2."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        app()
    except KeyboardInterrupt:
        _err.print("Stopped. Finished steps are kept; the next run goes on from there.")
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        told = str(error)
        if not isinstance(error, InputError):
            told = f"{type(error).__name__}: {told}. Run the command again with --debug to see where."
        line = " ".join("".join(c if c.isprintable() else " " for c in told).split())
        _err.print(f"Error: {line}", style="red", soft_wrap=True, highlight=False, markup=False)
        sys.exit(2)


def _say(line: str) -> None:
    """Print a line as it is."""
    _out.print(line, soft_wrap=True, highlight=False, markup=False)


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
    found = pd.Series(language, index=texts.index, dtype="str")
    found = detect_languages(texts)["language"].astype("str") if language == "auto" else found
    return table, texts, found.where(texts.notna())


def _with_new_columns(table: pd.DataFrame, added: pd.DataFrame, source: Path) -> pd.DataFrame:
    """Join the new columns to the user's, refusing to overwrite any of theirs."""
    for name in added.columns.intersection(table.columns):
        raise InputError(f"{source.name} already has a column '{name}'. Rename it, so that it is not lost.")
    return table.join(added)


def _tell(target: Path, spoken: pd.Series, done: str) -> None:
    """Say what was written, and how many comments were left empty."""
    counts = spoken.fillna("without text").value_counts()
    worked = ", ".join(f"{n} {name}" for name, n in counts.items() if name in ("es", "en")) or "none"
    empty = ", ".join(f"{n} {name}" for name, n in counts.items() if name not in ("es", "en")) or "none"
    _say(f"{target}: {len(spoken)} comments; {done}: {worked}; left empty: {empty}.")
