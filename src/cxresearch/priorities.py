"""What to plan first: how much a theme matters to people, against how they speak of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .association import NO_VARIANCE
from .errors import InputError
from .estimates import TOO_FEW, joint_basis
from .intervals import percentiles

FEWEST, TOP = 10, 5  # comments with a code, below which nothing is said of it; places that count as first
STABLE = 0.9  # share of draws with the same result, below which a place is not settled
MEASURES = ["share", "tie_negative", "tie_outcome", "importance", "importance_low", "importance_high"]
MEASURES += ["performance", "performance_low", "performance_high", "rank", "first_five", "likely", "kept"]
COLUMNS = ["code", "group", "n", "n_hand", "cases", *MEASURES, "overall", "quadrant", "basis", "note"]
QUADRANTS = ["act first", "keep up", "watch", "low"]


def crossed(codes: pd.DataFrame, labels: pd.Series, outcome: str = "loyalty") -> pd.DataFrame:
    """Codes, and each together with a negative or positive sentiment and with the `outcome`, another code.

    `labels` are sentiment labels per comment_id; where one is missing, what it decides is. The columns are
    those that `priorities` needs, of the machine's codes as of those by hand.

    Examples
    --------
    >>> codes = pd.DataFrame({"ease": [True, True], "loyalty": [True, False]})
    >>> crossed(codes, pd.Series(["negative", "positive"])).filter(like="ease").astype(int).values.tolist()
    [[1, 1, 0, 1], [1, 0, 1, 0]]
    """
    labels = labels.reindex(codes.index)
    moods = pd.DataFrame({mood: labels.eq(mood) for mood in ("negative", "positive")})
    outcomes = moods.astype(float).where(labels.notna()).join(codes[[outcome] if outcome in codes else []])
    codes = codes.drop(columns=outcome, errors="ignore").astype(float)
    pairs = [codes.mul(outcomes[name], axis=0).add_suffix(f" & {name}") for name in outcomes]
    return pd.concat([codes, outcomes.astype(float), *pairs], axis=1)


def priorities(
    drawn: Mapping[str, NDArray], table: pd.DataFrame, first: str, outcome: str = "loyalty"
) -> pd.DataFrame:
    """Rank codes by what to plan first, and say how sure their places are.

    Importance, 0 to 1, is what the group `first` makes of a code: how often it speaks of it, and how strongly
    that goes with negative sentiment and with the outcome (sum of both phi, either way), each as a part of
    the largest among the codes, on average. Performance, -1 to 1, is the net sentiment of a group's comments
    with the code. Codes above the mean importance are to "act first" on if spoken of worse than the group's
    comments on the whole, else to "keep up"; others to "watch" or "low" (Martilla & James 1977, J. Marketing
    41). They rank by importance x (1 - performance). Neither says that acting would change what people say.

    `drawn` holds shares of the `crossed` columns per group, (draws + 1, n_columns), the estimate first, as
    `resampling.resampled_shares` gives them; `table` is what `estimates.shares` gives for the same columns.

    Returns
    -------
    pd.DataFrame
        One row per group, `first` before others, and code, by rank: code, group; n, n_hand, cases (comments
        with the code, by hand if any are), share, tie_negative, tie_outcome (phi); importance, performance,
        each with _low, _high (95 %, NaN without width); overall (net sentiment of the group); rank, from 1;
        first_five (share of draws in which it ranks so); likely (quadrant), kept (share of draws in it);
        quadrant: the same if kept in nine draws of ten, and, if "act first", among the first five in as many,
        else "not settled", "uncorrected" unless hand codes correct all of it, or "too few to say"; basis,
        "mixed" if they do in part; note: "too few to say", "no variance" (no limits) or "". `InputError` for
        unknown groups or columns that do not match.

    Examples
    --------
    >>> from cxresearch.estimates import shares
    >>> codes = pd.DataFrame({"ease": [True] * 50 + [False] * 50, "tact": [False] * 60 + [True] * 40})
    >>> wide = crossed(codes, pd.Series(["negative"] * 55 + ["positive"] * 45))
    >>> table = shares(wide, wide, pd.Series("consumer", index=wide.index))
    >>> drawn = {"consumer": np.tile(wide.mean().to_numpy(), (11, 1))}
    >>> priorities(drawn, table, "consumer")[["code", "performance", "quadrant"]].values.tolist()
    [['ease', -1.0, 'act first'], ['tact', 1.0, 'low']]
    """
    columns, groups = list(table["code"].unique()), [first, *(group for group in drawn if group != first)]
    for group in groups:
        if np.shape(drawn.get(group, ()))[1:] != (len(columns),) or group not in set(table["group"]):
            raise InputError(f"group '{group}': expected its shares and its draws, of the same columns.")
    codes = [name for name in columns if f"{name} & negative" in columns]
    counts = table.set_index(["group", "code"]).rename(columns={"hand_cases": "cases"})
    counts["cases"] = counts["cases"].where(counts["n_hand"] > 0, counts["machine_cases"])
    counts["known"] = (counts["note"] == "") & (counts["cases"] >= FEWEST)
    shared = counts.loc[first].loc[codes]

    def of(group: str, names: list[str]) -> NDArray:
        return np.asarray(drawn[group])[:, [columns.index(name) for name in names]]

    pairs = {name: [f"{code} & {name}" for code in codes] for name in ("negative", "positive", outcome)}
    used = [codes, pairs["negative"], pairs["positive"]]
    said, usable, ties = of(first, codes), shared["known"].to_numpy(), {}
    for part, name in (("tie_negative", "negative"), ("tie_outcome", outcome)):
        there = name in columns
        ties[part] = _phi(said, of(first, [name]), of(first, pairs[name])) if there else 0 * said
    parts = np.stack([said.clip(0), sum(np.abs(tie) for tie in ties.values())])
    largest = parts.max(axis=-1, where=usable, initial=1e-9, keepdims=True)
    importance, rows = np.where(usable, parts / largest, 0).mean(axis=0), []
    for group in groups:
        own = counts.loc[group].loc[codes].assign(group=group)
        own["known"] &= usable
        sides = [counts.loc[one].loc[those, "basis"].to_numpy() for one in (first, group) for those in used]
        own["basis"] = joint_basis(np.stack(sides))
        share, net = of(group, codes), of(group, pairs["positive"]) - of(group, pairs["negative"])
        base = (of(group, ["positive"]) - of(group, ["negative"])).clip(-1, 1)
        performance = (net / np.where(share > 0, share, np.nan)).clip(-1, 1)
        own = own.assign(share=share[0], **{name: tie[0] for name, tie in ties.items()})
        rows.append(_placed(own, importance, performance, base))
    return pd.concat(rows).rename_axis("code").reset_index()[COLUMNS]


def _placed(rows: pd.DataFrame, importance: NDArray, performance: NDArray, base: NDArray) -> pd.DataFrame:
    """Add to the codes of one group both axes, quadrant and rank, and how often draws give the same."""
    known = rows["known"].to_numpy()
    for name, values in (("importance", importance), ("performance", performance)):
        values = np.where(known, values, 0)
        low, high = percentiles(values[1:])
        rows = rows.assign(**{name: values[0], name + "_low": low, name + "_high": high})
    middle = np.where(known, importance, 0).sum(axis=1, keepdims=True) / max(known.sum(), 1)
    matters, worse = importance >= middle, performance < base
    quadrant = np.select([matters & worse, matters, worse], [0, 1, 2], 3)
    urgency = np.where(known, importance * (1 - performance), np.nan)
    rank = np.argsort(np.argsort(-urgency, axis=1), axis=1) + 1  # the unknown last
    kept, first = (quadrant[1:] == quadrant[0]).mean(axis=0), (rank[1:] <= TOP).mean(axis=0)
    likely = np.array(QUADRANTS)[quadrant[0]]
    settled = (kept >= STABLE) & ((quadrant[0] > 0) | (first >= STABLE))
    rules = [~known, rows["basis"] != "corrected", ~settled]
    rows = rows.assign(overall=base[0, 0], rank=rank[0], first_five=first, likely=likely, kept=kept)
    rows[MEASURES] = rows[MEASURES].where(rows["known"])
    flat = rows.filter(regex="_(low|high)$").isna().any(axis=1)
    rows["note"] = np.select([~known, flat], [TOO_FEW, NO_VARIANCE], "")
    rows["quadrant"] = np.select(rules, [TOO_FEW, "uncorrected", "not settled"], likely)
    return rows.sort_values("rank", kind="stable")


def _phi(one: NDArray, two: NDArray, both: NDArray) -> NDArray:
    """Phi of two codes from the shares of comments with each and with both; 0 if one never varies."""
    one, two = one.clip(0, 1), two.clip(0, 1)
    spread = one * (1 - one) * two * (1 - two)
    return np.divide(both - one * two, np.sqrt(spread), out=0 * both, where=spread > 0).clip(-1, 1)
