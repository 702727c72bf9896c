"""Coming back after a loss of the connection: nothing missed, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from tests.client.story import Story, entry, in_room, lost
from wassop.client.ledger import Ledger
from wassop.client.model import Delivery, Kind
from wassop.wire.native_messages import Hello, Join, Joined, Msg, Said, Say


def said(seq: int, author: str, text: str) -> Said:
    return Said("Sala1", seq, author, text, 1000.0 + seq)


def talk(story: Story) -> list[str]:
    return [line.text for line in story.state.lines if line.kind is Kind.TALK]


def back(story: Story, seq: int, *history: object, members: tuple[str, ...] = ("ana",)) -> Story:
    """Lose the connection, and find `history` on coming back."""
    lobby = Joined("General", 0, ["ana"], [])
    return lost(story).welcomed(lobby, Joined("Sala1", seq, list(members), list(history)))


def test_what_was_missed_is_shown_and_what_was_seen_is_not() -> None:
    story = in_room().hears(said(1, "bob", "a"), said(2, "bob", "b"))
    back(story, 4, entry(2, "bob", "b"), entry(3, "bob", "c"), entry(4, "bob", "d"))
    assert talk(story) == ["a", "b", "c", "d"]
    assert story.last(Hello).resume == {"General": 0, "Sala1": 1}, (
        "one less: the overlap shows whose count it is"
    )
    assert "The connection is back." in story.texts
    assert story.state.current == "Sala1"
    assert talk(story.hears(said(4, "bob", "d"), said(5, "bob", "e")))[-1] == "e"
    assert talk(story).count("d") == 1


def test_an_ok_that_overtook_what_others_said_does_not_hide_it() -> None:
    story = in_room().hears(said(1, "bob", "uno")).types("mío")
    story.acknowledged(story.last(Say), 3, 1003.0)
    back(story, 3, entry(1, "bob", "uno"), entry(2, "bob", "dos"), entry(3, "ana", "mío"))
    assert talk(story) == ["uno", "mío", "dos"]


def test_a_message_without_its_ok_is_sent_again_with_the_same_nonce() -> None:
    story = in_room().types("hola")
    first = story.last(Say)
    back(story, 0)
    again = [message for message in story.sent if isinstance(message, Say)]
    assert [(message.text, message.nonce) for message in again] == [("hola", first.nonce)]
    assert again[0].id != first.id
    story.acknowledged(again[0], 1)
    assert talk(story) == ["hola"]
    assert story.state.lines[-2].delivery is Delivery.DONE
    assert not any(
        isinstance(message, Say) for message in back(story, 1, entry(1, "ana", "hola", 6000.0)).sent
    )
    assert talk(story) == ["hola"]


def test_a_message_that_arrived_although_its_ok_did_not_is_neither_sent_nor_shown_again() -> None:
    story = in_room().types("hola", "hola")
    back(story, 1, entry(1, "ana", "hola"))
    assert talk(story) == ["hola", "hola"]
    assert [message.text for message in story.sent if isinstance(message, Say)] == ["hola"]
    assert [line.delivery for line in story.state.lines if line.kind is Kind.TALK] == [
        Delivery.DONE,
        Delivery.WAITING,
    ]


def test_a_private_message_without_its_ok_is_not_sent_again_but_told() -> None:
    story = in_room().types("/msg bob hola")
    back(story, 0)
    assert not any(isinstance(message, Msg) for message in story.sent)
    assert "It is not known whether your private message reached bob." in story.texts
    assert "You (to bob): hola ✗ not delivered" in story.texts


def test_numbers_that_began_anew_below_ours_are_shown_all() -> None:
    story = in_room().hears(*(said(n, "bob", f"antes {n}") for n in range(1, 6)))
    back(story, 2, entry(1, "bob", "nuevo 1", 9000.0), entry(2, "bob", "nuevo 2", 9001.0))
    assert talk(story)[-2:] == ["nuevo 1", "nuevo 2"]
    story.hears(Said("Sala1", 3, "bob", "nuevo 3", 9002.0))
    assert talk(story)[-1] == "nuevo 3"


def test_numbers_that_began_anew_and_passed_ours_are_noticed_and_asked_for() -> None:
    story = in_room().hears(said(1, "bob", "antes 1"), said(2, "bob", "antes 2"))
    news = [entry(n, "bob", f"nuevo {n}", 9000.0 + n) for n in range(1, 5)]
    back(story, 4, *news[1:])
    again = story.last(Join)
    assert (again.room, again.since) == ("Sala1", 0)
    story.hears(Said("Sala1", 5, "bob", "nuevo 5", 9005.0))
    story.hears(Joined("Sala1", 4, ["ana"], news, re=again.id))
    assert sorted(talk(story)) == ["antes 1", "antes 2", *(f"nuevo {n}" for n in range(1, 6))]
    assert story.state.current == "Sala1"


def test_an_empty_room_that_began_anew_is_no_gap() -> None:
    story = in_room().hears(said(1, "bob", "a"))
    before = len(story.texts)
    back(story, 0)
    assert "missing here" not in "\n".join(story.texts[before:])
    assert talk(story.hears(Said("Sala1", 1, "bob", "b", 9000.0))) == ["a", "b"]


def test_what_the_server_no_longer_remembers_is_told() -> None:
    story = in_room().hears(said(1, "bob", "a"))
    back(story, 9, entry(8, "bob", "h"), entry(9, "bob", "i"))
    assert "6 messages that the server no longer remembers are missing here." in story.texts
    assert talk(story) == ["a", "h", "i"]


def test_a_room_one_cannot_come_back_into_is_told() -> None:
    story = lost(in_room()).welcomed(Joined("General", 0, ["ana"], []))
    assert "You are no longer in the room Sala1." in story.texts
    assert story.state.current is None
    story.rooms_are(Sala1=0)
    assert "---- Main menu ----" in story.texts


def test_a_room_made_again_under_another_spelling_is_the_same_room() -> None:
    story = in_room().hears(said(1, "bob", "a"))
    lost(story).welcomed(Joined("General", 0, ["ana"], []), Joined("SALA1", 0, ["ana"], []))
    assert story.state.current == "SALA1"
    assert story.types("hola").last(Say).room == "SALA1"


def test_a_message_that_waits_goes_to_its_room_under_the_new_spelling() -> None:
    story = in_room().types("hola")
    lost(story).welcomed(Joined("General", 0, ["ana"], []), Joined("SALA1", 0, ["ana"], []))
    story.acknowledged(story.last(Say), 1)
    lost(story)
    assert story.last(Hello).resume == {"General": 0, "SALA1": 0}
    story.welcomed(
        Joined("General", 0, ["ana"], []), Joined("SALA1", 1, ["ana"], [entry(1, "ana", "hola", 6000.0)])
    )
    assert talk(story) == ["hola"]


def test_a_join_under_way_is_asked_for_again() -> None:
    story = in_room().types("/join Sala2")
    back(story, 0)
    assert story.last(Join).room == "Sala2"


@given(st.lists(st.integers(1, 12), max_size=30))
def test_a_ledger_knows_what_it_noted_whatever_the_order(numbers: list[int]) -> None:
    ledger = Ledger()
    for number in numbers:
        ledger = ledger.noting(number, 1.0 * number)
    assert all(ledger.has(number) == (number in numbers) for number in range(1, 14))
    assert all(number in numbers for number in range(1, ledger.mark + 1))
    assert ledger.mark + 1 not in numbers
    assert not any(ledger.disagrees(number, 1.0 * number) for number in numbers)
    assert ledger.mark == 0 or ledger.disagrees(ledger.mark, 99.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5))
def test_whenever_the_connection_breaks_everything_is_shown_once(breaks: list[tuple[int, int]]) -> None:
    """So many messages are told live, then the connection breaks, and so many are said meanwhile."""
    log = [entry(n, "bob", f"m{n}") for n in range(1, sum(map(sum, breaks)) + 2)]
    story, told = in_room(), 0
    for live, missed in [*breaks, (1, 0)]:
        story.hears(*(said(m.seq, m.author, m.text) for m in log[told : told + live]))
        stored = told + live + missed
        lost(story)
        resume = story.last(Hello).resume
        assert resume is not None
        history = log[resume["Sala1"] : stored]
        story.welcomed(Joined("General", 0, ["ana"], []), Joined("Sala1", stored, ["ana"], history))
        told = stored
    assert talk(story) == [m.text for m in log]
