"""How alike two groups' profiles of codes are; the two interaction models; transaction or relationship."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .association import FEWEST, FEWEST_GIVEN, NO_VARIANCE, joint_shares, share_limits, with_figures
from .errors import InputError
from .estimates import TOO_FEW, joint_basis
from .intervals import percentiles
from .resampling import ALL, CHUNK, Coding, codings, resample

MODELS = ("consumer_identity", "emotional_self")  # the consumer-brand and the human-human model
VALUES = ("transactional", "transformational")
FEWEST_RANKED = 5  # codes, for a rank correlation
SETTLED = 0.8  # mean rank correlation of a group's draws with its estimate, below which no order is compared
UNEQUAL, UNSETTLED = "one group without hand codes", "order not settled"
MEASURES = {"divergence": 2, "distance": 2, "spearman": FEWEST_RANKED, "kendall": FEWEST_RANKED}


def compare_profiles(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, first: str, second: str, *,
    families: Mapping[str, Sequence[str]], languages: pd.Series | None = None,
    weights: pd.Series | None = None, draws: int = 1000, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Similarity of two groups' profiles: in what proportion they use the codes, all and within families.

    Chance alone makes profiles differ, and resampling adds to it. So the divergence's limits are the draws'
    turned round the estimate (basic bootstrap); those of ranks the widest of both kinds and of the latter
    moved on by twice what the draws lose: simulated, they hold 92 to 100 % of the time, with 20 codes of
    which some are nearly as frequent 84 % or more. Where the codes of a group are so equally frequent that
    its own order changes from draw to draw, ranks are withheld. Beside each value stands its baseline: what
    comes out when whole comments are dealt to the groups anew, within language and the hand-coded apart, as
    if both were one. If 5 % of the deals or more come out as far from likeness,
    limits reach to full likeness.

    Parameters
    ----------
    machine, hand, groups, weights, draws, seed
        As for `resampling.resampled_shares`, tuned; every column is a code.
    families : mapping of str to list of str
        Codes of each family to compare within.
    languages : pd.Series, index comment_id, optional
        Language of each comment.

    Returns
    -------
    pd.DataFrame
        Per scope (`all`, then families) four rows: scope; measure; codes, how many are compared: those
        expected in 10 comments of both groups together, hand-coded ones if any are; value: Jensen-Shannon
        divergence (Lin 1991, IEEE Trans. Inf. Theory 37) of the corrected shares over their sum, and its
        root, the distance (base 2; 0 alike to 1 apart), Spearman's rho and Kendall's tau-b (-1 to 1, same
        order); low, high (95 %); baseline, the deals' mean, and their middle 95 %, baseline_low,
        baseline_high; p, share of deals as far from likeness, missing unless all is corrected; basis,
        "mixed" if hand codes correct some of the shares only, and then nothing is said; note, "one group
        without hand codes" of those, "too few to say" for fewer than 2 codes, or 5 to rank, "order not
        settled" where draws of a group correlate below .8 with its estimate, "no variance" where all draws
        agree, else "".
        `InputError` if a group is not there.

    Examples
    --------
    >>> machine = pd.DataFrame({"app": [True] * 50 + [False] * 50, "ease": [True, False] * 50})
    >>> groups = pd.Series(["brand", "consumer"] * 50)
    >>> table = compare_profiles(machine, machine, groups, "brand", "consumer", families={})
    >>> table[["scope", "measure", "codes", "value"]].round(2).values.tolist()[0]
    ['all', 'divergence', 2, 0.46]
    """
    there = sorted(groups[groups.index.isin(machine.index)].dropna().unique())
    if first == second or not {first, second} <= set(there):
        raise InputError(f"expected two different groups among {there}, found {first!r} and {second!r}.")
    others = groups.index[~groups.isin([first, second])]
    machine, groups = machine.drop(index=others, errors="ignore"), groups.drop(index=others)
    hand = None if hand is None else hand.drop(index=others, errors="ignore")
    coded = codings(machine, hand, groups, weights)
    spoken = pd.Series("", machine.index) if languages is None else languages.reindex(machine.index)
    spoken = spoken.iloc[np.argsort(groups.reindex(machine.index), kind="stable")]  # group by group
    drawn, known = resample(coded, draws, seed)
    dealt = _dealt(list(coded.values()), pd.factorize(spoken)[0], draws, seed)
    enough = np.sum([known[group][2] * drawn[group][0] for group in coded], axis=0) >= 2 * FEWEST
    basis, parts = np.where([found[1] > 0 for found in known.values()], "corrected", "machine"), []
    for scope, codes in {ALL: list(machine), **families}.items():
        own = np.flatnonzero(machine.columns.isin(codes) & enough)
        values, chance = (likeness(one[:, own], two[:, own]) for one, two in (tuple(drawn.values()), dealt))
        told = str(joint_basis(basis[:, own if len(own) else slice(None)].ravel()))
        same = [likeness(shares[1:, own], shares[:1, own])[:, 2].mean() for shares in drawn.values()]
        part = _described(values, chance, len(own), told, min(same) < SETTLED)
        parts.append(part.assign(scope=scope))
    return pd.concat(parts, ignore_index=True).set_index("scope").reset_index()


