"""The command line: ``cxresearch run``, ``score``, ``code`` and ``check``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from .errors import InputError, nearest
from .runner import Progress

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Study what people say about brands: from raw comments to a report you can defend. "
    "Add --debug to any command to see where an error comes from.",
)
_out, _err = Console(), Console(stderr=True)

StudyFile = Annotated[str, typer.Option("--study", help="Settings of the study; looked for here and above.")]
TextColumnName = Annotated[str, typer.Option("--text-column", help="Column that holds the comments.")]
LanguageChoice = Annotated[
    Literal["auto", "es", "en"],
    typer.Option("--language", help="Language of all comments; auto finds it for each comment."),
]
InFile = Annotated[Path, typer.Argument(metavar="IN", help="CSV, TSV, JSON Lines, Excel or Parquet file.")]
OutFile = Annotated[Path, typer.Argument(metavar="OUT", help="File to write; its ending says the format.")]


class Display(Progress):
    """One line per notebook: a bar that moves with its cells, or plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._console, self._rows, self._since = console, dict[str, TaskID](), dict[str, float]()

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def started(self, step: str, cells: int) -> None:
        """Show a bar for this notebook."""
        self._rows[step], self._since[step] = self._bars.add_task(step, total=cells), time.monotonic()

    def cell_done(self, step: str) -> None:
        """Move its bar on."""
        self._bars.advance(self._rows[step])

    def finished(self, step: str, state: str) -> None:
        """Say how it ended, and after how long."""
        took = f", {time.monotonic() - self._since[step]:.1f} s" if step in self._since else ""
        if state != "done" or not self._console.is_terminal:
            self._console.print(f"{step:<20} {state}{took}", highlight=False)


@app.command()
def run(
    study: StudyFile = "study.yaml",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Replace a setting or notebook parameter in this run."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run unchanged steps as well.")] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="STEP", help="Run one step alone, such as 05 or compare_groups."),
    ] = None,
) -> None:
    """Run a study from raw comments to the report; steps that have not changed are skipped."""
    from .pipeline import run as run_study
    from .study import find_study

    overrides = dict(_name_and_value(text) for text in set_ or [])
    settings = find_study(study)
    with Display(_out) as display:
        run_study(settings, overrides=overrides, force=force, only=only, progress=display)
    for language in settings.languages:
        path = settings.reports_folder / f"report_{language}.html"
        if path.exists():
            _out.print(f"Report: {path}", soft_wrap=True, highlight=False)


@app.command()
def score(
    source: InFile, target: OutFile, text_column: TextColumnName = "text", language: LanguageChoice = "auto"
) -> None:
    """Add sentiment to a file: language, compound (-1 to 1), positive, neutral, negative and label.

    Comments in other languages than Spanish and English, and empty ones, get empty scores. Texts are written
    as they are: this command masks nothing.
    """
    from .sentiment import score_sentiment
    from .tables import write_table

    table, texts, spoken = _texts_and_language(source, target, text_column, language)
    scores = score_sentiment(texts, spoken)
    scores.insert(0, "language", spoken)
    scores = scores.mask(texts.isna())
    _refuse_existing(table.columns, scores.columns, source)
    write_table(table.join(scores), target)
    _summary(target, spoken, "scored")


@app.command()
def code(
    source: InFile,
    target: OutFile,
    text_column: TextColumnName = "text",
    language: LanguageChoice = "auto",
    codebook: Annotated[
        Path | None,
        typer.Option("--codebook", help="Codebook to apply. Default: the one named in study.yaml."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="FILE", help="Also write the words that triggered each code."),
    ] = None,
) -> None:
    """Add one column per code of the codebook: 1 where the code applies, 0 where it does not.

    Comments in other languages than Spanish and English, and empty ones, are left empty. These are machine
    codes: check a sample by hand before you report them. Texts are written as they are: nothing is masked.
    """
    from .codebook import load_codebook
    from .study import find_study
    from .tables import write_table
    from .themes import code_comments, code_table

    book = load_codebook(codebook or find_study().codebook_path)
    table, texts, spoken = _texts_and_language(source, target, text_column, language)
    _refuse_existing(table.columns, book.names, source)
    triggers = code_comments(texts, spoken, book)
    codable = spoken.isin(["es", "en"]) & texts.notna()
    wide = code_table(triggers, texts.index, book.names).astype("Int8")
    if evidence:
        write_table(triggers.rename(columns={"comment_id": "row"}).drop(columns="coder"), evidence)
    write_table(table.join(wide.where(codable)), target)
    _summary(target, spoken, "coded")


@app.command()
def check(study: StudyFile = "study.yaml") -> None:
    """Check the study file, the codebook, the inputs and the hand codes without running anything."""
    from .codebook import load_codebook
    from .comments import check_inputs
    from .handcoding import load_hand_codes
    from .study import find_study

    settings = find_study(study)
    book = load_codebook(settings.codebook_path)
    rows = check_inputs(settings)
    hand = load_hand_codes(settings.hand_code_files, book.names)
    lines = [
        f"study      {settings.path}",
        f"codebook   version {book.version}, {len(book.codes)} codes",
        *(f"input      {name}: {count} rows" for name, count in rows.items()),
        f"hand codes {len(hand)} comments by {hand['coder'].nunique()} coders",
        f"notebooks  {settings.notebooks_folder}",
        "Everything is in order.",
    ]
    for line in lines:
        _out.print(line, soft_wrap=True, highlight=False, markup=False)


def main() -> None:
    """Run the command line; what the user can mend is told in one paragraph, with exit code 2."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        app()
    except (InputError, OSError, MemoryError) as error:
        if debug:
            raise
        kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        _err.print(f"Error: {kind}{error}", style="red", soft_wrap=True, highlight=False, markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        _err.print("Stopped. Finished steps are kept; the next run goes on from there.")
        sys.exit(130)


def _name_and_value(text: str) -> tuple[str, str]:
    """Split ``name=value``."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(f"--set {text}: expected NAME=VALUE, such as --set seed=7.")
    return name.strip(), value.strip()


def _texts_and_language(source, target, text_column, language):  # type: ignore[no-untyped-def]
    """Read a file; return its table, its texts, and the language of each."""
    import pandas as pd

    from .language import detect_language
    from .tables import read_table

    if source.resolve() == target.resolve():
        raise InputError(f"{target} is the file to read. Name another file to write.")
    table = read_table(source)
    if text_column not in table.columns:
        known = [str(column) for column in table.columns]
        raise InputError(
            f"{source.name} has no column '{text_column}'; its columns are {', '.join(known)}."
            f"{nearest(text_column, known)} Name it with --text-column."
        )
    texts = table[text_column].astype("str")
    if language != "auto":
        return table, texts, pd.Series(language, index=texts.index, dtype="str")
    return table, texts, detect_language(texts)


def _refuse_existing(columns, added, source: Path) -> None:  # type: ignore[no-untyped-def]
    """Refuse to overwrite a column of the user's."""
    for name in added:
        if name in columns:
            raise InputError(
                f"{source.name} already has a column '{name}'. Rename it, so that nothing is lost."
            )


def _summary(target: Path, spoken, done: str) -> None:  # type: ignore[no-untyped-def]
    """Say what was written."""
    counts = spoken.value_counts()
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    _out.print(f"{target}: {len(spoken)} comments ({parts}); pt and other are not {done}.", soft_wrap=True)
