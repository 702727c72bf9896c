"""Who is typing."""

from tests.client.story import Story, in_room
from wassop.client.happenings import Edited, Later, Lost, TypingOver
from wassop.client.tui.bars import typing_text
from wassop.client.typists import EVERY_S, LASTS_S
from wassop.wire.native_messages import Presence, Said, Typing, TypingHere


def shown(story: Story) -> str:
    return typing_text(story.state, 60)


def later(story: Story, seconds: float) -> Story:
    """So much later: what was to happen meanwhile has happened."""
    story.now += seconds
    due = [effect for effect in story.effects if isinstance(effect, Later)]
    for effect in due:
        if isinstance(effect.happening, TypingOver) and effect.happening.since + effect.delay_s <= story.now:
            story.happens(effect.happening)
    return story


def test_those_who_are_typing_are_named_for_five_seconds() -> None:
    story = in_room(members=("ana", "bob", "eva", "leo")).hears(Typing("Sala1", "bob"))
    assert shown(story) == "bob is typing…"
    later(story, 3).hears(Typing("Sala1", "eva"))
    assert shown(story) == "bob and eva are typing…"
    assert shown(story.hears(Typing("Sala1", "leo"))) == "3 people are typing…"
    assert shown(later(story, 2)) == "eva and leo are typing…"
    assert shown(later(story, LASTS_S)) == ""


def test_a_new_sign_counts_again_in_full() -> None:
    story = in_room().hears(Typing("Sala1", "bob"))
    later(story, 4).hears(Typing("Sala1", "bob"))
    assert shown(later(story, 2)) == "bob is typing…"
    assert shown(later(story, 3)) == ""


def test_who_has_said_it_or_gone_is_no_longer_typing() -> None:
    story = in_room(members=("ana", "bob", "eva"))
    story.hears(Typing("Sala1", "bob"), Typing("Sala1", "eva"), Said("Sala1", 1, "bob", "hola", 1.0))
    assert shown(story) == "eva is typing…"
    assert shown(story.hears(Presence("Sala1", gone=["eva"]))) == ""
    story.hears(Typing("Sala1", "bob")).happens(Lost())
    assert shown(story) == ""


def test_it_is_shown_where_it_happens_and_never_of_oneself() -> None:
    story = in_room().types("/join Sala2").joined().hears(Typing("Sala1", "bob"), Typing("Sala2", "ana"))
    assert shown(story) == ""
    assert shown(story.acts("tab-3")) == "bob is typing…"
    assert shown(story.hears(Typing("Nowhere", "bob"))) == "bob is typing…"


def test_ones_own_typing_is_told_every_three_seconds_at_most() -> None:
    story = in_room()
    for text in ("h", "ho", "hol"):
        story.happens(Edited(text))
    assert story.sent == [TypingHere("Sala1")]
    story.now += EVERY_S
    assert story.happens(Edited("hola")).sent == [TypingHere("Sala1")] * 2


def test_it_is_not_told_of_commands_nor_to_one_person_nor_without_a_connection() -> None:
    story = in_room().happens(Edited("/msg bob x"), Edited(""), Edited("  "))
    story.types("/msg bob").happens(Edited("psst"))
    story.acts("tab-1").happens(Edited("Sala2"))
    story.acts("tab-3").happens(Lost(), Edited("hola"))
    assert not any(isinstance(message, TypingHere) for message in story.sent)


def test_it_can_be_switched_off() -> None:
    story = in_room().types("/typing off").forget().happens(Edited("hola"))
    assert story.sent == []
    assert story.texts[-1] == "Others do not see that you are typing."
    assert story.types("/typing").texts[-1] == "Others see that you are typing."
    assert story.happens(Edited("hola!")).sent == [TypingHere("Sala1")]
