"""Answering, correcting, deleting, reacting; deeds and absences; what was refused, sent again."""

import pytest

from tests.client.story import Story, entry, in_room, lost, resumed
from tests.client.test_amendments import picture
from wassop.client.happenings import Connected, Edited, KeepInSight, Lost, Put
from wassop.client.line import Delivery
from wassop.client.tui.bars import prompt, separator
from wassop.client.tui.people import people_list
from wassop.wire.native_messages import Away, Error, Joined, Msg, Ok, Presence, Say, SetAway


def talked() -> Story:
    """bob has said two things, ana one between them."""
    history = entry(1, "bob", "uno"), entry(2, "ana", "dso"), entry(3, "bob", "tres")
    return in_room("Sala1", 3, *history, members=("ana", "bob"))


def said(story: Story) -> tuple[str, int | None, str]:
    message = story.last(Say)
    assert isinstance(message, Say)
    return message.kind, message.about, message.text


def put(story: Story) -> str:
    return next(effect.before for effect in reversed(story.effects) if isinstance(effect, Put))


def stored(story: Story, seq: int) -> Story:
    return story.acknowledged(story.last(Say), seq)


def hint(story: Story) -> str:
    return "".join(part[1] for part in separator(story.state, 80, 0, is_reading_back=False))


def test_one_s_last_message_is_corrected() -> None:
    story = talked().types("/edit dos")
    assert said(story) == ("edit", 2, "dos")
    assert picture(story)[1] == "You: dso (being changed …)"
    assert picture(stored(story, 4))[1] == "You: dos (edited)"
    assert not story.state.pending
    story.acts("edit-last")
    assert put(story) == "dos"
    assert prompt(story.state) == "Correct: "
    assert "Esc" in hint(story)
    story.types("dos y medio")
    assert said(story) == ("edit", 2, "dos y medio")
    assert prompt(stored(story, 5).state) == "You: "


def test_a_correction_that_changes_nothing_is_not_sent_and_can_be_given_up() -> None:
    story = talked().acts("edit-last").types("dso")
    assert not story.sent
    story.acts("edit-last", "give-up")
    assert put(story) == ""
    story.types("otra")
    assert said(story) == ("say", None, "otra")
    story.acts("give-up")


def test_one_s_last_message_is_deleted() -> None:
    story = talked().types("/delete")
    assert said(story) == ("delete", 2, "")
    assert picture(stored(story, 4))[1] == "You: message deleted"
    assert story.types("/delete").texts[-1] == "There is no message of yours here."


def test_the_last_message_of_somebody_else_is_answered() -> None:
    story = talked().types("/reply cuatro :corazon:")
    assert said(story) == ("reply", 3, "cuatro ❤️")
    assert picture(story)[-2:] == ["╭ bob: tres", "You: cuatro ❤️"]
    assert stored(story, 4).state.lines[-1].seq == 4


def test_a_reaction_is_given_and_taken_back() -> None:
    story = talked().types("/react :+1:")
    assert said(story) == ("react", 3, "👍")
    assert picture(stored(story, 4))[-1] == "👍 1"
    assert said(story.types("/react :+1:")) == ("unreact", 3, "👍")
    assert picture(stored(story, 5))[-1] == "bob: tres"
    story.forget().types("/react bien")
    assert not story.sent
    assert story.kept_input
    assert story.texts[-1].startswith("An emoji is wanted")


def test_a_message_is_chosen_with_keys_and_acted_upon() -> None:
    story = talked().acts("choose-above", "choose-above", "choose-above", "choose-above", "choose-below")
    chosen = next(line for line in story.state.lines if line.is_chosen)
    assert (chosen.seq, story.state.tab.chosen) == (2, chosen.number)
    assert KeepInSight(chosen.number) in story.effects
    assert "r: answer" in hint(story)
    story.acts("choose-above", "reply")
    assert not any(line.is_chosen for line in story.state.lines)
    assert prompt(story.state) == "Answer bob: "
    assert said(story.types("a uno")) == ("reply", 1, "a uno")
    story.acts("choose-above", "react").types(":corazon:")
    assert said(story) == ("react", 3, "❤️")
    story.acts("choose-above", "choose-above", "delete")
    assert prompt(story.state).startswith("Delete this message")
    assert story.forget().types("n").sent == []
    story.acts("choose-above", "choose-above", "delete").types("y")
    assert said(story) == ("delete", 2, "")


def test_past_the_newest_message_and_on_another_tab_nothing_is_chosen() -> None:
    story = talked().acts("choose-above", "choose-below")
    assert story.state.tab.chosen is None
    story.acts("choose-above", "tab-1", "tab-3")
    assert story.state.tab.chosen is None
    assert not any(line.is_chosen for line in story.state.lines)
    assert story.acts("tab-1", "choose-above").texts[-1] == "Messages can be chosen in rooms."


def test_what_was_being_written_becomes_the_answer_and_comes_back_after_a_reaction() -> None:
    story = talked().happens(Edited("half")).acts("choose-above", "react")
    story.types("👍")
    assert put(story) == "half"
    story.acts("choose-above", "reply")
    assert put(story) == "half"


@pytest.mark.parametrize("command", ["/reply x", "/react 👍"])
def test_without_a_message_there_is_nothing_to_answer(command: str) -> None:
    story = in_room().types(command)
    assert story.texts[-1] == "Nobody else has said anything here."
    assert story.types("/edit x").texts[-1] == "There is no message of yours here."


