"""New settings for a running server; as a process, with SIGHUP, in tests/e2e/test_operation.py."""

from pathlib import Path
from typing import Any

import attrs

from tests.server.support import Running, open_test_log, running_server
from wassop.config import Config, ConfigError, Unfit
from wassop.server.reloading import RELOADABLE, Reloading


def reload(running: Running, **settings: Any) -> dict[str, Any]:
    """Read `settings`; what was logged."""
    chat = running.server.chat
    wanted = attrs.evolve(chat.config, **settings)

    def open_log(config: Config) -> Any:
        return open_test_log(running.log, verbose=config.verbose)

    running.server.reloading = Reloading(chat, lambda: wanted, open_log)
    running.server.reload()
    return running.log.entries[-1]


def test_what_can_be_changed_is_a_setting() -> None:
    assert set(RELOADABLE) <= {field.name for field in attrs.fields(Config)}


async def test_a_bound_holds_for_those_who_come_from_then_on() -> None:
    async with running_server() as running:
        before = await running.native("ana")
        told = reload(running, max_outbox_bytes=2_048)
        assert (told["event"], told["changed"]) == ("reloaded", "max_outbox_bytes")
        await running.native("bob")
        bounds = {
            str(session.name): connection._out.outbox._limits.max_bytes
            for session, connection in running.server.chat.connections.items()
        }
        assert bounds == {"ana": Config().max_outbox_bytes, "bob": 2_048}
        assert await before.ask({"t": "ping"}, "pong")


async def test_how_fast_one_may_ask_holds_for_those_who_come_from_then_on() -> None:
    async with running_server(trust_network=()) as running:
        told = reload(running, messages_per_s=3.0, messages_burst=7)
        assert told["changed"] == "messages_per_s messages_burst"
        bob = await running.visitor()
        welcome = await bob.ask({"t": "hello", "name": "bob", "lobby": False}, "welcome")
        assert (welcome["limits"]["messages_per_s"], welcome["limits"]["messages_burst"]) == (3, 7)


async def test_how_much_is_kept_holds_from_the_next_round(tmp_path: Path) -> None:
    async with running_server(db=tmp_path / "db") as running:
        reload(running, retain_messages_per_room=5, retain_days=1.0)
        journal = running.server.chat.journal
        assert journal is not None
        assert (journal.pace.retain_count, journal.pace.retain_age_s) == (5, 86_400)


async def test_what_needs_a_new_start_is_named_and_left_as_it_is() -> None:
    async with running_server() as running:
        for _ in range(2):
            told = reload(running, max_text_bytes=1, ping_interval_s=1.0)
            assert told["changed"] == ""
            assert told["needs_restart"] == "max_text_bytes ping_interval_s"
        assert running.server.chat.config.max_text_bytes == Config().max_text_bytes


async def test_settings_that_cannot_be_used_change_nothing() -> None:
    async with running_server() as running:
        before = running.server.chat.config

        def read() -> Config:
            raise ConfigError("wassop.toml: verbose = 1", Unfit("true or false expected"))

        running.server.reloading = Reloading(running.server.chat, read, lambda _: running.server.chat.log)
        running.server.reload()
        assert running.server.chat.config is before
        told = running.log.entries[-1]
        assert told["event"] == "cannot-reload"
        assert told["reason"] == "wassop.toml: verbose = 1: true or false expected"
