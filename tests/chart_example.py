"""Small tables for the tests of charts, and what they all ask: whole words, apart from each other."""

import itertools
import re

import matplotlib
import pandas as pd

import report_example as example
from cxresearch import charts
from cxresearch.findings import Findings

matplotlib.use("Agg")


def findings(tables, language="es"):
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return Findings(example.study(), example.codebook(), frames, language)


def draw(name, tables, language="es"):
    """The axes of a chart, drawn."""
    (ax,) = charts.draw_figure(name, findings(tables, language)).axes
    return ax


def told(name, tables, language="en"):
    """Title and alternative text of a chart."""
    words = charts.CHARTS[name].words(findings(tables, language))
    return [text.replace("\u00a0", " ") for text in words]


def texts(ax):
    """All texts with something in them."""
    ax.figure.draw_without_rendering()
    found = [*ax.texts, ax.xaxis.label, ax.yaxis.label]
    for axis, (one, two) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        seen = [tick for tick in axis.get_major_ticks() if min(one, two) <= tick.get_loc() <= max(one, two)]
        found += [tick.label1 for tick in seen]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    return [text for text in found if text.get_text().strip()]


def faults(ax):
    """Texts that leave the figure, and pairs that overlap."""
    frame, named = ax.figure.bbox, [(text.get_text(), text.get_window_extent()) for text in texts(ax)]
    outside = [name for name, b in named if b.x0 < 0 or b.x1 > frame.x1 or b.y0 < 0 or b.y1 > frame.y1]
    pairs = itertools.combinations(named, 2)
    return outside + [(a, b) for (a, x), (b, y) in pairs if x.overlaps(y)]


def same_bytes(name, tables, folder):
    """Whether a chart drawn twice gives the same SVG and PNG."""
    files = [(folder / f"{copy}.svg", folder / f"{copy}.png") for copy in "ab"]
    for paths in files:
        for path in paths:
            charts.save_figure(draw(name, tables).figure, path)
    return all(one.read_bytes() == two.read_bytes() for one, two in zip(*files, strict=True))


def links(ax, path):
    """What the marks of a chart lead to, in its SVG."""
    charts.save_figure(ax.figure, path)
    return set(re.findall(r'href="#quotes/([^"]+)"', path.read_text(encoding="utf-8")))
