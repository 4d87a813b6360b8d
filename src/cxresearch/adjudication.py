"""Where coders differ: each difference decided by somebody, with a reason, and the gold codes that follow."""

from pathlib import Path

import pandas as pd

from .codebook import Codebook
from .errors import InputError
from .handcoding import FILED, GOLD, people_and_rounds
from .sentiment import LABELS
from .session import OwnFile, Round, tidy
from .tables import read_table, write_table

ITEM = ["comment_id", "item"]  # a code's name, or "sentiment"
LOG_COLUMNS = [*ITEM, "decision", "reason", "by", "given_by", "not_given_by"]


def gold_codes(hand: pd.DataFrame, log: pd.DataFrame, coders: list[str] | None = None) -> pd.DataFrame:
    """The adjudicated coding: what all coders of a comment say, and what was decided where they differ.

    `hand` is as `handcoding.load_hand_codes` reads it; `log` has `LOG_COLUMNS`, later decisions below;
    `coders` says whose codes count, else the first rounds of all people do. Returns a table as a file of hand
    codes has it (``codes`` joined by ``;``), of the comments that two or more coded and in which nothing is
    open. ``memo`` holds the reasons, ``adjudicated`` says if there were any.

    Examples
    --------
    >>> hand = pd.DataFrame({"comment_id": "c1", "coder": ["ana", "leo"], "sentiment": "neutral"})
    >>> hand["codes"] = [["ease", "loyalty"], ["ease"]]
    >>> decision = ["c1", "loyalty", "yes", "ten years a customer", "eva", "ana", "leo"]
    >>> log = pd.DataFrame([decision], columns=LOG_COLUMNS)
    >>> gold_codes(hand, log)[["coder", "codes", "memo"]].values.tolist()
    [['gold', 'ease;loyalty', 'loyalty: ten years a customer']]
    """
    people = _coded_twice(hand, coders)
    items = _items(people, log).set_index("comment_id")
    done = items[~items.index.isin(items.index[items["open"]])]
    by_comment = people[people["comment_id"].isin(done.index)].groupby("comment_id", sort=False)
    gold = by_comment[["codebook"]].max().assign(coder=GOLD, done="yes", unsure="")
    label = done["item"] == "sentiment"
    gold["sentiment"] = done.loc[label, "final"]
    gold["codes"] = done[~label & (done["final"] == "yes")].groupby(level=0)["item"].agg(";".join)
    gold["blind"] = by_comment["blind"].agg(lambda cells: "no" if "no" in set(cells) else min(cells))
    decided = done[done["differs"]]
    gold["memo"] = (decided["item"] + ": " + decided["reason"]).groupby(level=0).agg("; ".join)
    gold["adjudicated"] = gold["memo"].notna().map({True: "yes", False: "no"})
    return gold.fillna("").reset_index()[[*FILED, "adjudicated"]]


def differences(hand: pd.DataFrame, coders: list[str] | None = None) -> pd.DataFrame:
    """Where coders differ: comment_id, item, given_by, not_given_by (`LOG_COLUMNS`), and all their memos.

    `hand` and `coders` as in `gold_codes`.

    Examples
    --------
    >>> hand = pd.DataFrame({"comment_id": "c1", "coder": ["ana", "leo"], "sentiment": "neutral"})
    >>> hand["codes"], hand["memo"] = [["ease", "loyalty"], ["ease"]], ["ten years!", None]
    >>> differences(hand).values.tolist()
    [['c1', 'loyalty', 'ana', 'leo', 'ana: ten years!']]
    """
    people = _coded_twice(hand, coders)
    items = _items(people, pd.DataFrame(columns=LOG_COLUMNS))
    noted = people[people["memo"] != ""].set_index("comment_id")
    memos = (noted["coder"] + ": " + noted["memo"]).groupby(level=0).agg("; ".join)
    apart = items.loc[items["differs"], [*ITEM, "given_by", "not_given_by"]].reset_index(drop=True)
    return apart.assign(memos=apart["comment_id"].map(memos).fillna(""))


def unsettled(hand: pd.DataFrame, log_path: Path) -> int:
    """How many differences between people are open: while there are any, ``gold.csv`` is out of date."""
    log = OwnFile(log_path).read(LOG_COLUMNS)
    return int(_items(_coded_twice(hand, None), log)["open"].sum())


