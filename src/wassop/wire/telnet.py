"""What a telnet client says of itself between the lines that a person types (RFC 854, RFC 855)."""

import re
from typing import Final

_MAX_NEGOTIATION_BYTES: Final = 512
"""A longer one is none: nobody's text is waited for so long."""

# IAC SB ... IAC SE, in which IAC IAC stands for the byte 255.
_INSIDE: Final = rb"(?:[^\xff]|\xff\xff){0,%d}" % _MAX_NEGOTIATION_BYTES
_SPECIAL: Final = re.compile(
    rb"(?P<end>\r\0)"
    rb"|(?P<open>(?:\r|\xff(?:[\xfb-\xfe]|\xfa" + _INSIDE + rb"\xff?)?)\Z)"
    rb"|\xff(?:[\xfb-\xfe].|\xfa" + _INSIDE + rb"\xff\xf0|[\xf0-\xfa])",
    re.DOTALL,
)


_IAC: Final = b"\xff"
# IAC WILL ECHO and IAC WONT ECHO (RFC 857): who reads the first no longer shows what is typed. With the other
# comes IAC WONT SUPPRESS-GO-AHEAD (RFC 858): the usual client has asked for that, and unless it is answered
# sends single characters from then on and shows line ends as ^M.
HIDE: Final = b"\xff\xfb\x01"
SHOW: Final = b"\xff\xfc\x01\xff\xfc\x03"


class TelnetFilter:
    """Takes commands and negotiations out of a stream, and makes of `CR NUL` a line end.

    Rule 1: what is left does not depend on how the bytes were cut up on the way.
    Rule 2: never more than about twice `_MAX_NEGOTIATION_BYTES` are held; at the end of the stream nothing
    of them is text.
    """

    def __init__(self) -> None:
        self._open = b""
        self.is_telnet = False
        """Whether there was a command or a negotiation: netcat has none."""

    def receive_data(self, data: bytes) -> bytes:
        """What a person typed, as far as `data` tells it."""
        data, self._open = self._open + data, b""
        if b"\xff" not in data and b"\r" not in data:
            return data
        return _SPECIAL.sub(self._replaced, data)

    def _replaced(self, special: re.Match[bytes]) -> bytes:
        if special[0].startswith(_IAC):
            self.is_telnet = True
        if special["open"] is not None:
            self._open = special["open"]
        return b"\n" if special["end"] else b""
