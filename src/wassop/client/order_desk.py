"""Order in rooms for programs: `chat.order.kick("bob", "Sala1")`. Who may do what, the server decides."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

from wassop.client.deeds import ban_of, modes_of
from wassop.client.told_orders import Ban, Modes
from wassop.wire import native_messages as messages
from wassop.wire import native_moderation as wire

_ANSWERS: Final[dict[type, type]] = {
    wire.Bans: wire.BansAre,
    wire.Modes: wire.ModesAre,
    wire.Audit: wire.AuditIs,
}


class OrderDesk:
    """Requests of a chat that are about order. Without a room they are about the whole server.

    All raise what the other requests of the chat raise; times are seconds, and None is for good.
    """

    def __init__(self, ask: Callable[[Any, type], Awaitable[Any]]) -> None:
        self._ask: Final = ask

    async def carry_out(self, request: wire.ClientOrder) -> Any:
        """Ask for that, and return the answer."""
        return await self._ask(request, _ANSWERS.get(type(request), messages.Ok))

    async def give_role(
        self, room: str, who: str, role: Literal["owner", "operator", "voice", "member"]
    ) -> None:
        """Make somebody that in `room`."""
        await self.carry_out(wire.Role(room, who, role))

    async def kick(self, who: str, room: str | None = None, *, reason: str = "") -> None:
        """Put somebody out."""
        await self.carry_out(wire.Kick(who, room, reason))

    async def ban(
        self, target: str, room: str | None = None, *, for_s: float | None = None, reason: str = ""
    ) -> None:
        """Keep out a name, a network (`10.0.0.0/8`) or an account (`account:bob`), and put them out."""
        await self.carry_out(wire.Ban(room, **_target(target), for_s=for_s, reason=reason))

    async def unban(self, target: str, room: str | None = None) -> None:
        """Let them in again."""
        await self.carry_out(wire.Unban(room, **_target(target)))

    async def bans(self, room: str | None = None) -> tuple[Ban, ...]:
        """Who is banned or muted."""
        return tuple(ban_of(line) for line in (await self.carry_out(wire.Bans(room))).bans)

    async def mute(self, room: str, who: str, *, for_s: float | None = None, reason: str = "") -> None:
        """Let somebody speak no more in `room`."""
        await self.carry_out(wire.Mute(room, who, for_s, reason))

    async def unmute(self, room: str, who: str) -> None:
        """Let them speak again."""
        await self.carry_out(wire.Unmute(room, who))

    async def invite(self, room: str, who: str) -> None:
        """Tell somebody of `room`, and let them in."""
        await self.carry_out(wire.Invite(room, who))

    async def modes(self, room: str) -> Modes:
        """How `room` is set."""
        return modes_of((await self.carry_out(wire.Modes(room))).modes)

    async def set_modes(
        self,
        room: str,
        *,
        invite_only: bool | None = None,
        hidden: bool | None = None,
        permanent: bool | None = None,
        moderated: bool | None = None,
        slow_s: float | None = None,
        password: str | None = None,
    ) -> Modes:
        """Set what is not None, and return how `room` is set then; an empty password opens it."""
        wanted = wire.WantedModes(invite_only, hidden, permanent, moderated, slow_s, password)
        return modes_of((await self.carry_out(wire.Modes(room, wanted))).modes)


def _target(text: str) -> dict[str, str]:
    if text.startswith("account:"):
        return {"account": text.removeprefix("account:")}
    return {"network" if "/" in text or ":" in text or text.replace(".", "").isdigit() else "who": text}