@np.errstate(invalid="ignore")
def likeness(one: NDArray, two: NDArray) -> NDArray:
    """Divergence, distance, rho and tau-b (last axis) of two groups' shares (draws, codes); NaN for none.

    Examples
    --------
    >>> one, two = np.array([[0.1, 0.2, 0.3, 0.4]]), np.array([[0.1, 0.3, 0.2, 0.4]])
    >>> likeness(one, two).round(3).tolist()
    [[0.015, 0.121, 0.8, 0.667]]
    """
    from scipy.special import rel_entr
    from scipy.stats import rankdata

    one, two = one.round(12), two.round(12)  # ties are ties, whatever the last digit of a processor's sums
    p, q = (shares.clip(0) / shares.clip(0).sum(axis=1, keepdims=True) for shares in (one, two))
    apart = sum(rel_entr(part, (p + q) / 2).sum(axis=1) for part in (p, q)) / np.log(4)
    ranks = [rankdata(shares, axis=1) - (shares.shape[1] + 1) / 2 for shares in (one, two)]
    order = [np.sign(rank[:, :, None] - rank[:, None]).reshape(len(rank), -1) for rank in ranks]
    same = [(x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1)) for x, y in (ranks, order)]
    return np.stack([apart, np.sqrt(apart.clip(0)), *same], axis=1)


def interaction_models(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, **options: Any
) -> pd.DataFrame:
    """Share of comments that speak in one interaction model only, in both or in neither, per group.

    The wide tables hold the families `MODELS` (`themes.add_families`); estimates and `options` are those of
    `association.conditional_shares`.

    Returns
    -------
    pd.DataFrame
        One row per group (last `all`) and model, "consumer_identity only", "emotional_self only", "both" or
        "neither"; n, n_hand (comments); cases, hand-coded ones to be expected (of all comments if none is
        hand-coded); share (0 to 1; they sum to 1) with share_low, share_high (95 %); basis; note, as in
        `association.conditional_shares`: too few are under 10 hand-coded comments (or comments).

    Examples
    --------
    >>> machine = pd.DataFrame({"consumer_identity": [True, False] * 20, "emotional_self": [True] * 40})
    >>> table = interaction_models(machine, machine, pd.Series(["brand"] * 40))
    >>> table[["model", "share"]].values.tolist()[1:3]
    [['emotional_self only', 0.5], ['both', 0.5]]
    """
    parts = []
    for table, worth, one, two, both in joint_shares(machine, hand, groups, [MODELS], **options):
        share = np.hstack([one - both, two - both, both, 1 - one - two + both])
        table = pd.concat([table[["group", "n", "n_hand", "basis"]]] * 4, ignore_index=True)
        table.insert(1, "model", [*(f"{model} only" for model in MODELS), "both", "neither"])
        figures = {"share": (share[0], share_limits(share, worth, FEWEST_GIVEN)[0])}
        parts.append(with_figures(table, worth * share[0], figures, np.repeat(worth, 4) < FEWEST_GIVEN))
    return pd.concat(parts, ignore_index=True)


