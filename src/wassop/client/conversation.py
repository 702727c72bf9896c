"""The state as it goes on: what happens goes in, what is to be done goes out to the link and the screen."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from wassop.client.happenings import (
    Alert,
    Finish,
    GiveUp,
    Happening,
    KeepInput,
    KeepInSight,
    KeepPassword,
    KeepSetting,
    Later,
    LookUp,
    Put,
    Recall,
    Recalled,
    Reconnect,
    Reveal,
    RevealFrom,
    Send,
    SettingKept,
    Welcomed,
)
from wassop.client.memory import Memory
from wassop.client.model import State
from wassop.client.state import reduce
from wassop.wire.native_messages import ClientMessage


class Server(Protocol):
    """What a conversation needs of a link."""

    def send(self, message: ClientMessage) -> bool:
        """Say something, if there is a connection."""
        ...

    def welcomed(self) -> None:
        """The connection is a good one."""
        ...

    def drop(self) -> None:
        """Try again with another connection."""
        ...


class Conversation:
    """Holds the one state of a running client."""

    def __init__(self, state: State, server: Server, now: Callable[[], float] = time.time) -> None:
        self.state = state
        self._server: Final = server
        self._now: Final = now
        self.on_change: Callable[[], None] = lambda: None
        self.on_finish: Callable[[], None] = lambda: None
        self.on_give_up: Callable[[str], None] = lambda _: None
        self.on_put: Callable[[str, str], None] = lambda *_: None
        self.on_recall: Callable[[str], Memory] = lambda _: Memory()
        self.on_look_up: Callable[[str], None] = lambda _: None
        self.on_keep_password: Callable[[str, str], None] = lambda *_: None
        self.on_reveal: Callable[[int], None] = lambda _: None
        self.on_reveal_from: Callable[[int], None] = lambda _: None
        self.on_keep_in_sight: Callable[[int], None] = lambda _: None
        self.on_alert: Callable[[Alert], None] = lambda _: None
        self.on_setting: Callable[[str, str], SettingKept] = lambda *_: SettingKept()
        self.on_later: Callable[[float, Happening], None] = lambda *_: None

    def happened(self, happening: Happening) -> bool:
        """Take `happening` in and do what follows; whether what was typed should stay in the input bar."""
        self.state, effects = reduce(self.state, happening, self._now())
        for effect in effects:
            match effect:
                case Send(message):
                    # Without a connection the news of its loss is on its way, and what matters is sent again.
                    self._server.send(message)
                case Welcomed():
                    self._server.welcomed()
                case Reconnect():
                    self._server.drop()
                case Later(delay_s, later):
                    self.on_later(delay_s, later)
                case Put(before, after):
                    self.on_put(before, after)
                case Recall(name):
                    self.happened(Recalled(self.on_recall(name)))
                case LookUp(name):
                    self.on_look_up(name)
                case KeepPassword(name, password):
                    self.on_keep_password(name, password)
                case Reveal(line):
                    self.on_reveal(line)
                case RevealFrom(line):
                    self.on_reveal_from(line)
                case KeepInSight(line):
                    self.on_keep_in_sight(line)
                case Alert():
                    self.on_alert(effect)
                case KeepSetting(name, word):
                    self.happened(self.on_setting(name, word))
                case Finish():
                    self.on_finish()
                case GiveUp(why):
                    self.on_give_up(why)
                case KeepInput():
                    pass
        self.on_change()
        return any(isinstance(effect, KeepInput) for effect in effects)
