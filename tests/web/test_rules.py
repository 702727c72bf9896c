"""By what name a browser may have found this server, whose page may speak with it, and in which language."""

import pytest

from wassop.web.rules import host_of, is_known, is_ours, language

NAMES = {"chat.example.org", "box"}


@pytest.mark.parametrize(
    "header",
    [
        "localhost",
        "LocalHost:5555",
        "127.0.0.1",
        "127.0.0.1:5555",
        "10.1.2.3:80",
        "[::1]:5555",
        "[2001:db8::1]",
        "[::ffff:10.0.0.1]:1",
        "chat.example.org",
        "Chat.Example.ORG:8080",
        "chat.example.org.:8080",
        "box",
    ],
)
def test_addresses_localhost_and_told_names_are_known(header: str) -> None:
    assert is_known(header, NAMES)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ":5555",
        ".",
        "evil.example",
        "evil.example:5555",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "chat.example.org.evil.example",
        "xchat.example.org",
        "evil.example#localhost",
        "localhost@evil.example",
        "evil.example,localhost",
        "localhost:99999",
        "localhost:",
        "localhost:5555:1",
        "localhost/",
        "localhost ",
        " localhost",
        "local\u0068ost\u200b",
        "::1",
        "[::1",
        "[127.0.0.1]",
        "[::1%lo]",
        "0x7f.1",
        "2130706433",
        "127.1",
        "[chat.example.org]",
        "a" * 300,
    ],
)
def test_any_other_name_may_be_somebody_elses(header: str) -> None:
    assert not is_known(header, NAMES)


def test_no_name_is_known_by_itself() -> None:
    assert not is_known("chat.example.org", ())


@pytest.mark.parametrize(
    ("header", "host"),
    [("A.b:1", "a.b"), ("a.", "a"), ("[::1]:2", "[::1]"), ("a b", None), ("a:b", None), ("", None)],
)
def test_a_host_is_told_from_its_port(header: str, host: str | None) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        (None, "localhost:5555", True),
        ("http://localhost:5555", "localhost:5555", True),
        ("https://localhost:5555", "localhost:5555", True),
        ("https://chat.example.org", "Chat.example.org", True),
        ("http://[::1]:5555", "[::1]:5555", True),
        ("", "localhost:5555", False),
        ("null", "localhost:5555", False),
        ("http://localhost", "localhost:5555", False),
        ("http://localhost:5556", "localhost:5555", False),
        ("http://localhost:55555", "localhost:5555", False),
        ("http://127.0.0.1:5555", "localhost:5555", False),
        ("http://evil.example", "localhost:5555", False),
        ("http://localhost:5555.evil.example", "localhost:5555", False),
        ("http://localhost:5555/", "localhost:5555", False),
        ("http://evil.example, http://localhost:5555", "localhost:5555", False),
        ("file://localhost:5555", "localhost:5555", False),
        ("localhost:5555", "localhost:5555", False),
    ],
)
def test_a_page_of_this_server_and_no_browser_at_all_may_speak_with_it(
    origin: str | None, host: str, ours: bool
) -> None:
    assert is_ours(origin, host) is ours


@pytest.mark.parametrize(
    ("wanted", "lang"),
    [
        ("", "es"),
        ("en", "en"),
        ("es", "es"),
        ("en-GB,en;q=0.9", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr,en;q=0.5,es;q=0.4", "en"),
        ("fr,de", "es"),
        ("en;q=0", "es"),
        ("en;q=0.1,es;q=0.2", "es"),
        ("EN-us", "en"),
        ("*", "es"),
        ("en;q=2,es;q=0.1", "es"),
        ("en;q=abc", "es"),
        (",;,;q=,", "es"),
    ],
)
def test_the_language_is_the_one_liked_best_that_there_is(wanted: str, lang: str) -> None:
    assert language(wanted, "es") == lang
