"""The report as one web page that asks no server for anything."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

from markupsafe import Markup, escape

from ..errors import InputError
from ..tables import write_whole
from ..templates import render
from .blocks import Break, Figure, Report

_LINK = re.compile(r'<a xlink:href="#quotes/([^/"]+)/([^"]+)"(?: target="[^"]*")?>')


def render_html(report: Report, figures: Path, bank: str = "") -> str:
    """Render a report as a page; all words are escaped but `bank`, the searchable comments, ready as HTML.

    `figures` is the folder of ``NAME_LANGUAGE.svg``; without a bank their links to comments are taken out.
    """
    return render(
        "report.html.j2", report=report, bank=Markup(bank), scripts=Markup(_allowed(bank)),
        kind=lambda block: type(block).__name__,
        summary=next((n for n, block in enumerate(report.blocks) if isinstance(block, Break)), 0),
        svg=lambda figure, number: _inline(report, figure, figures, number, linked=bool(bank)),
    )  # fmt: skip


def write_html(report: Report, figures: Path, path: Path, bank: str = "") -> None:
    """Write a report as a page (`render_html`), whole or not at all."""
    page = render_html(report, figures, bank)
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8", newline="\n"))


def _allowed(bank: str) -> str:
    """The page's own scripts, by their hashes: no other may run, should one ever get past the escaping."""
    scripts = re.findall(r'<script type="module">(.*?)</script>', bank, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in scripts]
    return f" script-src {' '.join(hashes)} blob:;" if hashes else ""


def _inline(report: Report, figure: Figure, folder: Path, number: int, *, linked: bool) -> Markup:
    """A figure's drawing alone: ids unique on the page, named by its alternative text, links with names."""
    path = folder / f"{figure.name}_{report.language}.svg"
    if not path.is_file():
        raise InputError(f"{path} is not there. Draw the figures first: 06_draw_charts.")
    svg = path.read_text(encoding="utf-8")
    if "<svg" not in svg:
        raise InputError(f"{path} holds no drawing. Draw the figures again: 06_draw_charts.")
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'( id="|href="#(?!quotes/)|url\(#)', rf"\g<1>f{number}-", svg)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg.removeprefix("<svg ").strip(), count=2)
    if linked:
        names = report.names

        def named(match: re.Match[str]) -> str:
            group, code = match.groups()
            who, what = (names.get(word, word) for word in map(unescape, (group, code)))
            words = escape(f"{report.labels['behind']} {who}, {what}")
            return f'<a href="#quotes/{group}/{code}" aria-label="{words}">'

        svg = _LINK.sub(named, svg)
    else:
        svg = re.sub(r'<a xlink:href="#quotes/[^>]*>|</a>', "", svg)
    role = "group" if "<a " in svg else "img"  # what is in an image cannot be reached
    return Markup(f'<svg role="{role}" aria-label="{escape(figure.alt)}" {svg}')
