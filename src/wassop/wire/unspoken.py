"""Answers to those who speak something that is recognised but not spoken here, in their own terms."""

from wassop.core.events import Farewell
from wassop.locale import translations
from wassop.wire import phrases
from wassop.wire.sniff import Dialect

# A fatal alert in a TLS 1.0 record, which every version understands (RFC 5246, 7.2): "handshake_failure"
# where TLS is not spoken; "access_denied" for whoever is turned away, and may come again.
_TLS_ALERT = bytes([21, 3, 1, 0, 2, 2])
_HANDSHAKE_FAILURE, _ACCESS_DENIED = bytes([40]), bytes([49])


def refusal_of(dialect: Dialect, lang: str, reason: Farewell = Farewell.NOT_SPOKEN) -> bytes:
    """What a visitor who speaks `dialect` reads before the connection ends."""
    text = phrases.farewell(reason, translations(lang))
    match dialect:
        case Dialect.TLS:
            return _TLS_ALERT + (_HANDSHAKE_FAILURE if reason is Farewell.NOT_SPOKEN else _ACCESS_DENIED)
        case _:
            return f"ERROR :{text}\r\n".encode()
