"""The screens for coding and adjudicating in JupyterLab: a session's state, drawn; keys, handed on to it."""

from importlib import resources
from string import ascii_lowercase, ascii_uppercase
from textwrap import shorten
from typing import Any

import anywidget
from traitlets import Dict

from ..adjudication import Adjudication
from ..errors import InputError
from ..phrases import load_phrases
from ..sentiment import LABELS
from ..session import CodingSession, FileChanged

KEYS = ascii_lowercase + "4567890" + ascii_uppercase  # of the codes; 1, 2 and 3 are the sentiments
ATTRIBUTES = ("group", "brand", "channel", "date", "rating")  # nothing that a machine said
_COMMON, _CODING, _ADJUDICATION, _STYLE = (
    resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    for name in ("common.js", "coding.js", "adjudication.js", "screens.css")
)


class _Screen(anywidget.AnyWidget):
    """`page` never changes; `state` is all there is to draw after the message whose ``number`` it has."""

    _css = _STYLE
    page, state = Dict().tag(sync=True), Dict().tag(sync=True)
    acts: tuple[str, ...]  # what may be asked of the session

    def __init__(self, session: Any, language: str, **page: object) -> None:
        self.session, book = session, session.codebook
        codes = [code for family in book.families for code in book.codes if code.family == family.family]
        keys = [*KEYS, *[""] * len(codes)]
        page["codes"] = [
            {part: getattr(code, part)[language] for part in ("name", "definition", "include", "exclude")}
            | {"example": next(iter(code.examples.typical[language]), "")}
            | {"code": code.code, "family": code.family, "key": key}
            for code, key in zip(codes, keys, strict=False)
        ]
        page["families"] = [[family.family, family.name[language]] for family in book.families]
        page |= {"language": language, "words": load_phrases(language).texts["screen"]}
        super().__init__(page=page | {"labels": list(LABELS)}, state=self._state())
        self.on_msg(self._receive)

    def __repr__(self) -> str:  # stands in the notebook file, where no comment belongs
        return f"{type(self).__name__}: {self.session.place} of {len(self.session.ids)}"

    def _receive(self, _: Any, message: dict[str, Any], __: Any) -> None:
        """Do what a message asks, and answer with the state: what could not be saved is not in it."""
        answer = {"view": message["view"], "number": message["number"]}
        try:
            answer |= self._act(message["comment"], **message["act"])
        except FileChanged:
            answer["alert"] = "changed"
        except InputError as error:
            answer["alert"] = str(error)
        self.state = self._state() | answer

    def _act(self, seen: str, do: str, **values: Any) -> dict[str, Any]:
        """Ask the session, unless this was meant for a comment that is no longer in view."""
        if do not in self.acts or (seen != self.session.current and do not in ("go", "search")):
            return {"alert": "too_early"}
        result = getattr(self.session, do)(**values)
        if do == "search":
            texts = self.session.comments["text"]
            return {"found": [[each, f"{each}: {shorten(texts[each], 150)}"] for each in result[:20]]}
        return {"said": "undo_none" if result is False else do}

    def _state(self) -> dict[str, Any]:
        session, row = self.session, {}
        if session.current:  # there is none where coders differ nowhere
            row = session.comments.loc[session.current].dropna().to_dict()
        state = {"id": session.current, "text": row.get("text", ""), "language": row.get("language", "")}
        state["attributes"] = [[name, _plain(row[name])] for name in ATTRIBUTES if name in row]
        state |= {"place": session.place, "places": len(session.ids), "alert": "", "said": "", "found": None}
        return state | dict(zip(("done", "of"), session.progress, strict=True))


class CodingScreen(_Screen):
    """The screen of a `session.CodingSession` in "es" or "en": make it the last line of a notebook's cell."""

    _esm = _COMMON + _CODING
    acts = ("toggle", "label", "doubt", "remember", "finish", "show_machine", "go", "undo", "search")

    def __init__(self, session: CodingSession, language: str) -> None:
        super().__init__(session, language, who=session.coder, machine=session.machine is not None)

    def _state(self) -> dict[str, Any]:
        row, session = self.session.row(), self.session
        own = {"finished": row["done"]} | {name: row[name] for name in ("sentiment", "unsure", "memo")}
        own |= super()._state()
        return own | {"codes": session.codes, "machine": session.machine_codes, "serial": session.saves}


class AdjudicationScreen(_Screen):
    """The screen of an `adjudication.Adjudication` in "es" or "en"."""

    _esm = _COMMON + _ADJUDICATION
    acts = ("decide", "go")

    def __init__(self, adjudication: Adjudication, language: str) -> None:
        super().__init__(adjudication, language, who=adjudication.by)

    def _state(self) -> dict[str, Any]:
        session, log = self.session, self.session.log
        coders = session.coded(session.current)[["coder", "sentiment", "codes", "memo", "unsure"]]
        items = session.items_of(session.current)[["item", "decision", "reason", "by"]].fillna("")
        own = {"coders": coders.to_dict("records"), "items": items.to_dict("records"), "serial": len(log)}
        own |= super()._state()
        return own | {"reasons": list(dict.fromkeys(log["reason"][::-1]))[:30]}


def _plain(value: Any) -> str:
    """An attribute as people write it: 4 rather than 4.0, no time of day."""
    return f"{value:g}" if isinstance(value, float) else str(value).removesuffix(" 00:00:00")
