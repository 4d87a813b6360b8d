"""How far coders agree on each code: people with each other, and the machine with them."""

import pandas as pd

from ..findings import Findings
from ..phrases import Row, capital
from ..reliability import RELIABLE
from .style import INK, SOFT, TEXT, Axes, Chart, Style, dress, finish, head, interval_dots, link, write

TENTATIVE = 0.8  # Krippendorff (2004): conclusions between .667 and .8 are tentative
COLUMNS = ["code", "first", "second", "people", "n", "alpha", "alpha_low", "alpha_high"]
COLUMNS += ["reliability", "reason"]
STYLES: dict[bool, Style] = {True: (INK, "o", INK), False: ("#8a5a00", "s", "white")}  # people, the machine


def agreement_chart(found: Findings, ax: Axes) -> Axes:
    """Draw Krippendorff's alpha of each code under its family, of people and of the machine with them."""
    phrases, table = found.phrases, judged(found)
    families = [family.family for family in found.codebook.families]
    order = [*phrases.texts["names"]["sentiments"], *found.outline(families)]
    labels = {code: found.names[code] for code in order if code in set(table["code"])}
    places = {code: float(y) for y, code in enumerate(labels)}
    both = table["people"].nunique() == 2
    low = min(0.0, float(table["alpha"].min()), float(table["alpha_low"].min()))
    for limit in (RELIABLE, TENTATIVE):
        ax.axvline(limit, color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    for people in table["people"].unique():
        part = table[table["people"] == people]
        part = part.assign(y=part["code"].map(places) + (0.17 - 0.34 * bool(people)) * both)
        drawn, style = part[part["alpha"].notna()], STYLES[bool(people)]
        words = found.say("patterns_chart.agreement.pair", part.iloc[0].to_dict(), pair=_coders(found, part))
        marks = interval_dots(ax, drawn, "alpha", drawn["y"], style, capital(words))
        link(marks, "all", *drawn["code"])
        for row in part[part["reason"] != ""].to_dict("records"):
            known = row["alpha"] == row["alpha"]
            if known or people or not both:  # one reason in a row is enough
                at, side = (row["alpha"], -1) if known else (low, 1)
                why = phrases.name("reasons", row["reason"])
                write(ax, why, at, row["y"], side, fontsize=TEXT - 2, color=SOFT)
    head(ax)
    ax.set_xlim(low - 0.03, 1.04)
    ax.set_xticks([tick for tick in (-0.6, -0.4, -0.2, 0, 0.2, 0.4, RELIABLE, TENTATIVE, 1) if tick >= low])
    finish(ax, labels, families)
    return dress(ax, found.say("patterns_chart.agreement.unit"), lambda alpha: phrases.number(alpha, None))


def judged(found: Findings) -> pd.DataFrame:
    """Agreement per code, family and sentiment: of those who coded by hand, and of the machine with them."""
    pairs = found.agreement()
    people = next((rows for rows in pairs.values() if rows[0]["people"]), [])
    machine = next((rows for (_, other), rows in pairs.items() if other == found.study.machine_coder), [])
    return pd.DataFrame([*people, *machine], columns=COLUMNS)


def _coders(found: Findings, rows: pd.DataFrame) -> str:
    names = [*rows["first"].iloc[0].split(", "), rows["second"].iloc[0]]
    return found.phrases.join([found.phrases.name("coders", name) for name in names])


def _words(found: Findings) -> tuple[str, str]:
    """On how many codes coders agree reliably; and where they agree least."""
    table, say = judged(found), "patterns_chart.agreement."
    if table.empty:
        return (found.say(say + "empty"),) * 2
    codes = table[table["code"].isin(found.codebook.names)]
    parts = {people: part for people, part in codes.groupby("people")}
    counts = {people: int((part["reliability"] == "reliable").sum()) for people, part in parts.items()}
    of = codes["code"].nunique()
    title = [found.say(f"{say}people", n=counts[True], of=of)] if True in counts else []
    kind = "machine" if True in counts else "machine_alone"
    kind += "" if counts.get(False) else "_none"
    title += [found.say(f"{say}{kind}", n=counts[False], of=of)] if False in counts else []
    told = []
    for people, part in sorted(parts.items(), reverse=True):
        known: Row = {"pair": _coders(found, part), "reliable_codes": counts[people], "of": of}
        known["least"] = [_alpha(found, row) for row in part.nsmallest(3, "alpha").to_dict("records")]
        told.append(found.say(say + "least", part.iloc[0].to_dict(), **known))
    return " ".join(title), " ".join([found.say(say + "alt"), *told])


def _alpha(found: Findings, row: Row) -> str:
    interval = found.phrases.interval(row, "alpha_", factor=1)
    return found.say("patterns_chart.agreement.item", row, name=found.names[row["code"]], interval=interval)


CHARTS = {"agreement": Chart(agreement_chart, judged, _words, (1.2, 0.25))}
