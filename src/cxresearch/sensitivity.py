"""Whether each headline holds if the study is done in another way."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from .errors import InputError

CLAIMS = ("different", "aligned", "not shown")
HOLDS = ["same verdict", "same direction", "changes", "cannot say"]
COLUMNS = ["code", "variant", "base_verdict", "like", "verdict", "gap", "low", "high", "holds"]


def variants(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, brands: pd.Series
) -> Iterator[tuple[str, tuple[pd.DataFrame, pd.DataFrame | None, pd.Series]]]:
    """Yield what `estimates.shares` needs, by name: hand codes only, then all but one brand at a time.

    "hand codes only" gives the hand codes a machine that finds nothing, so that strata and weights still
    count. Comments without a brand always stay.

    Examples
    --------
    >>> wide = pd.DataFrame({"ease": [True, False, True]})
    >>> brands = pd.Series(["Telvanta", "Almendra", "Almendra"])
    >>> [(name, len(given[0])) for name, given in variants(wide, wide, brands, brands)]
    [('hand codes only', 3), ('without Almendra', 1), ('without Telvanta', 2)]
    """
    if hand is not None and len(hand):
        yield "hand codes only", (machine[[code for code in machine if code in hand]] & False, hand, groups)
    brands = brands.reindex(machine.index)
    for brand in sorted(brands.dropna().unique()):
        kept = machine.index[brands != brand]
        judged = None if hand is None else hand[hand.index.isin(kept)]
        yield f"without {brand}", (machine.loc[kept], judged, groups.loc[kept])


def sensitivity(
    base: pd.DataFrame, tables: Mapping[str, pd.DataFrame], like: Mapping[str, pd.DataFrame] | None = None
) -> pd.DataFrame:
    """Set each verdict of a comparison beside those of its variants.

    `base` and `tables` (by variant's name) are what `comparison.compare_groups` gives; what `compare_net`
    gives joins in as a row with a ``code`` of its own. A variant of fewer comments, such as those that a
    second person coded too, is set beside what `like` has under its name: the study's own way of coding just
    these. Returns code, variant; base_verdict; like, what the variant is set beside, and verdict; gap, low,
    high (-1 to 1); holds: "same verdict" (if "different", to the same side); "same direction", no longer
    shown, but a "different" gap is on the same side, an "aligned" one within the new interval; "changes";
    "cannot say" (too few, uncorrected, not there, or no longer shown of so few comments, whoever codes).
    `InputError` if a variant has none of the codes.

    Examples
    --------
    >>> base = pd.DataFrame({"code": ["ease"], "gap": 0.2, "low": 0.1, "high": 0.3, "verdict": "different"})
    >>> fewer = base.assign(low=-0.1, verdict="not shown")
    >>> sensitivity(base, {"hand codes only": fewer})[["variant", "holds"]].values.tolist()
    [['hand codes only', 'same direction']]
    """
    rows, own = [], base.set_index("code")[["verdict"]].add_prefix("base_")
    for name, table in tables.items():
        if not own.index.isin(table["code"]).any():
            raise InputError(f"variant '{name}': none of the codes {list(own.index)[:5]}. Compare the same.")
        beside = (like or {}).get(name, base).set_index("code")[["verdict", "gap"]]
        beside = own.join(beside.set_axis(["like", "base_gap"], axis=1))
        new = beside.join(table.set_index("code")[["verdict", "gap", "low", "high"]])
        rows.append(new.fillna({"verdict": "", "like": ""}).assign(variant=name))
    found = pd.concat(rows).reset_index() if rows else pd.DataFrame(columns=[*COLUMNS, "base_gap"])
    was, verdict = found["like"], found["verdict"]
    side = np.sign(found["gap"].astype(float)) == np.sign(found["base_gap"].astype(float))
    within = found["base_gap"].between(found["low"], found["high"])
    same = (verdict == was) & (side | (was != "different"))
    weaker = (verdict == "not shown") & ((was == "different") & side | (was == "aligned") & within)
    lost = same & (was == "not shown") & (found["base_verdict"] != was)
    rules = [lost | ~(was.isin(CLAIMS) & verdict.isin(CLAIMS)), same, weaker]
    found["holds"] = np.select(rules, [HOLDS[3], HOLDS[0], HOLDS[1]], HOLDS[2])
    order = np.argsort(own.index.get_indexer(pd.Index(found["code"])), kind="stable")
    return found.iloc[order].reset_index(drop=True)[COLUMNS]


def holds(table: pd.DataFrame) -> pd.DataFrame:
    """One row per headline of `sensitivity`: in how many variants it holds, and which ones change it.

    Returns code, verdict; variants that can say, and how many of all by each kind of `holds`; lowest and
    highest gap; changed_by (names, joined by "; "); summary: "holds" (in all that can say), "holds in
    direction", "depends on the variant"; of a verdict "not shown", which is no finding, "never shown" in
    place of "holds"; "no verdict" of one that is none; or "cannot say".

    Examples
    --------
    >>> base = pd.DataFrame({"code": ["ease"], "gap": 0.2, "low": 0.1, "high": 0.3, "verdict": "different"})
    >>> holds(sensitivity(base, {"without Telvanta": base}))["summary"].tolist()
    ['holds']
    """
    by_code = table.groupby("code", sort=False)
    counts = pd.crosstab(table["code"], table["holds"]).reindex(columns=HOLDS, fill_value=0)
    found = by_code.agg(verdict=("base_verdict", "first"), variants=("variant", "size")).join(counts)
    found["variants"] -= found["cannot say"]
    found["lowest"], found["highest"] = by_code["gap"].min(), by_code["gap"].max()
    changing = table[table["holds"] == "changes"].groupby("code")["variant"].agg("; ".join)
    found["changed_by"] = changing.reindex(found.index).fillna("")
    rules = [~found["verdict"].isin(CLAIMS), found["changes"] > 0, found["same direction"] > 0]
    rules += [found["variants"] == 0, found["verdict"] == "not shown"]
    summaries = ["no verdict", "depends on the variant", "holds in direction", "cannot say", "never shown"]
    return found.assign(summary=np.select(rules, summaries, "holds")).reset_index()