class Adjudication(Round):
    """The differences between two or more coders (`ids`: the comments that have some), decided one by one.

    The log keeps every decision. The last one on an item counts, as long as the same coders differ in the
    same way. Gold codes are derived from hand codes and log alone, and written when nothing is left open: the
    comments on which coders agree at once are the easy ones, and would flatter whatever is measured on them.

    Parameters
    ----------
    hand, comments, codebook : pd.DataFrame, pd.DataFrame, Codebook
        The hand codes as `handcoding.load_hand_codes` reads them; index comment_id, ``text`` and attributes.
    log_path, gold_path : path
        Made if they are not there.
    by : str
        Who decides.
    coders : list of str, optional
        Whose codes count; else the first rounds of all people.
    """

    def __init__(
        self, hand: pd.DataFrame, comments: pd.DataFrame, codebook: Codebook, log_path: str | Path,
        gold_path: str | Path, by: str, coders: list[str] | None = None,
    ) -> None:  # fmt: skip
        self.hand, self.codebook, self.by, self.coders = hand, codebook, tidy(by), coders
        self.comments = comments.set_axis(comments.index.astype("str"))
        self._people = _coded_twice(hand, coders)
        if self._people.empty or not self.by:
            raise InputError("Adjudication needs comments that two people coded, and who decides (by).")
        self._file, self._gold_path = OwnFile(log_path), Path(gold_path)
        self.log = self._file.read(LOG_COLUMNS)
        if set(LOG_COLUMNS) - {*self.log} or not self.log["decision"].isin(("yes", "no", *LABELS)).all():
            raise InputError(f"{log_path} is no adjudication log, or was edited. Name another, or mend it.")
        if self._gold_path.exists() and "adjudicated" not in read_table(self._gold_path):
            raise InputError(f"{gold_path} was not made by adjudication and would be lost. Rename it.")
        self._derive()
        differing = set(self.items["comment_id"])
        super().__init__([each for each in self.comments.index if each in differing])
        self.go(next((each for each in self.ids if self.items_of(each)["open"].any()), 0))

    @property
    def progress(self) -> tuple[int, int]:
        """How many differences are decided, and how many there are."""
        return int((~self.items["open"]).sum()), len(self.items)

    def coded(self, comment_id: str) -> pd.DataFrame:
        """What its coders noted: one row each."""
        return self._people[self._people["comment_id"] == comment_id]

    def items_of(self, comment_id: str) -> pd.DataFrame:
        """Where its coders differ, and what was decided: sentiment, then codes in the codebook's order."""
        return self.items[self.items["comment_id"] == comment_id]

    def decide(self, comment_id: str, item: str, decision: str, reason: str) -> None:
        """Append a decision to the log, and write the gold codes if it was the last one open.

        Of a code ``yes`` or ``no``, of ``sentiment`` a label. `InputError` without a reason, where nobody
        differs, and (`FileChanged`) if somebody else wrote to the log.
        """
        allowed, own = LABELS if item == "sentiment" else ("yes", "no"), self.items_of(comment_id)
        if not (own["item"] == item).any():
            raise InputError(f"The coders do not differ on {item} of the comment '{comment_id}'.")
        if decision not in allowed or not tidy(reason):
            raise InputError(f"{item} is decided by {', '.join(allowed)}, and a reason; found '{decision}'.")
        sides = own.loc[own["item"] == item, ["given_by", "not_given_by"]].iloc[0]
        told = [comment_id, item, decision, tidy(reason), self.by, *sides]
        log = pd.concat([self.log, pd.DataFrame([told], columns=LOG_COLUMNS)], ignore_index=True).fillna("")
        self._file.write(log)
        self.log = log
        self._derive()

    def _derive(self) -> None:
        """Differences and gold codes, from hand codes and log."""
        items = _items(self._people, self.log)
        order = {name: place for place, name in enumerate(["sentiment", *self.codebook.names])}
        items = items[items["differs"] & items["comment_id"].isin(self.comments.index)]
        self.items = items.sort_values("item", key=lambda column: column.map(order))
        if not self.items["open"].any():  # the comments settled first are no random sample
            write_table(gold_codes(self.hand, self.log, self.coders), self._gold_path)


def _coded_twice(hand: pd.DataFrame, coders: list[str] | None) -> pd.DataFrame:
    """Codes of these coders (else all people's first rounds) where two or more coded a comment."""
    people = people_and_rounds(hand["coder"])[0] if coders is None else coders
    own = hand[hand["coder"].isin(people)]
    own = own.reindex(columns=list(FILED))
    own = own.assign(**own.drop(columns="codes").astype("str").fillna(""))
    return own[own.groupby("comment_id")["coder"].transform("size") > 1]


def _items(people: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """Of each comment its sentiment, and every code that somebody gave: who says what, and what is final.

    Columns: `LOG_COLUMNS`, ``differs``, ``open``, ``final`` (missing while open).
    """
    who = people[["comment_id", "coder"]]
    given = people.explode("codes").rename(columns={"codes": "item"})[[*ITEM, "coder"]]
    given = given.dropna().drop_duplicates()
    codes = given[ITEM].drop_duplicates().merge(who).merge(given.assign(says="yes"), how="left").fillna("no")
    sides = pd.concat([who.assign(item="sentiment", says=people["sentiment"], codes=""), codes])
    sides = sides.sort_values([*ITEM, "coder"])
    sides["side"] = sides["coder"].where(sides["item"] != "sentiment", sides["coder"] + "=" + sides["says"])
    items = sides.groupby(ITEM)["says"].agg(["min", "max"])
    for column, chosen in (("given_by", sides["says"] != "no"), ("not_given_by", sides["says"] == "no")):
        items[column] = sides[chosen].groupby(ITEM)["side"].agg(";".join)
    last = log[LOG_COLUMNS].drop_duplicates(ITEM, keep="last")
    items = items.fillna("").reset_index().merge(last, how="left")
    differs = items["min"] != items["max"]
    final = items["decision"].where(differs, items["max"])
    return items.assign(differs=differs, open=differs & final.isna(), final=final)
