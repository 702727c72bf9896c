"""TLS as an operator sets it up, with whole processes."""

import json
import signal
import ssl
import time
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, run_wassop, serving
from tests.server.tls_support import Authority
from wassop.core.fingerprints import fingerprint_of


def over_tls(server: ServerProcess, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    """A connection that trusts `context`'s authorities, or anybody."""
    if context is None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(server.connect(), server_hostname="localhost")


def fingerprint_shown(sock: ssl.SSLSocket) -> str:
    certificate = sock.getpeercert(binary_form=True)
    assert certificate is not None
    return fingerprint_of(certificate)


def ask(sock: ssl.SSLSocket, line: bytes, ending: bytes) -> bytes:
    sock.sendall(line + b"\n")
    data = b""
    while ending not in data:
        more = sock.recv(65_536)
        assert more, data
        data += more
    return data


def announced_fingerprint(server: ServerProcess) -> str:
    assert server.process.stdout is not None
    return server.process.stdout.readline().strip().rpartition(": ")[2]


def test_a_self_signed_one_is_announced_and_the_same_after_a_restart(tmp_path: Path) -> None:
    options = ("--tls-self-signed", "--db", str(tmp_path / "chat.db"))
    fingerprints = []
    for _ in range(2):
        with serving(*options) as server:
            fingerprints.append(announced_fingerprint(server))
            with over_tls(server) as sock:
                assert fingerprint_shown(sock) == fingerprints[0]
                ask(sock, b'{"t":"hello","name":"ana"}', b"welcome")
            assert server.stop() == 0
    assert fingerprints[0] == fingerprints[1]
    assert len(fingerprints[0]) == 32 * 3 - 1
    context = ssl.create_default_context(cafile=str(tmp_path / "wassop-tls.pem"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with serving(*options) as server, over_tls(server, context) as sock:
        ask(sock, b'{"t":"ping"}', b"pong")


def events(log: Path, name: str) -> list[dict[str, str]]:
    """The lines of the log with that event, when there is one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        entries = [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line[-1] == "\n"]
        found = [entry for entry in entries if entry["event"] == name]
        if found:
            return found
        assert time.monotonic() < deadline, entries


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")
def test_sighup_takes_a_new_certificate_and_drops_nobody(tmp_path: Path) -> None:
    authority, log = Authority(tmp_path), tmp_path / "log"
    files = authority.issue()
    options = ("--tls-cert", files["tls_cert"], "--tls-key", files["tls_key"], "--log-format", "json")
    with serving(*options, stderr=log) as server, over_tls(server, authority.trusted()) as ana:
        first = announced_fingerprint(server)
        assert fingerprint_shown(ana) == first
        ask(ana, b'{"t":"hello","name":"ana"}', b"welcome")
        authority.issue()
        server.process.send_signal(signal.SIGHUP)
        second = events(log, "certificate-read")[0]["fingerprint"]
        assert second != first
        with over_tls(server, authority.trusted()) as bob:
            assert fingerprint_shown(bob) == second
        Path(files["tls_cert"]).write_text("nothing")
        server.process.send_signal(signal.SIGHUP)
        assert files["tls_cert"] in events(log, "certificate-unfit")[0]["reason"]
        with over_tls(server, authority.trusted()) as bob:
            assert fingerprint_shown(bob) == second
        ask(ana, b'{"t":"ping"}', b"pong")
        assert server.stop() == 0


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--tls-cert", "/no/such/cert.pem"], "--tls-key"),
        (["--tls-cert", "/no/such/cert.pem", "--tls-key", "/no/such/key.pem"], "/no/such/cert.pem"),
        (["--tls-required"], "--tls-required"),
        (["--tls-self-signed", "--db", "/proc/no/such.db"], "/proc/no"),
    ],
)
def test_what_cannot_be_used_ends_with_one_line_that_names_it(
    arguments: list[str], named: str, lang: str
) -> None:
    done = run_wassop("serve", "--port", "0", "--memory", "--lang", lang, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_the_environment_sets_it_too(tmp_path: Path) -> None:
    printed = run_wassop("config", WASSOP_TLS_SELF_SIGNED="true", WASSOP_TLS_REQUIRED="true").stdout
    assert "tls_self_signed = true\n" in printed
    assert "tls_required = true\n" in printed
