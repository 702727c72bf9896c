"""The server's configuration: a TOML file, then the environment, then options; merged and checked once."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import msgspec
from attrs import field, frozen, validators

from wassop.core.limits import Limits
from wassop.locale import DEFAULT_LANGUAGE

ENV_PREFIX: Final = "WASSOP_"
# Variables of other commands of ours, which may be set for the whole session.
_CLIENT_VARIABLES: Final = frozenset({"WASSOP_SERVER", "WASSOP_ROOM", "WASSOP_NAME", "WASSOP_CONFIG"})


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line that names the place and the value."""


@frozen
class Endpoint:
    """Where to listen: `HOST:PORT`, `[V6]:PORT`, either with `=DIALECT` to pin it to one."""

    host: str
    port: int
    dialect: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (f"={self.dialect}" if self.dialect else "")

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `HOST:PORT[=DIALECT]`; ValueError says what is wrong."""
        address, _, dialect = text.partition("=")
        host, colon, port = address.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise ValueError("HOST:PORT[=DIALECT] expected")
        if dialect and dialect not in DIALECTS:
            raise ValueError(f"dialect must be one of {', '.join(DIALECTS)}")
        return cls(host, int(port), dialect or None)


DIALECTS: Final = ("native", "plain")


def _at_least(bound: float) -> Any:
    return validators.ge(bound)


@frozen
class Config:
    """Everything that can be set. Sizes in bytes, times in seconds, as the names say."""

    host: str = field(default="127.0.0.1", validator=validators.min_len(1))
    port: int = field(default=5555, validator=[validators.ge(0), validators.le(65_535)])
    listen: tuple[str, ...] = field(default=())
    """Further places to listen, `HOST:PORT[=DIALECT]`."""
    lang: Literal["es", "en"] = DEFAULT_LANGUAGE
    log_format: Literal["console", "json"] = "console"
    verbose: bool = False
    """Log more, texts of messages included."""

    max_line_bytes: int = field(default=16_384, validator=_at_least(512))
    max_text_bytes: int = field(default=4_096, validator=_at_least(1))
    max_rooms_per_session: int = field(default=100, validator=_at_least(1))
    max_rooms: int = field(default=10_000, validator=_at_least(3))
    recent_messages_per_room: int = field(default=200, validator=_at_least(0))
    dormant_rooms: int = field(default=1_000, validator=_at_least(0))
    presence_merge_members: int = field(default=100, validator=_at_least(0))
    presence_merge_interval_s: float = field(default=0.25, validator=_at_least(0))

    sniff_silence_s: float = field(default=0.4, validator=_at_least(0.01))
    """A visitor who says nothing for so long after coming is taken for a person with netcat."""
    ping_interval_s: float = field(default=120.0, validator=_at_least(0.1))
    """After so long a silence a client is asked whether it is there."""
    pong_timeout_s: float = field(default=120.0, validator=_at_least(0.1))
    """A client that does not answer for so long is ended."""

    room_queue_messages: int = field(default=256, validator=_at_least(1))
    """When so many messages wait in a room, its senders wait too."""
    max_outbox_bytes: int = field(default=1_048_576, validator=_at_least(1_024))
    """A reader for whom more than this waits is ended."""
    write_timeout_s: float = field(default=60.0, validator=_at_least(0.1))
    """A reader who takes nothing for so long while something waits is ended."""
    drain_timeout_s: float = field(default=5.0, validator=_at_least(0))
    """How long the server waits for its clients to read what it still has for them when it stops."""
    listen_backlog: int = field(default=4_096, validator=_at_least(1))

    @listen.validator
    def _check_listen(self, _: object, value: tuple[str, ...]) -> None:
        for text in value:
            Endpoint.parse(text)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All the places to listen, the main one first."""
        return Endpoint(self.host, self.port), *(Endpoint.parse(text) for text in self.listen)

    @property
    def limits(self) -> Limits:
        """The hub's part."""
        return Limits(**{a.name: getattr(self, a.name) for a in attrs.fields(Limits)})

    def to_toml(self) -> str:
        """A file that `load` reads back to the same configuration."""
        lines = []
        for attribute in attrs.fields(Config):
            value = getattr(self, attribute.name)
            value = list(value) if isinstance(value, tuple) else value
            # TOML's strings, lists, numbers and booleans of these kinds are written as JSON's.
            lines.append(f"{attribute.name} = {msgspec.json.encode(value).decode()}\n")
        return "".join(lines)


def load(
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    options: Mapping[str, object] | None = None,
) -> Config:
    """Merge `file`, `environ` (WASSOP_*) and `options`, later ones winning; ConfigError if one is unfit."""
    values: dict[str, object] = {}
    for given, place_of, strict in (
        (_from_file(file), lambda key: f"{file}: {key}", True),
        (_from_environment(environ), lambda key: ENV_PREFIX + key.upper(), False),
        (options or {}, lambda key: "--" + key.replace("_", "-"), True),
    ):
        for key, value in given.items():
            if key not in _FIELDS:
                raise ConfigError(f"{place_of(key)}: unknown key")
            values[key] = _converted(key, value, place_of(key), strict=strict)
    return Config(**values)  # type: ignore[arg-type]  # every value was checked against its field


def _from_file(file: Path | None) -> Mapping[str, object]:
    if file is None:
        return {}
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _from_environment(environ: Mapping[str, str]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for variable, value in environ.items():
        if variable.startswith(ENV_PREFIX) and variable not in _CLIENT_VARIABLES:
            key = variable.removeprefix(ENV_PREFIX).lower()
            is_list = key == "listen"
            found[key] = [item for item in value.replace(",", " ").split() if item] if is_list else value
    return found


def _converted(key: str, value: object, place: str, *, strict: bool) -> object:
    attribute = _FIELDS[key]
    try:
        converted = msgspec.convert(value, attribute.type, strict=strict)
        attrs.evolve(_DEFAULTS, **{key: converted})
    except (msgspec.ValidationError, ValueError) as error:
        # attrs' validators add the field's definition after the sentence.
        problem = str(error.args[0] if error.args else error).removeprefix(f"'{key}' ")
        raise ConfigError(f"{place} = {value!r}: {problem}") from error
    return converted


_FIELDS: Final = {a.name: a for a in attrs.fields(Config)}
_DEFAULTS: Final = Config()
