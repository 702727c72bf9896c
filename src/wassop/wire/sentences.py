"""Sentences about messages and absences that a client tells, too. Apart from the other phrases, so that
whoever starts a client does not wait for the rules of the chat to be loaded."""

from wassop.core.text import visible
from wassop.locale import Translations


def away_line(who: str, text: str, tr: Translations) -> str:
    """Who is away and why, or back, for the others."""
    if not text:
        return "* " + tr.gettext("{name} is back").format(name=who)
    return "* " + tr.gettext("{name} is away: {text}").format(name=who, text=visible(text))


def sentence(kind: str, author: str, text: str, quoted: tuple[str, str], tr: Translations) -> str:
    """What somebody said or did, in one line but for line ends of the author's own; empty where there is
    nothing to tell. `quoted` is who said what it is about, and how that begins, as far as is known."""
    who, excerpt = quoted
    match kind:
        case "me" if text:
            return f"* {author} {text}"
        case "edit" if text:
            return "* " + tr.gettext("{name} corrected: {text}").format(name=author, text=text)
        case "delete":
            return "* " + tr.gettext("{name} deleted a message").format(name=author)
        case "react" if excerpt:
            told = tr.gettext("{name} reacted with {emoji} to: «{excerpt}»")
            return "* " + told.format(name=author, emoji=text, excerpt=excerpt)
        case "react":
            return "* " + tr.gettext("{name} reacted with {emoji}").format(name=author, emoji=text)
        case "reply" if text and who:
            return "({to}) {text}".format(to=tr.gettext("to {name}").format(name=who), text=text)
        case "say" | "reply":
            return text
        case _:
            return ""


def is_about_author(kind: str) -> bool:
    """Whether the sentence names its author, so that the name does not stand before it."""
    return kind not in ("say", "reply")
