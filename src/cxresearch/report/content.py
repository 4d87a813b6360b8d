"""What stands in the report, in order: the answers first, the evidence, how sure it is, all the rest."""

from typing import Any

from ..errors import InputError
from ..findings import MODELS, PLACES, VALUES, Findings
from . import sections
from .appendices import write_appendices
from .blocks import Break, Report
from .certainty import write_certainty, write_method
from .page import Page

MAIN = (
    sections.write_comments,
    sections.write_balance,
    sections.write_personalization,
    sections.write_value,
    sections.write_where,
    sections.write_plan,
    write_certainty,
    write_method,
)


def build_report(found: Findings, run: dict[str, Any]) -> Report:
    """Gather a study's report as blocks: every figure in it from the study's tables, every word a phrase.

    Takes findings of all tables, and what `pipeline.describe_run` says of the run (inputs, packages,
    library). Without codes by hand a note says that all figures are the machine's. `InputError` if the
    codebook lacks a family that the report is about.
    """
    if missing := {*MODELS, *VALUES, *PLACES} - {family.family for family in found.codebook.families}:
        raise InputError(
            f"{found.study.codebook} has no family {', '.join(sorted(missing))}, which the report is about. "
            "Keep all seven families of the study's codebook; their codes may change."
        )
    page, study = Page(found), found.study
    if study.about:
        page.note("notes.about", study.about[found.phrases.language])
    if (part := found.machine_part) != "none":
        page.note(f"notes.machine_{part}_title", found.say(f"notes.machine_{part}"), strong=True)
    sections.write_summary(page)
    page.blocks.append(Break())
    for write in MAIN:
        write(page)
    page.blocks.append(Break())
    write_appendices(page, run)
    labels = {name: found.say(f"page.{name}") for name in ("contents", "behind")}
    groups = {group: found.phrases.name("groups", group) for group in (*found.groups, "all")}
    title, subtitle = study.name[found.phrases.language], found.say("page.subtitle")
    parts = tuple(page.blocks)
    return Report(title, subtitle, found.phrases.language, labels, parts, found.names | groups)
