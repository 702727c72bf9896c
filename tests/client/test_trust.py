"""Whom the client believes: authorities, and certificates that the person trusted once."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trustme
from attrs import define, field

from wassop.client.app import JoinOptions, _is_trusted
from wassop.client.link import Connect, Link, LinkSettings, TurnedAway, connecting_to
from wassop.client.tls import Belief, connecting_over_tls
from wassop.client.told import Unreachable
from wassop.client.trust import Changed, KnownServers, Stranger, Untrusted
from wassop.client.visit import VisitOptions, visit
from wassop.core.events import Farewell
from wassop.core.fingerprints import fingerprint_of
from wassop.locale import translations
from wassop.wire.sniff import Dialect
from wassop.wire.unspoken import refusal_of

PATIENCE_S = 20.0
AA, BB = "AA:" * 31 + "AA", "BB:" * 31 + "BB"


# The file


def test_whom_the_person_trusts_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "known_servers"
    known = KnownServers(file)
    assert known.fingerprint("Host:1") is None
    known.trust("Host:1", AA)
    KnownServers(file).trust("[::1]:2", BB)
    again = KnownServers(file)
    assert (again.fingerprint("hOST:1"), again.fingerprint("[::1]:2")) == (AA, BB)
    assert again.fingerprint("host:2") is None
    assert [path.name for path in file.parent.iterdir()] == [file.name], "nothing half written is left"


def test_what_another_client_kept_meanwhile_stays(tmp_path: Path) -> None:
    file = tmp_path / "known_servers"
    one, two = KnownServers(file), KnownServers(file)
    one.trust("a:1", AA)
    two.trust("b:2", BB)
    assert KnownServers(file).fingerprint("a:1") == AA


def test_lines_that_are_none_trust_nobody(tmp_path: Path) -> None:
    file = tmp_path / "known_servers"
    file.write_bytes(b"\xff\xfe\n\na:1\n# a comment\nb:2 " + BB.lower().encode() + b"\n")
    known = KnownServers(file)
    assert known.fingerprint("a:1") is None
    assert known.fingerprint("b:2") == BB


def test_what_cannot_be_kept_is_trusted_this_time(tmp_path: Path) -> None:
    file = tmp_path / "file" / "known_servers"
    file.parent.write_text("in the way")
    with pytest.raises(OSError, match="file"):
        KnownServers(file)
    file.parent.unlink()
    known = KnownServers(file)
    file.parent.write_text("in the way")
    with pytest.raises(OSError, match="file"):
        known.trust("a:1", AA)
    assert known.fingerprint("a:1") == AA


# The connection


@define
class Papers:
    """What a server shows: from an authority, self-signed, expired."""

    ca: trustme.CA = field(factory=trustme.CA)

    def server(self, name: str = "localhost", **options: object) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(name, **options).configure_cert(context)  # type: ignore[arg-type]
        return context


@define
class TlsServer:
    """Answers every line with itself, with whatever papers it has now."""

    papers: ssl.SSLContext | None
    port: int = 0
    heard: list[bytes] = field(factory=list)
    connections: int = 0

    async def serve(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        protected: trio.abc.Stream = stream
        if self.papers is not None:
            protected = trio.SSLStream(stream, self.papers, server_side=True)
        try:
            async for data in protected:  # type: ignore[attr-defined]
                self.heard.append(bytes(data))
                await protected.send_all(data if self.papers else b"plain\n")
        except trio.BrokenResourceError:
            pass
        finally:
            await trio.aclose_forcefully(stream)


@asynccontextmanager
async def serving(papers: ssl.SSLContext | None) -> AsyncIterator[TlsServer]:
    server = TlsServer(papers)
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, server.serve, 0)
        server.port = listeners[0].socket.getsockname()[1]
        yield server
        nursery.cancel_scope.cancel()


def connecting(server: TlsServer, known: KnownServers, ca: Path | None = None) -> Connect:
    belief = Belief("localhost", f"localhost:{server.port}", known, None if ca is None else str(ca))
    return connecting_over_tls(connecting_to("127.0.0.1", server.port), belief)


async def echoes(connect: Connect) -> bool:
    with trio.fail_after(PATIENCE_S):
        async with await connect() as stream:
            await stream.send_all(b"hola\n")
            return bytes(await stream.receive_some()) == b"hola\n"


@pytest.fixture
def papers() -> Papers:
    return Papers()


@pytest.fixture
def known(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "known_servers")


async def test_a_server_that_lets_nobody_in_just_now_is_no_reason_to_give_up_or_to_do_without_tls(
    known: KnownServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    async def turn_away(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(refusal_of(Dialect.TLS, "en", Farewell.SERVER_FULL))
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, turn_away, 0)
        port = listeners[0].socket.getsockname()[1]
        connect = connecting_over_tls(
            connecting_to("127.0.0.1", port), Belief("localhost", f"localhost:{port}", known)
        )
        with pytest.raises(TurnedAway) as caught:
            await connect()
        assert not isinstance(caught.value, Untrusted), "which would end a chat that comes back"
        sentence = caught.value.sentence(translations("es"))
        assert sentence.startswith(f"localhost:{port} no deja entrar a nadie más ahora")
        with pytest.raises(Unreachable) as unreachable:
            async with visit(VisitOptions(f"localhost:{port}", "ana", "es", tls=True), "ana"):
                pass
        assert "no deja entrar" in unreachable.value.sentence(translations("es"))
        nursery.cancel_scope.cancel()


async def test_a_stranger_is_told_with_its_fingerprint_and_hears_nothing(
    papers: Papers, known: KnownServers
) -> None:
    async with serving(papers.server()) as server:
        with pytest.raises(Stranger) as caught:
            await connecting(server, known)()
        assert caught.value.fingerprint in caught.value.sentence(translations("es"))
        known.trust(f"localhost:{server.port}", caught.value.fingerprint)
        assert await echoes(connecting(server, known))
        assert server.heard == [b"hola\n"]


async def test_one_who_is_trusted_is_connected_to_once(papers: Papers, known: KnownServers) -> None:
    async with serving(papers.server()) as server:
        with pytest.raises(Stranger) as caught:
            await connecting(server, known)()
        known.trust(f"localhost:{server.port}", caught.value.fingerprint)
        before = server.connections
        assert await echoes(connecting(server, known))
        assert server.connections == before + 1


async def test_other_papers_than_before_are_refused_loudly(papers: Papers, known: KnownServers) -> None:
    async with serving(papers.server()) as server:
        known.trust(f"localhost:{server.port}", AA)
        with pytest.raises(Changed) as caught:
            await connecting(server, known)()
        assert server.heard == []
        for lang in ("es", "en"):
            sentence = caught.value.sentence(translations(lang))
            assert AA in sentence
            assert str(known.file) in sentence
            assert f"localhost:{server.port}" in sentence


async def test_an_authority_is_believed_without_a_question(
    papers: Papers, known: KnownServers, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    papers.ca.cert_pem.write_to_path(ca)
    async with serving(papers.server()) as server:
        assert await echoes(connecting(server, known, ca))


async def test_new_papers_from_an_authority_are_no_change_to_be_afraid_of(
    papers: Papers, known: KnownServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = tmp_path / "ca.pem"
    papers.ca.cert_pem.write_to_path(ca)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))  # the system's authorities
    async with serving(papers.server()) as server:
        known.trust(f"localhost:{server.port}", AA)
        assert await echoes(connecting(server, known))


async def test_with_ca_no_other_is_believed_though_it_was_trusted(
    papers: Papers, known: KnownServers, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    Papers().ca.cert_pem.write_to_path(ca)
    async with serving(papers.server()) as server:
        with pytest.raises(Stranger) as caught:
            await connecting(server, known)()
        known.trust(f"localhost:{server.port}", caught.value.fingerprint)
        with pytest.raises(Untrusted, match="not valid") as refused:
            await connecting(server, known, ca)()
        assert not isinstance(refused.value, Stranger)


@pytest.mark.parametrize("fault", ["another name", "expired"])
async def test_what_an_authority_signed_for_something_else_is_not_asked_about(
    papers: Papers, known: KnownServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    import datetime

    ca = tmp_path / "ca.pem"
    papers.ca.cert_pem.write_to_path(ca)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca))
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    context = papers.server("other.example") if fault == "another name" else papers.server(not_after=past)
    async with serving(context) as server:
        with pytest.raises(Untrusted, match="not valid") as caught:
            await connecting(server, known)()
        assert not isinstance(caught.value, Stranger)


async def test_a_server_without_tls_is_told_apart(known: KnownServers) -> None:
    async with serving(None) as server:
        with pytest.raises(Untrusted, match="--tls"):
            await connecting(server, known)()


async def test_a_server_that_says_nothing_is_given_up_in_time(known: KnownServers) -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    async with listener:
        port = listener.socket.getsockname()[1]
        belief = Belief("localhost", "localhost:1", known)
        with pytest.raises(TimeoutError):
            await connecting_over_tls(connecting_to("127.0.0.1", port), belief, 0.05)()


async def test_a_link_comes_back_to_the_same_server_and_to_no_other(
    papers: Papers, known: KnownServers
) -> None:
    async with serving(papers.server()) as server:
        certificate = fingerprint_of(await shown(server))
        known.trust(f"localhost:{server.port}", certificate)
        connect, refused = connecting(server, known), trio.Event()

        async def watched() -> trio.abc.Stream:
            try:
                return await connect()
            except Changed:
                refused.set()
                raise

        link = Link(watched, LinkSettings(first_pause_s=0.01, longest_pause_s=0.01))
        async with link.events, trio.open_nursery() as nursery:
            nursery.start_soon(link.run)

            async def until(name: str) -> None:
                with trio.fail_after(PATIENCE_S):
                    while type(await link.events.receive()).__name__ != name:
                        pass

            await until("Connected")
            link.drop()
            await until("Connected")
            server.papers = papers.server()
            link.drop()
            nursery.start_soon(until, "Never")
            with trio.fail_after(PATIENCE_S):
                await refused.wait()
            nursery.cancel_scope.cancel()


async def shown(server: TlsServer) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    stream = await trio.open_ssl_over_tcp_stream("127.0.0.1", server.port, ssl_context=context)
    async with stream:
        await stream.do_handshake()
        certificate: bytes = stream.getpeercert(binary_form=True)
        return certificate


# The question


@pytest.mark.parametrize(
    ("answer", "is_trusted"),
    [("s", True), ("Sí", True), ("y", True), ("n", False), ("", False), ("qué", False), (EOFError, False)],
)
def test_the_person_is_asked_once_and_a_yes_is_kept(
    known: KnownServers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: object,
    is_trusted: bool,
) -> None:
    def reply(question: str) -> str:
        assert "(s/n)" in question
        if answer is EOFError:
            raise EOFError
        return str(answer)

    monkeypatch.setattr("builtins.input", reply)
    options = JoinOptions("localhost", 1, None, None, "es", tls=True)
    assert _is_trusted(Stranger("localhost:1", AA), options, translations("es"), known) is is_trusted
    assert AA in capsys.readouterr().out
    assert KnownServers(known.file).fingerprint("localhost:1") == (AA if is_trusted else None)


def test_ctrl_c_at_the_question_ends_the_program(
    known: KnownServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    options = JoinOptions("localhost", 1, None, None, "es", tls=True)
    with pytest.raises(SystemExit) as caught:
        _is_trusted(Stranger("localhost:1", AA), options, translations("es"), known)
    assert caught.value.code == 130
