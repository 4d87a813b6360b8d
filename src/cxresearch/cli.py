"""The command line: ``cxresearch run``, ``score``, ``code``, ``learn``, ``codebook``, ``check``."""

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
codebook_app = Typer(no_args_is_help=True, help="Print a codebook for coders, or compare two editions.")
app.add_typer(codebook_app, name="codebook")
_out, _err = Console(), Console(stderr=True)

StudyFile = Annotated[str, Option(metavar="FILE", help="Settings, here or in a folder above.")]
TextColumnName = Annotated[str, Option(metavar="NAME", help="Column of IN that holds the comments.")]
LanguageChoice = Annotated[Literal["auto", "es", "en"], Option(help="Of all comments; auto: found for each.")]
CodebookFile = Annotated[Path | None, Option(metavar="FILE", help="Default: that of study.yaml.")]
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
    codebook: CodebookFile = None,
    group_column: Annotated[str | None, Option(metavar="NAME", help="Column that says who speaks.")] = None,
    evidence: Annotated[Path | None, Option(metavar="FILE", help="Where to write the words found.")] = None,
    model: Annotated[
        Path | None, Option(metavar="FILE", help="A learned coder, to code in its place.")
    ] = None,
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
    from .learning import load_learned
    from .raw import require_column
    from .study import find_study
    from .tables import write_table
    from .themes import CODER, code_comments, code_table

    targets = [target, evidence] if evidence else [target]
    table, texts, spoken = _read_comments(source, targets, text_column, language)
    book = load_codebook(codebook or find_study().codebook_path)
    comments = pd.DataFrame({"text": texts, "language": spoken, "group": ""}).set_axis(
        texts.index.astype("str")
    )
    if group_column:
        require_column(table, group_column, source.name, "Name the column that says who speaks.")
        comments["group"] = table[group_column].to_numpy()
    triggers = code_comments(comments, book)
    codes = code_table(triggers, CODER, comments.index, book.names)
    if model:
        given, unsure, _ = load_learned(model, book.names).decide(
            comments.loc[codes.index], codes.astype(float)
        )
        codes = given.astype("boolean").mask(unsure)
    codes = codes.astype("Int8").reindex(comments.index).set_axis(texts.index)
    coded = _with_new_columns(table, codes, source)
    if evidence:
        found = triggers.dropna(subset="code").rename(columns={"comment_id": "row"})
        write_table(found[["row", "code", "start", "end", "matched", "pattern"]], evidence)
    write_table(coded, target)
    _tell(target, spoken, "coded")


@app.command()
def learn(
    study: StudyFile = "study.yaml",
    max_error: Annotated[float, Option(help="Most errors among the codes given as sure, 0 to 1.")] = 0.3,
) -> None:
    """Learn to code, and to label sentiment, from a study's hand codes; run `cxresearch run` first.

    Writes learned_codes.npz and learned_sentiment.npz, each with a card (.md) that says how much it errs, to
    the study's tables; `cxresearch code --model` uses the first on other files.
    """
    import pandas as pd

    from .codebook import load_codebook
    from .handcoding import hand_codes, hand_sentiment, load_hand_codes, reference_coder
    from .learning import learn as learn_coder
    from .study import find_study
    from .themes import CODED_LANGUAGES, CODER, code_table

    settings = find_study(study)
    book, hand = (
        load_codebook(settings.codebook_path, settings.groups),
        load_hand_codes(settings.hand_code_files),
    )
    comments = settings.load("comments").set_index("comment_id")
    comments = comments[comments["language"].isin(CODED_LANGUAGES)]
    coder = reference_coder(hand, comments.index)
    codes = code_table(settings.load("codes"), CODER, comments.index, book.names).astype(float)
    truth = code_table(hand_codes(hand, comments.index, book), coder, comments.index, book.names)
    scores = settings.load("sentiment").set_index("comment_id").drop(columns="label").fillna(0)
    labels = pd.get_dummies(hand_sentiment(hand, coder, comments.index))
    for name, answers, hints in (("codes", truth, codes), ("sentiment", labels, scores)):
        learned = learn_coder(
            comments, answers, hints, exclusive=name == "sentiment", max_error=max_error, seed=settings.seed,
            edition=book.edition,
        )  # fmt: skip
        path = settings.processed_folder / f"learned_{name}.npz"
        learned.save(path)
        whole = learned.errors.iloc[0]
        told = (
            f"F1 {whole['f1']:.2f} on comments it had not seen, sure of {whole['coverage']:.0%} of decisions"
        )
        _say(f"{path}: {len(learned.info['learned'])} learned from {len(answers)} comments, {told}")


@codebook_app.command()
def page(
    target: Annotated[Path, Argument(metavar="OUT", help="To write: .html or .md.")],
    codebook: CodebookFile = None,
    language: Annotated[Literal["es", "en"], Option(help="Of the page.")] = "es",
) -> None:
    """Write the codebook as a readable page for coders, HTML or Markdown.

    Example: cxresearch codebook page codebook.html --language en
    """
    from .codebook import load_codebook
    from .codebook_page import KINDS, codebook_page
    from .study import find_study
    from .tables import write_whole

    kind = target.suffix[1:]
    if kind not in KINDS:
        raise InputError(f"{target}: pages end in .html or .md, but found '{target.suffix}'. Name another.")
    book = load_codebook(codebook or find_study().codebook_path)
    content = codebook_page(book, language, kind)
    write_whole(target, lambda path: path.write_text(content, encoding="utf-8", newline="\n"))
    _say(f"{target}: version {book.version}, {len(book.codes)} codes")


@codebook_app.command()
def diff(
    old: Annotated[Path, Argument(metavar="OLD", help="A codebook.")],
    new: Annotated[Path, Argument(metavar="NEW", help="A later edition of it.")],
    study: StudyFile = "study.yaml",
) -> None:
    """List what changed between two editions, and how many of the study's comments change their codes.

    The comments are those that step 01 has written; where there are none, only the changes are listed.

    Example: cxresearch codebook diff codebook_may.yaml data/raw/codebook.yaml
    """
    from .codebook import load_codebook
    from .codebook_diff import changed_codes, compare_codebooks
    from .study import find_study

    before, after = load_codebook(old), load_codebook(new)
    _say(f"{old.name} {before.edition} -> {new.name} {after.edition}")
    for place, change, text in compare_codebooks(before, after).itertuples(index=False):
        _say(f"{'-' if change == 'removed' else '+'} {place}: {text}")
    try:
        comments = find_study(study).load("comments").set_index("comment_id")
    except InputError as error:
        _say(f"Comments that change their codes: not counted. {error}")
        return
    counts = changed_codes(before, after, comments)
    counts = counts[(counts["gained"] > 0) | (counts["lost"] > 0)]
    _say(f"Codes that change in {len(comments)} comments: {len(counts) or 'none'}")
    if len(counts):
        _say(counts.to_string())


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
    book = load_codebook(settings.codebook_path, settings.groups)
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
