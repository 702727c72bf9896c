"""The server's configuration: a TOML file, then the environment, then options; merged and checked once."""

import errno
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import attrs
import msgspec
import platformdirs
from attrs import field, frozen

from wassop.config.accounts import AccountSettings
from wassop.config.checks import Unfit, between, rate
from wassop.config.endpoint import Endpoint, is_network
from wassop.core.limits import Limits, Rate, Rates
from wassop.locale import DEFAULT_LANGUAGE, N_, Translations, locale_language

__all__ = ["Config", "ConfigError", "Endpoint", "Unfit", "load", "unreadable"]

ENV_PREFIX: Final = "WASSOP_"
# Variables of other commands of ours, which may be set for the whole session.
_CLIENT_VARIABLES: Final = frozenset({"WASSOP_SERVER", "WASSOP_ROOM", "WASSOP_NAME", "WASSOP_CONFIG"})


class ConfigError(Exception):
    """The configuration cannot be used; `sentence` is one line that names the place and the value."""

    def __init__(self, place: str, unfit: Unfit) -> None:
        super().__init__(f"{place}: {unfit}")
        self._place: Final = place
        self._unfit: Final = unfit

    def sentence(self, tr: Translations) -> str:
        """The line in the language of `tr`."""
        return f"{self._place}: {tr.gettext(self._unfit.problem).format(**self._unfit.params)}"


_HOST_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)


