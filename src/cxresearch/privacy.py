"""Mask what identifies people, before anything is written.

Found by their form: e-mail addresses, phone, card, bank account and national identity numbers, links that
carry a token, and handles. **Names of people are not found automatically**: read before you publish.
"""

import hmac
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from stdnum import iban, luhn
from stdnum.ar import cuit
from stdnum.es import nif
from stdnum.mx import curp, rfc

from cxresearch.errors import InputError
from cxresearch.tables import write_whole

KEY_VARIABLE, KEY_FILE = "CXRESEARCH_KEY", ".cxresearch_key"
MASKS = {kind: f"[{kind}]" for kind in ("email", "phone", "card", "iban", "id", "link")} | {"handle": "@user"}
# lower case on purpose: capitals would weigh in the rules for sentiment


def mask(texts: pd.Series, *, keep_handles: Collection[str] = ()) -> tuple[pd.Series, pd.Series]:
    """Replace what identifies people by its kind; names of people are **not** found.

    Masked are e-mail addresses; phone numbers of nine digits or more, as written in Mexico, Spain, Colombia,
    Argentina, Chile, Peru, the US and Great Britain, or anywhere after ``+`` or ``00``; card numbers (Luhn)
    and IBAN; DNI, NIE, CURP, RFC and CUIT that their check digits or dates confirm, and numbers after "CC",
    "cédula", "DNI", "RUT", "CLABE" or "cuenta"; links with a query, a login, or a long path part of letters
    and digits; and handles. Years, dates, prices, shorter numbers and plain links stay. Idempotent.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
        Missing texts stay missing.
    keep_handles : collection of str
        Handles that are not people, such as the brands' own; capitals and a leading @ do not matter.

    Returns
    -------
    masked, counts : pd.Series of str, shape (n_comments,); pd.Series of int, shape (7,)
        The texts on the same index; how many of each kind of ``MASKS`` were replaced ("@user" counts not).

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

    A missing file is made, with 32 random bytes in hexadecimal, readable by its owner only. `InputError` if
    the file is empty or cannot be read or written.
    """
    path = Path(folder) / KEY_FILE
    key = os.environ.get(KEY_VARIABLE, "").strip()
    try:
        if not key and not path.exists():
            write_whole(path, _write_key)
        key = key or path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise InputError(f"{path} cannot be read: {error}. Restore it, or set {KEY_VARIABLE}.") from error
    if not key:
        raise InputError(f"{path} is empty. Restore it, or delete it to begin with new pseudonyms.")
    return key.encode()


def _write_key(path: Path) -> None:
    """Write a new key to a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")


def _pattern(template: str) -> str:
    """A number's pattern: N is a digit, D one after loose separators, a space an optional separator."""
    gap, separator = r"(?:[ \u00a0.()–-]{0,2}[0-9])", r"\)?[ \u00a0]?[-.–]?[ \u00a0]?\(?"
    return template.replace(" ", separator).replace("N", "[0-9]").replace("D", gap)


def _is_card(found: str) -> bool:
    """13 digits (old Visa, hence a 4) or 14 to 19, with a valid Luhn check digit."""
    digits = re.sub("[^0-9]", "", found)
    return bool(re.fullmatch("4[0-9]{12}|[0-9]{14,19}", digits)) and luhn.is_valid(digits)