def test_a_refused_change_leaves_all_as_it_was() -> None:
    story = talked().types("/edit dos")
    story.hears(Error("not-yours", "It is not yours.", re=story.last(Say).id))
    assert story.texts[-1] == "It is not yours."
    assert picture(story)[1] == "You: dso"
    assert not story.state.pending


def test_a_change_without_a_connection_is_sent_once_when_it_is_back() -> None:
    story = talked().happens(Lost()).forget().types("/edit dos")
    assert not story.sent
    assert picture(story)[1] == "You: dso (being changed …)"
    story.happens(Connected()).welcomed(resumed("Sala1", 3, members=("ana", "bob")))
    assert [message.kind for message in story.sent if isinstance(message, Say)] == ["edit"]
    assert picture(stored(story, 4))[1] == "You: dos (edited)"
    lost(story).welcomed(resumed("Sala1", 4))
    assert not [message for message in story.sent if isinstance(message, Say)]


def test_what_waits_for_the_connection_says_so_and_can_be_taken_back() -> None:
    story = talked().happens(Lost()).types("cinco")
    assert picture(story)[-1] == "You: cinco (waits for the connection)"
    story.acts("edit-last")
    assert put(story) == "cinco"
    assert picture(story)[-1] == "bob: tres"
    assert not story.state.pending


def test_what_was_on_its_way_when_the_connection_broke_is_marked() -> None:
    story = talked().types("cuatro").happens(Lost())
    assert picture(story)[-1] == "You: cuatro (waits for the connection)"
    story.happens(Connected()).welcomed(resumed("Sala1", 3))
    assert picture(stored(story, 4))[-1] == "You: cuatro"


@pytest.mark.parametrize("text", ["cuatro", "/me waves", "/reply cuatro"])
def test_what_was_refused_is_sent_again_as_it_was(text: str) -> None:
    story = talked().types(text)
    first = story.last(Say)
    story.hears(Error("muted", "You are muted.", re=first.id))
    assert story.state.lines[-2].delivery is Delivery.FAILED
    story.forget().acts("retry", "retry")
    [again] = [message for message in story.sent if isinstance(message, Say)]
    assert (again.text, again.nonce, again.kind, again.about) == (
        first.text,
        first.nonce,
        first.kind,
        first.about,
    )
    stored(story, 4)
    assert story.acts("retry").texts[-1] == "Nothing waits here to be sent again."
    assert [line.seq for line in story.state.lines if line.seq] == [1, 2, 3, 4]


def test_a_private_message_that_was_refused_is_sent_again_from_its_tab() -> None:
    story = talked().types("/msg bob hola", "/go bob")
    first = story.last(Msg)
    story.hears(Error("no-such-user", "bob is not here.", re=first.id)).forget().types("/retry")
    again = story.last(Msg)
    assert (again.text, again.nonce, again.to) == ("hola", first.nonce, "bob")


def test_a_deed_is_told_in_the_third_person() -> None:
    story = talked().types("/me waves")
    assert said(story) == ("me", None, "waves")
    assert picture(story)[-1] == "* ana waves"


def test_one_is_away_and_back_and_away_again_after_a_loss() -> None:
    story = talked().types("/away lunch")
    away = story.last(SetAway)
    assert (away.text, away.back) == ("lunch", False)
    story.hears(Ok(re=away.id))
    assert story.texts[-1] == "You are away: lunch (/away: back)"
    lost(story).welcomed(resumed("Sala1", 3))
    again = story.last(SetAway)
    before = story.texts
    assert again.text == "lunch"
    assert story.hears(Ok(re=again.id)).texts == before
    back = story.types("/away").last(SetAway)
    assert back.back
    assert story.hears(Ok(re=back.id)).texts[-1] == "You are back."
    assert not story.state.away


def test_others_who_are_away_are_told_of_and_marked_in_the_list() -> None:
    story = talked().hears(Away("bob", "lunch\x07"))
    assert story.texts[-1] == "* bob is away: lunch␇"
    rows = ["".join(part[1] for part in row) for row in people_list(story.state, 20, 5)]
    assert rows[1:] == [" ana", "zbob"]
    story.types("/msg bob ¿vienes?")
    message = story.last(Msg)
    story.hears(Ok(re=message.id, at=1.0, away="lunch"))
    assert story.texts[-1] == "bob is away: lunch"
    story.hears(Away("bob", back=True))
    assert story.texts[-1] == "* bob is back"
    story.hears(Away("bob", "again"), Presence("General", gone=["bob"]))
    assert not story.state.away


def test_who_is_away_is_known_from_coming_in() -> None:
    story = talked().types("/join Otra")
    story.hears(Joined("Otra", 0, ["ana", "bob"], [], away={"bob": ""}, re=story.state.next_id - 1))
    assert story.state.away == {"bob": ""}


def test_what_somebody_else_has_said_is_not_put_into_the_input_bar_to_be_corrected() -> None:
    story = talked().acts("choose-above", "edit")
    assert story.texts[-1] == "You can correct only your own messages."
    assert story.state.tab.amending is None
    assert not any(isinstance(effect, Put) and effect.before for effect in story.effects)