@frozen
class Config(AccountSettings):
    """Everything that can be set. Sizes in bytes, times in seconds, as the names say."""

    host: str = "127.0.0.1"
    port: int = field(default=5555, validator=between(0, 65_535))
    listen: tuple[str, ...] = field(default=())
    """Further places to listen, see `Endpoint`; in the environment with spaces in between."""
    web: str = field(default="")
    """A further place to listen, for browsers only, HOST:PORT; empty: none."""
    web_host: tuple[str, ...] = field(default=())
    """Names by which browsers may find this server, besides its addresses, localhost and the machine's own
    name; in the environment with spaces in between."""
    metrics: str = field(default="")
    """Where to tell machines how the server is, HOST:PORT; empty: nowhere."""
    lang: Literal["es", "en"] = DEFAULT_LANGUAGE
    log_format: Literal["console", "json"] = "console"
    verbose: bool = False
    """Log more, texts of messages included."""

    tls_cert: str = ""
    """A PEM file with the server's certificate and those that lead to a known authority."""
    tls_key: str = ""
    """A PEM file with the certificate's private key, not encrypted."""
    tls_self_signed: bool = False
    """Make a certificate, once, and keep it beside the database."""
    tls_required: bool = False
    """Let in nobody who does not speak TLS."""
    tls_handshake_timeout_s: float = field(default=10.0, validator=between(0.01))
    """A visitor who has begun to speak TLS and has not come to an agreement after so long is ended."""

    db: str = ""
    """The file that keeps what is said; empty: `wassop.db` in the user's data folder."""
    memory: bool = False
    """Keep nothing on disk."""
    durability: Literal["process-kill", "power-loss"] = "process-kill"
    """What a stored message survives."""
    commit_interval_s: float = field(default=0.005, validator=between(0, 0.005))
    commit_max_messages: int = field(default=1_000, validator=between(1))
    commit_queue_messages: int = field(default=10_000, validator=between(1))
    """When so many messages wait for the disk, their senders wait too."""
    retain_days: float = field(default=0.0, validator=between(0))
    """Messages older than this are deleted; 0: none."""
    retain_messages_per_room: int = field(default=0, validator=between(0))
    """Of each room only so many of the newest are kept; 0: all."""
    retain_interval_s: float = field(default=60.0, validator=between(0.01))
    search_timeout_s: float = field(default=5.0, validator=between(0.01))
    """A search that takes longer is given up."""

    max_line_bytes: int = field(default=16_384, validator=between(512))
    max_text_bytes: int = field(default=4_096, validator=between(1))
    max_topic_chars: int = field(default=300, validator=between(1))
    max_rooms_per_session: int = field(default=100, validator=between(1))
    max_bans: int = field(default=1_000, validator=between(1))
    """In one room, and on the whole server; mutes count too."""
    max_rooms: int = field(default=10_000, validator=between(3))
    recent_messages_per_room: int = field(default=200, validator=between(0))
    recent_bytes_per_room: int = field(default=262_144, validator=between(0))
    recent_bytes: int = field(default=268_435_456, validator=between(0))
    resume_bytes: int = field(default=1_048_576, validator=between(0))
    dormant_rooms: int = field(default=1_000, validator=between(0))
    history_page_messages: int = field(default=200, validator=between(1))
    private_nonces: int = field(default=10_000, validator=between(0))
    session_nonces: int = field(default=64, validator=between(0))
    presence_merge_members: int = field(default=100, validator=between(0))
    presence_merge_interval_s: float = field(default=0.25, validator=between(0))

    sniff_silence_s: float = field(default=0.4, validator=between(0.01))
    """A visitor who says nothing for so long after coming is taken for a person with netcat."""
    message_pause_s: float = field(default=0.04, validator=between(0.001))
    """In the classroom dialects a message without a line end ends when nothing follows for so long."""
    message_gap_s: float = field(default=0.02, validator=between(0))
    """Between two messages to a client that takes one `recv` for one message, so much time passes."""
    ping_interval_s: float = field(default=120.0, validator=between(0.1))
    """After so long a silence a client is asked whether it is there."""
    pong_timeout_s: float = field(default=120.0, validator=between(0.1))
    """A client that does not answer for so long is ended."""

    room_queue_messages: int = field(default=256, validator=between(1))
    """When so many messages wait in a room, its senders wait too."""
    max_outbox_bytes: int = field(default=1_048_576, validator=between(1_024))
    """A reader for whom more than this waits is ended."""
    write_timeout_s: float = field(default=60.0, validator=between(0.1))
    """A reader who takes nothing for so long while something waits is ended."""
    drain_timeout_s: float = field(default=5.0, validator=between(0))
    """How long the server waits for its clients to read what it still has for them when it stops."""
    listen_backlog: int = field(default=4_096, validator=between(1, 65_535))

    trust_network: tuple[str, ...] = field(default=("127.0.0.0/8", "::1/128"))
    """Whose addresses are in these networks may connect as often and ask as fast as they like; in the
    environment with spaces in between."""
    max_connections: int = field(default=20_000, validator=between(1))
    """Not more than the process may have open files, but for 64 of them."""
    max_connections_per_address: int = field(default=64, validator=between(1))
    """Of IPv6, the first 64 bits count as the address."""
    connections_per_address_per_s: float = field(default=20.0, validator=between(0))
    connections_per_address_burst: int = field(default=100, validator=between(1))
    """So many new connections at once and so many a second are let in; of each such rate, 0: no bound."""
    first_byte_timeout_s: float = field(default=60.0, validator=between(0.1))
    """A visitor who has said nothing for so long after coming is ended."""
    naming_timeout_s: float = field(default=120.0, validator=between(0.1))
    """A visitor who has no name so long after coming is ended."""
    messages_per_s: float = field(default=10.0, validator=between(0))
    messages_burst: int = field(default=50, validator=between(1))
    """What others read of a visitor: a visitor who is faster is read more slowly."""
    requests_per_s: float = field(default=50.0, validator=between(0))
    requests_burst: int = field(default=500, validator=between(1))
    """All that is no message."""
    received_bytes_per_s: float = field(default=65_536.0, validator=between(0))
    received_burst_bytes: int = field(default=262_144, validator=between(1))
    """All that is received, whether or not it means anything."""

    @listen.validator
    def _check_listen(self, _: object, value: tuple[str, ...]) -> None:
        for text in value:
            Endpoint.parse(text)

    @web.validator
    def _check_web(self, _: object, value: str) -> None:
        if value:
            Endpoint.parse_address(value)

    @web_host.validator
    def _check_web_host(self, _: object, value: tuple[str, ...]) -> None:
        for text in value:
            if not _HOST_NAME.fullmatch(text):
                raise Unfit(N_("names of hosts such as chat.example.org expected, without ports"))

    @trust_network.validator
    def _check_trust_network(self, _: object, value: tuple[str, ...]) -> None:
        for text in value:
            if not is_network(text):
                raise Unfit(N_("networks such as 10.0.0.0/8 expected"))

    @property
    def has_tls(self) -> bool:
        """Whether visitors may speak TLS."""
        return bool(self.tls_cert or self.tls_self_signed)

    @metrics.validator
    def _check_metrics(self, _: object, value: str) -> None:
        if value:
            Endpoint.parse_address(value)

    @property
    def metrics_endpoint(self) -> Endpoint | None:
        """Where to tell machines how the server is."""
        return Endpoint.parse_address(self.metrics) if self.metrics else None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All the places to listen, the main one first."""
        web = [attrs.evolve(Endpoint.parse_address(self.web), dialect="web")] if self.web else []
        return Endpoint(self.host, self.port), *(Endpoint.parse(text) for text in self.listen), *web

    @property
    def database(self) -> Path:
        """The file that keeps what is said."""
        if self.db:
            return Path(self.db)
        return platformdirs.user_data_path("wassop", appauthor=False) / "wassop.db"

    @property
    def limits(self) -> Limits:
        """The hub's part."""
        return Limits(**{a.name: getattr(self, a.name) for a in attrs.fields(Limits)})

    @property
    def rates(self) -> Rates | None:
        """How fast visitors may ask who are in no trusted network; None where there is no bound at all."""
        rates = Rates(
            rate(self.messages_per_s, self.messages_burst),
            rate(self.requests_per_s, self.requests_burst),
            rate(self.received_bytes_per_s, self.received_burst_bytes),
        )
        return None if rates == Rates() else rates

    @property
    def connection_rate(self) -> Rate | None:
        """How fast one address may connect."""
        return rate(self.connections_per_address_per_s, self.connections_per_address_burst)

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
    """Merge `file`, `environ` (WASSOP_*) and `options`, later ones winning; ConfigError if one is unfit.

    Where none of them tells a language, the locale in `environ` does.
    """
    values: dict[str, object] = {"lang": locale_language(environ)}
    for given, place_of, strict in (
        (_from_file(file), lambda key: f"{file}: {key}", True),
        (_from_environment(environ), lambda key: ENV_PREFIX + key.upper(), False),
        (options or {}, lambda key: "--" + key.replace("_", "-"), True),
    ):
        for key, value in given.items():
            if key not in _FIELDS:
                raise ConfigError(place_of(key), Unfit(N_("unknown key")))
            values[key] = _converted(key, value, place_of(key), strict=strict)
    config = Config(**values)  # type: ignore[arg-type]  # every value was checked against its field
    _check_tls(config)
    return config


