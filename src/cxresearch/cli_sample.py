"""The commands for people's codes: ``cxresearch sample draw``, ``sheet`` and ``read``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option, Typer

from .cli_files import StudyFile
from .display import say
from .errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study

app = Typer(no_args_is_help=True, help="Draw comments for people to code; hand them out, and read them back.")


@app.command()
def draw(
    size: Annotated[int, Argument(help="How many comments, on top of those drawn before.")],
    rare: Annotated[
        list[str] | None, Option(metavar="CODE", help="Draw more with this machine code.")
    ] = None,
    study: StudyFile = "study.yaml",
) -> None:
    """Draw a random sample of a study's comments to code, or extend the one there is.

    Equal by group, proportional by language; --rare (it may be repeated) draws a third among the comments to
    which the machine gave these codes. The chance of every comment is written down, so that shares can be
    weighted. Run `cxresearch run --only 01` first; for --rare, `cxresearch run`.

    Example: cxresearch sample draw 200 --rare loyalty --rare omnichannel
    """
    from .codebook import load_codebook
    from .sampling import draw_sample, load_sample
    from .study import find_study
    from .tables import write_table
    from .themes import code_table

    settings = find_study(study)
    comments, chosen = _codable(settings), None
    for name in rare or []:
        if name not in (known := load_codebook(settings.codebook_path).names):
            raise InputError(f"--rare {name}: there is no such code in the codebook.{nearest(name, known)}")
    if rare:
        codes = code_table(settings.load("codes"), settings.machine_coder, comments.index, rare, guess=True)
        chosen = codes.any(axis=1)
    path = settings.coding_file("sample.csv")
    earlier = load_sample(path) if path.exists() else None
    sample = draw_sample(comments, size, rare=chosen, earlier=earlier, seed=settings.seed)
    write_table(sample, path)
    counts = sample.groupby("stratum").agg(n=("stratum", "size"), drawn=("place", "count"))
    say(f"{path}: {size} comments drawn, {counts['drawn'].sum()} of {len(sample)} in all.")
    say(counts.assign(probability=(counts["drawn"] / counts["n"]).round(4)).to_string())


@app.command()
def sheet(
    target: Annotated[Path, Argument(metavar="OUT", help=".xlsx, .json (Label Studio), .jsonl (doccano).")],
    language: Annotated[Literal["es", "en"], Option(help="Of the coders.")] = "es",
    draw: Annotated[int | None, Option(help="Only the comments of this draw.")] = None,
    study: StudyFile = "study.yaml",
) -> None:
    """Write the drawn comments for people who code outside JupyterLab; no machine code is shown.

    Give each coder a copy of their own. `cxresearch sample read` takes it back.

    Example: cxresearch sample sheet for_ana.xlsx --language es
    """
    from .codebook import load_codebook
    from .sheets import write_sheet
    from .study import find_study

    settings = find_study(study)
    comments = _drawn(settings, draw)
    write_sheet(comments, load_codebook(settings.codebook_path), target, language)
    say(f"{target}: {len(comments)} comments to code")


@app.command()
def read(
    source: Annotated[Path, Argument(metavar="IN", help="A sheet as the coder gave it back.")],
    coder: Annotated[str, Option(metavar="NAME", help="Who coded it; a second round: ana.2.")],
    draw: Annotated[int | None, Option(help="The draw that the sheet was made for, if for one only.")] = None,
    partly: Annotated[bool, Option("--partly", help="File the rows without problems all the same.")] = False,
    replace: Annotated[bool, Option("--replace", help="Replace what the file holds by the sheet.")] = False,
    study: StudyFile = "study.yaml",
) -> None:
    """Read a filled-in sheet, report every problem by row, and file the codes under the coder's name.

    With any problem nothing is written, unless --partly. What the coder's file holds already stays; rows that
    say something else about a comment in it are refused, unless --replace. Comments not coded yet are no
    problem.

    Example: cxresearch sample read from_ana.xlsx --coder ana
    """
    from .codebook import load_codebook
    from .handcoding import add_hand_codes, check_coder
    from .sheets import read_sheet
    from .study import find_study

    settings = find_study(study)
    path = settings.coding_file(f"{check_coder(coder)}.csv")
    comments = _drawn(settings, draw)
    hand, problems = read_sheet(source, comments, load_codebook(settings.codebook_path), coder)
    if len(problems):
        say(problems.to_string(index=False))
    if (serious := int((problems["problem"] != "not coded yet").sum())) and not partly:
        advice = "Mend them, or file the other rows with --partly."
        raise InputError(f"{source.name}: {serious} problems, listed above; nothing was written. {advice}")
    added = add_hand_codes(hand, path, replace=replace)
    say(f"{path}: {added} comments added, {len(hand)} coded in {source.name}, {len(comments)} in the sample.")


def _codable(settings: Study) -> pd.DataFrame:
    """The study's comments that can be coded."""
    from .themes import CODED_LANGUAGES

    comments = settings.load("comments").set_index("comment_id")
    return comments[comments["language"].isin(CODED_LANGUAGES)]


def _drawn(settings: Study, draw: int | None) -> pd.DataFrame:
    """The comments drawn, or those of one draw, in the order of coding."""
    from .sampling import drawn, load_sample

    sample = load_sample(settings.coding_file("sample.csv"))
    comments = drawn(sample if draw is None else sample[sample["draw"] == draw], _codable(settings))
    if comments.empty:
        found = f" as draw {draw}" if draw else ""
        raise InputError(f"No comments were drawn{found}. See: cxresearch sample draw.")
    return comments
