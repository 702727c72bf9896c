"""What happens when a line is entered."""

from collections.abc import Iterable
from typing import Final

import msgspec

from wassop.client import commands
from wassop.client.asked import AskedHello, AskedLeave, AskedMembers, AskedRooms
from wassop.client.emojis import with_emojis
from wassop.client.finding import go, search
from wassop.client.happenings import Finish, KeepInput
from wassop.client.model import Delivery, Kind, Online, Pending, Place
from wassop.client.outgoing import deliver
from wassop.client.reading import tell_read
from wassop.client.topics import set_topic, show_topic
from wassop.client.turn import Turn
from wassop.wire.native_messages import All, Hello, Leave, Msg, Rooms, Say, Who

CLIENT: Final = "wassop join"


def line_entered(turn: Turn, text: str) -> None:
    """Do what `text` means where the person is."""
    text = text.encode("utf-8", "replace").decode()  # a terminal can send what is no Unicode
    state = turn.state
    if state.place is Place.NAMING:
        _named(turn, text.strip())
    elif state.confirming:
        _confirmed(turn, text.strip())
    elif state.place is Place.MENU:
        _do(turn, commands.understand_at_menu(text))
    else:
        _do(turn, commands.understand_in_room(text))


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


def _named(turn: Turn, name: str) -> None:
    if name in ("QUIT", "/quit"):
        turn.effects.append(Finish())
    elif name:
        turn.change(wanted_name=name, refusals=0)
        if turn.state.online is Online.ENTERING:
            say_hello(turn)


def _confirmed(turn: Turn, answer: str) -> None:
    room = turn.state.current
    assert room is not None
    turn.change(confirming=False)
    if answer.casefold() in commands.YES:
        _leave(turn, room, to_menu=True)
    else:
        turn.notice(turn.tr.gettext("You stay in the room {room}.").format(room=room))


def _do(turn: Turn, intent: commands.Intent) -> None:
    match intent:
        case commands.Talk(text):
            _talk(turn, text)
        case commands.Tell(to, text):
            mark = turn.tr.gettext("to {name}").format(name=to)
            _post(turn, Msg(to, with_emojis(text), nonce=_nonce(turn)), mark)
        case commands.Announce(text):
            _post(turn, All(with_emojis(text), nonce=_nonce(turn)), turn.tr.gettext("to all"))
        case commands.ShowTopic():
            show_topic(turn)
        case commands.Help():
            _help(turn)
        case commands.Quit():
            tell_read(turn)
            turn.effects.append(Finish())
        case commands.Unknown(word):
            turn.error(turn.tr.gettext("Unknown command: {command}. /help lists them.").format(command=word))
        case commands.Incomplete(word):
            _show_usage(turn, word)
        case commands.Nothing():
            pass
        case commands.Exit():
            _ask_to_leave(turn)
        case (
            commands.Join()
            | commands.Leave()
            | commands.SetTopic()
            | commands.ListRooms()
            | commands.ShowMembers()
            | commands.Search()
            | commands.Go()
        ):
            if turn.state.online is Online.READY:
                _request(turn, intent)
            else:
                turn.error(turn.tr.gettext("There is no connection now; try again when it is back."))
                turn.effects.append(KeepInput())


def _request(turn: Turn, intent: commands.Request) -> None:
    match intent:
        case commands.Search(text):
            search(turn, text)
        case commands.Go(number):
            go(turn, number)
        case commands.Join(room):
            tell_read(turn)
            _join(turn, room)
        case commands.Leave(room):
            _leave_named(turn, room)
        case commands.SetTopic(text):
            set_topic(turn, with_emojis(text))
        case commands.ListRooms():
            at_menu = turn.state.place is Place.MENU
            turn.ask(AskedRooms("menu" if at_menu else "list"), lambda number: Rooms(id=number))
        case commands.ShowMembers():
            current = turn.state.current
            turn.ask(AskedMembers(), lambda number: Who(current, id=number))


def _talk(turn: Turn, text: str) -> None:
    room = turn.state.current
    if room is None:
        turn.error(turn.tr.gettext("Join a room first."))
        return
    _post(turn, Say(room, with_emojis(text), nonce=_nonce(turn)))


def _nonce(turn: Turn) -> str:
    return f"{turn.state.nonce_prefix}-{turn.state.next_line}"


