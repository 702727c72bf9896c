"""Changing settings: /set and its short forms, and the key for the list of people. They hold at once."""

from wassop.client.happenings import KeepInput, KeepSetting, SettingKept
from wassop.client.line import Kind
from wassop.client.lines import HELP_COLUMNS
from wassop.client.settings import SETTINGS, Setting, changed, setting, word_of
from wassop.client.turn import Turn


def set_setting(turn: Turn, text: str) -> None:
    """List the settings, tell about one of them, or give it another value."""
    tr, (name, _, word) = turn.tr, text.partition(" ")
    found, word = setting(name.casefold()), word.strip().casefold()
    if not name:
        turn.show(Kind.HEADING, tr.gettext("Settings"))
        for each in SETTINGS:
            _describe(turn, each)
        turn.notice(
            tr.gettext("/set NAME VALUE changes one; keys are set in {file}.").format(file="client.toml")
        )
    elif found is None:
        turn.error(tr.gettext("There is no setting {name}. /set lists them.").format(name=name[:40]))
        turn.effects.append(KeepInput())
    elif not word:
        _describe(turn, found)
    elif word not in found.values:
        text = tr.gettext("{name} may be {values}.")
        turn.error(text.format(name=found.name, values=", ".join(found.values)))
        turn.effects.append(KeepInput())
    else:
        put_setting(turn, found.name, word)
        turn.notice(tr.gettext("{name} is now {value}.").format(name=found.name, value=word))


def _describe(turn: Turn, described: Setting) -> None:
    tr = turn.tr
    words = f"{described.name} {word_of(turn.state.settings, described.name)}"
    values = tr.gettext("it may be {values}").format(values=", ".join(described.values))
    turn.show(Kind.HELP, f"{words:<{HELP_COLUMNS}}{tr.gettext(described.meaning)} ({values})")


def put_setting(turn: Turn, name: str, word: str) -> None:
    """Let the value hold from now on, and have it kept for next time."""
    turn.change(settings=changed(turn.state.settings, name, word))
    turn.effects.append(KeepSetting(name, word))


def setting_kept(turn: Turn, kept: SettingKept) -> None:
    """It was written, or could not be; it holds in either case."""
    if kept.tr is not None:
        turn.change(tr=kept.tr, lang=kept.lang)
    if kept.problem:
        turn.error(kept.problem)


def toggle_typing(turn: Turn, word: str) -> None:
    """Let others see that one is typing, or not."""
    known = word.casefold()
    put_setting(
        turn, "typing", known if known in ("on", "off") else "off" if turn.state.settings.typing else "on"
    )
    if turn.state.settings.typing:
        turn.notice(turn.tr.gettext("Others see that you are typing."))
    else:
        turn.notice(turn.tr.gettext("Others do not see that you are typing."))


def toggle_keys(turn: Turn, word: str) -> None:
    """Let the input bar obey other keys."""
    known, now = word.casefold(), turn.state.settings.editing
    put_setting(turn, "editing", known if known in ("vi", "emacs") else "emacs" if now == "vi" else "vi")
    if turn.state.settings.editing == "vi":
        turn.notice(turn.tr.gettext("The input bar obeys the keys of vi."))
    else:
        turn.notice(turn.tr.gettext("The input bar obeys the keys of emacs."))