_NUMBER = r"[0-9](?:[^0-9A-Za-z]{0,3}[0-9]){5}"
_CANDIDATE = rf"[@＠]|(?i:https?://|www\.)|{_NUMBER}"  # for Arrow: no lookaround
_URL = r"(?i:https?://|(?<![\w@.])www\.)[^\s<>\"]*[^\s<>\"'.,;:!?)\]}»”…]"
_TOKEN = re.compile(r"\?.|//[^/]*@|#.*=|(?<!/)/(?=[^/?#]*[A-Za-z])(?=[^/?#]*[0-9])[^/?#]{16,}")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_HANDLE = re.compile(r"(?<!\w)[@＠](\w+(?:\.[a-z0-9_]+)*)")  # a capital after the dot begins a sentence
_OPEN = r"(?:\((?=\+?[0-9]{1,5}\)))?"  # a bracket around the area code alone
_ABROAD = _OPEN + _pattern(
    r"(?:(?:\+|(?<![:.,])00) (?:1D{10}|(?:34|5[16])D{9}|(?:44|57|52(?: 1)?|54(?: 9)?)D{10})"
    r"|\+ (?!N{1,3}(?:\.N{3})+(?!\.?N))[1-9]D{7,13}|00 [1-9]D{9,13})"  # others; no amount as +12.000.000
)  # fmt: skip
_NO_AMOUNT = r"(?<![$€£#])(?<![$€£#] )(?<![0-9][.,/:-])(?![0-9.]*\.000(?![0-9]))"
_NOR_MONEY = r"(?![.,:/-]?[0-9])(?!(?i: ?(?:[€%]|pesos|euros|d[oó]lares|soles|(?:usd|mxn|cop|eur)\b)))"
_AT_HOME = _NO_AMOUNT + _OPEN + _pattern(
    "(?:(?:(?:01|04[45]|0|1|521?|549?|57) )?"  # trunk or country code before ten digits: MX, AR, CO, US, GB
    "(?:[1-9]N NNNN NN NN|[1-9]NN NNN NN NN|[1-9]NN NNNN NNN|3[0-5]N NN NN NNN"
    "|(?:55|56|33|81) NN NN NN NN|(?!19|20)[1-9]NNN NN NN NN)|0[1-9]NNN NNN NNN|01 NNN NNNN"  # GB, PE
    r"|(?<=\()(?!19|20)N{2,4}\)D{6,8}"  # anywhere, its area code in brackets
    "|(?:(?:34|51|56) )?(?:[6-9]NN NNN NNN|[6-9]NN NN NN NN|[89]N NNN NN NN|9 NNNN NNNN))"  # ES, PE, CL
) + _NOR_MONEY  # fmt: skip
_IS = r"[ :.#]{0,3}(?i:n[uú]mero|n[º°o]\.?|es)?[ :.#]{0,3}"
_CUE = rf"(?i:c\.? ?c\.?|c[eé]dula(?: de ciudadan[ií]a)?|dni|rut){_IS}"
_IS_IBAN = partial(iban.is_valid, check_country=False)
_IS_DOCUMENT = re.compile(r"(?:[0-9]{1,3}(?:[. ][0-9]{3}){2,3}|[0-9]{6,10})(?:-[0-9Kk])?").fullmatch
_IS_ACCOUNT = re.compile("[0-9]{10,18}|(?:[0-9][ -]?){18}").fullmatch
_NUMBERS: list[tuple[str, str, Callable[[str], object]]] = [  # in this order, each outside of links
    ("iban", r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{0,30}(?:[ -][A-Za-z0-9]{1,30}){0,9}", _IS_IBAN),
    ("id", r"(?i:[a-z]{4}[0-9]{6}[hmx][a-z]{5}[a-z0-9][0-9])", curp.is_valid),
    ("id", r"[A-ZÑ&]{3,4}[- ]?[0-9]{6}[- ]?[A-Z0-9]{3}|(?i:[a-zñ&]{3,4}[0-9]{6}[a-z0-9]{3})", rfc.is_valid),
    ("id", r"(?i:[0-9]{8}-?[a-z]|[xyzklm]-?[0-9]{7}-?[a-z])", nif.is_valid),
    ("id", r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-?[A-Za-z]", lambda found: nif.is_valid(found.replace(".", ""))),
    ("id", r"(?:2[0347]|3[034])([- ]?)[0-9]{8}\2[0-9]", cuit.is_valid),
    ("id", rf"(?i:clabe|cuenta){_IS}[0-9](?:[ -]?[0-9]){{9,17}}", _IS_ACCOUNT),
    ("id", _CUE + r"[0-9][0-9. ]{4,12}[0-9](?:-[0-9Kk])?", _IS_DOCUMENT),
    ("phone", _ABROAD, bool),
    ("card", r"(?<!\+)[0-9]{3,19}(?:[ \u00a0-][0-9]{3,19}){0,6}", _is_card),
    ("phone", _AT_HOME, bool),
]
_RULES = [(k, re.compile(rf"{_URL}|(?<!\w)(?P<hit>{p})(?!\w)"), is_valid) for k, p, is_valid in _NUMBERS]


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
            for kind, pattern, is_valid in _RULES:
                text = pattern.sub(partial(_mask_number, is_valid, partial(put, kind)), text)
        text = _HANDLE.sub(put_handle, text)
    return text


def _mask_number(is_valid: Callable[[str], object], put: Callable[[], str], found: re.Match[str]) -> str:
    """The longest run of the number's parts that is valid replaced; links and the rest as they are."""
    text = found["hit"] or ""
    parts = list(re.finditer(r"[^ \u00a0:#.-]+", text))
    for size in range(len(parts), 0, -1):
        for first in range(len(parts) - size + 1):
            start, end = parts[first].start(), parts[first + size - 1].end()
            if is_valid(text[start:end]):
                return text[:start] + put() + text[end:]
    return found[0]
