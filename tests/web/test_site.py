"""What there is to read, for whom, and what a browser may do with it."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

import wassop
from wassop.web.site import ChatSite
from wassop.wire.http import Ask, Page

SITE = ChatSite("es", {"chat.example.org"})


def ask(target: str = "/", method: str = "GET", **headers: str) -> Ask:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(method, target, {"host": "localhost:5555", **named})


def page(target: str = "/", **headers: str) -> Page:
    found = SITE.answer(ask(target, **headers))
    assert found is not None
    return found


def header(answer: Page, name: str) -> str:
    (value,) = [value for each, value in answer.headers if each == name]
    return value


def test_the_page_and_every_file_beside_it_are_served_as_what_they_are() -> None:
    folder = files("wassop.web").joinpath("static")
    assert page().body == folder.joinpath("index.html").read_bytes()
    assert page().content_type == "text/html; charset=utf-8"
    root = Path(str(folder))
    for file in root.rglob("*.*"):
        is_served = file.suffix in (".css", ".js", ".png", ".svg") and file.is_file()
        answer = page(f"/static/{file.relative_to(root).as_posix()}")
        assert answer.status == (200 if is_served else 404)
        assert not is_served or answer.body == file.read_bytes()


def test_a_page_learns_what_it_must_know() -> None:
    assert json.loads(page("/config.json").body) == {
        "lang": "es",
        "lobby": "General",
        "version": wassop.__version__,
        "registration": True,
    }
    closed = ChatSite("en", registration=False).answer(ask("/config.json"))
    assert closed is not None
    assert json.loads(closed.body) | {"version": ""} == {
        "lang": "en",
        "lobby": "General",
        "version": "",
        "registration": False,
    }


@pytest.mark.parametrize(
    "target",
    [
        "/static/",
        "/static",
        "/static/../site.py",
        "/static/..%2fsite.py",
        "/static/%2e%2e/site.py",
        "/static//index.html",
        "/static/index.html",
        "/static/\\..\\site.py",
        "/../static/app.js",
        "//",
        "/index.html",
        "/nowhere",
        "/ws/",
        "/WS",
        "*",
        "static/app.js",
        "file:///etc/passwd",
        "/static/index.html\x00.js",
    ],
)
def test_what_is_not_in_the_table_is_not_there(target: str) -> None:
    assert page(target).status == 404


def test_a_query_is_no_part_of_the_path() -> None:
    assert page("/?a=1").status == 200
    assert page("/config.json?../..").status == 200


def test_a_whole_address_is_a_path_on_a_host() -> None:
    assert page("http://127.0.0.1:5555/config.json").status == 200
    assert page("HTTP://localhost").body == page("/").body
    assert page("http://evil.example/").status == 421
    assert page("http:///").status == 400


def test_whoever_has_a_file_already_is_not_sent_it_again() -> None:
    mark = header(page(), "ETag")
    for known in (mark, f'"x", {mark}', f"W/{mark}", "*"):
        answer = page(if_none_match=known)
        assert answer.status == 304
        assert header(answer, "ETag") == mark
    assert page(if_none_match='"x"').status == 200
    assert page("/config.json", if_none_match=mark).status == 200


@pytest.mark.parametrize("target", ["/", "/config.json", "/ws", "/nowhere"])
def test_a_name_that_is_not_ours_is_refused_whatever_is_asked_for(target: str) -> None:
    assert page(target, host="evil.example").status == 421
    assert page(target, host="").status == 400
    answer = SITE.answer(ask(target, host="chat.example.org"))
    assert answer is None or answer.status in (200, 404)


def test_the_websocket_is_for_pages_of_this_server_only() -> None:
    assert SITE.answer(ask("/ws")) is None
    assert SITE.answer(ask("/ws", origin="http://localhost:5555")) is None
    assert page("/ws", origin="http://evil.example").status == 403


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 413, 421, 426, 431])
def test_a_problem_is_a_sentence_in_the_visitors_language(status: int) -> None:
    spanish, english = SITE.problem(status, "es"), SITE.problem(status, "en-GB")
    assert spanish.status == english.status == status
    assert spanish.body != english.body
    assert SITE.problem(status, "fr").body == spanish.body
    assert spanish.content_type == "text/plain; charset=utf-8"
    assert spanish.body.decode().count("\n") == 1


@pytest.mark.parametrize(
    "answer", [page(), page("/config.json"), page("/nowhere"), page(host="evil"), SITE.refusal(503, "x")]
)
def test_every_answer_tells_a_browser_to_run_nothing_but_what_is_here(answer: Page) -> None:
    policy = dict(
        rule.strip().partition(" ")[::2] for rule in header(answer, "Content-Security-Policy").split(";")
    )
    assert policy.pop("connect-src").startswith("'self'")
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert header(answer, "X-Content-Type-Options") == "nosniff"
    assert header(answer, "Referrer-Policy") == "no-referrer"
    assert header(answer, "Cross-Origin-Resource-Policy") == "same-origin"
    assert header(answer, "Cross-Origin-Opener-Policy") == "same-origin"


def test_a_page_may_open_the_websocket_of_the_host_it_came_from() -> None:
    policy = header(page(host="[::1]:5555"), "Content-Security-Policy")
    assert "connect-src 'self' ws://[::1]:5555 wss://[::1]:5555;" in policy
