"""Registered names: what `/register`, `/login`, `/password` and `/logout` do, and asking for passwords.

Rule 1: a password is in the state only while a question for it stands, and as long as one is here under the
name that it belongs to: coming back takes it again. It is written nowhere.
"""

from typing import Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.asked import (
    AskedChange,
    AskedHello,
    AskedJoin,
    AskedLogin,
    AskedLogout,
    AskedModes,
    AskedRegister,
)
from wassop.client.happenings import KeepPassword, KeychainAnswered, KeychainKept, LookUp
from wassop.client.line import Kind
from wassop.client.model import Online, State
from wassop.client.secret import KeepQuestion, SecretQuestion, Wanted
from wassop.client.tab import MENU
from wassop.client.tabs import FIXED, close, switch
from wassop.client.turn import Turn
from wassop.core.refusals import TEXTS, Code
from wassop.wire import native_messages as messages
from wassop.wire.native_moderation import Modes, WantedModes

CLIENT: Final = "wassop join"
PASSWORD_CODES: Final = frozenset({"password-needed", "login-failed", "login-too-often"})
"""Why a `hello` is refused whose name is registered."""
ROOM_CODES: Final = frozenset({"room-password-needed", "room-password-wrong"})
_NO: Final = frozenset({"", "n", "no"})


# What a person types


def register(turn: Turn, rest: str) -> None:
    """Make one's guest name one's own."""
    if turn.state.has_account:
        turn.error(turn.tr.gettext(TEXTS[Code.ALREADY_REGISTERED]))
        return
    _ask(turn, SecretQuestion(Wanted.REGISTER, turn.state.name or ""), rest)


def login(turn: Turn, rest: str) -> None:
    """Become somebody registered."""
    if turn.state.has_account:
        turn.error(turn.tr.gettext(TEXTS[Code.ALREADY_NAMED]).format(name=turn.state.name))
        return
    name, _, rest = rest.partition(" ")
    _ask(turn, SecretQuestion(Wanted.LOGIN, name.removeprefix("@")), rest)


def change_password(turn: Turn, rest: str) -> None:
    """Take another password."""
    if turn.state.has_account:
        _ask(turn, SecretQuestion(Wanted.CHANGE, turn.state.name or ""), rest)
    else:
        turn.error(turn.tr.gettext("Your name is not registered; /register does that."))


def logout(turn: Turn, _: str) -> None:
    """Have no name any more."""
    turn.ask(AskedLogout(), lambda number: messages.Logout(id=number))


def _ask(turn: Turn, question: SecretQuestion, rest: str) -> None:
    if rest:
        turn.error(turn.tr.gettext("A password does not stand in the line: it is asked for."))
    turn.change(question=question)


def secret_entered(turn: Turn, secret: str) -> None:
    """What was asked for without being shown."""
    question = turn.state.question
    if not isinstance(question, SecretQuestion):
        return
    if not secret:
        _given_up(turn, question)
        return
    question = question.answered(secret.encode("utf-8", "replace").decode())
    if not question.is_complete:
        turn.change(question=question)
        return
    turn.change(question=None)
    if question.is_contradictory:
        turn.error(turn.tr.gettext("That was another password; nothing was changed."))
        turn.change(question=SecretQuestion(question.wanted, question.about))
    else:
        _use(turn, question)


def _given_up(turn: Turn, question: SecretQuestion) -> None:
    turn.change(question=None)
    if question.wanted is Wanted.HELLO:
        turn.change(wanted_name=None, password=None, typed_ahead=())
        return
    if question.wanted is Wanted.ENTER and turn.state.here == MENU:
        turn.change(typed_ahead=())
    turn.notice(turn.tr.gettext("Nothing was changed."))


def _use(turn: Turn, question: SecretQuestion) -> None:
    about, (first, *_) = question.about, question.typed
    if question.wanted is Wanted.HELLO:
        turn.change(wanted_name=about, password=first, is_password_typed=True, refusals=0)
        if turn.state.online is Online.ENTERING:
            say_hello(turn)
    elif not turn.has_connection():
        return
    elif question.wanted is Wanted.LOGIN:
        turn.ask(AskedLogin(about, first), lambda number: messages.Login(about, first, id=number))
    elif question.wanted is Wanted.REGISTER:
        turn.ask(AskedRegister(first), lambda number: messages.Register(first, id=number))
    elif question.wanted is Wanted.CHANGE:
        new = question.typed[1]
        turn.ask(AskedChange(new), lambda number: messages.Password(first, new, id=number))
    elif question.wanted is Wanted.ENTER:
        turn.join(about, password=first)
    else:
        change = WantedModes(password=first)
        turn.ask(AskedModes(), lambda number: Modes(about, change, id=number))


# Coming in


def say_hello(turn: Turn) -> None:
    """Ask to be let in under the wanted name, back into the rooms one was in."""
    state = turn.state
    assert state.wanted_name is not None
    resume = {room.name: room.ledger.mark for room in state.rooms.values()} or None
    hello = messages.Hello(
        state.wanted_name,
        lang=state.lang,
        client=CLIENT,
        resume=resume,
        epoch=state.epoch if resume else None,
        password=state.password,
    )
    turn.ask(AskedHello(hello.name), lambda number: replace(hello, id=number))


