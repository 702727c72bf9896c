import emoji
import pytest

from wassop.core.emojis import MAX_EMOJI_BYTES, is_emoji


def test_every_emoji_that_there_is_counts():
    wrong = [each for each in emoji.EMOJI_DATA if not is_emoji(each)]
    assert wrong == []
    assert max(len(each.encode()) for each in emoji.EMOJI_DATA) <= MAX_EMOJI_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "#",
        "hola",
        ":+1:",
        "👍👍",
        "👍 ",
        " 👍",
        "👍a",
        "ñ",
        "漢",
        "🇪",
        "\u200d",
        "👍\u200d",
        "\ufe0f",
        "\x1b[2J",
        "█",
        "👍\n",
        "👩" + "\u200d👩" * 6,
        "\ud800",
    ],
    ids=ascii,
)
def test_what_is_none_or_more_than_one_does_not(text):
    assert not is_emoji(text)
