"""Browsers that stay logged in, at a real server with a real file."""

import json
import re
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.server.disk import second_reader
from tests.server.support import Running, running_server
from tests.server.test_web import response
from tests.server.tls_support import Authority
from tests.server.web_support import Browser, browser
from wassop.core.commands import ManageAccount

SECRET = "correcto caballo"
CHEAP: dict[str, Any] = {"password_hash_kib": 8, "password_hash_passes": 1}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def serving(db: Path | None = None, **settings: Any) -> Any:
    return running_server(**({"db": db} if db else {}), **CHEAP, **settings)


async def register(running: Running, name: str = "ana") -> None:
    visitor = await running.native(name)
    await visitor.ask({"t": "register", "password": SECRET, "id": 1}, "ok")
    await visitor.close()


async def code(page: Browser, name: str = "ana", password: str | None = SECRET) -> str:
    secret = {} if password is None else {"password": password}
    await page.ask({"t": "hello", "name": name, "lobby": False, **secret}, "welcome")
    return str((await page.ask({"t": "token", "id": 2}, "token"))["code"])


async def post(
    running: Running, path: str = "/session", tls: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """A page's request without a body, on a connection of its own, which ends with the answer."""
    port = running.server.addresses[0].rpartition(":")[2]
    scheme = "https" if tls else "http"
    sent = {"host": f"localhost:{port}", "origin": f"{scheme}://localhost:{port}", "content_length": "0"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (sent | headers).items() if value]
    visitor = await running.visitor(tls=tls)
    await visitor.send("\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode())
    status, found, body = await response(visitor)
    assert status != 200 or found.get("connection") == "close"
    await visitor.close()
    return status, found, body


def cookie_in(headers: dict[str, str]) -> str:
    return headers["set-cookie"].partition(";")[0]


def with_cookie(running: Running, cookie: str) -> AbstractAsyncContextManager[Browser]:
    return browser(running, extra_headers=[("Cookie", cookie)])


async def session(running: Running, name: str = "ana", password: str = SECRET) -> str:
    """A cookie of somebody registered."""
    async with browser(running) as page:
        status, headers, _ = await post(running, x_wassop_code=await code(page, name, password))
        assert status == 200
        return cookie_in(headers)


async def test_a_cookie_takes_the_place_of_the_password_after_a_restart_too(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        cookie = await session(running)
        async with with_cookie(running, cookie) as page:
            welcome = await page.ask({"t": "hello", "name": "ana", "lobby": False}, "welcome")
            assert (welcome["name"], welcome["account"]) == ("ana", True)
        port = running.server.addresses[0].rpartition(":")[2]
    async with serving(db) as running:
        now = running.server.addresses[0].rpartition(":")[2]
        moved = cookie.replace(f"wassop-{port}=", f"wassop-{now}=")
        async with with_cookie(running, moved) as page:
            await page.ask({"t": "hello", "name": "ana"}, "welcome")


async def test_the_cookie_is_for_no_script_and_no_other_site(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        async with browser(running) as page:
            status, headers, body = await post(running, x_wassop_code=await code(page))
        assert (status, body, headers["cache-control"]) == (200, b"ok\n", "no-store")
        name, *rules = headers["set-cookie"].split("; ")
        port = running.server.addresses[0].rpartition(":")[2]
        assert re.fullmatch(rf"wassop-{port}=[A-Za-z0-9_-]{{43}}", name)
        assert sorted(rules) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict"]


async def test_over_tls_the_cookie_is_secure(db: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with serving(db, **authority.issue()) as running:
        await register(running)
        async with browser(running) as page:
            ticket = await code(page)
        status, headers, _ = await post(running, tls=authority.trusted(), x_wassop_code=ticket)
        assert status == 200
        assert headers["set-cookie"].endswith("; Secure")


async def test_the_file_holds_the_hash_of_the_token_and_not_the_token(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        token = (await session(running)).partition("=")[2]
        with second_reader(db) as reader:
            (row,) = reader.execute(
                "SELECT mark, account_key, expires_at - created_at FROM web_sessions"
            ).fetchall()
        assert re.fullmatch("[0-9a-f]{64}", row[0])
        assert row[1:] == ("ana", 30 * 86_400.0)
        assert not any(token in line for line in running.log.lines)
    for file in db.parent.iterdir():
        assert not file.is_file() or token.encode() not in file.read_bytes()


async def test_the_page_is_told_whose_browser_it_is_and_that_is_kept_nowhere(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        cookie = await session(running)
        visitor = await running.visitor()
        port = running.server.addresses[0].rpartition(":")[2]
        asked = f"GET /config.json HTTP/1.1\r\nHost: localhost:{port}\r\n"
        for shown, account in ((f"Cookie: x=1; {cookie}\r\n", "ana"), ("", None), ("Cookie: x=1\r\n", None)):
            await visitor.send(f"{asked}{shown}\r\n".encode())
            _, headers, body = await response(visitor)
            assert json.loads(body).get("account") == account
            assert headers["cache-control"] == ("no-store" if account else "no-cache")


@pytest.mark.parametrize("how", ["end", "logout", "password", "removed"])
async def test_a_session_that_has_ended_is_no_proof_any_more(db: Path, how: str) -> None:
    async with serving(db) as running:
        await register(running)
        cookie = await session(running)
        async with with_cookie(running, cookie) as page:
            await page.ask({"t": "hello", "name": "ana", "lobby": False}, "welcome")
            match how:
                case "end":
                    status, headers, _ = await post(running, "/session/end", cookie=cookie)
                    assert status == 200
                    assert "Max-Age=0" in headers["set-cookie"]
                case "logout":
                    await page.ask({"t": "logout", "id": 3}, "logged-out")
                case "password":
                    await page.ask({"t": "password", "old": SECRET, "new": "otra distinta", "id": 3}, "ok")
                case "removed":
                    hub = running.server.chat.hub
                    operator = hub.connect(is_operator=True)
                    _, others = running.server.chat.decide(operator, ManageAccount("remove", "ana"))
                    running.server.chat.hand_over(others)
        async with with_cookie(running, cookie) as page:
            if how == "removed":
                welcome = await page.ask({"t": "hello", "name": "ana"}, "welcome")
                assert "account" not in welcome
            else:
                error = await page.ask({"t": "hello", "name": "ana"}, "error")
                assert error["code"] == "password-needed"
    async with serving(db):
        with second_reader(db) as reader:
            assert reader.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)


async def test_with_the_cookie_of_one_account_another_name_is_anybodys_or_needs_its_password(
    db: Path,
) -> None:
    async with serving(db) as running:
        await register(running)
        await register(running, "bob")
        cookie = await session(running)
        async with with_cookie(running, cookie) as page:
            assert (await page.ask({"t": "hello", "name": "bob"}, "error"))["code"] == "password-needed"
            assert "account" not in await page.ask({"t": "hello", "name": "eva"}, "welcome")
        async with with_cookie(running, cookie) as page:
            wrong = {"t": "hello", "name": "ana", "password": "incorrecto"}
            assert (await page.ask(wrong, "error"))["code"] == "login-failed", (
                "a password that is told counts"
            )


async def test_what_was_kept_for_the_account_is_told_to_who_comes_with_the_cookie(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        cookie = await session(running)
        bob = await running.native("bob")
        while "ana" in (await bob.ask({"t": "who", "id": 1}, "who"))["members"]:
            await trio.sleep(0.001)
        assert (await bob.ask({"t": "msg", "to": "ana", "text": "hola", "id": 2}, "ok"))["kept"]
        async with with_cookie(running, cookie) as page:
            await page.ask({"t": "hello", "name": "ana"}, "welcome")
            assert (await page.next("msg"))["text"] == "hola"


async def test_pages_of_others_and_what_is_no_code_get_nothing(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        async with browser(running) as page:
            ticket = await code(page)
            status, headers, _ = await post(running, origin="https://evil.example", x_wassop_code=ticket)
            assert (status, "set-cookie" in headers) == (403, False)
            status, headers, _ = await post(running, host="evil.example", x_wassop_code=ticket)
            assert (status, "set-cookie" in headers) == (421, False)
            for wrong in ("", "x", ticket[:-1], f"{ticket}x"):
                status, headers, body = await post(running, x_wassop_code=wrong)
                assert (status, "set-cookie" in headers) == (403, False)
                assert b"not good" in body
            assert (await post(running, x_wassop_code=ticket))[0] == 200
            assert (await post(running, x_wassop_code=ticket))[0] == 403, "good once"


@pytest.mark.parametrize("path", ["/", "/panel", "/ws", "/session/", "/SESSION", "/config.json"])
async def test_nothing_else_is_posted_to(path: str) -> None:
    async with serving() as running:
        assert (await post(running, path))[0] == 405


async def test_a_request_with_a_body_opens_no_session(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        async with browser(running) as page:
            ticket = await code(page)
            assert (await post(running, content_length="5", x_wassop_code=ticket))[0] == 405
            assert (await post(running, x_wassop_code=ticket))[0] == 200


async def test_a_guest_gets_no_code(db: Path) -> None:
    async with serving(db) as running, browser(running, "bob") as page:
        assert (await page.ask({"t": "token", "id": 1}, "error"))["code"] == "not-logged-in"


async def test_a_server_without_a_database_has_sessions_until_it_ends() -> None:
    async with serving() as running:
        await register(running)
        async with with_cookie(running, await session(running)) as page:
            assert (await page.ask({"t": "hello", "name": "ana"}, "welcome"))["account"]


async def test_what_follows_on_the_same_connection_is_not_answered_before(db: Path) -> None:
    async with serving(db) as running:
        await register(running)
        async with browser(running) as page:
            ticket = await code(page)
        port = running.server.addresses[0].rpartition(":")[2]
        head = f"Host: localhost:{port}\r\n"
        visitor = await running.visitor()
        asked = f"POST /session HTTP/1.1\r\n{head}X-Wassop-Code: {ticket}\r\nContent-Length: 0\r\n\r\n"
        await visitor.send(f"{asked}GET /config.json HTTP/1.1\r\n{head}\r\n".encode())
        read = (await visitor.to_the_end()).decode()
        assert read.count("HTTP/1.1 ") == 1
        assert "Set-Cookie" in read or "set-cookie" in read


# The first admin


async def test_the_link_makes_an_admin_once(db: Path) -> None:
    async with serving(db) as running:
        link = running.server.chat.logins.web.link_for_admin()
        claim = {"t": "first-admin", "link": link, "name": "root", "password": SECRET, "id": 1}
        async with browser(running) as page:
            assert (await page.ask({**claim, "link": "x"}, "error"))["code"] == "link-expired"
            assert (await page.ask({**claim, "password": "corta"}, "error"))["code"] == "password-too-short"
            await page.ask(claim, "ok")
            welcome = await page.ask({"t": "hello", "name": "root", "password": SECRET}, "welcome")
            assert welcome["role"] == "admin"
        async with browser(running) as page:
            assert (await page.ask({**claim, "name": "zoe"}, "error"))["code"] == "link-expired"
        assert running.server.chat.logins.web.link_for_admin() is None
        assert not any(SECRET in line or str(link) in line for line in running.log.lines)
    async with serving(db) as running:
        assert running.server.chat.logins.web.link_for_admin() is None
