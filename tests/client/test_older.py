"""What was said earlier: fetched at the top, found, gone to; and how far one has read."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.story import LIMITS, Story, entry, in_room, lost, resumed
from wassop.client.happenings import AtBottom, AtTop, Lost, Reveal
from wassop.client.line import Kind
from wassop.client.lines import fragments_of
from wassop.client.older import MAX_BACK
from wassop.client.query import BadDate, Query, spans, understood
from wassop.client.tab import room_key
from wassop.client.turn import MAX_LINES
from wassop.wire.native_messages import (
    Error,
    Found,
    FoundEntry,
    History,
    HistoryPage,
    Join,
    Leave,
    Left,
    Read,
    ReadUpTo,
    Said,
    SaidEntry,
    Search,
)

BEGINNING = "The history of the room begins here."
LOG = [entry(n, "bob", f"m{n}", nonce=f"b{n}") for n in range(1, 400)]


def talk(story: Story, room: str = "Sala1") -> list[str]:
    lines = story.state.tabs[room_key(room)].lines
    return [line.text for line in lines if line.kind is Kind.TALK and line.seq is not None]


def names(first: int, last: int) -> list[str]:
    return [f"m{n}" for n in range(first, last + 1)]


def late(last: int = 200) -> Story:
    """ana in a room of which she has seen the newest fifty."""
    return in_room("Sala1", last, *LOG[last - 50 : last])


def paged(story: Story) -> Story:
    """The newest request for a page is answered as a server does."""
    asked = story.last(History)
    before, after = asked.before, asked.after
    if before is not None:
        found = [m for m in LOG if m.seq < before]
        page = found[-asked.limit :]
    else:
        found = [m for m in LOG if m.seq > (after or 0)]
        page = found[: asked.limit]
    return story.hears(HistoryPage(asked.room, page, len(found) > len(page), re=asked.id))


def found(story: Story, *entries: FoundEntry, more: bool = False) -> Story:
    return story.hears(Found(list(entries), more, re=story.last(Search).id))


def hit(seq: int, room: str = "Sala1", text: str = "otra canción") -> FoundEntry:
    return FoundEntry(room, seq, "bob", text, 1000.0 + seq)


# Up and up


def test_at_the_top_the_fifty_before_are_fetched_and_stand_above() -> None:
    story = late()
    before = story.texts
    story.happens(AtTop(), AtTop())
    assert [(m.before, m.limit) for m in story.sent if isinstance(m, History)] == [(151, 50)]
    assert "Fetching older messages …" in story.texts
    paged(story)
    assert talk(story) == names(101, 200)
    assert [text for text in story.texts if not text.startswith("bob: m1")] == [
        text for text in before if not text.startswith("bob: m1")
    ]


def test_up_to_the_beginning_without_holes_or_repeats_while_others_talk() -> None:
    story = late()
    for n in range(201, 204):
        paged(story.happens(AtTop()).hears(Said("Sala1", n, "bob", f"m{n}", 1000.0 + n)))
    assert BEGINNING in story.texts, "the last page says that nothing is before it"
    assert talk(story) == names(1, 203)
    story.forget().happens(AtTop())
    assert story.sent == []
    assert story.texts.count(BEGINNING) == 1


def test_a_short_history_begins_where_one_sees_it() -> None:
    story = in_room("Sala1", 2, *LOG[:2]).happens(AtTop())
    assert story.sent == []
    at = story.texts.index(BEGINNING)
    assert story.texts[at + 1 : at + 3] == ["bob: m1", "bob: m2"]


def test_each_room_has_its_own_past() -> None:
    story = late().types("/join Sala2").joined(1, entry(1, "eva", "hola"))
    story.happens(AtTop())
    assert story.texts[-4:-1] == [
        "You are in the room Sala2. Write messages, or use EXIT to go back to the main menu.",
        BEGINNING,
        "eva: hola",
    ]
    story.types("/join Sala1")
    paged(story.happens(AtTop()))
    assert talk(story) == names(101, 200)
    assert talk(story, "Sala2") == ["hola"]


def test_a_page_that_comes_after_one_left_and_came_back_is_not_taken() -> None:
    story = late().happens(AtTop())
    stale = story.last(History)
    story.types("/leave").hears(Left("Sala1", re=story.last(Leave).id)).rooms_are(Sala1=0)
    story.types("/join Sala1").joined(260, *LOG[210:260])
    story.hears(HistoryPage("Sala1", LOG[100:150], True, re=stale.id))
    assert talk(story) == names(211, 260)
    paged(story.happens(AtTop()))
    assert talk(story) == names(161, 260)


def test_when_the_connection_breaks_nothing_is_fetched_any_more() -> None:
    story = late().happens(AtTop(), Lost())
    assert "Fetching older messages …" not in story.texts
    story.happens(AtTop())
    lost(story).welcomed(resumed("General", 0), resumed("Sala1", 200, since=200))
    paged(story.happens(AtTop()))
    assert talk(story) == names(101, 200)


def test_a_refusal_stands_at_the_top() -> None:
    story = late().happens(AtTop())
    story.hears(Error("no-record", "Not just now.", re=story.last(History).id))
    assert "Not just now." in story.texts
    assert "Fetching older messages …" not in story.texts
    paged(story.happens(AtTop()))
    assert talk(story) == names(101, 200)


def test_every_day_has_one_date_wherever_the_pages_meet() -> None:
    noon, day = datetime(2026, 1, 5, 12).timestamp(), 86_400.0
    log = [entry(n, "bob", f"m{n}", noon - (60 - n) // 20 * day) for n in range(1, 61)]
    story = in_room()
    story.now = noon
    story.types("/join Otra").joined(60, *log[50:])
    for first in (41, 31, 11, 1):
        asked = story.happens(AtTop()).last(History)
        page = [m for m in log if first <= m.seq < (asked.before or 0)]
        story.hears(HistoryPage("Otra", page, first > 1, re=asked.id))
    shown = [line.text for line in story.state.lines if line.seq or line.day]
    expected = ["2026-01-02", *names(1, 0), "2026-01-03", "2026-01-04", "2026-01-05"]
    assert [text for text in shown if text.startswith("2026")] in (expected, expected[1:], expected[:-1])
    assert [text for text in shown if text.startswith("m")] == names(1, 60)
    for text in ("2026-01-03", "2026-01-04"):
        assert shown.count(text) == 1


def test_when_too_many_lines_are_kept_the_oldest_go_and_no_hole_is_left() -> None:
    story = late()
    for n in range(201, 201 + MAX_LINES):
        story.hears(Said("Sala1", n, "bob", f"m{n}", 1000.0 + n))
    room = story.state.rooms["Sala1"]
    shown = [line.seq for line in story.state.lines if line.seq]
    assert shown == list(range(room.oldest, 201 + MAX_LINES))


@given(st.lists(st.sampled_from(["top", "page", "said", "lose"]), max_size=25))
def test_whatever_comes_between_the_pages_nothing_is_missing(steps: list[str]) -> None:
    story, seq = late(), 200
    for step in steps:
        match step:
            case "top":
                story.happens(AtTop())
            case "page" if any(isinstance(message, History) for message in story.sent):
                paged(story).forget()
            case "said":
                seq += 1
                story.hears(Said("Sala1", seq, "bob", f"m{seq}", 1000.0 + seq))
            case "lose":
                seq += 1
                lost(story).welcomed(resumed("General", 0), resumed("Sala1", seq, LOG[seq - 1])).forget()
    shown = talk(story)
    assert shown == names(int(shown[0][1:]), seq)


# Searching


def test_a_search_lists_what_was_found_the_newest_last() -> None:
    story = in_room().types("/search cancion from:bob room:Sala1")
    assert (story.last(Search).words, story.last(Search).author, story.last(Search).room) == (
        "cancion", "bob", "Sala1",
    )  # fmt: skip
    found(story, hit(9), hit(7, "Sala2", "Canción, CANCIÓN"), more=True)
    assert [text.strip() for text in story.texts[-4:]] == [
        "Only the newest 2 are shown; more words or since: and until: find others.",
        "1 [Sala2] bob: Canción, CANCIÓN",
        "2 [Sala1] bob: otra canción",
        "To go to one of them: /go NUMBER",
    ]
    fragments = fragments_of(story.state.lines[-3], story.state.tr)
    assert [text for style, text in fragments if style == "class:found"] == ["Canción", "CANCIÓN"]


@pytest.mark.parametrize(("code", "text"), [("no-record", "Not now."), ("no-words", "No words.")])
def test_a_search_that_is_refused_or_finds_nothing_says_so(code: str, text: str) -> None:
    story = in_room().types("/search algo")
    assert story.hears(Error(code, text, re=story.last(Search).id)).texts[-1] == text
    assert found(story.types("/search nada de nada")).texts[-1] == "Nothing found for: nada de nada"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/search", "Something is missing. Use: /search WORDS"),
        ("/search room:Sala1", "Which words are to be found?"),
        ("/search hola since:ayer", "ayer is no date; write 2026-01-31, 31/01/2026, 2d or 1h."),
        ("/go", "Something is missing. Use: /go NAME"),
        ("/go x", "None of your conversations is like x. /join goes into a room."),
        ("/go 1", "First find something with /search."),
    ],
)
def test_what_cannot_be_searched_or_gone_to_is_told(typed: str, answer: str) -> None:
    story = in_room().types(typed)
    assert story.texts[-1] == answer
    assert story.sent == []


def at(*when: int) -> float:
    return datetime(*when).timestamp()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("hola que tal", Query("hola que tal")),
        ("room:Sala1 hola", Query("hola", room="Sala1")),
        ('hola sala:"Mi sala" que', Query("hola que", room="Mi sala")),
        ("De:@Ana hola", Query("hola", author="Ana")),
        ("hola since:2026-01-31", Query("hola", since=at(2026, 1, 31))),
        ("hola hasta:31/01/2026", Query("hola", until=at(2026, 2, 1))),
        ("hola since:2d until:1h", Query("hola", since=1e6 - 172_800, until=1e6 - 3600)),
        ("http://x.y a:b", Query("http://x.y a:b")),
        ("hola since:31/02/2026", BadDate("31/02/2026")),
        ("hola desde:99999w", Query("hola", since=1e6 - 99_999 * 604_800)),
    ],
)
def test_what_is_searched_for(text: str, query: Query | BadDate) -> None:
    assert understood(text, 1e6) == query


def test_found_words_are_known_without_case_and_diacritics() -> None:
    text = "La CANCIÓN, cancio\u0301n y cancionero"
    assert [text[a:b] for a, b in spans(text, "cancion")] == ["CANCIÓN", "cancio\u0301n"]


@given(st.text(), st.text())
def test_spans_lie_in_the_text_and_do_not_overlap(text: str, words: str) -> None:
    ends = [0]
    for start, stop in spans(text, words):
        assert ends[-1] <= start < stop <= len(text)
        ends.append(stop)


# Going there


def goal_text(story: Story) -> list[str]:
    return [line.text for line in story.state.lines if line.is_goal]


def test_going_to_a_message_that_is_shown_marks_it() -> None:
    story = found(late().types("/search x"), hit(160), hit(170)).types("/go 1")
    assert goal_text(story) == ["m160"] or goal_text(story) == ["m170"]
    first = goal_text(story)
    story.types("/go 2")
    assert goal_text(story) != first
    reveal = next(effect for effect in reversed(story.effects) if isinstance(effect, Reveal))
    assert next(line for line in story.state.lines if line.number == reveal.line).is_goal
    assert story.types("/go 3").texts[-1] == "There is no result 3."


def test_going_far_back_fetches_until_it_is_there() -> None:
    story = in_room("Sala1", 390, *LOG[340:390])
    found(story.types("/search x"), hit(5)).types("/go 1")
    assert story.last(History).limit == LIMITS.history
    assert goal_text(story) == []
    paged(story)
    paged(story)
    assert goal_text(story) == ["m5"]
    assert talk(story) == names(1, 390)


def test_going_into_a_room_one_is_not_in_enters_it_first() -> None:
    story = found(in_room().types("/search x"), hit(120, "Sala2")).types("/go 1")
    assert story.last(Join).room == "Sala2"
    story.joined(200, *LOG[150:200])
    paged(story)
    assert goal_text(story) == ["m120"]
    assert story.state.current == "Sala2"


def test_a_room_that_cannot_be_entered_ends_the_journey() -> None:
    story = found(in_room().types("/search x"), hit(120, "Sala2")).types("/go 1")
    story.hears(Error("too-many-rooms", "Too many.", re=story.last(Join).id))
    assert story.texts[-1] == "Too many."
    assert story.state.goal is None


def test_what_is_very_far_is_shown_with_what_stands_around_it() -> None:
    story = in_room("Sala1", 9000, *(entry(n, "bob", f"m{n}") for n in range(8951, 9001)))
    found(story.types("/search x"), hit(9000 - MAX_BACK - 100)).types("/go 1")
    asked = story.last(History)
    page: list[SaidEntry] = [entry(n, "bob", f"m{n}") for n in range(asked.before - 21, asked.before)]
    story.hears(HistoryPage("Sala1", page, True, re=asked.id))
    assert goal_text(story) == [f"m{9000 - MAX_BACK - 100}"]
    assert story.texts[-1] == "Back to now"
    assert talk(story) == names(8951, 9000), "what stands apart is no part of the room's order"


def test_a_message_that_is_gone_is_told() -> None:
    story = found(in_room("Sala1", 3, *LOG[:3]).types("/search x"), hit(7)).types("/go 1")
    assert story.texts[-1] == "That message is no longer there."


# How far one has read


def test_what_was_seen_is_told_when_it_has_risen() -> None:
    story = in_room().hears(Said("Sala1", 1, "bob", "a", 1.0)).happens(AtBottom(), AtBottom())
    assert story.sent == [Read("Sala1", seq=1)]
    story.forget().hears(Said("Sala1", 2, "bob", "b", 1.0), Said("Sala2", 1, "bob", "x", 1.0))
    assert story.happens(AtBottom()).sent == [Read("Sala1", seq=2)]
    assert story.forget().happens(Lost(), AtBottom()).sent == []


def entering(*history: SaidEntry) -> Story:
    return in_room().types("/join Sala2").joined(history[-1].seq, *history)


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        (0, ["m1", "m2", "m3", "New messages"]),
        (1, ["m1", "New messages", "m2", "m3"]),
        (3, ["m1", "m2", "m3", "New messages"]),
    ],
)
def test_new_messages_begin_where_one_stopped_reading(read: int, shown: list[str]) -> None:
    story = entering(*LOG[:3])
    asked = story.last(Read)
    assert asked == Read("Sala2", id=asked.id)
    story.hears(ReadUpTo("Sala2", read, re=asked.id))
    assert [line.text for line in story.state.lines[-4:]] == shown


def test_the_line_of_new_messages_moves_up_with_what_is_fetched() -> None:
    story = entering(*LOG[150:200])
    story.hears(ReadUpTo("Sala2", 120, re=story.last(Read).id))
    paged(story.happens(AtTop()))
    texts = [line.text for line in story.state.lines]
    assert texts[texts.index("New messages") - 1] == "m120"
    assert texts.count("New messages") == 1


def test_what_was_found_is_not_read_there_once_it_is_deleted() -> None:
    story = in_room("Sala1", 3, *LOG[:3]).types("/search otra")
    found(story, hit(2), hit(2, room="Sala2"), hit(3))
    story.hears(Said("Sala1", 4, "bob", "", 2000.0, kind="delete", about=2))
    lines = [line for line in story.state.lines if line.kind is Kind.FOUND]
    texts = ["".join(text for _, text in fragments_of(line, story.state.tr)) for line in lines]
    assert [text.rpartition(": ")[2] for text in texts] == ["otra canción", "otra canción", "message deleted"]
    assert [line.text for line in lines if line.fold.is_deleted] == [""]
