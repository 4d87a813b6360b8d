"""The command line ``cxresearch``: run, score, code, sample, learn, codebook, check, compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from rich.console import Console
from typer import Argument, Option, Typer

from . import cli_files, cli_sample
from .cli_files import CodebookFile, StudyFile
from .display import Display, say
from .errors import InputError

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
app.add_typer(cli_sample.app, name="sample")
app.command()(cli_files.score)
app.command()(cli_files.code)
_err = Console(stderr=True)


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
    from .pipeline import run as run_study
    from .study import find_study

    overrides = {}
    for text in set_ or []:
        name, sign, value = text.partition("=")
        if not sign:
            raise InputError(f"--set {text}: expected NAME=VALUE, such as --set seed=7.")
        overrides[name.strip()] = value.strip()
    settings = find_study(study)
    with Display() as display:
        run_study(settings, overrides=overrides, force=force, only=only, progress=display)
    for language in settings.languages:
        path = settings.reports_folder / f"report_{language}.html"
        if path.exists():  # not after --only
            say(f"Report: {path}")


@app.command()
def learn(
    study: StudyFile = "study.yaml",
    max_error: Annotated[float, Option(min=0, max=1, help="Most errors among codes surely given.")] = 0.3,
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
    book = load_codebook(settings.codebook_path, settings.groups)
    hand = load_hand_codes(settings.hand_code_files, book.names)
    comments = settings.load("comments").set_index("comment_id")
    comments = comments[comments["language"].isin(CODED_LANGUAGES)]
    coder = reference_coder(hand, comments.index)
    codes = code_table(settings.load("codes"), CODER, comments.index, book.names).astype(float)
    truth = code_table(hand_codes(hand, comments.index, book), coder, comments.index, book.names)
    scores = settings.load("sentiment").set_index("comment_id").drop(columns="label").fillna(0)
    labels = pd.get_dummies(hand_sentiment(hand, coder, comments.index))
    options: dict[str, Any] = {"max_error": max_error, "seed": settings.seed, "edition": book.edition}
    for name, answers, hints in (("codes", truth, codes), ("sentiment", labels, scores)):
        try:
            learned = learn_coder(comments, answers, hints, exclusive=name == "sentiment", **options)
        except InputError as error:
            say(f"{name}: not learned. {error}")
            continue
        path = settings.processed_folder / f"learned_{name}.npz"
        learned.save(path)
        whole, info = learned.errors.iloc[0], learned.info
        told = f"learned {len(info['learned'])} of {len(info['codes'])} from {len(answers)} comments"
        say(f"{name}: {told}; F1 {whole['f1']:.2f} on comments it had not seen,")
        say(f"  sure of {whole['coverage']:.0%} of decisions. Coder: {path}, card: {path.with_suffix('.md')}")


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
    say(f"{target}: version {book.version}, {len(book.codes)} codes")


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
    say(f"{old.name} {before.edition} -> {new.name} {after.edition}")
    for place, change, text in compare_codebooks(before, after).itertuples(index=False):
        say(f"{'-' if change == 'removed' else '+'} {place}: {text}")
    if before.version == after.version and before.edition != after.edition:
        say(f"Both call themselves version {after.version}: give the later one a number of its own.")
    try:
        comments = find_study(study).load("comments").set_index("comment_id")
    except InputError as error:
        say(f"Comments that change their codes: not counted. {error}")
        return
    counts = changed_codes(before, after, comments)
    n, counts = counts["changed"].iloc[0], counts[counts["changed"] > 0]
    say(f"{n} of {len(comments)} comments change" + (":" if n else "."))
    if n:
        say(counts.reset_index().to_string(index=False))


@app.command()
def check(study: StudyFile = "study.yaml") -> None:
    """Check a study's settings, codebook, input files and hand codes; nothing is run or written.

    Says how many rows of each input can be used, and what is wrong with the others.
    """
    from .adjudication import unsettled
    from .codebook import load_codebook
    from .comments import ledger, load_comments
    from .handcoding import hand_codes, load_hand_codes, reference_coder
    from .sampling import load_sample
    from .study import find_study
    from .templates import render
    from .themes import outdated

    settings = find_study(study)
    book = load_codebook(settings.codebook_path, settings.groups)
    comments, dropped, _ = load_comments(settings.with_settings(pseudonym_key="so that none is made"))
    groups = comments.set_index("comment_id")["group"]
    hand = load_hand_codes(settings.hand_code_files, book.names)
    sample = [load_sample(path).dropna(subset="draw") for path in settings.sample_files]
    log = settings.coding_file("adjudication.csv") if sample or len(hand) else None
    told = render(
        "check.txt.j2",
        study=settings,
        book=book,
        ledger=ledger(comments, dropped).drop(index="all files").to_dict("index"),
        unused=dropped.drop_duplicates(["file", "reason"]).to_dict("records"),
        hand=hand.assign(group=hand["comment_id"].map(groups)),
        reference=reference_coder(hand, groups.index),
        known=groups.index,
        samples=[table["comment_id"] for table in sample],
        unsettled=unsettled(hand, log) if log else 0,
        outdated=outdated(hand_codes(hand, groups.index, book), book).to_dict("records"),
    )
    say(told)


@app.command()
def compare(
    old: Annotated[
        Path, Argument(metavar="RUN_A", help="Folder of a study or its reports, or a manifest.json.")
    ],
    new: Annotated[Path, Argument(metavar="RUN_B", help="A later run of that study.")],
    save: Annotated[Path | None, Option(metavar="FILE", help="Write it there too, as Markdown.")] = None,
) -> None:
    """Say which inputs, settings, versions and numbers changed from one run of a study to another.

    A run is overwritten by the next: keep a copy of its folder of reports, which is all that is needed.

    Example: cxresearch compare reports_may reports --save changes.md
    """
    from .runs import runs_page
    from .tables import write_whole

    page = runs_page(old, new)
    say(page.rstrip())
    if save:
        write_whole(save, lambda path: path.write_text(page, encoding="utf-8", newline="\n"))


def main() -> None:
    """Run the command line; what goes wrong is told in one paragraph, with exit code 2 (Ctrl+C: 130)."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        app()
    except Exception as error:
        if debug:
            raise
        told = str(error)
        if not isinstance(error, InputError):
            told = f"{type(error).__name__}: {told}. Run the command again with --debug to see where."
        line = " ".join("".join(c if c.isprintable() else " " for c in told).split())
        _err.print(f"Error: {line}", style="red", soft_wrap=True, highlight=False, markup=False)
        sys.exit(2)
