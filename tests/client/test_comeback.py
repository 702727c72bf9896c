"""Coming back after a loss of the connection or of the server: nothing missed, nothing twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.small_chat import SmallChat
from tests.client.story import Story, entry, in_room, lost, resumed
from wassop.client.happenings import Later, Lost, RetryDue
from wassop.client.ledger import Ledger
from wassop.client.line import Delivery, Kind
from wassop.client.outgoing import MAX_RETRIES
from wassop.wire.native_messages import (
    Error,
    Hello,
    History,
    HistoryPage,
    Join,
    Msg,
    Ok,
    Private,
    Said,
    SaidEntry,
    Say,
)

LOBBY = resumed("General", 0)


def said(seq: int, author: str, text: str, nonce: str | None = None) -> Said:
    return Said("Sala1", seq, author, text, 1000.0 + seq, nonce=nonce)


def talk(story: Story) -> list[str]:
    return [line.text for line in story.state.lines if line.kind is Kind.TALK]


def back(
    story: Story,
    seq: int,
    *history: SaidEntry,
    since: int | None = None,
    complete: bool = True,
    epoch: int = 1,
) -> Story:
    """Lose the connection, and find `history` on coming back."""
    room = resumed("Sala1", seq, *history, since=since, complete=complete)
    return lost(story).welcomed(LOBBY, room, epoch=epoch)


def paged(story: Story, *page: SaidEntry, more: bool = False) -> Story:
    """The newest request for a page is answered."""
    return story.hears(HistoryPage("Sala1", list(page), more, re=story.last(History).id))


# The same run of the server


def test_what_was_missed_is_shown_and_what_was_seen_is_not() -> None:
    story = in_room().hears(said(1, "bob", "a"), said(2, "bob", "b"))
    back(story, 4, entry(3, "bob", "c"), entry(4, "bob", "d"))
    assert talk(story) == ["a", "b", "c", "d"]
    assert story.last(Hello).resume == {"General": 0, "Sala1": 2}
    assert story.last(Hello).epoch == 1
    assert "The connection is back." in story.texts
    assert story.state.current == "Sala1"
    assert talk(story.hears(said(4, "bob", "d"), said(5, "bob", "e"))) == ["a", "b", "c", "d", "e"]


def test_an_ok_that_overtook_what_others_said_does_not_hide_it() -> None:
    story = in_room().hears(said(1, "bob", "uno")).types("mío")
    mine = story.last(Say)
    story.acknowledged(mine, 3, 1003.0)
    back(story, 3, entry(2, "bob", "dos"), entry(3, "ana", "mío", nonce=mine.nonce))
    assert talk(story) == ["uno", "dos", "mío"], "in the order of the numbers"


def test_what_others_say_before_ones_own_message_stands_above_it() -> None:
    story = in_room().types("mío").hears(said(1, "bob", "uno"))
    assert talk(story) == ["mío", "uno"]
    assert talk(story.acknowledged(story.last(Say), 2)) == ["uno", "mío"]
    story.types("otro")
    assert talk(story.acknowledged(story.last(Say), 4).hears(said(3, "bob", "tres"))) == [
        "uno", "mío", "tres", "otro",
    ]  # fmt: skip


def test_a_message_without_its_ok_is_sent_again_with_the_same_nonce() -> None:
    story = in_room().types("hola")
    first = story.last(Say)
    back(story, 0)
    again = [message for message in story.sent if isinstance(message, Say)]
    assert [(message.text, message.nonce) for message in again] == [("hola", first.nonce)]
    assert again[0].id != first.id
    story.acknowledged(again[0], 1)
    assert talk(story) == ["hola"]
    assert next(line for line in story.state.lines if line.text == "hola").delivery is Delivery.DONE


def test_a_message_that_was_told_lately_is_said_again_for_its_ok_and_shown_once() -> None:
    story = in_room().types("hola")
    first = story.last(Say)
    back(story, 2, entry(1, "ana", "hola", nonce=first.nonce), entry(2, "bob", "qué tal"))
    assert story.last(Say).nonce == first.nonce, "it may not be on disk yet"
    assert talk(story.acknowledged(story.last(Say), 1)) == ["hola", "qué tal"]
    assert not story.state.pending


def test_a_message_that_was_told_long_ago_is_not_said_again() -> None:
    story = in_room().types("hola")
    later = [entry(n, "bob", f"m{n}") for n in range(2, 103)]
    back(story, 102, entry(1, "ana", "hola", nonce=story.last(Say).nonce), *later)
    assert not any(isinstance(message, Say) for message in story.sent), "its nonce may be forgotten"
    assert not story.state.pending
    assert talk(story)[:2] == ["hola", "m2"]


def test_a_private_message_without_its_ok_is_sent_again_with_the_same_nonce() -> None:
    story = in_room().types("/msg bob hola")
    first = story.last(Msg)
    back(story, 0)
    assert first.nonce
    assert (story.last(Msg).nonce, story.last(Msg).text) == (first.nonce, "hola")
    story.acknowledged(story.last(Msg), None)
    assert talk(story) == ["hola"]
    assert not story.state.pending


def test_a_private_message_that_comes_again_is_not_shown_again() -> None:
    story = in_room().hears(*[Private("bob", "ana", "hola", at, nonce="b1") for at in (1.0, 2.0)])
    assert story.texts_on("@bob")[-2:] == ["New messages", "bob: hola"]
    story.hears(Private("eva", "ana", "otra", 3.0, nonce="b1"), Private("bob", "ana", "hola", 4.0))
    assert story.texts_on("@bob")[-3:] == ["New messages", "bob: hola", "bob: hola"]
    assert story.texts_on("@eva")[-1] == "eva: otra"
    assert talk(story) == ["hola", "otra"], "where one is, the first of each is told"


def test_a_room_one_cannot_come_back_into_is_told() -> None:
    story = lost(in_room()).welcomed(LOBBY)
    assert "You are no longer in the room Sala1." in story.texts
    assert story.state.current is None
    story.rooms_are(Sala1=0)
    assert "---- Main menu ----" in story.texts


def test_a_room_made_again_under_another_spelling_is_the_same_room() -> None:
    story = in_room().hears(said(1, "bob", "a"))
    lost(story).welcomed(LOBBY, resumed("SALA1", 1))
    assert story.state.current == "SALA1"
    assert story.types("hola").last(Say).room == "SALA1"


def test_a_message_that_waits_goes_to_its_room_under_the_new_spelling() -> None:
    story = in_room().types("hola")
    lost(story).welcomed(LOBBY, resumed("SALA1", 0))
    mine = story.last(Say)
    story.acknowledged(mine, 1)
    lost(story)
    assert story.last(Hello).resume == {"General": 0, "SALA1": 1}
    story.welcomed(LOBBY, resumed("SALA1", 1, since=1))
    assert talk(story) == ["hola"]


def test_a_join_under_way_is_asked_for_again() -> None:
    story = in_room().types("/join Sala2")
    back(story, 0)
    assert story.last(Join).room == "Sala2"


# Another run of the server


def test_what_an_earlier_run_lost_and_is_said_again_is_not_shown_again() -> None:
    story = in_room().hears(said(1, "bob", "a", "b1"), said(2, "bob", "b", "b2"), said(3, "eva", "c", "e1"))
    back(story, 2, entry(2, "eva", "c", nonce="e1"), since=1, epoch=2)
    story.hears(said(3, "eva", "d", "e2"), said(4, "bob", "b", "b2"))
    assert talk(story) == ["a", "c", "d", "b"], "in the order of this run"


def test_a_message_without_a_nonce_is_known_by_its_time() -> None:
    story = in_room().types("mía").hears(said(2, "cat", "miau"))
    back(story, 2, entry(1, "ana", "mía", nonce=story.last(Say).nonce), entry(2, "cat", "miau"), epoch=2)
    assert talk(story) == ["mía", "miau"]


def test_ones_own_message_that_an_earlier_run_lost_keeps_its_line() -> None:
    story = in_room().types("mía")
    mine = story.last(Say)
    story.acknowledged(mine, 1)
    back(story, 1, entry(1, "bob", "suya"), since=0, epoch=2)
    story.hears(said(2, "ana", "mía", mine.nonce))
    assert talk(story) == ["suya", "mía"]


def test_a_server_without_a_record_begins_anew_and_all_it_tells_is_new() -> None:
    story = in_room().hears(*(said(n, "bob", f"antes {n}", f"b{n}") for n in range(1, 6)))
    news = [entry(n, "bob", f"nuevo {n}", 9000.0 + n, nonce=f"c{n}") for n in range(1, 8)]
    back(story, 7, *news, epoch=2)
    assert talk(story)[5:] == [f"nuevo {n}" for n in range(1, 8)]
    story.hears(Said("Sala1", 8, "bob", "nuevo 8", 9002.0))
    assert talk(story)[-1] == "nuevo 8"
    assert story.state.rooms["Sala1"].begins_here
    assert "missing here" not in "\n".join(story.texts)


# What the welcome does not hold


def test_a_gap_is_fetched_in_order_and_what_comes_meanwhile_waits() -> None:
    story = in_room().hears(said(1, "bob", "m1"))
    log = [entry(n, "bob", f"m{n}") for n in range(1, 13)]
    back(story, 9, *log[6:9], since=1, complete=False)
    assert story.last(History).after == 1
    assert "Fetching what was said meanwhile …" in story.texts
    story.hears(said(10, "bob", "m10")).types("mío")
    assert not any(isinstance(message, Say) for message in story.sent), "its turn is after the gap"
    paged(story, *log[1:4], more=True)
    assert story.last(History).after == 4
    paged(story, *log[4:8], more=True)
    assert talk(story) == [*[f"m{n}" for n in range(1, 5)][:1], "mío", *[f"m{n}" for n in range(2, 11)]]
    assert "Fetching what was said meanwhile …" not in story.texts
    story.acknowledged(story.last(Say), 11).hears(said(12, "bob", "m12"))
    assert talk(story) == [*(f"m{n}" for n in range(1, 11)), "mío", "m12"]
    assert story.happens(Lost()).state.rooms["Sala1"].ledger == Ledger(12)


def test_a_message_of_ones_own_in_the_gap_is_not_sent_again() -> None:
    story = in_room().types("mío")
    mine = story.last(Say)
    back(story, 109, entry(109, "bob", "m109"), since=0, complete=False)
    assert not any(isinstance(message, Say) for message in story.sent)
    paged(story, entry(1, "ana", "mío", nonce=mine.nonce), *(entry(n, "bob", f"m{n}") for n in range(2, 109)))
    assert not any(isinstance(message, Say) for message in story.sent)
    assert talk(story) == ["mío", *(f"m{n}" for n in range(2, 110))]


def test_a_gap_that_breaks_off_is_fetched_from_where_it_broke() -> None:
    story = in_room()
    log = [entry(n, "bob", f"m{n}") for n in range(1, 10)]
    back(story, 9, *log[7:], since=0, complete=False)
    paged(story, *log[:3], more=True)
    lost(story)
    assert story.last(Hello).resume == {"General": 0, "Sala1": 3}
    story.welcomed(LOBBY, resumed("Sala1", 9, *log[7:], since=3, complete=False))
    paged(story, *log[3:7], more=True)
    assert talk(story) == [f"m{n}" for n in range(1, 10)]


@pytest.mark.parametrize("refused", [True, False])
def test_what_the_server_no_longer_remembers_is_told(refused: bool) -> None:
    story = in_room().hears(said(1, "bob", "a"))
    back(story, 9, entry(8, "bob", "h"), entry(9, "bob", "i"), since=1, complete=False)
    if refused:
        story.hears(Error("no-record", "Not now.", re=story.last(History).id))
    else:
        paged(story)
    assert "6 messages that the server no longer remembers are missing here." in story.texts
    assert talk(story) == ["a", "h", "i"]


# What the server could not store


def test_what_could_not_be_stored_is_marked_and_sent_again_with_growing_pauses() -> None:
    story = in_room().types("hola")
    first, pauses = story.last(Say), []
    for _ in range(MAX_RETRIES):
        story.hears(Error("not-stored", "Later.", re=story.last(Say).id))
        assert story.texts[-1] == (
            "You: hola ✗ not delivered: the server could not store it; it will be sent again"
        )
        later = next(effect for effect in reversed(story.effects) if isinstance(effect, Later))
        pauses.append(later.delay_s)
        story.forget().happens(later.happening)
        assert story.last(Say).nonce == first.nonce
        assert story.state.lines[-1].delivery is Delivery.WAITING
        story.happens(later.happening)
        assert len(story.sent) == 1, "never twice at once"
    assert pauses == [2, 4, 8, 16, 32]
    story.forget().hears(Error("not-stored", "Later.", re=story.state.next_id - 1))
    assert not story.effects
    assert story.texts[-1] == "You: hola ✗ not delivered: the server could not store it"
    back(story, 0)
    story.acknowledged(story.last(Say), 1)
    assert "You: hola" in story.texts
    assert not story.state.pending


def test_a_pause_that_ends_after_a_reconnect_sends_nothing() -> None:
    story = in_room().types("hola")
    story.hears(Error("not-stored", "Later.", re=story.last(Say).id)).happens(Lost(), RetryDue(9, 1))
    due = next(effect.happening for effect in story.effects if isinstance(effect, Later))
    assert story.forget().happens(due).sent == []
    back(story, 0)
    story.hears(Ok(re=story.last(Say).id, seq=1, at=1.0)).forget()
    assert story.happens(due).sent == []


# All of it


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(0, 12))
def test_a_ledger_knows_what_it_noted_whatever_the_order(numbers: list[int], since: int) -> None:
    ledger = Ledger()
    for number in numbers:
        ledger = ledger.noting(number)
    assert all(ledger.has(number) == (number in numbers) for number in range(1, 14))
    assert ledger.mark + 1 not in numbers
    back = ledger.rolled_back(since)
    assert [n for n in range(1, 14) if back.has(n)] == list(range(1, min(ledger.mark, since) + 1))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["type", "type", "take", "flow", "hear", "commit", "connect", "lose", "crash"]),
        st.integers(0, 1),
        st.integers(1, 5),
    ),
    min_size=20,
    max_size=60,
)


def played(chat: SmallChat, steps: list[tuple[str, int, int]]) -> set[str]:
    """Two people talk while everything breaks; what was answered meanwhile."""
    people = [chat.visitor("ana"), chat.visitor("bob")]
    chat.settle()
    answered: set[str] = set()
    for what, who, count in steps:
        person = people[who]
        match what:
            case "type":
                for _ in range(count):
                    person.said += 1
                    person.story.types(f"{person.story.state.wanted_name}{person.said}")
                    person.pump()
            case "take":
                chat.take(person, count)
            case "hear":
                person.hear(count)
            case "flow":  # as far as it goes, but for the answers
                for each in people:
                    each.connect()
                    chat.take(each, 99)
                for each in people:
                    each.hear(99)
            case "commit":
                chat.commit(count)
            case "fail":
                chat.fails = not chat.fails
            case "connect":
                person.connect()
            case "lose":
                person.lose()
            case "crash":
                chat.crash()
        answered |= set().union(*(each.delivered for each in people))
    chat.settle()
    return answered


@settings(deadline=None)
@given(STEPS)
def test_wherever_connections_and_the_server_break_all_is_shown_once_and_in_one_order(
    steps: list[tuple[str, int, int]],
) -> None:
    chat = SmallChat()
    answered = played(chat, steps)
    log = [message.text for message in chat.log]
    assert len(log) == len(set(log))
    assert answered <= set(log)
    for person in chat.visitors:
        assert not person.story.state.pending
        assert person.talk == log
        assert person.numbers == list(range(1, len(log) + 1))


@settings(deadline=None)
@given(STEPS)
def test_long_absences_leave_no_gap_and_nothing_twice(steps: list[tuple[str, int, int]]) -> None:
    chat = SmallChat(remembered=3)
    played(chat, steps)
    log = [message.text for message in chat.log]
    assert len(log) == len(set(log))
    for person in chat.visitors:
        assert not person.story.state.pending
        assert [text for text in person.talk if text in log] == log
        assert len(person.talk) == len(set(person.talk))


@settings(deadline=None)
@given(STEPS.map(lambda steps: [("fail" if what == "lose" else what, *rest) for what, *rest in steps]))
def test_with_a_disk_that_fails_now_and_then_all_is_shown_once(steps: list[tuple[str, int, int]]) -> None:
    chat = SmallChat()
    played(chat, steps)
    log = [message.text for message in chat.log]
    for person in chat.visitors:
        assert not person.story.state.pending
        assert person.talk == log


@settings(deadline=None)
@given(STEPS)
def test_a_server_that_forgets_everything_makes_nothing_show_twice(steps: list[tuple[str, int, int]]) -> None:
    chat = SmallChat(keeps=False)
    played(chat, steps)
    for person in chat.visitors:
        assert len(person.talk) == len(set(person.talk))
        assert {message.text for message in chat.log} <= set(person.talk)
        assert person.numbers == sorted(person.numbers)
