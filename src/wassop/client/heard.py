"""What happens when the server says something."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from wassop.client.accounting import (
    PASSWORD_CODES,
    ROOM_CODES,
    logged_out,
    password_changed,
    password_refused,
    registered,
    room_refused,
    secret_refused,
)
from wassop.client.arrival import entered_room, name_still_in_use, welcomed
from wassop.client.asked import (
    AskedAround,
    AskedAway,
    AskedChange,
    AskedGap,
    AskedHello,
    AskedJoin,
    AskedLeave,
    AskedLogin,
    AskedMembers,
    AskedMessage,
    AskedOlder,
    AskedOrder,
    AskedRead,
    AskedRegister,
    AskedRooms,
    AskedSearch,
    AskedTopic,
)
from wassop.client.away import away_heard, away_learned, away_no_more, away_stored, names_told
from wassop.client.finding import found
from wassop.client.gap import close_gap, gap_page
from wassop.client.going import left
from wassop.client.happenings import GiveUp, Send
from wassop.client.line import Delivery, Kind
from wassop.client.older import older_page, older_refused, read_before, shown_around
from wassop.client.ordering import ENDS, bans_answered, order_done, order_heard, roles_anew
from wassop.client.outgoing import not_stored, settle
from wassop.client.returning import forget_room
from wassop.client.secret import WRONG_CODES
from wassop.client.tab import MENU, room_key
from wassop.client.tabs import carry, to_menu
from wassop.client.talk import acknowledged, private, said_live
from wassop.client.topics import topic_heard, topic_stored
from wassop.client.turn import Turn
from wassop.client.typists import no_longer_types, typing_heard
from wassop.wire import native_messages as messages
from wassop.wire import native_moderation as wire

_MAX_NAMES_IN_A_LINE: Final = 3


def heard(turn: Turn, message: messages.ServerMessage) -> None:
    """Do what `message` says."""
    match message:
        case messages.Said():
            no_longer_types(turn, room_key(message.room), message.author)
            said_live(turn, message)
        case messages.Private():
            private(turn, message)
        case messages.TopicSet():
            topic_heard(turn, message)
        case messages.Presence():
            _presence(turn, message)
        case messages.Away():
            away_heard(turn, message)
        case messages.Ok():
            _done(turn, message)
        case messages.Joined():
            _joined(turn, message)
        case messages.Left(room):
            _left(turn, room, message.re)
        case messages.RoomsAre(rooms):
            _rooms(turn, rooms, message.re)
        case messages.WhoIs():
            _members(turn, message)
        case messages.HistoryPage():
            _page(turn, message)
        case messages.Found():
            asked = turn.answered(message.re)
            if isinstance(asked, AskedSearch):
                found(turn, asked, message)
        case messages.ReadUpTo():
            asked = turn.answered(message.re)
            if isinstance(asked, AskedRead):
                read_before(turn, asked, message)
        case messages.Welcome():
            welcomed(turn, message)
        case messages.Error():
            _error(turn, message)
        case messages.Bye("tls-required"):
            text = turn.tr.gettext("{server} speaks only TLS: use --tls")
            turn.effects.append(GiveUp(text.format(server=turn.state.server)))
        case messages.Bye(reason, text) if reason in ENDS:
            turn.effects.append(GiveUp(text))
        case messages.Bye(reason, text):
            _bye(turn, reason, text)
        case messages.Slow():
            text = turn.tr.gettext("You write faster than the server reads: it takes longer to arrive.")
            turn.notice(text)
        case messages.Ping():
            turn.effects.append(Send(messages.Pong()))
        case (
            wire.RoleGiven()
            | wire.Kicked()
            | wire.Muted()
            | wire.Unmuted()
            | wire.Invited()
            | wire.ModesAre()
        ):
            order_heard(turn, message)
        case wire.BansAre():
            bans_answered(turn, message)
        case messages.LoggedOut():
            logged_out(turn)
        case messages.Typing():
            typing_heard(turn, message)
        case _:  # a sign of life, or what a server of another version tells
            pass


# Coming and going


def _bye(turn: Turn, reason: str, text: str) -> None:
    if reason == "unnamed":
        # The link connects again by itself, and who thinks about a name need not know.
        turn.change(told_lost=True)
    elif reason != "quit" and not turn.state.told_lost:  # else every try is refused alike
        turn.error(text)


def _presence(turn: Turn, news: messages.Presence) -> None:
    state = turn.state
    room = state.rooms.get(news.room)
    if room is None:
        return
    own = {state.name}
    joined = [name for name in news.joined if name not in room.members and name not in own]
    left_room = [name for name in news.left if name in room.members and name not in own]
    gone = [name for name in news.gone if name in room.members and name not in own]
    turn.put_room(evolve(room, members=room.members.union(joined).difference(left_room, gone)))
    no_longer_types(turn, room.key, *left_room, *gone)
    roles_anew(turn, room, joined)
    away_no_more(turn, gone)
    if room.name == state.lobby:
        return
    tr = turn.tr
    if joined:
        text = tr.ngettext("{names} has joined the room.", "{names} have joined the room.", len(joined))
        turn.show(Kind.PRESENCE, text.format(names=_listing(turn, joined)), on=room.key, at=turn.at)
    if left_room:
        text = tr.ngettext("{names} has left the room.", "{names} have left the room.", len(left_room))
        turn.show(Kind.PRESENCE, text.format(names=_listing(turn, left_room)), on=room.key, at=turn.at)
    if gone:
        text = tr.ngettext("{names} has left the chat.", "{names} have left the chat.", len(gone))
        turn.show(Kind.PRESENCE, text.format(names=_listing(turn, gone)), on=room.key, at=turn.at)


def _listing(turn: Turn, names: Sequence[str]) -> str:
    """`ana`, `ana and bob`, `ana, bob, eva and 7 more`."""
    if len(names) == 1:
        return names[0]
    shown = list(names[:_MAX_NAMES_IN_A_LINE])
    if len(names) > len(shown):
        rest = len(names) - len(shown)
        last = turn.tr.ngettext("{count} more", "{count} more", rest).format(count=rest)
    else:
        last = shown.pop()
    return turn.tr.gettext("{names} and {last}").format(names=", ".join(shown), last=last)


def _joined(turn: Turn, joined: messages.Joined) -> None:
    asked = turn.answered(joined.re)
    before = turn.state.tab
    entered_room(turn, joined, is_quiet=isinstance(asked, AskedJoin) and asked.is_quiet)
    if isinstance(asked, AskedJoin) and asked.password is not None:
        turn.put_room(evolve(turn.state.rooms[joined.room], password=asked.password))
    if not isinstance(asked, AskedJoin) or asked.is_quiet or turn.state.tab.draft:
        return
    if before.key == asked.asked_on != turn.state.here:
        turn.put_tab(evolve(turn.state.tabs[before.key], draft=""))
        carry(turn, before.draft, turn.state.here)


def _left(turn: Turn, name: str, re: object) -> None:
    asked = turn.answered(re)
    before = turn.state.tab
    turn.change(rooms={room: value for room, value in turn.state.rooms.items() if room != name})
    left(turn, name, to_menu=isinstance(asked, AskedLeave) and asked.to_menu)
    if isinstance(asked, AskedLeave) and before.key == room_key(name):
        carry(turn, before.draft, turn.state.here)


# Answers


def _done(turn: Turn, ok: messages.Ok) -> None:
    asked = turn.answered(ok.re)
    match asked:
        case AskedMessage():
            acknowledged(turn, asked, ok)
        case AskedTopic():
            topic_stored(turn, asked, ok)
        case AskedAway():
            away_stored(turn, asked)
        case AskedRegister():
            registered(turn, asked)
        case AskedChange():
            password_changed(turn, asked)
        case AskedOrder():
            order_done(turn, asked, turn.at)


def _rooms(turn: Turn, rooms: Sequence[messages.RoomLine], re: object) -> None:
    asked = turn.answered(re)
    turn.change(listed=tuple((line.room, line.count) for line in rooms))
    if not isinstance(asked, AskedRooms) or asked.why == "know":
        return
    if asked.why == "menu":
        _show_menu(turn)
    else:
        _list_rooms(turn, turn.state.here)


def _show_menu(turn: Turn) -> None:
    """There is one main menu, the newest, below all else in its tab."""
    tr = turn.tr
    for number in turn.state.menu:
        turn.remove_line(MENU, number)
    first = turn.state.next_line
    turn.notice("", on=MENU)
    turn.show(Kind.HEADING, f"---- {tr.gettext('Main menu')} ----", on=MENU)
    turn.notice(tr.gettext("Join a room!"), on=MENU)
    turn.notice(tr.gettext("To join a room, just type its name: <room_name>"), on=MENU)
    _list_rooms(turn, MENU)
    for text in (
        tr.gettext("Refresh the list of rooms: REFR"),
        tr.gettext("Leave the application: QUIT"),
    ):
        turn.notice(f"* {text}", on=MENU)
    turn.change(menu=tuple(range(first, turn.state.next_line)))


def _list_rooms(turn: Turn, key: str) -> None:
    turn.show(Kind.HEADING, turn.tr.gettext("Available rooms:"), on=key)
    for name, count in turn.state.listed:
        if name != turn.state.lobby:
            turn.notice(f"{name} ({count})", on=key)


def _members(turn: Turn, who: messages.WhoIs) -> None:
    asked = turn.answered(who.re)
    room = turn.state.rooms.get(who.room) if who.room is not None else None
    if room is not None:
        turn.put_room(evolve(room, members=frozenset(who.members)))
    away_learned(turn, who.members, who.away)
    if isinstance(asked, AskedMembers):
        where = turn.tr.gettext("Connected") if who.room is None else who.room
        names = ", ".join(names_told(turn, who.members))
        turn.notice(f"{where} ({len(who.members)}): {names}")


def _page(turn: Turn, page: messages.HistoryPage) -> None:
    asked = turn.answered(page.re)
    match asked:
        case AskedOlder():
            older_page(turn, asked, page)
        case AskedGap():
            gap_page(turn, asked, page)
        case AskedAround():
            shown_around(turn, asked, page)


def _error(turn: Turn, error: messages.Error) -> None:
    asked = turn.answered(error.re)
    match asked:
        case AskedHello(name) if name == turn.state.name and error.code == "name-taken":
            name_still_in_use(turn, name)
            return
        case AskedHello(name) if error.code in PASSWORD_CODES:
            password_refused(turn, name, error)
            return
        case AskedHello():
            turn.error(error.text)
            turn.change(wanted_name=None, password=None, typed_ahead=(), naming=True)
            return
        case AskedLogin() | AskedRegister() | AskedChange() if error.code in WRONG_CODES:
            secret_refused(turn, asked, error)
            return
        case AskedMessage(line) if error.code == "not-stored":
            not_stored(turn, line)
            return
        case AskedMessage(line):
            settle(turn, line, Delivery.FAILED)
        case AskedRead():
            return
        case AskedOlder():
            older_refused(turn, asked, error.text)
            return
        case AskedGap(name):
            gap_room = turn.state.rooms.get(name)
            if gap_room is not None and gap_room.gap is not None:
                close_gap(turn, gap_room)
        case AskedJoin(is_quiet=False) if error.code in ROOM_CODES:
            room_refused(turn, asked, error)
            return
        case AskedJoin(name, is_quiet=True):
            forget_room(turn, name)
            turn.error(f"{name}: {error.text}")
            return
        case AskedJoin():
            turn.change(goal=None)
    turn.error(error.text)
    if isinstance(asked, AskedJoin) and asked.or_menu and turn.state.here == MENU:
        turn.change(typed_ahead=())
        to_menu(turn)
    elif isinstance(asked, AskedLeave) and error.code == "not-in-room":
        _left(turn, asked.room, None)
