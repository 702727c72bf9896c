"""What the log says of a request and its answer: who came, and with -v what was said."""

from logging import DEBUG

from wassop.core.commands import Command, Identify, Join, Leave, Login, ManageAccount, Register
from wassop.core.events import Accepted, Answer, Joined, Left, Noted, Welcome
from wassop.core.operations import KickSession
from wassop.core.refusals import Refused
from wassop.core.session import Session
from wassop.core.web_commands import AdminClaimed
from wassop.server.logs import Log


def note(log: Log, session: Session, dialect: str, command: Command, answer: Answer) -> None:
    """One line, or none: most requests are worth a line only to whoever asked for all of them."""
    if isinstance(answer, (Accepted, Refused)) and not log.is_enabled_for(DEBUG):
        return
    match command, answer:
        case Identify(), Welcome(name):
            log.info("named", name=name.text, dialect=dialect)
        case Login(), Welcome(name):
            log.info("logged-in", name=name.text, dialect=dialect)
        case Register(), Noted():
            log.info("registered", name=str(session.name))
        case ManageAccount(do=do, name=name), Noted():
            log.info("account-managed", do=do, name=name, by=session.name and session.name.text)
        case KickSession(number), Noted():
            log.info("kicked-session", number=number, by=session.name and session.name.text)
        case _, AdminClaimed(name):
            log.info("first-admin", name=name.text)
        case Join(), Joined(room):
            log.info("joined", name=str(session.name), room=room.text)
        case Leave(), Left(room):
            log.info("left", name=str(session.name), room=room.text)
        case _, Accepted(room=room, text=text, to=None):
            log.debug("said", name=str(session.name), room=str(room), text=text)
        case _, Accepted(text=text, to=to):
            log.debug("told", name=str(session.name), to=str(to), text=text)
        case _, Refused(code):
            log.debug("refused", code=code.value)
