"""Line mode: passwords, and order in rooms."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from wassop.client.chat import Chat
from wassop.client.deeds import ban_lines, ban_of, done_sentence, modes_of, sentence
from wassop.client.secret import QUESTIONS, WRONG_CODES, Wanted
from wassop.client.told import Refused
from wassop.client.told_orders import ModesSet
from wassop.locale import Translations
from wassop.wire import native_moderation as wire


class Asker(Protocol):
    """Where the person is, and how to speak with them."""

    @property
    def tr(self) -> Translations:
        """The person's language."""
        ...

    @property
    def say(self) -> Callable[..., None]:
        """Prints lines."""
        ...

    @property
    def current(self) -> str | None:
        """The room where the person is."""
        ...

    @property
    def asking(self) -> Callable[[str], Awaitable[str | None]] | None:
        """Asks for a secret; None where nobody can be asked."""
        ...


def needs_terminal(tr: Translations) -> str:
    """Why nobody can be asked for a password."""
    return tr.gettext(
        "Passwords are asked for at a terminal; that of your name may stand in a --password-file."
    )


async def register(chat: Chat, asker: Asker, _: str) -> None:
    """Make one's guest name one's own."""
    if await _done(asker, Wanted.REGISTER, chat.name, lambda typed: chat.register(typed[0])):
        asker.say(asker.tr.gettext("Your name is registered: from now on it takes your password."))


async def login(chat: Chat, asker: Asker, name: str) -> None:
    """Become somebody registered."""
    name = name.partition(" ")[0].removeprefix("@")
    if await _done(asker, Wanted.LOGIN, name, lambda typed: chat.login(name, typed[0])):
        asker.say(asker.tr.gettext("You have joined as {name}.").format(name=chat.name))


async def change_password(chat: Chat, asker: Asker, _: str) -> None:
    """Take another password."""
    if await _done(asker, Wanted.CHANGE, chat.name, lambda typed: chat.change_password(*typed[:2])):
        asker.say(asker.tr.gettext("Your password was changed."))


async def order(chat: Chat, asker: Asker, word: str, rest: str) -> None:
    """Keep order, in the grammar of wire/slash.py."""
    from wassop.core.refusals import Refused
    from wassop.wire import native_orders, phrases, slash

    tr = asker.tr
    if (word, rest) == ("/mode", "password") and asker.current is not None:
        typed = await _asked(asker, Wanted.LOCK, asker.current)
        if typed is not None:
            await chat.order.set_modes(asker.current, password=typed[0])
        return
    asked = slash.order(f"{word} {rest}", asker.current)
    assert asked is not None
    if isinstance(asked, Refused):
        asker.say(phrases.refusal(asked, tr))
        return
    match await chat.order.carry_out(native_orders.asked(asked)):
        case wire.BansAre(bans):
            asker.say(*ban_lines([ban_of(line) for line in bans], tr))
        case wire.ModesAre(room, modes, None):
            asker.say(sentence(ModesSet(room, modes_of(modes)), None, tr))
        case _:
            if text := done_sentence(asked, time.time(), tr):
                asker.say(text)


async def _done(
    asker: Asker, wanted: Wanted, about: str, use: Callable[[list[str]], Awaitable[None]]
) -> bool:
    """Whether `use` was content with what was typed. Whoever was wrong is asked once more, and does not type
    it where it would be said."""
    while True:
        typed = await _asked(asker, wanted, about)
        if typed is None:
            return False
        try:
            await use(typed)
        except Refused as refusal:
            if refusal.code not in WRONG_CODES:
                raise
            asker.say(refusal.text)
        else:
            return True


async def _asked(asker: Asker, wanted: Wanted, about: str) -> list[str] | None:
    """The answers to all questions; None when the person gives up, or cannot be asked."""
    tr, typed = asker.tr, list[str]()
    if asker.asking is None:
        asker.say(needs_terminal(tr))
        return None
    for question in QUESTIONS[wanted]:
        answer = await asker.asking(tr.gettext(question).format(name=about))
        if not answer:
            asker.say(tr.gettext("Nothing was changed."))
            return None
        typed.append(answer)
    if wanted in (Wanted.REGISTER, Wanted.CHANGE) and typed[-1] != typed[-2]:
        asker.say(tr.gettext("That was another password; nothing was changed."))
        return await _asked(asker, wanted, about)
    return typed
