"""Mask what identifies people, before anything is written.

Found is what has a form: numbers, addresses, handles. **Names of people are not**: read before you publish.
"""

import hmac
import os
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

KEY_VARIABLE, KEY_FILE = "CXRESEARCH_KEY", ".cxresearch_key"
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
    rows = np.flatnonzero(masked.str.contains(_CANDIDATE, na=False))
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
    """Key for `pseudonyms`: from the variable CXRESEARCH_KEY, else from `.cxresearch_key` in the folder.

    A missing file is made, readable by its owner only. `InputError` if it is empty, or the disk refuses.
    """
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        return key.encode()
    path = Path(folder) / KEY_FILE
    if not path.exists():
        write_whole(path, _write_key)
    if own := read_bytes(path).strip():
        return own
    raise InputError(f"{path} is empty. Restore it, or delete it to begin with new pseudonyms.")


def _write_key(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")


_NUMBER = r"[0-9](?:[^0-9A-Za-z]{0,3}[0-9]){5}"
_CANDIDATE = rf"[@＠]|(?i:https?://|www\.)|{_NUMBER}"  # for Arrow: no lookaround
_URL = r"(?i:https?://|(?<![\w@.])www\.)[^\s<>\"]*[^\s<>\"'.,;:!?)\]}»”…]"
_TOKEN = re.compile(r"\?.|//[^/]*@|#.*=|(?<!/)/(?=[^/?#]*[A-Za-z])(?=[^/?#]*[0-9])[^/?#]{16,}")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_HANDLE = re.compile(r"(?<!\w)[@＠](\w+(?:\.[a-z0-9_]+)*)")  # a capital after the dot begins a sentence


@cache
def _numbers() -> list[dict[str, Any]]:
    """The numbers of privacy.yaml, their patterns compiled; links are matched first, to be left alone."""
    content = yaml.safe_load((resources.files("cxresearch") / "privacy.yaml").read_text("utf-8"))
    for number in content["numbers"]:
        pattern = number["pattern"]
        for part, meaning in content["parts"].items():
            pattern = pattern.replace(part, meaning)
        number["pattern"] = re.compile(rf"{_URL}|(?<!\w)(?P<hit>{pattern})(?!\w)", re.VERBOSE)
    return content["numbers"]


def _mask_text(text: str, kept: set[str], counts: Counter[str]) -> str:
    """The text masked, kind after kind and again until nothing is found; adds to the counts."""

    def put(kind: str) -> str:
        counts[kind] += 1
        return MASKS[kind]

    def put_handle(found: re.Match[str]) -> str:
        names = {found[1].lower(), found[1].lower().split(".")[0]}  # "@bank.thanks" lacks a space
        return found[0] if names & kept or not 2 <= len(found[1]) <= 30 else put("handle")

    before = None
    while text != before:
        before = text
        text = re.sub(_URL, lambda found: put("link") if _TOKEN.search(found[0]) else found[0], text)
        text = _EMAIL.sub(lambda found: put("email"), text)
        if re.search(_NUMBER, text):
            for number in _numbers():
                text = number["pattern"].sub(partial(_mask_number, number, put), text)
        text = _HANDLE.sub(put_handle, text)
    return text


def _mask_number(number: dict[str, Any], put: Callable[[str], str], found: re.Match[str]) -> str:
    """The longest run of the number's parts that is valid replaced; links and the rest as they are."""
    text = found["hit"] or ""
    parts = list(re.finditer(r"[^ \u00a0:#.-]+", text))
    for size in range(len(parts), 0, -1):
        for first in range(len(parts) - size + 1):
            start, end = parts[first].start(), parts[first + size - 1].end()
            if _is_valid(text[start:end], number):
                return text[:start] + put(number["kind"]) + text[end:]
    return found[0]


def _is_valid(run: str, number: dict[str, Any]) -> bool:
    """Whether a run has the number's form, and python-stdnum confirms it, as far as privacy.yaml asks."""
    if not re.fullmatch(number.get("form", "(?s:.*)"), run):
        return False
    check, options = number.get("check"), number.get("options", {})
    return not check or import_module(f"stdnum.{check}").is_valid(re.sub("[ \u00a0.-]", "", run), **options)
