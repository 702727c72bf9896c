"""What one emoji is."""

import re
from typing import Final

MAX_EMOJI_BYTES: Final = 40
"""Of UTF-8; the longest that is recommended for interchange (Unicode 17) has 35."""

# Unicode's emoji-data.txt (Emoji=Yes) for the characters up to U+FFFF; above, whole blocks of pictures, so
# that those which later versions add count too.
_LOW: Final = (
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺"
    "⛽✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙"
)
_HIGH: Final = "\U0001f004\U0001f0cf\U0001f170-\U0001f19a\U0001f201-\U0001f251\U0001f300-\U0001faff"
_REGIONAL: Final = "\U0001f1e6-\U0001f1ff"
_SKIN: Final = "\U0001f3fb-\U0001f3ff"
_TAGS: Final = "\U000e0020-\U000e007f"
_VARIATION, _KEYCAP, _JOINER = "\ufe0f", "\u20e3", "\u200d"
_PICTURE: Final = f"[{_LOW}{_HIGH}](?:[{_SKIN}]{_VARIATION}?|{_VARIATION}|[{_TAGS}]+)?"
# After "possible emoji", ED-17a of Unicode's technical standard 51.
_EMOJI: Final = re.compile(
    f"[{_REGIONAL}]{{2}}|[#*0-9]{_VARIATION}?{_KEYCAP}|{_PICTURE}(?:{_JOINER}{_PICTURE})*"
)


def is_emoji(text: str) -> bool:
    """Whether `text` is one emoji and nothing else."""
    return _EMOJI.fullmatch(text) is not None and len(text.encode()) <= MAX_EMOJI_BYTES
