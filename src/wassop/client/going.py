"""Going into rooms and out of them, and about among one's conversations."""

from wassop.client.asked import AskedLeave, AskedMembers, AskedRooms
from wassop.client.finding import go_to_result
from wassop.client.model import LeaveQuestion, Place, Room
from wassop.client.tab import MENU, room_key
from wassop.client.tabs import best_match, close, close_shown, enter, move, switch_to
from wassop.client.tabs import to_menu as show_menu
from wassop.client.turn import Turn
from wassop.wire.native_messages import Leave, Rooms, Who


def join(turn: Turn, room: str) -> None:
    """Go into a room, which may be one of one's own already."""
    known = _own(turn, room)
    if known is None:
        turn.join(room)
    else:
        enter(turn, known)


def exit_room(turn: Turn, _: str = "") -> None:
    """Back to the main menu; a room is left for that, after a question."""
    state = turn.state
    if state.here == MENU:
        turn.error(turn.tr.gettext("You are not in any room."))
    elif state.tab.is_private:
        close(turn, state.here)
        show_menu(turn)
    elif state.current == state.lobby:
        show_menu(turn)
    else:
        turn.change(question=LeaveQuestion(state.tab.title))


def leave(turn: Turn, name: str) -> None:
    """Leave a room, the one that is shown if none is named; a private conversation is closed."""
    if not name and turn.state.tab.is_private:
        close(turn, turn.state.here)
        return
    if not name and turn.state.current is None:
        turn.error(turn.tr.gettext("You are not in any room."))
        return
    room = _own(turn, name or turn.state.tab.title)
    if room is None:
        turn.error(turn.tr.gettext("You are not in the room {room}.").format(room=name))
    else:
        ask_out(turn, room.name, to_menu=False)


def ask_out(turn: Turn, room: str, *, to_menu: bool) -> None:
    """Ask the server to be let out of `room`."""
    if turn.has_connection():
        turn.ask(AskedLeave(room, to_menu), lambda number: Leave(room, id=number))


def left(turn: Turn, room: str, *, to_menu: bool) -> None:
    """One is no longer in `room`: its tab goes, and one is where one was before, or at the main menu."""
    was_here = turn.state.here == room_key(room)
    close(turn, room_key(room))
    turn.notice(turn.tr.gettext("You have left the room {room}.").format(room=room))
    if was_here and (to_menu or turn.state.here == MENU):
        show_menu(turn)


def close_tab(turn: Turn, _: str) -> None:
    """Close the conversation that is shown."""
    close_shown(turn)


def go(turn: Turn, wanted: str) -> None:
    """Go to a result of the newest search by its number, or to the conversation most like `wanted`."""
    # Longer numbers are no places in a list, and int() refuses the longest.
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 9:
        if turn.has_connection():
            go_to_result(turn, int(wanted))
        return
    menu = turn.tr.gettext("Menu")
    titles = {key: tab.title or menu for key, tab in turn.state.tabs.items()}
    key = best_match(wanted, titles)
    if key is None:
        text = turn.tr.gettext("None of your conversations is like {text}. /join goes into a room.")
        turn.error(text.format(text=wanted))
    else:
        switch_to(turn, list(titles).index(key) + 1)


def move_tab(turn: Turn, to: str) -> None:
    """Move the tab that is shown to place number `to`."""
    if to.isascii() and to.isdigit() and len(to) <= 4:
        at = list(turn.state.tabs).index(turn.state.here)
        move(turn, int(to) - 1 - at)
    else:
        turn.error(turn.tr.gettext("Tell the number of a place: /move 3"))


def list_rooms(turn: Turn, _: str = "") -> None:
    """Show which rooms there are; at the main menu, it is shown anew."""
    at_menu = turn.state.place is Place.MENU
    turn.ask(AskedRooms("menu" if at_menu else "list"), lambda number: Rooms(id=number))


def show_members(turn: Turn, name: str) -> None:
    """Show who is in that room, or in the one that is shown, or connected."""
    room = name or turn.state.current
    turn.ask(AskedMembers(), lambda number: Who(room, id=number))


def _own(turn: Turn, name: str) -> Room | None:
    return next((room for room in turn.state.rooms.values() if room.key == room_key(name)), None)