def _post(turn: Turn, message: Say | Msg | All, mark: str = "") -> None:
    """Show a message of one's own at once, and send it now or when the connection is back."""
    state, limits = turn.state, turn.state.limits
    size = len(message.text.encode())
    # Quotation marks and the like take more room on the wire than in the text.
    if limits and (size > limits.text_bytes or len(msgspec.json.encode(message)) + 32 > limits.line_bytes):
        turn.error(
            turn.tr.gettext("The text has {size} bytes; at most {limit} are allowed.").format(
                size=size, limit=limits.text_bytes
            )
        )
        turn.effects.append(KeepInput())
        return
    line = turn.show(
        Kind.TALK,
        message.text,
        at=turn.at,
        author=state.name,
        own=True,
        mark=mark,
        delivery=Delivery.WAITING,
        nonce=message.nonce,
    )
    pending = Pending(line, message)
    turn.change(pending=(*turn.state.pending, pending))
    deliver(turn, pending)


def _join(turn: Turn, room: str) -> None:
    known = _own_room(turn.state.own_rooms, room)
    if known is None:
        turn.join(room)
    else:
        turn.enter(known)
        turn.notice(turn.tr.gettext("You are now in the room {room}.").format(room=known))


def _ask_to_leave(turn: Turn) -> None:
    if turn.state.current is None:
        turn.error(turn.tr.gettext("You are not in any room."))
    else:
        turn.change(confirming=True)


def _leave_named(turn: Turn, room: str | None) -> None:
    leaving = turn.state.current if room is None else _own_room(turn.state.own_rooms, room)
    if leaving is not None:
        _leave(turn, leaving, to_menu=False)
    elif room is None:
        turn.error(turn.tr.gettext("You are not in any room."))
    else:
        turn.error(turn.tr.gettext("You are not in the room {room}.").format(room=room))


def _leave(turn: Turn, room: str, *, to_menu: bool) -> None:
    if turn.state.online is not Online.READY:
        turn.error(turn.tr.gettext("There is no connection now; try again when it is back."))
    elif room == turn.state.lobby:  # nobody leaves it; it only is no longer the current one
        left(turn, room, to_menu=to_menu)
    else:
        tell_read(turn)
        turn.ask(AskedLeave(room, to_menu), lambda number: Leave(room, id=number))


def left(turn: Turn, room: str, *, to_menu: bool) -> None:
    """One is no longer in `room`: on to another of one's rooms, or to the main menu."""
    turn.notice(turn.tr.gettext("You have left the room {room}.").format(room=room))
    if turn.state.current != room:
        return
    others = [other for other in turn.state.own_rooms if other not in (room, turn.state.lobby)]
    if to_menu or not others:
        turn.to_menu()
    else:
        turn.enter(others[-1])
        turn.notice(turn.tr.gettext("You are now in the room {room}.").format(room=others[-1]))


def _own_room(rooms: Iterable[str], wanted: str) -> str | None:
    return next((room for room in rooms if room.casefold() == wanted.casefold()), None)


def _show_usage(turn: Turn, word: str) -> None:
    command = commands.usage(word)
    usage = f"{word} {turn.tr.gettext(command.arguments)}"
    turn.error(turn.tr.gettext("Something is missing. Use: {usage}").format(usage=usage))
    turn.effects.append(KeepInput())


def _help(turn: Turn) -> None:
    tr = turn.tr
    turn.show(Kind.HEADING, tr.gettext("Commands"))
    for command in commands.COMMANDS:
        usage = f"{command.word} {tr.gettext(command.arguments) if command.arguments else ''}"
        turn.notice(f"{usage:<22}{tr.gettext(command.purpose)}")
    for text in (
        tr.gettext("In a room every line is a message; // at the beginning sends a line that starts with /."),
        tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
        tr.gettext(
            "Tab completes commands, rooms, @names and emojis like :corazon:; ↑ and ↓ bring back lines."
        ),
        tr.gettext(
            "Page Up, Page Down, Home, End and the mouse wheel move through the history; "
            "at its top, what was said earlier is fetched."
        ),
        tr.gettext(
            "/search narrows with room:NAME from:NAME since:DATE until:DATE; "
            "dates like 2026-01-31, 31/01/2026, 2d or 1h ago."
        ),
        tr.gettext("With Shift held down, the mouse selects text to copy."),
    ):
        turn.notice(text)