def password_refused(turn: Turn, name: str, error: messages.Error) -> None:
    """The name is registered, and its password is missing or wrong: look for it, or ask the person."""
    state = turn.state
    is_missing = error.code == "password-needed"
    turn.change(naming=True, password=None)
    if is_missing and state.can_keep and state.looked_up != name:
        turn.change(looked_up=name)
        turn.effects.append(LookUp(name))
        return
    if not is_missing:
        turn.error(error.text)
    _ask_to_enter(turn, name)


def keychain_answered(turn: Turn, answer: KeychainAnswered) -> None:
    """The password was found in the keyring, or not."""
    state = turn.state
    turn.change(can_keep=answer.is_there and not answer.problem)
    if answer.problem:
        _tell_problem(turn, answer.problem)
    if state.online is Online.READY:
        offer_to_keep(turn)
        return
    if state.wanted_name != answer.name:
        return  # one has gone on meanwhile
    if answer.password is None:
        _ask_to_enter(turn, answer.name)
        return
    turn.change(password=answer.password, is_password_typed=False)
    if state.online is Online.ENTERING:
        say_hello(turn)


def _ask_to_enter(turn: Turn, name: str) -> None:
    turn.change(wanted_name=None, question=SecretQuestion(Wanted.HELLO, name))


def room_refused(turn: Turn, asked: AskedJoin, error: messages.Error) -> None:
    """The room has a password."""
    if error.code == "room-password-wrong":
        turn.error(error.text)
    turn.change(question=SecretQuestion(Wanted.ENTER, asked.room))


def secret_refused(
    turn: Turn, asked: AskedLogin | AskedRegister | AskedChange, error: messages.Error
) -> None:
    """It was wrong: whoever types it once more must not say it in a room."""
    turn.error(error.text)
    match asked:
        case AskedLogin(name):
            question = SecretQuestion(Wanted.LOGIN, name)
        case AskedRegister():
            question = SecretQuestion(Wanted.REGISTER, turn.state.name or "")
        case AskedChange():
            question = SecretQuestion(Wanted.CHANGE, turn.state.name or "")
    turn.change(question=question)


# Answers


def logged_in(turn: Turn, asked: object, welcome: messages.Welcome) -> None:
    """The server has said who one is."""
    if isinstance(asked, AskedLogin):
        turn.change(password=asked.password, is_password_typed=True)
    if not welcome.account:
        turn.change(password=None)
    turn.change(has_account=welcome.account)


def registered(turn: Turn, asked: AskedRegister) -> None:
    """One's name is one's own."""
    turn.change(password=asked.password, has_account=True, is_password_typed=True)
    turn.notice(turn.tr.gettext("Your name is registered: from now on it takes your password."))
    offer_to_keep(turn)


def password_changed(turn: Turn, asked: AskedChange) -> None:
    """One has another password."""
    turn.change(password=asked.new, is_password_typed=True)
    turn.notice(turn.tr.gettext("Your password was changed."))
    offer_to_keep(turn)


def logged_out(turn: Turn) -> None:
    """One is nobody again: what was said before is not for whoever comes next."""
    for key in list(turn.state.tabs)[FIXED:]:
        close(turn, key)
    switch(turn, MENU)
    for tab in turn.state.tabs.values():
        turn.put_tab(evolve(tab, lines=type(tab.lines)(), day=None, unread=0, mentions=0, draft=""))
    turn.change(
        name=None, wanted_name=None, naming=True, password=None, has_account=False, looked_up=None,
        online=Online.ENTERING, rooms={}, pending=(), found=(), goal=None, question=None, typing={},
        typed_ahead=(), asked={}, menu=(), has_chosen=False, is_password_typed=False,
    )  # fmt: skip
    turn.show(Kind.NOTICE, turn.tr.gettext("You have logged out."))


# The keyring of the system


def offer_to_keep(turn: Turn) -> None:
    """A password that was typed and is right may be kept, where there is a keyring; asked once."""
    state = turn.state
    if not (state.has_account and state.can_keep and state.is_password_typed and state.question is None):
        return
    name = state.name or ""
    if state.looked_up is None:  # it may turn out that nothing is set up there
        turn.change(looked_up=name)
        turn.effects.append(LookUp(name))
    else:
        turn.change(question=KeepQuestion(state.name or ""), is_password_typed=False)


def keep_answered(turn: Turn, question: KeepQuestion, answer: str, yes: frozenset[str]) -> bool:
    """Keep the password, or do not; whether that was an answer, and not something else to be done."""
    turn.change(question=None)
    word = answer.strip().casefold()
    if word in yes and turn.state.password is not None:
        turn.effects.append(KeepPassword(question.name, turn.state.password))
    return word in yes | _NO


def keychain_kept(turn: Turn, kept: KeychainKept) -> None:
    """The keyring has taken the password, or not."""
    if kept.problem:
        _tell_problem(turn, kept.problem)
    else:
        turn.notice(turn.tr.gettext("The password is kept in the keyring."))


def _tell_problem(turn: Turn, problem: str) -> None:
    turn.error(
        turn.tr.gettext("The keyring of this system cannot be used: {problem}").format(problem=problem)
    )


def asks_secret(state: State) -> bool:
    """Whether what is typed must not be seen."""
    return isinstance(state.question, SecretQuestion)
