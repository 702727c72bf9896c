"""What happens when a line is entered, and when a text is pasted."""

from typing import Final

from attrs import evolve

from wassop.client import commands
from wassop.client.accounting import keep_answered, say_hello
from wassop.client.choosing import act_on_answer, amending_entered, give_up
from wassop.client.going import ask_out
from wassop.client.happenings import Finish, Pasted, Put
from wassop.client.model import DeleteQuestion, LeaveQuestion, Online, PasteQuestion, Place
from wassop.client.saying import talk
from wassop.client.secret import KeepQuestion, SecretQuestion
from wassop.client.turn import Turn
from wassop.client.vocabulary import COMMANDS, MENU_WORDS, ROOM_WORDS

LONG_PASTE_LINES: Final = 5
"""A pasted text of more lines than this is asked about: it may have been meant for another window."""


def line_entered(turn: Turn, text: str) -> None:
    """Do what `text` means where the person is."""
    text = text.encode("utf-8", "replace").decode()  # a terminal can send what is no Unicode
    state = turn.state
    if isinstance(state.question, SecretQuestion):  # no answer: a key that stands for a command
        _understood(turn, text.strip())
        return
    if state.naming:
        _named(turn, text.strip())
        return
    if isinstance(state.question, KeepQuestion) and keep_answered(turn, state.question, text, commands.YES):
        return
    state = turn.state
    turn.put_tab(evolve(state.tab, draft=""))
    if state.question is not None:
        _answered(turn, text.strip().casefold() in commands.YES)
    elif state.tab.amending is not None:
        if text.strip():
            amending_entered(turn, text.strip())
        else:
            give_up(turn)
    else:
        _understood(turn, text.strip())


def pasted(turn: Turn, paste: Pasted) -> None:
    """Put a pasted text where the cursor is; a long one after a question."""
    state, text = turn.state, paste.text
    if isinstance(state.question, SecretQuestion):
        text = text.strip("\n")
    elif state.naming or state.question is not None:
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
        turn.change(wanted_name=name, refusals=0, password=None, looked_up=None)
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
        case DeleteQuestion() if yes:
            act_on_answer(turn, question)
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
