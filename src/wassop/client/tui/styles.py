"""Colours that can be read on dark and on light terminals: a contrast of 4 or more to black and to white."""

from typing import Final

from prompt_toolkit.styles import Style

NAME_COLOURS: Final = (
    "#d0402f",
    "#b86200",
    "#8a7a00",
    "#3f8a1f",
    "#008a5e",
    "#00858f",
    "#2a7fd0",
    "#6f70e0",
    "#a957d0",
    "#c9408f",
)
GREY: Final = "#767676"

STYLE: Final = Style.from_dict(
    {
        **{f"name{index}": f"bold {colour}" for index, colour in enumerate(NAME_COLOURS)},
        "own": "bold",
        "time": GREY,
        "dim": GREY,
        "mark": GREY,
        "other-room": "italic #2a7fd0",
        "found": "bold underline #b86200",
        "goal": "bold #b86200",
        "heading": "bold #2a7fd0",
        "error": "#d0402f",
        "failed": "#d0402f",
        "divider": GREY,
        "header": "bg:#005f87 #ffffff",
        "header.room": "bold",
        "header.bad": "bg:#a33327 #ffffff bold",
        "help.word": "bold",
        "mention": "bold #b86200",
        "typing": f"italic {GREY}",
        "people.count": f"bold {GREY}",
        "tabs": "bg:#3a3a3a #c8c8c8",
        "tabs.self": "bg:#3a3a3a #c8c8c8",
        "tabs.bad": "bg:#a33327 #ffffff bold",
        "tab": "bg:#3a3a3a #c8c8c8",
        "tab.here": "bg:#005f87 #ffffff bold",
        "tab.unread": "bg:#3a3a3a #ffffff bold",
        "tab.mention": "bg:#b86200 #ffffff bold",
        "search-toolbar": "",
        "separator": GREY,
        "separator.bad": "bold #d0402f",
        "separator.news": "bold #b86200",
        "prompt": "bold #2a7fd0",
        "completion-menu": "bg:#3a3a3a #ffffff",
        "completion-menu.completion": "bg:#3a3a3a #ffffff",
        "completion-menu.completion.current": "bg:#005f87 #ffffff bold noreverse",
        "completion-menu.meta.completion": "bg:#4a4a4a #e4e4e4",
        "completion-menu.meta.completion.current": "bg:#00719f #ffffff noreverse",
        "scrollbar.background": "bg:#4a4a4a",
        "scrollbar.button": "bg:#9e9e9e",
    }
)
