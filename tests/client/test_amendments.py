"""What the client shows of replies, edits, deletions, reactions and deeds: the same, however it comes."""

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.client.story import Story, in_room, lost, resumed
from wassop.client.amending import place_of
from wassop.client.fold import DELETED, MAX_FOLDS, MAX_REACTIONS, UNCHANGED, Fold, folded, with_fold
from wassop.client.happenings import AtTop
from wassop.client.line import Kind, Line
from wassop.client.lines import rows_of
from wassop.client.tab import room_key
from wassop.client.turn import MAX_LINES
from wassop.wire.native_messages import History, HistoryPage, Quote, Said, SaidEntry

QUOTE = Quote("ana", "the exam is on Tuesday")
ENTRIES = [
    SaidEntry(1, "bob", "hola", 1001.0),
    SaidEntry(2, "bob", "hello\x1b", 1002.0, kind="edit", about=1),
    SaidEntry(3, "eva", "when?", 1003.0, kind="reply", about=1, quote=QUOTE),
    SaidEntry(4, "bob", "👍", 1004.0, kind="react", about=3, quote=QUOTE),
    SaidEntry(5, "eva", "👍", 1005.0, kind="react", about=3),
    SaidEntry(6, "bob", "❤️", 1006.0, kind="react", about=1),
    SaidEntry(7, "bob", "waves\x1b", 1007.0, kind="me"),
    SaidEntry(8, "bob", "❤️", 1008.0, kind="unreact", about=1),
    SaidEntry(9, "bob", "a secret", 1009.0),
    SaidEntry(10, "eva", "what?", 1010.0, kind="reply", about=9, quote=Quote("bob", "a secret")),
    SaidEntry(11, "bob", "", 1011.0, kind="delete", about=9),
    SaidEntry(12, "bob", "bye", 1012.0, kind="newer than this client"),
    SaidEntry(13, "bob", "end", 1013.0),
]
PICTURE = [
    "bob: hello␛ (edited)",
    "╭ ana: the exam is on Tuesday",
    "eva: when?",
    "👍 2",
    "* bob waves␛",
    "bob: message deleted",
    "╭ bob: message deleted",
    "eva: what?",
    "bob: end",
]


def live(entry: SaidEntry, room: str = "Sala1") -> Said:
    return Said(
        *(room, entry.seq, entry.author, entry.text, entry.at),
        kind=entry.kind,
        about=entry.about,
        quote=entry.quote,
    )


def picture(story: Story, key: str | None = None) -> list[str]:
    """What was said in a tab, as it is drawn."""
    lines = story.state.tabs[story.state.here if key is None else key].lines
    drawn = [row for line in lines if line.kind is Kind.TALK for row in rows_of(line, 80, story.state.tr)]
    clock = len("00:16 ")
    texts = [row.text[clock:] if row.text[:2].isdigit() else row.text.strip() for row in drawn]
    return [text.replace("\u00a0", " ").rstrip() for text in texts]


def test_what_is_told_live_changes_what_stands_there() -> None:
    story = in_room(members=("ana", "bob", "eva"))
    story.hears(*(live(entry) for entry in ENTRIES), *(live(entry) for entry in ENTRIES))
    assert picture(story) == PICTURE
    assert story.state.rooms["Sala1"].ledger.mark == 13


def test_what_is_read_on_coming_in_or_back_gives_the_same_picture() -> None:
    assert picture(in_room("Sala1", 13, *ENTRIES)) == PICTURE
    for seen in range(1, 13):
        story = in_room("Sala1", seen, *ENTRIES[:seen])
        lost(story).welcomed(resumed("Sala1", 13, *ENTRIES[seen:]))
        assert picture(story) == PICTURE
        assert story.state.rooms["Sala1"].ledger.mark == 13