@np.errstate(invalid="ignore")
def value_index(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, brands: pd.Series, **options: Any
) -> pd.DataFrame:
    """Transaction against relationship, per brand and group.

    The index is (transactional - transformational) / (their sum), of corrected shares of comments: 1 if
    transaction is all, -1 if relationship is all, 0 if both weigh the same. The wide tables hold the families
    `VALUES`; `brands` is indexed by comment_id. Comments without a brand count in the rows of `all` only.

    Returns
    -------
    pd.DataFrame
        One row per brand and group (last of either is `all`); n, n_hand (comments); cases, hand-coded
        mentions of either to be expected (of all comments if none is hand-coded); transactional,
        transformational (shares, 0 to 1) and index (-1 to 1), each with 95 % percentiles ``_low``, ``_high``;
        basis; note, as in `association.conditional_shares`: too few are under 10 cases.

    Examples
    --------
    >>> machine = pd.DataFrame({"transactional": [True] * 30 + [False] * 10, "transformational": True})
    >>> groups, brands = pd.Series(["brand"] * 40), pd.Series(["Miralba"] * 40)
    >>> value_index(machine, None, groups, brands)[["brand", "group", "index"]].round(2).values.tolist()[0]
    ['Miralba', 'brand', -0.14]
    """
    brands, parts = brands.reindex(machine.index), []
    for brand in [*sorted(brands.dropna().unique()), ALL]:
        others = machine.index[(brands != brand) & (brand != ALL)]
        by_hand = None if hand is None else hand.drop(index=others, errors="ignore")
        cells = joint_shares(machine.drop(index=others), by_hand, groups, [VALUES], **options)
        for table, worth, one, two, _ in cells:
            drawn = {VALUES[0]: one, VALUES[1]: two, "index": (one - two) / (one + two)}
            figures = {name: (values[0], percentiles(values[1:])) for name, values in drawn.items()}
            cases = worth * (one[0] + two[0])
            table.insert(0, "brand", brand)
            parts.append(with_figures(table, cases, figures, cases.round(6) < FEWEST_GIVEN))
    return pd.concat(parts, ignore_index=True).drop(columns=["one", "two"])


def _dealt(coded: list[Coding], language: NDArray, draws: int, seed: int) -> tuple[NDArray, NDArray]:
    """Shares in two groups if comments are dealt to them anew, within language and the hand-coded apart."""
    sizes = [len(own.machine) for own in coded]
    member = np.repeat([1.0, 0.0], sizes)
    place = np.concatenate([coded[0].place, coded[1].place + sizes[0]])
    weight = np.concatenate([own.weight / (own.weight.mean() if len(own.weight) else 1) for own in coded])
    machine, _, judged, hand, _, stratum = (np.concatenate(parts) for parts in zip(*coded, strict=True))
    whole = Coding(machine, place, judged, hand, weight, stratum)
    random, found = np.random.default_rng(seed), []
    cell = 2 * language + np.isin(np.arange(len(member)), place)
    step = max(1, CHUNK // len(member))
    for start in range(0, draws, step):
        counts = np.tile(member, (min(step, draws - start), 1))
        for rows in (np.flatnonzero(cell == k) for k in np.unique(cell)):
            counts[:, rows] = random.permuted(counts[:, rows], axis=1)
        found.append((whole.shares(counts, True), whole.shares(1 - counts, True)))
    one, two = zip(*found, strict=True)
    return np.concatenate(one), np.concatenate(two)


def _described(values: NDArray, chance: NDArray, codes: int, basis: str, unsettled: bool) -> pd.DataFrame:
    """Value, limits, baseline and p of each of the `MEASURES`."""
    value, ranked = values[0], np.array([False, False, True, True])
    drawn = percentiles(values[1:])
    basic = 2 * value - drawn[::-1]
    moved = basic + 2 * (value - values[1:].mean(axis=0))  # twice: the estimate lost as much, and more
    widest = np.fmin.reduce([basic[0], drawn[0], moved[0]]), np.fmax.reduce([basic[1], drawn[1], moved[1]])
    low, high = np.where(ranked, widest, basic).clip(np.where(ranked, -1, 0), 1)
    low[1], high[1] = np.sqrt([low[0], high[0]])
    far = np.where(ranked, chance <= value, chance >= value)
    p = (1 + far.sum(axis=0)) / (1 + len(chance))
    low, high = np.where(~ranked & (p >= 0.05), 0, low), np.where(ranked & (p >= 0.05), 1, high)
    table = {"value": value, "low": low, "high": high, "baseline": chance.mean(axis=0)}
    table |= dict(
        zip(("baseline_low", "baseline_high"), np.percentile(chance, [2.5, 97.5], axis=0), strict=True)
    )
    few, open_ = np.isnan(value) | (codes < np.array(list(MEASURES.values()))), ranked & unsettled
    reason = np.where(few, TOO_FEW, UNSETTLED) if basis != "mixed" else np.full(len(few), UNEQUAL)
    few = few | open_ | (basis == "mixed")  # dealt anew, the groups would keep their own kind of codes
    table = {name: np.where(few, np.nan, figures) for name, figures in table.items()}
    table["p"] = np.where(few | (basis != "corrected"), np.nan, p)
    note = np.select([few, np.isnan(low + high)], [reason, NO_VARIANCE], "")
    return pd.DataFrame({"measure": list(MEASURES), "codes": codes, **table, "basis": basis, "note": note})
