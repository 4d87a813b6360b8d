"""server: what is asked over HTTP, what is asked again, what is refused, and what is never told."""

import json
import threading

import pytest
import requests
from pydantic import ValidationError

from cxresearch.errors import InputError
from cxresearch.server import AGAIN, LanguageModel, Server
from server_example import KEY, FakeServer, coded, model_of, run

BODY = json.dumps({"messages": ["", {"content": "consumer\n<fence>\nHola\n</fence>"}]}).encode()
SAID = coded(("efficiency", "dos horas"), ("ease", "fácil"))


def ask(server, **changes) -> str:
    return Server(model_of(server, **changes)).ask(BODY)


def test_the_answer_comes_as_it_was_said(server):
    assert ask(server) == SAID
    assert server.headers[0][0] == "/v1/chat/completions" and "Authorization" not in server.headers[0][1]
    assert server.headers[0][1]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "status, told",
    [
        (400, "Check endpoint .* and model"),
        (401, "Set MY_KEY to a valid key"),
        (403, "Set MY_KEY to a valid key"),
        (404, "Check endpoint .* and model"),
    ],
)
def test_a_refusal_says_what_to_do(status, told, server, monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    server.first[:] = [(status, {}, f"no\x00\n\x1b[31m {KEY} {KEY[:9]}\x00{KEY[9:]} " + "x" * 500)]
    with pytest.raises(InputError, match=told) as refused:
        ask(server, key_variable="MY_KEY")
    message = str(refused.value)
    assert f"status {status}" in message and server.endpoint in message
    assert "received so far are kept" in message
    assert KEY not in message and KEY not in repr(refused.value) and message.isprintable()
    assert 100 < message.count("x") < 220
    assert not server.waits and len(server.requests) == 1


def test_a_busy_server_is_asked_again(server):
    busy = [(500, {}, "oops"), (503, {"Retry-After": "5"}, ""), (429, {"Retry-After": "99999"}, "")]
    server.first[:] = [*busy, (0, {}, "")]
    assert ask(server) == SAID and len(server.requests) == 5
    assert server.waits == [5, 60, 8]  # at once, as it wishes, at most a minute, by our own count


@pytest.mark.parametrize(
    "headers", [{}, {"Retry-After": "0"}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}]
)
def test_a_server_that_stays_busy_is_left(headers, server):
    server.first[:] = [(429, headers, "busy")] * 99
    with pytest.raises(InputError, match=r"status 429: .busy"):
        ask(server)
    assert server.waits == [2, 4, 8] and len(server.requests) == AGAIN.total + 1


@pytest.mark.parametrize("wish", ["", "soon", "-5", "²", "1.5", "9" * 5000])
def test_a_wish_that_cannot_be_read_ends_it(wish, server):
    server.first[:] = [(429, {"Retry-After": wish}, "busy")] * 99
    with pytest.raises(InputError, match="received so far are kept"):
        ask(server)
    assert not server.waits and len(server.requests) == 1


def test_a_server_that_hangs_up_is_left(server):
    server.first[:] = [(0, {}, "")] * 99
    with pytest.raises(InputError, match="received so far are kept"):
        ask(server)
    assert not server.waits and len(server.requests) == AGAIN.read + 1


@pytest.mark.parametrize(
    "reply", ["<html>welcome</html>", "{}", "[]", '{"choices": []}', "null", "[" * 100_000]
)
def test_a_reply_of_another_kind_is_no_answer(reply, server):
    server.first[:] = [(200, {}, reply)]
    with pytest.raises(InputError, match=r"Check endpoint .* and model"):
        ask(server)


def test_a_server_that_is_not_there(monkeypatch):
    monkeypatch.setattr("time.sleep", pytest.fail)
    closed = FakeServer()
    closed.server_close()
    with pytest.raises(InputError, match=r"refused.*Is the server running") as refused:
        ask(closed)
    assert closed.endpoint in str(refused.value)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:99999/v1", "http://[::1]:99999"])
def test_a_port_that_cannot_be(endpoint):
    with pytest.raises(InputError, match="Is the server running"):
        Server(LanguageModel(endpoint=endpoint, model="m")).ask(BODY)


