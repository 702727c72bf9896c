"""What a person with netcat or telnet reads: the screen of the first seed document."""

from typing import Final

from wassop.core import commands, events
from wassop.core.hub import LOBBY
from wassop.core.names import RoomName, UserName
from wassop.core.text import visible
from wassop.locale import Translations
from wassop.wire import deed_phrases, phrases, sentences

_BANNER: Final = f"{'*' * 43}\nWassop by Juan Miguel\n{'*' * 43}\n"


class Screen:
    """Texts in one language, each with its line ends; prompts have none."""

    def __init__(self, tr: Translations) -> None:
        self._tr: Final = tr

    # Prompts

    @property
    def name_prompt(self) -> str:
        """The question for the name."""
        return self._tr.gettext("Enter your user name: ")

    @property
    def menu_prompt(self) -> str:
        """What waits on the last line of the main menu."""
        return self._tr.gettext("Type the name of a room or a command: ")

    def confirmation(self, room: RoomName) -> str:
        """Whether to leave. With its own line end: what others say meanwhile begins a new line."""
        return self._tr.gettext("Do you really want to leave the room {room}? (y/n)").format(room=room) + "\n"

    # Places

    @property
    def banner(self) -> str:
        """What a visitor reads first."""
        return _BANNER

    def welcome(self, name: UserName) -> str:
        """The name is taken."""
        return self._tr.gettext("You have joined as {name}.").format(name=name) + "\n\n"

    def menu(self, rooms: tuple[events.RoomInfo, ...]) -> str:
        """The main menu, up to its prompt."""
        tr = self._tr
        return _lines(
            f"---- {tr.gettext('Main menu')} ----",
            tr.gettext("Join a room!"),
            tr.gettext("To join a room, just type its name: <room_name>"),
            *self._rooms(rooms),
            f"* {tr.gettext('Refresh the list of rooms: REFR')}",
            f"* {tr.gettext('Leave the application: QUIT')}",
            "",
        )

    def rooms(self, rooms: tuple[events.RoomInfo, ...]) -> str:
        """The rooms' names."""
        return _lines(*self._rooms(rooms))

    def entered(self, joined: events.Joined, reader: UserName | None) -> str:
        """The visitor is in a room, and what was said there before."""
        tr, room = self._tr, joined.room
        lines = [
            tr.gettext("You have joined the room {room}.").format(room=room),
            "",
            tr.gettext(
                "You are in the room {room}. Write messages, or use EXIT to go back to the main menu."
            ).format(room=room),
        ]
        lines += deed_phrases.order_lines(joined, tr)
        if joined.topic is not None:
            lines.append(self._topic(joined.topic))
        if joined.history:
            in_lobby = room.text == LOBBY
            for said in joined.history:
                lines += phrases.said_lines(said, tr, in_lobby=in_lobby, reader=reader)
            lines.append(f"---- {tr.gettext('New messages')} ----")
        return _lines(*lines)

    def left(self, room: RoomName) -> str:
        """The visitor is no longer in the room."""
        return self._tr.gettext("You have left the room {room}.").format(room=room) + "\n\n"

    def stayed(self, room: RoomName) -> str:
        """The visitor did not want to leave after all."""
        return self._tr.gettext("You stay in the room {room}.").format(room=room) + "\n"

    @property
    def logged_out(self) -> str:
        """The visitor has no name any more."""
        return self._tr.gettext("You have logged out.") + "\n\n"

    @property
    def given_up(self) -> str:
        """The visitor typed no password."""
        return self._tr.gettext("Nothing was changed.") + "\n"

    # Answers

    def noted(self, command: commands.Command) -> str:
        """What was done, where a person would wonder."""
        match command:
            case commands.Register():
                text = self._tr.gettext("Your name is registered: from now on it takes your password.")
            case commands.ChangePassword():
                text = self._tr.gettext("Your password was changed.")
            case _:
                return ""
        return f"{text}\n"

    def accepted(self, accepted: events.Accepted, narrator: UserName | None) -> str:
        """One's own message; with a `narrator`, it is one in the third person."""
        tr, to = self._tr, accepted.to
        if narrator is not None:
            return _lines(f"* {narrator} {visible(accepted.text)}")
        mark = f" ({tr.gettext('to {name}').format(name=to)})" if to else ""
        if to and accepted.kept:
            mark = f" ({tr.gettext('to {name}, who reads it on coming').format(name=to)})"
        mark = f" ({tr.gettext('to all')})" if accepted.to_all else mark
        away = f"{sentences.away_line(to.text, accepted.away, tr)}\n" if to and accepted.away else ""
        return f"{tr.gettext('You')}{mark}: {visible(accepted.text)}\n{away}"

    def away(self, away: events.Away) -> str:
        """Whether one is away, for the one who has just said so."""
        if not away.text:
            return _lines(self._tr.gettext("You are back."))
        return _lines(self._tr.gettext("You are away: {text}").format(text=visible(away.text)))

    def topic(self, topic: events.TopicSet) -> str:
        """What the room is about, for the one who has just said so."""
        return _lines(self._topic(topic))

    def members(self, members: events.Members) -> str:
        """Who is in a room, or connected."""
        where = members.room.text if members.room else self._tr.gettext("Connected")
        absent = {name.key: text for name, text in members.away}
        listed = (self._listed(name, absent.get(name.key)) for name in members.names)
        return f"{where} ({len(members.names)}): {', '.join(listed)}\n"

    def help(self) -> str:
        """What can be typed."""
        tr = self._tr
        return _lines(
            tr.gettext(
                "In a room every line is a message; // at the beginning sends a line that starts with /."
            ),
            tr.gettext("LOVE, LIKE and DISLIKE send ❤️, 👍 and 👎; EXIT goes back to the main menu."),
            tr.gettext("/msg NAME TEXT   a private message"),
            tr.gettext("/all TEXT        a message to everyone connected"),
            tr.gettext("/me TEXT         what you do, told of in the third person"),
            tr.gettext("/away TEXT       be away; without a text: be back"),
            tr.gettext("/topic TEXT      what the room is about; - removes it"),
            tr.gettext("/who [ROOM]      who is here"),
            tr.gettext("/rooms           which rooms there are"),
            tr.gettext("/mode            how the room is set; /mode moderated on, hidden on,"),
            tr.gettext(
                "                 invite-only on, permanent on, slow 10, password SECRET; off ends it"
            ),
            tr.gettext("/op NAME         also /deop, /voice, /devoice, /owner: what somebody is in the room"),
            tr.gettext("/invite NAME     lets somebody into the room"),
            tr.gettext("/kick NAME [WHY] puts somebody out; in General and here at the menu: off the server"),
            tr.gettext("/ban NAME [2h] [WHY], /ban 10.0.0.0/8, /ban account:NAME, /unban NAME, /bans"),
            tr.gettext("/mute NAME [10m] [WHY], /unmute NAME"),
            tr.gettext("/register        make your name yours alone, with a password"),
            tr.gettext("/login NAME      you are NAME, and know the password"),
            tr.gettext("/password        another password"),
            tr.gettext("/logout          be nobody again"),
            tr.gettext("/quit            leave the chat"),
        )

    def _topic(self, topic: events.TopicSet) -> str:
        if not topic.text:
            return self._tr.gettext("The room has no topic.")
        return self._tr.gettext("Topic: {topic}").format(topic=visible(topic.text))

    def _listed(self, name: UserName, away: str | None) -> str:
        if away is None:
            return name.text
        mark = self._tr.gettext("away")
        return f"{name} ({mark}: {visible(away)})" if away else f"{name} ({mark})"

    def _rooms(self, rooms: tuple[events.RoomInfo, ...]) -> list[str]:
        return [self._tr.gettext("Available rooms:"), *(i.room.text for i in rooms if not i.is_lobby)]


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
