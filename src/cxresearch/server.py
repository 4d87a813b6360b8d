"""Ask a language model on a server that the study names; unless it names one, nothing is sent."""

import json
import os
import re
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from pydantic import ConfigDict, Field, model_validator
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .errors import InputError
from .settings import Settings

AGAIN = Retry(  # a busy server, after 0, 2, 4 and 8 seconds, or as long as it wishes, up to a minute
    total=4, connect=0, read=1, status_forcelist=(429, *range(500, 600)), allowed_methods=None,
    backoff_factor=1, retry_after_max=60, raise_on_status=False,
)  # fmt: skip
_ENDPOINT = re.compile(r"(?i)https?://([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?(/[\w./~-]*)?", re.ASCII)


class LanguageModel(Settings):
    """The section ``language_model`` of the study file: a server that speaks OpenAI's chat completions.

    The key, if it needs one, stands in the environment variable `key_variable`, never in the file. A server
    that is not on this machine is refused unless `leaves_machine` is true, and then reached by https alone.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    endpoint: str
    model: str = Field(min_length=1)
    key_variable: str | None = None
    leaves_machine: bool = False
    workers: int = Field(4, ge=1, le=16)
    timeout: float = Field(120, gt=0, le=3600)  # seconds

    @property
    def local(self) -> bool:
        """Whether the server is on this machine: localhost, 127.0.0.0/8 or ::1."""
        host = urlsplit(self.endpoint).hostname or ""
        with suppress(ValueError):  # a name
            return ip_address(host).is_loopback
        return host == "localhost"

    @model_validator(mode="after")
    def _stays_here(self) -> "LanguageModel":
        """Refuse what sends comments or key further than the study says; repeat nothing that may be a key."""
        if not _ENDPOINT.fullmatch(self.endpoint):
            raise ValueError("endpoint must be like http://localhost:8080/v1 or https://...: no key in it")
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,50}", self.key_variable or "NONE"):
            raise ValueError("key_variable names a variable, in capitals; the key itself stays there")
        by_https = self.endpoint.lower().startswith("https:")
        if not self.local and not (self.leaves_machine and by_https):
            sent = f"the masked texts of the comments would be sent to {urlsplit(self.endpoint).hostname}"
            raise ValueError(f"{sent}, not this machine. To allow that, set leaves_machine: true; use https")
        return self


class Server:
    """The server, ready to be asked by several threads at once; `InputError` if its key is missing."""

    def __init__(self, model: LanguageModel) -> None:
        self.model, name = model, model.key_variable
        self._key = os.environ.get(name, "").strip() if name else ""
        if name and not re.fullmatch(r"[!-~]{8,}", self._key):
            todo = f"Set it: export {name}=...; or leave key_variable out, if the server needs none"
            raise InputError(f"language_model, key_variable: {name} is not set, or holds no key. {todo}.")
        self._session = requests.Session()
        self._session.trust_env = not model.local  # no proxy stands between us and this machine
        self._session.auth = lambda request: request  # as it is: with no password of ~/.netrc
        bearer = {"Authorization": f"Bearer {self._key}"} if name else {}
        self._session.headers.update({"Content-Type": "application/json"} | bearer)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=model.workers, max_retries=AGAIN))

    def ask(self, body: bytes) -> str:
        """The model's answer to one request; a busy server (429, 5xx, hangs up) is asked again."""
        url, limit = f"{self.model.endpoint.rstrip('/')}/chat/completions", self.model.timeout
        try:
            reply = self._session.post(url, body, timeout=limit, allow_redirects=False)
        except (requests.RequestException, ValueError) as error:
            raise self._failed(0, str(getattr(error.args[0], "reason", error))) from None
        told = reply.content.decode(errors="replace")
        with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
            if reply.status_code == 200:
                answer = json.loads(told)["choices"][0]["message"]["content"] or ""
                return self._keyless(answer.encode(errors="replace").decode())
        raise self._failed(reply.status_code, told)

    def _keyless(self, text: str) -> str:
        for form in {self._key, json.dumps(self._key)[1:-1]} - {""}:  # also as JSON may write it
            text = text.replace(form, "***").replace(form.replace("/", "\\/"), "***")
        return text

    def _failed(self, status: int, told: str) -> InputError:
        """What the server did instead of answering, and what to do."""
        shown = self._keyless("".join(filter(str.isprintable, " ".join(told.split()))))
        found = f'{f"status {status}: " if status else ""}"{shown[:200]}"'
        key = f"Set {self.model.key_variable or 'a variable, named under key_variable,'} to a valid key"
        advice = {0: "Is the server running? Start it, or mend endpoint", 401: key, 403: key}
        todo = advice.get(status, "Check endpoint (redirects are not followed) and model")
        return InputError(
            f"language_model: expected an answer from {self.model.endpoint}, but found {found}. {todo}, then "
            "run again, or take language_model out of study.yaml; the answers received so far are kept."
        )