@pytest.mark.parametrize(
    "endpoint", ["https://a..example.org", "https://.example.org", f"https://{'a' * 64}.org"]
)
def test_a_name_that_cannot_be(endpoint, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", pytest.fail)
    with pytest.raises(InputError, match="Is the server running"):
        Server(LanguageModel(endpoint=endpoint, model="m", leaves_machine=True)).ask(BODY)


def test_a_server_that_does_not_speak(server):
    end = threading.Event()
    server.answer = lambda text: end.wait(20) and coded()
    with pytest.raises(InputError, match=r"timed out.*Is the server running"):
        ask(server, timeout=0.1)
    end.set()
    assert len(server.requests) <= AGAIN.read + 1  # a slow server is not asked over and over


@pytest.mark.parametrize(
    "value", [None, "", "short", "two words here", "line\nInjected: header", "clé-très-secrète"]
)
def test_without_a_usable_key_nothing_is_asked(value, server, monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(InputError, match=r"MY_KEY is not set, or.*export MY_KEY") as refused:
        ask(server, key_variable="MY_KEY")
    assert not server.requests and (not value or value not in str(refused.value))


def test_a_key_is_taken_out_of_an_answer_however_it_is_written(server, monkeypatch):
    monkeypatch.setenv("MY_KEY", 'a/key"with\\signs')
    written = "".join(f"\\u{ord(letter):04x}" for letter in 'a/key"with\\signs')
    server.first[:] = [(200, {}, f'{{"choices": [{{"message": {{"content": "It is {written}"}}}}]}}')]
    assert ask(server, key_variable="MY_KEY") == "It is ***"


@pytest.mark.parametrize("key_variable", ["MY_KEY", None])
def test_a_remote_server_gets_the_key_and_no_other_password(key_variable, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine api.example.org login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("MY_KEY", KEY)
    sent = []

    def send(self, request, **settings):
        sent.append((request, settings))
        raise requests.ConnectionError("not in a test")

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)
    remote = {"endpoint": "https://api.example.org/v1", "leaves_machine": True, "key_variable": key_variable}
    with pytest.raises(InputError, match="not in a test"):
        Server(LanguageModel(model="m", timeout=7.0, **remote)).ask(BODY)
    ((request, settings),) = sent
    assert request.headers.get("Authorization") == (f"Bearer {KEY}" if key_variable else None)
    assert settings["timeout"] == 7 and settings["verify"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status, server):
    other = run(FakeServer())
    server.first[:] = [(status, {"Location": f"http://localhost:{other.port}/v1/chat/completions"}, "moved")]
    with pytest.raises(InputError, match=f"status {status}: .moved"):
        ask(server)
    assert not other.requests and len(server.requests) == 1
    other.shutdown()
    other.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_stands_between_us_and_this_machine(host, server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert ask(server, endpoint=f"http://{host}:{server.port}/v1/") == SAID
    assert server.headers[0][0] == "/v1/chat/completions"


@pytest.mark.parametrize(
    "settings, told",
    [
        (
            {"endpoint": "https://api.example.org/v1"},
            "would be sent to api.example.org.*leaves_machine: true",
        ),
        ({"endpoint": "http://192.168.1.5:8080/v1"}, "would be sent to 192.168.1.5"),
        ({"endpoint": "https://localhost.example.org/v1"}, "would be sent to localhost.example.org"),
        ({"endpoint": "https://127.0.0.1.example.org"}, "would be sent to 127.0.0.1.example.org"),
        ({"endpoint": "https://0.0.0.0/v1"}, "would be sent to 0.0.0.0"),
        (
            {"endpoint": "http://api.example.org/v1", "leaves_machine": True},
            "would be sent to api.example.org.*use https",
        ),
        ({"endpoint": "http://127.1/v1"}, "would be sent to 127.1"),
        ({"endpoint": "http://127.0.0.01/v1"}, "would be sent to 127.0.0.01"),
        ({"endpoint": "http://[::2]/v1"}, "would be sent to ::2"),
        ({"endpoint": "http://api.example.org[::1]/v1"}, "endpoint must be like http"),
        ({"endpoint": f"http://localhost:{KEY}/v1"}, "no key in it"),
        ({"endpoint": f"http://localhost/v1#{KEY}"}, "no key in it"),
        ({"endpoint": "http://"}, "endpoint must be like http"),
        ({"endpoint": "ftp://localhost/v1"}, "endpoint must be like http"),
        ({"endpoint": "file:///etc/hosts"}, "endpoint must be like http"),
        ({"endpoint": "localhost:8080"}, "endpoint must be like http"),
        ({"endpoint": f"http://me:{KEY}@localhost/v1"}, "no key in it"),
        ({"endpoint": f"http://localhost/v1?key={KEY}"}, "no key in it"),
        ({"endpoint": "http://localhost\\@example.org/v1"}, "endpoint must be like http"),
        ({"endpoint": "http://localhost /v1"}, "endpoint must be like http"),
        ({"endpoint": "http://localhost/v1\n"}, "endpoint must be like http"),
        ({"key_variable": KEY}, "key_variable names a variable"),
        ({"key_variable": "sk-" + KEY.upper()}, "key_variable names a variable"),
        ({"key": KEY}, "Extra inputs are not permitted"),
        ({"workers": 0}, "greater than or equal to 1"),
        ({"workers": 17}, "less than or equal to 16"),
        ({"timeout": 0}, "greater than 0"),
        ({"model": ""}, "at least 1 character"),
    ],
)
def test_settings_that_are_refused(settings, told):
    with pytest.raises(ValidationError, match=told) as refused:
        LanguageModel(**{"endpoint": "http://localhost:8080/v1", "model": "m"} | settings)
    assert KEY not in str(refused.value) and KEY.upper() not in str(refused.value)


@pytest.mark.parametrize(
    "endpoint, leaves, local",
    [
        ("http://localhost:8080/v1", False, True),
        ("HTTP://LOCALHOST", False, True),
        ("http://127.0.0.1:11434/v1", False, True),
        ("http://127.8.9.1/v1/", False, True),
        ("http://[::1]:8080/v1", False, True),
        ("https://api.example.org/v1", True, False),
        ("https://[2001:db8::1]/v1", True, False),
    ],
)
def test_settings_that_pass(endpoint, leaves, local):
    assert LanguageModel(endpoint=endpoint, model="m", leaves_machine=leaves).local is local
