"""Which codes may be trusted: agreement part by part, and the codes that stay marked as not reliable."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .accuracy import parts
from .agreement import agreement_table, common_codes

RELIABLE = 0.667  # Krippendorff (2004), Content Analysis: below it not even tentative conclusions
UNRELIABLE = "not reliable here"
POOLED = ("all", "set")  # rows of an agreement table that are no code


def agreement_by_part(
    coders: Mapping[str, pd.DataFrame], comments: pd.DataFrame, cuts: Sequence[str | tuple[str, ...]],
    codes: list[str], **bootstrap: int,
) -> pd.DataFrame:  # fmt: skip
    """`agreement.agreement_table` over all comments, and in every part of them.

    `coders` as there; `cuts` as in `accuracy.parts`; only `codes` are pooled in the rows ``all`` and ``set``,
    which other columns (families, sentiments) have no part in. Adds ``by`` ("all", or the columns cut by),
    ``part`` (their values) and ``reliability``: "reliable" if alpha's interval lies at .667 or above, "not
    reliable here" if it lies below, else "open"; "" without an interval.

    Examples
    --------
    >>> ana = pd.DataFrame({"ease": [True, True, False, False] * 9})
    >>> leo = ana.assign(ease=[True, False, True, False] * 9)
    >>> comments = pd.DataFrame({"language": "es"}, index=ana.index)
    >>> table = agreement_by_part({"ana": ana, "leo": leo}, comments, ["language"], ["ease"])
    >>> table[["code", "by", "part", "reliability"]].values.tolist()[::3]
    [['ease', 'all', 'all', 'not reliable here'], ['ease', 'language', 'es', 'not reliable here']]
    """
    found = []
    shared = common_codes(coders)
    others = [name for name in shared if name not in codes]
    for (columns, values), ids in parts(comments, cuts).items():
        here = {name: table[table.index.isin(ids)] for name, table in coders.items()}
        part = agreement_table({name: table[codes] for name, table in here.items()}, **bootstrap)
        if others:
            more = agreement_table({name: table[others] for name, table in here.items()}, **bootstrap)
            part = pd.concat([part, more[~more["code"].isin(POOLED)]], ignore_index=True)
        found.append(part.assign(by=", ".join(columns) or "all", part=", ".join(values) or "all"))
    table = pd.concat(found, ignore_index=True)
    table = table[table["n"] > 0].reset_index(drop=True)
    marks = [table["alpha_low"].isna(), table["alpha_low"] >= RELIABLE, table["alpha_high"] < RELIABLE]
    return table.assign(reliability=np.select(marks, ["", "reliable", UNRELIABLE], "open"))


def unreliable(agreement: pd.DataFrame, machine: str) -> list[str]:
    """Codes, families and sentiments to be marked wherever they are reported, in the table's order.

    `agreement` holds tables of `agreement_by_part` with the columns ``people``, whether it is all people who
    are compared, and ``second``, the last coder. What counts is how people agree; if fewer than two coded,
    how the `machine` agrees with one.
    """
    if agreement.empty:
        return []
    whole = agreement[agreement["by"] == "all"]
    together = whole[whole["people"]]
    basis = whole[whole["second"] == machine] if together.empty else together
    return basis.loc[(basis["reliability"] == UNRELIABLE) & ~basis["code"].isin(POOLED), "code"].tolist()
