"""What rooms are about: read on coming in, told when it changes, and set."""

import pytest

from tests.client.story import Story, in_room, lost, resumed
from wassop.client.happenings import Lost
from wassop.client.line import Kind
from wassop.client.tui.bars import header
from wassop.wire.native_messages import Error, Join, Joined, Ok, RoomTopic, Topic, TopicSet

EXAMS = RoomTopic("exams in June", "bob", 900.0)


def in_room_about(topic: RoomTopic = EXAMS) -> Story:
    story = in_room().types("/join Otra")
    join = story.last(Join)
    return story.hears(Joined("Otra", 0, ["ana"], [], topic=topic, re=join.id)).forget()


def top(story: Story, columns: int) -> str:
    return "".join(text for _, text, *_ in header(story.state, columns))


def test_on_coming_in_the_topic_is_the_last_line_before_what_was_said() -> None:
    story = in_room_about()
    assert story.texts[-2:] == [
        "You are in the room Otra. Write messages, or use EXIT to go back to the main menu.",
        "Topic: exams in June",
    ]
    assert not any("topic" in text.lower() for text in in_room().texts)


def test_somebody_sets_and_removes_it() -> None:
    story = in_room().hears(TopicSet("Sala1", "exams", "bob", 1000.0))
    assert story.texts[-1] == "bob has set the topic: exams"
    assert story.state.lines[-1].kind is Kind.PRESENCE
    story.hears(TopicSet("Sala1", "", "eva", 1001.0))
    assert story.texts[-1] == "eva has removed the topic."
    story.types("/topic")
    assert story.texts[-1] == "The room has no topic."


def test_in_a_room_that_is_not_shown_it_stands_only_there() -> None:
    story = in_room().types("/join Otra").joined()
    before = story.texts
    story.hears(TopicSet("Sala1", "exams", "bob", 1000.0), TopicSet("Unknown", "x", "bob", 1000.0))
    assert story.texts == before
    assert story.texts_on("#sala1")[-1] == "bob has set the topic: exams"
    assert story.state.tabs["#sala1"].unread == 0, "it is no message"
    story.types("/join Sala1", "/topic")
    assert story.texts[-1] == "Topic: exams"


@pytest.mark.parametrize(
    ("typed", "text", "told"),
    [
        ("/topic  exams :corazon: ", "exams ❤️", "You have set the topic: exams ❤️"),
        ("/topic -", "", "You have removed the topic."),
    ],
)
def test_setting_it_shows_when_the_server_has_it(typed: str, text: str, told: str) -> None:
    story = in_room()
    before = story.texts
    story.types(typed)
    asked = story.last(Topic)
    assert asked == Topic("Sala1", text, asked.id)
    assert story.texts == before
    story.hears(Ok(asked.id, at=1000.0))
    assert story.texts[-1] == told
    story.types("/topic")
    assert story.texts[-1] == (f"Topic: {text}" if text else "The room has no topic.")


def test_what_was_set_later_counts_whatever_is_read_first() -> None:
    story = in_room().types("/topic mine")
    asked = story.last(Topic)
    story.hears(TopicSet("Sala1", "theirs", "bob", 1000.002), Ok(asked.id, at=1000.001))
    assert story.texts[-1] == "bob has set the topic: theirs"
    story.types("/topic mine again")
    story.hears(Ok(story.last(Topic).id, at=1000.004), TopicSet("Sala1", "theirs", "bob", 1000.003))
    assert story.texts[-1] == "You have set the topic: mine again"


def test_a_topic_that_could_not_be_set_says_why_and_changes_nothing() -> None:
    story = in_room_about().types("/topic mine")
    story.hears(Error("not-stored", "It could not be stored.", re=story.last(Topic).id))
    assert story.texts[-1] == "It could not be stored."
    story.types("/topic")
    assert story.texts[-1] == "Topic: exams in June"


def test_one_that_is_too_long_stays_in_the_input_bar() -> None:
    story = in_room().types(f"/topic {'x' * 301}")
    assert story.texts[-1] == "A topic has at most 300 characters, not 301."
    assert story.kept_input
    assert not story.sent
    story.forget().types(f"/topic {'x ' * 150}")
    assert len(story.last(Topic).text) == 299  # type: ignore[attr-defined]


def test_without_a_room_or_a_connection_there_is_none_to_set() -> None:
    story = in_room().types("/join General", "EXIT").rooms_are(Sala1=1).types("/topic x")
    assert story.texts[-1] == "You are not in any room."
    story = in_room_about().happens(Lost()).types("/topic x")
    assert story.texts[-1] == "There is no connection now; try again when it is back."
    assert story.kept_input
    story.types("/topic")
    assert story.texts[-1] == "Topic: exams in June"


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        (RoomTopic("new", "eva", 2.0), "Topic: new"),
        (None, "The room no longer has a topic."),
        (EXAMS, None),
    ],
)
def test_on_coming_back_a_topic_that_changed_meanwhile_is_told(
    topic: RoomTopic | None, told: str | None
) -> None:
    story = lost(in_room_about())
    back = resumed("Otra", 0)
    back.topic = topic
    story.welcomed(back, resumed("Sala1", 0), epoch=2)
    assert [text for text in story.texts[-3:] if "topic" in text.lower() and "exams" not in text] == (
        [told] if told else []
    )
    story.types("/topic")
    assert story.texts[-1] == (f"Topic: {topic.text}" if topic else "The room has no topic.")


def test_the_header_holds_it_where_there_is_room() -> None:
    story = in_room_about(RoomTopic("exams in June, and what comes then", "bob", 900.0))
    assert top(story, 100).startswith(" Otra · 1 person · exams in June, and what comes then ")
    middle = top(story, 40)
    assert middle.startswith(" Otra · 1 person · exams in June")
    assert "…" in middle
    assert "exams" not in top(story, 30)
    for columns in range(20, 120):
        assert len(top(story, columns)) == columns
    assert "\x1b" not in top(in_room_about(RoomTopic("\x1b[2J", "bob", 900.0)), 100)