def test_what_is_fetched_from_further_back_is_as_later_messages_made_it() -> None:
    for first in range(1, 13):
        story = in_room("Sala1", 13, *ENTRIES[first:]).happens(AtTop())
        story.hears(HistoryPage("Sala1", ENTRIES[:first], re=story.last(History).id))
        assert picture(story) == PICTURE
        assert story.state.rooms["Sala1"].oldest == 1
        assert not story.state.rooms["Sala1"].folds


def test_what_the_server_no_longer_has_of_a_deleted_message_leaves_the_same_picture() -> None:
    later = [*ENTRIES]
    later[8] = SaidEntry(9, "bob", "", 1009.0, deleted=True)
    later[9] = SaidEntry(10, "eva", "what?", 1010.0, kind="reply", about=9, quote=Quote("bob", ""))
    assert picture(in_room("Sala1", 13, *later)) == PICTURE
    assert picture(in_room("Sala1", 13, *later[8:]))[-4:] == PICTURE[-4:]


@settings(max_examples=60, phases=[Phase.generate])
@given(st.data())
def test_in_whatever_pieces_and_ways_it_comes_the_picture_is_the_same(data: st.DataObject) -> None:
    """A part from further back, a part on entering, a part live, a part on coming back; some of it twice."""
    kinds = st.sampled_from(["say", "say", "reply", "edit", "delete", "react", "unreact", "me"])
    entries: list[SaidEntry] = []
    for seq in range(1, data.draw(st.integers(2, 24)) + 1):
        kind = data.draw(kinds)
        subjects = [each for each in entries if each.kind in ("say", "reply", "me")]
        about = data.draw(st.sampled_from(subjects)) if subjects and kind not in ("say", "me") else None
        kind = kind if about is not None or kind == "me" else "say"
        author = (
            data.draw(st.sampled_from(["bob", "eva"])) if kind != "edit" or about is None else about.author
        )
        text = data.draw(st.sampled_from(["👍", "❤️"])) if kind.endswith("react") else f"text {seq}"
        quote = Quote(about.author, about.text) if kind == "reply" and about is not None else None
        number = None if about is None else about.seq
        text = "" if kind == "delete" else text
        entries.append(SaidEntry(seq, author, text, 1000.0 + seq, kind=kind, about=number, quote=quote))
    whole = in_room("Sala1", len(entries), *entries)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(entries)), min_size=3, max_size=3)))
    old, shown, told, missed = (
        entries[a:b] for a, b in pairwise([0, *cuts, len(entries)])
    )  # fmt: skip
    story = in_room("Sala1", cuts[1], *shown)
    steps = data.draw(st.permutations(["older", "later"]))
    for step in steps:
        if step == "later":
            story.hears(*(live(each) for each in told), *(live(each) for each in told[:2]))
            lost(story).welcomed(
                resumed("Sala1", len(entries), *told[-1:], *missed, since=cuts[2] - len(told[-1:]))
            )
        elif not story.state.rooms["Sala1"].begins_here:
            story.happens(AtTop())
            if story.sent and isinstance(story.sent[-1], History):
                story.hears(HistoryPage("Sala1", old, re=story.last(History).id))
    assert picture(story) == picture(whole)


AMENDMENTS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "react", "unreact"]),
        st.integers(2, 60),
        st.sampled_from(["bob", "Bob", "eva"]),
        st.sampled_from(["👍", "❤️"]),
    ),
    unique_by=lambda each: each[1],
    max_size=12,
)


