"""Why something was refused: a stable code, and the English text that the catalogues translate.

What a user causes is a value (`Refused`); an exception is a bug.
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import Factory, frozen


class Code(StrEnum):
    """Stable names of refusals; programs may rely on them, texts may change."""

    NAME_EMPTY = "name-empty"
    NAME_TOO_LONG = "name-too-long"
    NAME_BAD_CHARACTER = "name-bad-character"
    NAME_RESERVED = "name-reserved"
    NAME_TAKEN = "name-taken"
    NAME_REGISTERED = "name-registered"
    PASSWORD_NEEDED = "password-needed"
    LOGIN_FAILED = "login-failed"
    LOGIN_TOO_OFTEN = "login-too-often"
    NOT_LOGGED_IN = "not-logged-in"
    ALREADY_REGISTERED = "already-registered"
    PASSWORD_TOO_SHORT = "password-too-short"
    PASSWORD_TOO_LONG = "password-too-long"
    PASSWORDS_DIFFER = "passwords-differ"
    REGISTERING_TOO_OFTEN = "registering-too-often"
    REGISTERING_CLOSED = "registering-closed"
    NO_SUCH_ACCOUNT = "no-such-account"
    NO_SUCH_SESSION = "no-such-session"
    LINK_EXPIRED = "link-expired"
    DOORS_TAKEN = "doors-taken"
    NOT_ALLOWED = "not-allowed"
    MAILBOX_FULL = "mailbox-full"
    ALREADY_NAMED = "already-named"
    HELLO_FIRST = "hello-first"
    VERSION_UNKNOWN = "version-unknown"
    ROOM_EMPTY = "room-empty"
    ROOM_TOO_LONG = "room-too-long"
    ROOM_BAD_CHARACTER = "room-bad-character"
    NO_SUCH_ROOM = "no-such-room"
    NOT_IN_ROOM = "not-in-room"
    NO_ROOM_YET = "no-room-yet"
    LOBBY_STAYS = "lobby-stays"
    TOO_MANY_ROOMS = "too-many-rooms"
    SERVER_FULL_OF_ROOMS = "server-full-of-rooms"
    NO_SUCH_USER = "no-such-user"
    NOT_STORED = "not-stored"
    NO_RECORD = "no-record"
    NO_SUCH_MESSAGE = "no-such-message"
    NOT_YOURS = "not-yours"
    ALREADY_DELETED = "already-deleted"
    BAD_KIND = "bad-kind"
    NOT_AN_EMOJI = "not-an-emoji"
    NO_WORDS = "no-words"
    SEARCH_TOO_SLOW = "search-too-slow"
    TEXT_EMPTY = "text-empty"
    TEXT_TOO_LONG = "text-too-long"
    TOPIC_TOO_LONG = "topic-too-long"
    AWAY_TOO_LONG = "away-too-long"
    LOBBY_WITHOUT_TOPIC = "lobby-without-topic"
    OUTRANKED = "outranked"
    LAST_OWNER = "last-owner"
    NOT_IN_ROOM_THEY = "not-in-room-they"
    ROOM_PASSWORD_NEEDED = "room-password-needed"
    ROOM_PASSWORD_WRONG = "room-password-wrong"
    INVITE_NEEDED = "invite-needed"
    BANNED_FROM_ROOM = "banned-from-room"
    BANNED = "banned"
    MUTED = "muted"
    ROOM_MODERATED = "room-moderated"
    SLOW_MODE = "slow-mode"
    MODES_FIXED = "modes-fixed"
    NO_SUCH_MODE = "no-such-mode"
    NO_SUCH_BAN = "no-such-ban"
    TOO_MANY_BANS = "too-many-bans"
    BAD_NETWORK = "bad-network"
    BAD_DURATION = "bad-duration"
    LINE_TOO_LONG = "line-too-long"
    BAD_ENCODING = "bad-encoding"
    BAD_JSON = "bad-json"
    BAD_FIELD = "bad-field"
    UNKNOWN_TYPE = "unknown-t"
    UNKNOWN_COMMAND = "unknown-command"
    MISSING_ARGUMENT = "missing-argument"


TEXTS: Mapping[Code, str] = {
    Code.NAME_EMPTY: "A name needs at least one letter or digit.",
    Code.NAME_TOO_LONG: "A name has at most {limit} characters.",
    Code.NAME_BAD_CHARACTER: "A name consists of letters, digits and the characters _ - . only.",
    Code.NAME_RESERVED: "The name {name} is reserved.",
    Code.NAME_TAKEN: "The name {name} is in use, or looks like one that is.",
    Code.NAME_REGISTERED: "The name {name} is registered, or looks like one that is. Whoever it belongs to "
    "can log in with wassop join, a browser, netcat or a program of the native protocol.",
    Code.PASSWORD_NEEDED: "The name {name} is registered: its password is needed.",
    Code.LOGIN_FAILED: "That name with that password is not known.",
    Code.LOGIN_TOO_OFTEN: "Too many passwords were tried; try again in {wait_s} s.",
    Code.NOT_LOGGED_IN: "You are not logged in.",
    Code.ALREADY_REGISTERED: "Your name is registered already.",
    Code.PASSWORD_TOO_SHORT: "A password has at least {limit} characters.",
    Code.PASSWORD_TOO_LONG: "A password has at most {limit} bytes.",
    Code.PASSWORDS_DIFFER: "That was another password; nothing was changed.",
    Code.REGISTERING_TOO_OFTEN: "Too many names were registered from your address; try again in {wait_s} s.",
    Code.REGISTERING_CLOSED: "Names are registered by the operator of this server only.",
    Code.NO_SUCH_ACCOUNT: "The name {name} is not registered.",
    Code.NO_SUCH_SESSION: "There is no connection number {number}.",
    Code.LINK_EXPIRED: "That link or code is not good any more.",
    Code.DOORS_TAKEN: "The doors stay closed: {address} cannot be had ({reason}).",
    Code.MAILBOX_FULL: "{name} is not here, and {limit} messages are waiting already.",
    Code.ALREADY_NAMED: "You are already here as {name}.",
    Code.HELLO_FIRST: "Say who you are first.",
    Code.VERSION_UNKNOWN: "This server speaks version {known} of the protocol, not {asked}.",
    Code.ROOM_EMPTY: "A room needs a name.",
    Code.ROOM_TOO_LONG: "The name of a room has at most {limit} characters.",
    Code.ROOM_BAD_CHARACTER: "The name of a room cannot contain control or invisible characters.",
    Code.NO_SUCH_ROOM: "There is no room {room}.",
    Code.NOT_IN_ROOM: "You are not in the room {room}.",
    Code.NO_ROOM_YET: "You are not in any room yet.",
    Code.LOBBY_STAYS: "Nobody leaves {room}: everyone is in it.",
    Code.TOO_MANY_ROOMS: "You can be in at most {limit} rooms at once.",
    Code.SERVER_FULL_OF_ROOMS: "There are already {limit} rooms; no new one can be made.",
    Code.NO_SUCH_USER: "{name} is not connected.",
    Code.NOT_STORED: "That could not be stored; try again later.",
    Code.NO_RECORD: "What was said earlier cannot be read just now.",
    Code.NO_SUCH_MESSAGE: "There is no message number {seq} in the room.",
    Code.NOT_YOURS: "Message number {seq} is not yours.",
    Code.ALREADY_DELETED: "Message number {seq} was deleted.",
    Code.BAD_KIND: "There are no messages of the kind {kind}.",
    Code.NOT_AN_EMOJI: "A reaction is one emoji.",
    Code.NO_WORDS: "There are no words to search for.",
    Code.SEARCH_TOO_SLOW: "There are too many messages to go through: add a less frequent word.",
    Code.TEXT_EMPTY: "There is nothing to send.",
    Code.TEXT_TOO_LONG: "The text has {size} bytes; at most {limit} are allowed.",
    Code.TOPIC_TOO_LONG: "A topic has at most {limit} characters, not {size}.",
    Code.AWAY_TOO_LONG: "Why one is away is told in at most {limit} characters, not {size}.",
    Code.LOBBY_WITHOUT_TOPIC: "{room} has no topic: everyone is in it.",
    Code.NOT_ALLOWED: "That takes the role of {role}.",
    Code.OUTRANKED: "Nothing can be done about what {name} is or does: you are not above them.",
    Code.LAST_OWNER: "You are the last owner of {room}: make somebody else its owner first.",
    Code.NOT_IN_ROOM_THEY: "{name} is not in the room {room}.",
    Code.ROOM_PASSWORD_NEEDED: "The room {room} has a password.",
    Code.ROOM_PASSWORD_WRONG: "That is not the password of the room {room}.",
    Code.INVITE_NEEDED: "Only those who are invited can enter the room {room}.",
    Code.BANNED_FROM_ROOM: "You are banned from the room {room}{until}{reason}.",
    Code.BANNED: "You are banned from this server{until}{reason}.",
    Code.MUTED: "You may not speak in the room {room}{until}{reason}.",
    Code.ROOM_MODERATED: "The room {room} is moderated: only those with a voice may speak.",
    Code.SLOW_MODE: "Messages are slow here: wait {wait_s} s more.",
    Code.MODES_FIXED: "The room {room} belongs to everybody: that cannot be changed.",
    Code.NO_SUCH_MODE: "There is no mode {mode} with that value. There are: moderated, invite-only, hidden "
    "and permanent (on or off), slow (10, 2m or off) and password (SECRET or off).",
    Code.NO_SUCH_BAN: "Nothing like that holds for {name}.",
    Code.TOO_MANY_BANS: "There are {limit} bans and mutes already; take some back first.",
    Code.BAD_NETWORK: "{network} is no network: 10.0.0.0/8 or 2001:db8::/32 would be one.",
    Code.BAD_DURATION: "That is no time that something can take.",
    Code.LINE_TOO_LONG: "The line is longer than {limit} bytes and was dropped.",
    Code.BAD_ENCODING: "The line is not valid UTF-8 and was dropped.",
    Code.BAD_JSON: "The line is not a JSON object and was dropped.",
    Code.BAD_FIELD: "The key {field} is missing or has a value of the wrong kind.",
    Code.UNKNOWN_TYPE: "Unknown request: {t}.",
    Code.UNKNOWN_COMMAND: "Unknown command: {command}. /help lists them.",
    Code.MISSING_ARGUMENT: "Something is missing. Use: {usage}",
}


@frozen
class Refused:
    """A request was not carried out and nothing changed; `params` fill the text's placeholders."""

    code: Code
    params: Mapping[str, object] = Factory(dict)
