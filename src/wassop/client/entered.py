"""What happens when a line is entered, and when a text is pasted."""

from typing import Final

from attrs import evolve

from wassop.client import commands
from wassop.client.asked import AskedHello
from wassop.client.going import ask_out
from wassop.client.happenings import Finish, Pasted, Put
from wassop.client.model import LeaveQuestion, Online, PasteQuestion, Place
from wassop.client.saying import talk
from wassop.client.turn import Turn
from wassop.client.vocabulary import COMMANDS, MENU_WORDS, ROOM_WORDS
from wassop.wire.native_messages import Hello

CLIENT: Final = "wassop join"
LONG_PASTE_LINES: Final = 5
"""A pasted text of more lines than this is asked about: it may have been meant for another window."""


def line_entered(turn: Turn, text: str) -> None:
    """Do what `text` means where the person is."""
    text = text.encode("utf-8", "replace").decode()  # a terminal can send what is no Unicode
    state = turn.state
    if state.naming:
        _named(turn, text.strip())
        return
    turn.put_tab(evolve(state.tab, draft=""))
    if state.question is not None:
        _answered(turn, text.strip().casefold() in commands.YES)
    else:
        _understood(turn, text.strip())


def say_hello(turn: Turn) -> None:
    """Ask to be let in under the wanted name, back into the rooms one was in."""
    state = turn.state
    assert state.wanted_name is not None
    name = state.wanted_name
    resume = {room.name: room.ledger.mark for room in state.rooms.values()} or None
    epoch = state.epoch if resume else None
    turn.ask(
        AskedHello(name),
        lambda number: Hello(name, lang=state.lang, client=CLIENT, resume=resume, epoch=epoch, id=number),
    )


def pasted(turn: Turn, paste: Pasted) -> None:
    """Put a pasted text where the cursor is; a long one after a question."""
    state, text = turn.state, paste.text
    if state.naming or state.question is not None:
        text = " ".join(text.split())
    elif text.count("\n") >= LONG_PASTE_LINES:
        turn.change(question=PasteQuestion(text, paste.before, paste.after))
        turn.effects.append(Put(""))
        return
    turn.effects.append(Put(paste.before + text, paste.after))


def _named(turn: Turn, name: str) -> None:
    if name in ("QUIT", "/quit"):
        turn.effects.append(Finish())
    elif name:
        turn.change(wanted_name=name, refusals=0)
        if turn.state.online is Online.ENTERING:
            say_hello(turn)


def _answered(turn: Turn, yes: bool) -> None:
    question = turn.state.question
    turn.change(question=None)
    match question:
        case LeaveQuestion(room) if yes:
            ask_out(turn, room, to_menu=True)
        case LeaveQuestion(room):
            turn.notice(turn.tr.gettext("You stay in the room {room}.").format(room=room))
        case PasteQuestion(text, before, after):
            turn.effects.append(Put(before + text if yes else before, after))


def _understood(turn: Turn, text: str) -> None:
    """A word of the seed, a command, a message; at the main menu, where nobody talks, a room's name."""
    at_menu = turn.state.place is Place.MENU
    word = commands.found(text, ROOM_WORDS) or (commands.found(text.upper(), MENU_WORDS) if at_menu else None)
    if not text:
        return
    if word is not None:
        commands.run(turn, word, "")
    elif text.startswith("/") and not text.startswith("//"):
        _command(turn, text)
    elif at_menu:
        _join(turn, text.removeprefix("/"))
    else:
        talk(turn, text.removeprefix("/"))


def _command(turn: Turn, text: str) -> None:
    word, _, rest = text.partition(" ")
    command = commands.found(word, COMMANDS)
    if command is None:
        turn.error(turn.tr.gettext("Unknown command: {command}. /help lists them.").format(command=word))
    else:
        commands.run(turn, command, rest.strip())


def _join(turn: Turn, room: str) -> None:
    command = commands.found("/join", COMMANDS)
    assert command is not None
    commands.run(turn, command, room)
