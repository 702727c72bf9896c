"""What is said to one person, who need not be here if the name is registered."""

from typing import TYPE_CHECKING

from attrs import evolve

from wassop.core.commands import Tell
from wassop.core.deliveries import Delivery, Record, Reply, ToSession
from wassop.core.events import Accepted, Told, ToldElsewhere
from wassop.core.names import UserName, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.session import Session
from wassop.core.text import refused_text

if TYPE_CHECKING:
    from wassop.core.hub import Hub


def tell(hub: "Hub", session: Session, command: Tell, now: float) -> list[Delivery]:
    """Tell all sessions of that name; where there is none, keep it for the owner of the name."""
    assert session.name is not None
    refused = refused_text(command.text, hub.limits.max_text_bytes)
    if refused is not None:
        return [Reply(refused)]
    name = user_name(command.to)
    here = hub.people.named(name) if isinstance(name, UserName) else ()
    to = here[0].name if here else _absent(hub, name)
    if to is None:
        return [Reply(Refused(Code.NO_SUCH_USER, {"name": command.to}))]
    kept = not here
    told = Told(session.name, to, command.text, now, command.nonce, kept)
    away = hub.absences.get(to.key)
    reply = Reply(Accepted(None, None, now, command.text, to=to, kept=kept, away=away))
    if command.nonce is not None and hub.private_nonces.knows(session.name.key, command.nonce):
        # Told or kept already, but perhaps it could not be stored.
        return [reply, Record(evolve(told, kept=False))]
    if kept:
        limit = hub.limits.kept_messages
        if hub.mailboxes.waiting(to.key) >= limit:
            return [Reply(Refused(Code.MAILBOX_FULL, {"name": to.text, "limit": limit}))]
        hub.mailboxes.put(to.key)
    if command.nonce is not None:
        hub.private_nonces.note(session.name.key, command.nonce)
    deliveries: list[Delivery] = [reply, Record(told), *(ToSession(each, told) for each in here)]
    if session.account is not None and to != session.name:
        others = (each for each in hub.people.named(session.name) if each is not session)
        deliveries += [ToSession(each, ToldElsewhere(told)) for each in others]
    return deliveries


def take_back_told(hub: "Hub", told: Told) -> None:
    """It could not be stored. Where it was told already nothing changes; where it was to be kept, it is as if
    it had never been said."""
    if told.kept:
        hub.mailboxes.take_back(told.to.key)
        if told.nonce is not None:
            hub.private_nonces.forget(told.author.key, told.nonce)


def _absent(hub: "Hub", name: UserName | Refused) -> UserName | None:
    account = hub.accounts.named(name) if isinstance(name, UserName) else None
    return account.name if account is not None else None
