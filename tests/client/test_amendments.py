"""What the client shows of replies, edits, deletions, reactions and absences: a sentence for each."""

import pytest

from tests.client.story import Story, in_room, lost, resumed
from wassop.client.happenings import AtTop
from wassop.client.tab import room_key
from wassop.wire.native_messages import Away, History, HistoryPage, Quote, Said, SaidEntry

QUOTE = Quote("ana", "the exam is on Tuesday")
ENTRIES = [
    SaidEntry(1, "bob", "", 1001.0, deleted=True),
    SaidEntry(2, "bob", "hala", 1002.0, kind="edit", about=1),
    SaidEntry(3, "bob", "when?", 1003.0, kind="reply", about=1, quote=QUOTE),
    SaidEntry(4, "bob", "👍", 1004.0, kind="react", about=1, quote=QUOTE),
    SaidEntry(5, "bob", "👍", 1005.0, kind="react", about=9),
    SaidEntry(6, "bob", "👍", 1006.0, kind="unreact", about=1),
    SaidEntry(7, "bob", "waves\x1b", 1007.0, kind="me"),
    SaidEntry(8, "bob", "", 1008.0, kind="delete", about=1),
    SaidEntry(9, "bob", "", 1009.0, kind="edit", about=1, deleted=True),
    SaidEntry(10, "bob", "bye", 1010.0, kind="newer than this client"),
    SaidEntry(11, "bob", "end", 1011.0),
]
SENTENCES = [
    "* bob corrected: hala",
    "bob: (to ana) when?",
    "* bob reacted with 👍 to: «the exam is on Tuesday»",
    "* bob reacted with 👍",
    "* bob waves␛",
    "* bob deleted a message",
    "bob: end",
]


def live(entry: SaidEntry, room: str = "Sala1") -> Said:
    return Said(
        room,
        entry.seq,
        entry.author,
        entry.text,
        entry.at,
        kind=entry.kind,
        about=entry.about,
        quote=entry.quote,
    )


def told(story: Story) -> list[str]:
    return [text for text in story.texts if text.startswith(("* ", "bob:", "["))]


def test_what_is_told_live_stands_there_in_order_and_once() -> None:
    story = in_room().hears(*(live(entry) for entry in ENTRIES), *(live(entry) for entry in ENTRIES))
    assert told(story) == SENTENCES
    assert story.state.rooms["Sala1"].ledger.mark == 11


def test_what_is_read_on_coming_in_or_back_stands_there_too() -> None:
    assert told(in_room("Sala1", 11, *ENTRIES)) == SENTENCES
    story = lost(in_room("Sala1", 1, ENTRIES[0])).welcomed(resumed("Sala1", 11, *ENTRIES[1:]))
    assert told(story) == SENTENCES
    assert story.state.rooms["Sala1"].ledger.mark == 11


def test_what_is_fetched_from_further_back_stands_above() -> None:
    story = in_room("Sala1", 12, SaidEntry(12, "bob", "now", 1012.0)).happens(AtTop())
    asked = story.last(History)
    story.hears(HistoryPage("Sala1", ENTRIES, re=asked.id))
    assert told(story) == [*SENTENCES, "bob: now"]
    assert story.state.rooms["Sala1"].oldest == 1


def test_it_stands_in_the_tab_of_its_room() -> None:
    story = in_room().types("/join Otra").joined()
    story.hears(live(ENTRIES[6]), live(ENTRIES[6], "General"))
    for room in ("Sala1", "General"):
        assert story.texts_on(room_key(room))[-1] == "* bob waves␛"
    assert told(story) == []


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (Away("bob", "lunch\x07"), "* bob is away: lunch␇"),
        (Away("bob", back=True), "* bob is back"),
    ],
)
def test_who_is_away_and_back_is_told(away: Away, text: str) -> None:
    assert in_room().hears(away).texts[-1] == text
