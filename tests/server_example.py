"""A server on loopback that speaks like a language model's, for the tests of server and language_model."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cxresearch.server import LanguageModel

KEY = "not-a-real-key-0123456789"


class FakeServer(ThreadingHTTPServer):
    """Answers what `answer` makes of the comment, after the replies in `first`: (status, headers, body)."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = lambda text: coded()
        self.first, self.requests, self.headers, self.lock = [], [], [], threading.Lock()
        self.port = self.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}/v1"

    def handle_error(self, *_: object) -> None:
        """Say nothing of those who did not wait for their answer."""

    def texts(self) -> list[str]:
        """The user's messages, in the order asked."""
        return [body["messages"][1]["content"] for body in self.requests]


class Handler(BaseHTTPRequestHandler):
    """One request: kept, then answered."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append(body)
            self.server.headers.append((self.path, dict(self.headers)))
            first = self.server.first.pop(0) if self.server.first else None
        if first is None:
            text = "\n".join(body["messages"][1]["content"].split("\n")[2:-1])
            content = {"choices": [{"message": {"role": "assistant", "content": self.server.answer(text)}}]}
            first = (200, {}, json.dumps(content))
        status, headers, content = first
        if not status:
            return  # hang up
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content.encode())

    def do_GET(self) -> None:
        """A redirect that was followed would come as GET."""
        self.server.requests.append({"messages": ["", {"content": "followed"}]})
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def coded(*codes: tuple[str, str]) -> str:
    """An answer of codes and quotes."""
    return json.dumps({"codes": [{"code": code, "quote": quote} for code, quote in codes]})


def run(server):
    """Serve in the background."""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture(scope="module")
def one_server():
    server = run(FakeServer())
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(one_server, monkeypatch):
    """A server with nothing said yet; waits are noted, not waited."""
    one_server.waits = []
    monkeypatch.setattr("time.sleep", one_server.waits.append)  # urllib3's Retry waits by it
    one_server.answer = lambda text: coded(("efficiency", "dos horas"), ("ease", "fácil"))
    for kept in (one_server.first, one_server.requests, one_server.headers):
        kept.clear()
    return one_server


def model_of(server, **changes) -> LanguageModel:
    return LanguageModel(**{"endpoint": server.endpoint, "model": "small", "timeout": 20} | changes)
