"""Which words tell the groups apart, language by language."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from ..findings import FDR, Findings
from ..intervals import Z_95
from ..phrases import Row, capital
from .style import GROUP_STYLES, INK, Axes, Chart, dress, finish, head, interval_dots

EACH = 7  # words of each group, in each language
COLUMNS = ["language", "word", "n_first", "comments_first", "n_second", "comments_second"]
COLUMNS += ["log_odds", "log_odds_low", "log_odds_high", "z", "p", "q"]


def words_chart(found: Findings, ax: Axes) -> Axes:
    """Draw the log-odds of the strongest words of both groups, language by language."""
    phrases, table, labels = found.phrases, strongest(found), dict[str, str]()
    headers, places = list(table["language"].unique()), []
    for row in table.to_dict("records"):
        labels.setdefault(row["language"], capital(phrases.name("languages", row["language"])))
        places.append(float(len(labels)))
        labels[f"{row['language']} {row['word']}"] = found.say("patterns_chart.words.row", row)
    for group, side, (color, shape, _) in zip(found.groups, (1, -1), GROUP_STYLES, strict=True):
        own = table.assign(y=places)[side * table["log_odds"] > 0]
        fills = [color if q < FDR else "white" for q in own["q"]]
        interval_dots(ax, own, "log_odds", own["y"], (color, shape, fills))
        ax.scatter([], [], 27, color=color, marker=shape, label=capital(phrases.name("groups", group)))
    open_words = found.say("patterns_chart.words.open")
    ax.scatter([], [], 27, edgecolors=INK, facecolors="white", label=open_words)
    head(ax, ncols=3)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    finish(ax, labels, headers)
    return dress(ax, found.say("patterns_chart.words.unit"), lambda odds: phrases.number(odds, 0))


def strongest(found: Findings) -> pd.DataFrame:
    """By language, the study's main one first: the words of the first group, then of the second, by z.

    Limits are 95 %, by the spread that z or p implies, whichever is wider: words of one comment are not
    independent, which p allows for. Function words are left out where the table marks them.
    """
    rows = [row for row in found.rows["words"] if row["content"]]  # not articles, pronouns and the like
    table = pd.DataFrame(rows)
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    sure = [-NormalDist().inv_cdf(max(p, 1e-300) / 2) for p in table["p"]]
    reach: pd.Series = Z_95 * table["log_odds"].abs() / np.maximum(np.minimum(table["z"].abs(), sure), 1e-9)
    table = table.assign(log_odds_low=table["log_odds"] - reach, log_odds_high=table["log_odds"] + reach)
    spoken = [str(language) for language in found.study.languages]
    order = [*spoken, *sorted(set(table["language"]) - set(spoken))]
    parts = []
    for language in order:
        own = table[table["language"] == language]
        first, second = own[own["z"] > 0].nlargest(EACH, "z"), own[own["z"] < 0].nsmallest(EACH, "z")
        parts += [first, second.iloc[::-1]]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _sure(table: pd.DataFrame, language: str, side: int) -> list[Row]:
    """Words of a language that one group is shown to say more, the strongest first."""
    rows = table[(table["language"] == language) & (table["q"] < FDR) & (side * table["z"] > 0)]
    return sorted(rows.to_dict("records"), key=lambda row: -abs(row["z"]))


def _words(found: Findings) -> tuple[str, str]:
    """Which words each group is shown to say more."""
    table, say = strongest(found), "patterns_chart.words."
    if table.empty:
        return (found.say(say + "empty"),) * 2
    alt, title = [found.say(say + "alt")], ""
    for language in table["language"].unique():
        sides = [_sure(table, language, side) for side in (1, -1)]
        for group, rows in zip(found.groups, sides, strict=True):
            each = [found.say(say + "figure", row) for row in rows[:4]]
            known = {"group": group, "language": language, "words": each}
            alt.append(found.say(say + ("side" if rows else "no_side"), **known))
        names = [[found.say(say + "word", row) for row in rows[:3]] for rows in sides]
        if not title and any(names):  # of the first language in which a group has such words
            group, own = next(pair for pair in zip(found.groups, names, strict=True) if pair[1])
            known = {"language": language, "mine": names[0], "theirs": names[1], "group": group, "words": own}
            title = found.say(say + ("title" if all(names) else "side"), **known)
    return title or found.say(say + "none"), " ".join(alt)


CHARTS = {"words": Chart(words_chart, strongest, _words, (1.0, 0.22))}