@given(AMENDMENTS, st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_arrival_and_any_repetition_gives_the_same_fold(
    amendments: list[tuple[str, int, str, str]], random: object, is_deleted: bool
) -> None:
    told = [*amendments, *([("delete", 61, "bob", "")] if is_deleted else [])]
    mixed = [*told, *told[:3]]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one = other = half = UNCHANGED
    for each in told:
        one = folded(one, *each)
    for place, each in enumerate(mixed):
        if place % 2:
            half = folded(half, *each)
        else:
            other = folded(other, *each)
    assert other.merged(half) == half.merged(other) == one
    assert (one == DELETED) is is_deleted


def test_what_is_kept_of_messages_that_are_not_shown_and_of_their_reactions_has_a_bound() -> None:
    folds: dict[int, Fold] = {}
    for about in range(1, MAX_FOLDS + 10):
        folds = with_fold(folds, about, DELETED)
    assert (len(folds), min(folds)) == (MAX_FOLDS, 10)
    fold = UNCHANGED
    for seq in range(1, MAX_REACTIONS + 10):
        fold = folded(fold, "react", seq, f"p{seq}", "👍")
    assert fold.counts == {"👍": MAX_REACTIONS}
    assert folded(fold, "react", 1, "p1", "👍") == fold


def test_lines_that_are_no_longer_kept_leave_what_was_told_about_them() -> None:
    story = in_room("Sala1", 2, *ENTRIES[:2])
    story.hears(*(live(SaidEntry(n, "bob", "m", 1000.0)) for n in range(3, MAX_LINES + 5)))
    room = story.state.rooms["Sala1"]
    assert room.oldest > 2
    assert room.folds[1].text == "hello\x1b"


def test_a_message_is_found_among_lines_without_numbers() -> None:
    lines = [Line(n, Kind.TALK, "", seq=seq) for n, seq in enumerate([None, 2, None, None, 5, 7, None])]
    assert [place_of(lines, seq) for seq in range(1, 9)] == [None, 1, None, None, 4, None, 5, None]
    assert place_of([], 1) is None


def test_a_change_is_no_news_and_stands_in_the_tab_of_its_room() -> None:
    story = in_room().hears(live(ENTRIES[0])).types("/join Otra").joined()
    story.hears(live(ENTRIES[1]), live(ENTRIES[5]))
    tab = story.state.tabs[room_key("Sala1")]
    assert tab.unread == 0
    assert picture(story, room_key("Sala1")) == ["bob: hello␛ (edited)", "❤️ 1"]
    assert picture(story) == []


def test_what_was_said_to_all_is_changed_wherever_it_stands() -> None:
    story = in_room()
    story.hears(Said("General", 1, "bob", "atention", 1001.0, all=True))
    story.hears(Said("General", 2, "bob", "attention", 1002.0, all=True, kind="edit", about=1))
    assert picture(story) == ["bob (to all): attention (edited)"]
    story.hears(Said("General", 3, "bob", "", 1003.0, all=True, kind="delete", about=1))
    assert picture(story) == picture(story, room_key("General")) == ["bob (to all): message deleted"]
    assert not any("tention" in line.text for tab in story.state.tabs.values() for line in tab.lines)


def test_numbers_of_an_earlier_run_of_the_server_do_not_keep_later_corrections_away() -> None:
    story = in_room("Sala1", 2, SaidEntry(1, "bob", "a", 1001.0), SaidEntry(2, "bob", "b", 1002.0))
    story.hears(live(SaidEntry(9, "bob", "lost", 1009.0, kind="edit", about=1)))
    lost(story).welcomed(
        resumed("Sala1", 3, SaidEntry(3, "bob", "new", 1010.0, kind="edit", about=1), since=2), epoch=2
    )
    assert picture(story) == ["bob: new (edited)", "bob: b"]


@pytest.mark.parametrize("columns", [10, 24, 40, 80])
def test_rows_of_a_dressed_line_fit(columns: int) -> None:
    fold = UNCHANGED
    for seq, emoji in enumerate(["👍", "❤️", "👨‍👩‍👧", "🇨🇴", "1️⃣", *map(chr, range(0x1F600, 0x1F620))], 1):
        fold = folded(fold, "react", seq, "bob", emoji)
    line = Line(1, Kind.TALK, "한국 " * 9, at=0.0, author="bob", fold=fold, quote=("ana", "한국어" * 30))
    for each in (line, evolve(line, is_chosen=True)):
        rows = rows_of(each, columns, in_room().state.tr)
        assert all(row.width <= columns for row in rows)
        assert rows[0].text.lstrip().startswith("╭ ana")
    assert {row.width for row in rows} == {columns}, "what is chosen is so from edge to edge"
