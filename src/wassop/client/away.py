"""Who is away for the time being, and why: oneself and others."""

from collections.abc import Iterable, Iterator, Mapping

from wassop.client.asked import AskedAway
from wassop.client.happenings import KeepInput
from wassop.client.line import Kind
from wassop.client.tab import person_key, room_key
from wassop.client.turn import Turn
from wassop.core.text import one_line
from wassop.wire.native_messages import Away, SetAway
from wassop.wire.sentences import away_line


def be_away(turn: Turn, text: str) -> None:
    """Tell the others that one is away, and why; without a text, that one is back, if one was away."""
    tr, limits = turn.tr, turn.state.limits
    text = one_line(text)
    if not text and (turn.state.name or "") not in turn.state.away:
        text = tr.gettext("away")
    if limits is not None and len(text) > limits.topic_chars:
        problem = tr.gettext("Why one is away is told in at most {limit} characters, not {size}.")
        turn.error(problem.format(limit=limits.topic_chars, size=len(text)))
        turn.effects.append(KeepInput())
    else:
        turn.ask(AskedAway(text), lambda number: SetAway(text, back=not text, id=number))


def away_stored(turn: Turn, asked: AskedAway) -> None:
    """The others know."""
    name = turn.state.name or ""
    turn.change(away=_with(turn.state.away, name, asked.text))
    if asked.is_quiet:
        return
    if asked.text:
        turn.notice(turn.tr.gettext("You are away: {text} (/away: back)").format(text=asked.text))
    else:
        turn.notice(turn.tr.gettext("You are back."))


def away_again(turn: Turn) -> None:
    """A connection was lost, and the server has forgotten with it that one is away."""
    text = turn.state.away.get(turn.state.name or "")
    turn.change(away={} if text is None else {turn.state.name or "": text})
    if text:
        turn.ask(AskedAway(text, is_quiet=True), lambda number: SetAway(text, id=number))


def away_heard(turn: Turn, told: Away) -> None:
    """Somebody is away, or back; it stands where one has to do with them."""
    turn.change(away=_with(turn.state.away, told.who, "" if told.back else told.text))
    room = turn.state.rooms.get(turn.state.current or "")
    is_with_us = room is not None and told.who in room.members
    keys = (turn.state.here if is_with_us else room_key(turn.state.lobby), person_key(told.who))
    text = away_line(told.who, "" if told.back else told.text, turn.tr)
    for key in keys:
        if key in turn.state.tabs:
            turn.show(Kind.PRESENCE, text, on=key, at=turn.at)


def away_learned(turn: Turn, members: Iterable[str], away: Mapping[str, str]) -> None:
    """Of `members` those in `away` are away, and nobody else; of oneself one knows best."""
    name = turn.state.name
    here = frozenset(members)
    rest = {who: why for who, why in turn.state.away.items() if who == name or who not in here}
    turn.change(away={**rest, **{who: why for who, why in away.items() if who != name}})


def names_told(turn: Turn, members: Iterable[str]) -> Iterator[str]:
    """`members` in order, and of those who are away why."""
    for name in sorted(members, key=str.casefold):
        why = turn.state.away.get(name)
        if why is None:
            yield name
        else:
            yield f"{name} ({turn.tr.gettext('away')}{f': {why}' if why else ''})"


def away_no_more(turn: Turn, gone: Iterable[str]) -> None:
    """Whoever has left the chat is not away."""
    for who in gone:
        if who in turn.state.away:
            turn.change(away=_with(turn.state.away, who, ""))


def away_answered(turn: Turn, who: str, why: str) -> None:
    """Somebody to whom one has written is away."""
    text = turn.tr.gettext("{name} is away: {text}").format(name=who, text=why)
    key = person_key(who)
    for place in {key if key in turn.state.tabs else turn.state.here, turn.state.here}:
        turn.show(Kind.PRESENCE, text, on=place, at=turn.at)


def _with(away: Mapping[str, str], who: str, why: str) -> dict[str, str]:
    rest = {other: text for other, text in away.items() if other != who}
    return {**rest, who: why} if why else rest
