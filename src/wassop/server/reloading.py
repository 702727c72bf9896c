"""Settings that can be changed while the server runs."""

from collections.abc import Callable
from typing import Final

import attrs

from wassop.config import Config, ConfigError
from wassop.locale import translations
from wassop.server.chat import Chat
from wassop.server.logs import Log

RELOADABLE: Final = (
    "verbose",
    "max_outbox_bytes",
    "write_timeout_s",
    "drain_timeout_s",
    "messages_per_s",
    "messages_burst",
    "requests_per_s",
    "requests_burst",
    "received_bytes_per_s",
    "received_burst_bytes",
    "search_timeout_s",
    "retain_days",
    "retain_messages_per_room",
    "retain_interval_s",
)
"""All others are told to clients when they come, or are built into what runs: they need a new start."""


class Reloading:
    """Reads the settings again and puts in force what can be.

    Rule 1: settings that cannot be used change nothing.
    Rule 2: what concerns one connection holds for those that come from then on.
    """

    def __init__(self, chat: Chat, read: Callable[[], Config], open_log: Callable[[Config], Log]) -> None:
        """`read` may raise ConfigError."""
        self._chat: Final = chat
        self._read: Final = read
        self._open_log: Final = open_log

    def reload(self) -> None:
        """Never raises on account of what was read."""
        chat = self._chat
        try:
            wanted = self._read()
        except ConfigError as error:
            chat.log.error("cannot-reload", reason=error.sentence(translations(chat.config.lang)))
            return
        names = [field.name for field in attrs.fields(Config)]
        differing = [name for name in names if getattr(wanted, name) != getattr(chat.config, name)]
        changed = [name for name in differing if name in RELOADABLE]
        config = attrs.evolve(chat.config, **{name: getattr(wanted, name) for name in changed})
        chat.reconfigure(config, self._open_log(config) if "verbose" in changed else chat.log)
        later = [name for name in differing if name not in RELOADABLE]
        chat.log.info("reloaded", changed=" ".join(changed), needs_restart=" ".join(later))
