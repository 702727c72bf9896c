"""A hub, and people at it who keep order; passwords are hashed as `hash of …`."""

from typing import Any

from attrs import evolve

from wassop.core.accounts import Account, ServerRole
from wassop.core.commands import Identify, Join, Say
from wassop.core.deliveries import Dismissed, Record, Reply, ToRoom, ToSession
from wassop.core.entering import identify
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.names import UserName, user_name
from wassop.core.orders import Ban, GiveRole, Kick, SetModes
from wassop.core.refusals import Refused
from wassop.core.restrictions import By
from wassop.core.roles import Role

NOW = 1_790_000_000.0


def named(text: str) -> UserName:
    name = user_name(text)
    assert isinstance(name, UserName)
    return name


class Guest:
    """Somebody at the hub, who is told things at once."""

    def __init__(self, house: "House", address: str) -> None:
        self.house = house
        self.session = house.hub.connect(address)
        self.told: list[Any] = []
        self.dismissed: Any = None

    def ask(self, command: Any) -> Any:
        """The answer; what is told is told, what is recorded is kept in `house.recorded`."""
        reply, *others = self.house.hub.handle(self.session, hashed(command), self.house.now)
        assert isinstance(reply, Reply)
        self.house.deliver(others)
        return reply.answer

    def refusal(self, command: Any) -> str:
        """The code with which it is refused; nothing was recorded."""
        before = len(self.house.recorded)
        answer = self.ask(command)
        assert isinstance(answer, Refused), answer
        assert len(self.house.recorded) == before
        return answer.code.value

    def go(self) -> None:
        self.house.deliver(self.house.hub.disconnect(self.session))

    # In the room that everything is about

    def join(self, **options: Any) -> Any:
        return self.ask(Join("Aula", **options))

    def say(self, text: str = "hola") -> Any:
        return self.ask(Say("Aula", text))

    def make(self, who: str, role: Role) -> Any:
        return self.ask(GiveRole("Aula", who, role))

    def kick(self, who: str, reason: str = "") -> Any:
        return self.ask(Kick("Aula", who, reason))

    def ban(self, who: str, for_s: float | None = None, reason: str = "", by: By = By.NAME) -> Any:
        return self.ask(Ban("Aula", by, who, for_s, reason))

    def set(self, **changes: Any) -> Any:
        return self.ask(SetModes("Aula", evolve(SetModes("Aula").changes, **changes)))


class House:
    """The hub and all at it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.hub = Hub(limits)
        self.guests: dict[Any, Guest] = {}
        self.recorded: list[Any] = []
        self.now = NOW

    def guest(
        self, name: str, *, address: str = "192.0.2.1", account: ServerRole | None = None, lobby: bool = True
    ) -> Guest:
        """Somebody comes in; with `account` as the owner of a registered name."""
        guest = self.visitor(address=address)
        owner = Account(named(name), account) if account is not None else None
        hello = Identify(name, lobby=lobby)
        reply, *others = identify(self.hub, guest.session, hello, self.now, owner)
        assert isinstance(reply, Reply)
        self.deliver(others)
        assert not isinstance(reply.answer, Refused), reply.answer
        return guest

    def visitor(self, *, address: str = "192.0.2.1") -> Guest:
        """Somebody who has said nothing yet."""
        guest = Guest(self, address)
        self.guests[guest.session] = guest
        return guest

    def inside(self, name: str, **options: Any) -> Guest:
        """Somebody comes in and into the room; who is the first owns it."""
        guest = self.guest(name, **options)
        answer = guest.join()
        assert not isinstance(answer, Refused), answer
        return guest

    def deliver(self, deliveries: list[Any]) -> None:
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, events, audience):
                    for membership in audience:
                        if membership.present:
                            self.guests[membership.session].told.extend(events)
                case ToSession(session, event):
                    self.guests[session].told.append(event)
                case Record(entry):
                    self.recorded.append(entry)
                case Dismissed(session, reason):
                    self.guests[session].dismissed = reason
                    self.deliver(self.hub.disconnect(session))


def hashed(command: Any) -> Any:
    """As the server prepares it."""
    if isinstance(command, SetModes) and command.changes.password:
        changes = evolve(command.changes, password_hash=f"hash of {command.changes.password}")
        return evolve(command, changes=changes)
    if isinstance(command, Join) and command.password:
        return evolve(command, proven=f"hash of {command.password}")
    return command
