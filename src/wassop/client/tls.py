"""Connecting over TLS to a server that is believed."""

import ssl
from typing import Final

import trio
from attrs import frozen

from wassop.client.link import Connect, LinkSettings, TurnedAway
from wassop.client.trust import Changed, KnownServers, Stranger, Untrusted
from wassop.core.fingerprints import fingerprint_of
from wassop.locale import N_

# Nobody whom the client knows has signed it (X509_verify_cert_error_string(3)): it is self-signed, or an
# issuer is. Other faults, such as an expired certificate or another name, are not for a person to overlook.
_NOBODY_VOUCHES: Final = frozenset({18, 19, 20, 21})
_ACCESS_DENIED: Final = "TLSV1_ALERT_ACCESS_DENIED"
"""How OpenSSL names the alert of a server that takes no more connections."""
_GOODBYE_S: Final = 0.5


@frozen
class Belief:
    """What a server must show."""

    host: str
    server: str
    """`HOST:PORT`, as it is known by."""
    known: KnownServers
    ca_file: str | None = None
    """With it only those are believed for whom an authority in it vouches."""


def connecting_over_tls(
    connect: Connect, belief: Belief, timeout_s: float = LinkSettings().connect_timeout_s
) -> Connect:
    """A function that connects over TLS; Untrusted, or another OSError, when that does not work."""

    async def checked(context: ssl.SSLContext) -> tuple["_TlsConnection", str]:
        stream = await connect()
        protected = trio.SSLStream(stream, context, server_hostname=belief.host)
        try:
            with trio.fail_after(timeout_s):
                await protected.do_handshake()
        except trio.TooSlowError:
            await trio.aclose_forcefully(stream)
            raise TimeoutError(f"no agreement on TLS in {timeout_s:g} s") from None
        except trio.BrokenResourceError as error:
            await trio.aclose_forcefully(stream)
            raise _reason(error, belief) from error
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        return _TlsConnection(protected), fingerprint_of(protected.getpeercert(binary_form=True))

    async def connect_over_tls() -> trio.abc.Stream:
        trusted = None if belief.ca_file else belief.known.fingerprint(belief.server)
        shown = None
        if trusted is not None:
            stream, shown = await checked(_believing_anybody())
            if shown == trusted:
                return stream
            await stream.aclose()
        try:
            return (await checked(_believing(belief.ca_file)))[0]
        except ssl.SSLCertVerificationError as error:
            if trusted is not None and shown is not None:
                raise Changed(belief.server, shown, trusted, belief.known.file) from error
            if belief.ca_file or error.verify_code not in _NOBODY_VOUCHES:
                problem = N_("The certificate of {server} is not valid: {reason}")
                raise Untrusted(problem, server=belief.server, reason=error.verify_message) from error
        stream, shown = await checked(_believing_anybody())
        await stream.aclose()
        raise Stranger(belief.server, shown)

    return connect_over_tls


def _believing(ca_file: str | None) -> ssl.SSLContext:
    """For a server for which an authority vouches, the system's or that one."""
    context = ssl.create_default_context(cafile=ca_file)
    # Python 3.11.2, which is Debian's, would take a connection that was cut for one that was ended.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # there since OpenSSL 3.0
    return context


def _believing_anybody() -> ssl.SSLContext:
    """For looking at a certificate that is then compared with the one that was trusted."""
    context = _believing(None)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _reason(error: trio.BrokenResourceError, belief: Belief) -> OSError:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause
    if isinstance(cause, ssl.SSLError) and cause.reason == _ACCESS_DENIED:
        return TurnedAway(belief.server)
    if isinstance(cause, ssl.SSLError):
        problem = N_("There is no agreement on TLS with {server} ({reason}). Without TLS: leave out --tls")
        return Untrusted(problem, server=belief.server, reason=cause.reason or str(cause))
    return ConnectionResetError(str(error))


class _TlsConnection(trio.abc.Stream):
    """Closes in bounded time, also when the server is gone and takes no goodbye."""

    def __init__(self, stream: trio.SSLStream[trio.abc.Stream]) -> None:
        self._stream: Final = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        with trio.move_on_after(_GOODBYE_S):
            await self._stream.aclose()