def _check_tls(config: Config) -> None:
    """What cannot be told from one value alone."""
    if bool(config.tls_cert) != bool(config.tls_key):
        given, missing = ("--tls-cert", "--tls-key") if config.tls_cert else ("--tls-key", "--tls-cert")
        raise ConfigError(given, Unfit(N_("{missing} belongs to it and is missing"), missing=missing))
    if config.tls_cert and config.tls_self_signed:
        raise ConfigError("--tls-self-signed", Unfit(N_("not together with {other}"), other="--tls-cert"))
    if config.tls_required and not config.has_tls:
        problem = N_("a certificate is missing: {options}")
        raise ConfigError(
            "--tls-required", Unfit(problem, options="--tls-cert, --tls-key / --tls-self-signed")
        )


def _from_file(file: Path | None) -> Mapping[str, object]:
    if file is None:
        return {}
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise ConfigError(str(file), unreadable(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), Unfit(N_("it is no UTF-8 text"))) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), Unfit(N_("this is not TOML: {error}"), error=error)) from error


def unreadable(error: OSError) -> Unfit:
    """Why a file cannot be read."""
    match error.errno:
        case errno.ENOENT:
            return Unfit(N_("there is no such file"))
        case errno.EACCES:
            return Unfit(N_("not allowed to read it"))
        case errno.EISDIR:
            return Unfit(N_("this is a directory"))
        case _:
            return Unfit("{error}", error=error.strerror or error)


def _from_environment(environ: Mapping[str, str]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for variable, value in environ.items():
        if variable.startswith(ENV_PREFIX) and variable not in _CLIENT_VARIABLES:
            key = variable.removeprefix(ENV_PREFIX).lower()
            is_list = key in _FIELDS and get_origin(_FIELDS[key].type) is tuple
            found[key] = value.split() if is_list else value
    return found


def _converted(key: str, value: object, place: str, *, strict: bool) -> object:
    wanted = _FIELDS[key].type
    try:
        converted = msgspec.convert(value, wanted, strict=strict)
        attrs.evolve(_DEFAULTS, **{key: converted})
    except msgspec.ValidationError as error:
        raise ConfigError(f"{place} = {value!r}", _unfit_for(wanted)) from error
    except Unfit as error:
        raise ConfigError(f"{place} = {_culprit(key, value)!r}", error) from error
    return converted


def _culprit(key: str, value: object) -> object:
    """Of a list of texts the first one that cannot be used, else the value itself."""
    for text in value if isinstance(value, list | tuple) else ():
        try:
            alone: Any = (text,)
            attrs.evolve(_DEFAULTS, **{key: alone})
        except Unfit:
            return text
    return value


def _unfit_for(wanted: object) -> Unfit:
    if wanted is int:
        return Unfit(N_("a whole number expected"))
    if wanted is float:
        return Unfit(N_("a number expected"))
    if wanted is bool:
        return Unfit(N_("true or false expected"))
    if get_origin(wanted) is Literal:
        return Unfit(N_("one of {choices} expected"), choices=", ".join(get_args(wanted)))
    return Unfit(N_("text expected")) if wanted is str else Unfit(N_("a list of texts expected"))


_FIELDS: Final = {a.name: a for a in attrs.fields(Config)}
_DEFAULTS: Final = Config()
