"""Mask what identifies people, before anything is written.

Found is what has a form: numbers, addresses, handles. **Names of people are not**: read before you publish.
"""

import hmac
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection
from functools import cache, partial
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from cxresearch.errors import InputError
from cxresearch.tables import read_bytes, write_whole

KEY_FILE = ".cxresearch_key"
MASKS = {kind: f"[{kind}]" for kind in ("email", "phone", "card", "iban", "id", "link")} | {"handle": "@user"}
# lower case on purpose: capitals would weigh in the rules for sentiment


def mask(texts: pd.Series, *, keep_handles: Collection[str] = ()) -> tuple[pd.Series, pd.Series]:
    """Replace what identifies people by its kind; names of people are **not** found.

    Masked are e-mail addresses; the phone, card, account and identity numbers that `privacy.yaml` lists by
    country, confirmed by their check digits where they have some; links with a query, a login, or a long
    path part of letters and digits; and handles, but for `keep_handles`, such as the brands' own (capitals
    and a leading @ do not matter). Years, dates, prices, other numbers and plain links stay, missing texts
    stay missing, and masking twice is masking once. Returned are the texts on the same index, and how many
    of each kind of ``MASKS`` were replaced ("@user" counts not).

    Examples
    --------
    >>> texts = pd.Series(["@Ana: 55 1234 5678 o ana@correo.mx, gracias @MiBanco"])
    >>> masked, counts = mask(texts, keep_handles=["mibanco"])
    >>> masked[0]
    '@user: [phone] o [email], gracias @MiBanco'
    >>> counts[counts > 0].to_dict()
    {'email': 1, 'phone': 1, 'handle': 1}
    """
    masked, counts = texts.astype("str"), Counter[str]()
    kept = {"user", *(handle.lstrip("@").lower() for handle in keep_handles)}
    rows = np.flatnonzero(masked.str.contains(_rules()["patterns"]["candidate"], na=False))
    masked.iloc[rows] = pd.Index([_mask_text(text, kept, counts) for text in masked.iloc[rows]], dtype="str")
    return masked, pd.Series({kind: counts[kind] for kind in MASKS}, dtype="int64").rename_axis("kind")


def pseudonyms(authors: pd.Series, key: bytes) -> pd.Series:
    """A pseudonym for each author, the same on every run with the same key: "p_" and ten hexadecimal digits.

    HMAC-SHA256 of the name, without a leading @, surrounding space or difference of capitals. Who lacks the
    key cannot find the names by trying; keep it out of what you publish. Missing authors stay missing.
    """
    names = authors.astype("str").str.strip().str.lstrip("@").str.casefold()
    known = {name: hmac.digest(key, name.encode(), "sha256").hex() for name in names.dropna().unique()}
    return ("p_" + names.map(known).astype("str").str[:10]).astype("str")


def load_key(folder: Path) -> bytes:
    """Key for `pseudonyms`: the folder's file `.cxresearch_key`, made if missing, readable by its owner only.

    `InputError` if it is empty, or the disk refuses.
    """

    def write(new: Path) -> None:
        new.touch(mode=0o600)
        new.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")

    path = Path(folder) / KEY_FILE
    if not path.exists():
        write_whole(path, write)
    if own := read_bytes(path).strip():
        return own
    raise InputError(f"{path} is empty. Restore it, or delete it to begin with new pseudonyms.")


@cache
def _rules() -> dict[str, Any]:
    """What privacy.yaml holds, its patterns compiled; numbers match links first, to leave them alone."""
    rules = yaml.safe_load((resources.files("cxresearch") / "privacy.yaml").read_text("utf-8"))
    for number in rules["numbers"]:
        pattern = number["pattern"]
        for part, meaning in rules["parts"].items():
            pattern = pattern.replace(part, meaning)
        pattern = rf"{rules['patterns']['link']}|(?<!\w)(?P<hit>{pattern})(?!\w)"
        number["pattern"] = re.compile(pattern, re.VERBOSE)
    return rules | {name: re.compile(pattern) for name, pattern in rules["patterns"].items()}


def _mask_text(text: str, kept: set[str], counts: Counter[str]) -> str:
    """The text masked, kind after kind and again until nothing is found; adds to the counts."""
    rules, before = _rules(), None

    def put(kind: str) -> str:
        counts[kind] += 1
        return MASKS[kind]

    def put_handle(found: re.Match[str]) -> str:
        names = {found[1].lower(), found[1].lower().split(".")[0]}  # "@bank.thanks" lacks a space
        return found[0] if names & kept or not 2 <= len(found[1]) <= 30 else put("handle")

    while text != before:
        before = text
        text = rules["link"].sub(lambda url: put("link") if rules["secret"].search(url[0]) else url[0], text)
        text = rules["email"].sub(lambda found: put("email"), text)
        for number in rules["numbers"] if rules["six_digits"].search(text) else ():
            text = number["pattern"].sub(partial(_mask_number, number, put), text)
        text = rules["handle"].sub(put_handle, text)
    return text


def _mask_number(number: dict[str, Any], put: Callable[[str], str], found: re.Match[str]) -> str:
    """The longest run of the number's parts that has its form and passes its check replaced, if any."""
    text, check, options = found["hit"] or "", number.get("check"), number.get("options", {})
    parts = list(re.finditer(r"[^ \u00a0:#.-]+", text))
    for size in range(len(parts), 0, -1):
        for first, last in zip(parts, parts[size - 1 :], strict=False):
            run = text[first.start() : last.end()]
            bare = re.sub("[ \u00a0.-]", "", run)
            if re.fullmatch(number.get("form", "(?s:.*)"), run) and (
                not check or import_module(f"stdnum.{check}").is_valid(bare, **options)
            ):
                return text[: first.start()] + put(number["kind"]) + text[last.end() :]
    return found[0]
