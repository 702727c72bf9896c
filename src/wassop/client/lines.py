"""Lines of the history as rows of the screen: styled, harmless, cut to the pane's width. Pure."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from wassop.client.cells import MAX_CELL_COLUMNS, Cell, cells, text_width
from wassop.client.days import day_of, day_text
from wassop.client.line import Delivery, Kind, Line
from wassop.core.text import visible
from wassop.locale import Translations

NAME_STYLES: Final = 10
"""How many colours there are for names; styles `class:name0` and following."""
_MIN_TEXT_COLUMNS: Final = 16
"""Narrower than this beside the times, and continued rows begin nearer to the edge."""
_INDENT: Final = 6
"""Where the text begins, beside the times."""
_SMALL_INDENT: Final = 2
"""On a narrow pane; always some, so that no line of a message looks like a message of its own."""
HELP_COLUMNS: Final = 26
"""So wide is the column of the words in the help."""
_MAX_EMOJIS: Final = 20
"""So many different reactions are shown below a message."""
_MAX_BREAKS: Final = 30
"""After so many lines of one message line ends are shown as pictures: nobody else's words are pushed away."""

Piece = tuple[str, Cell]
"""A style and a cluster."""


@frozen
class Row:
    """One row of the screen."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Without the styles."""
        return "".join(cell.text for _, cell in self.pieces)

    @property
    def width(self) -> int:
        """In columns."""
        return sum(cell.width for _, cell in self.pieces)


def name_style(name: str) -> str:
    """The style of a person's name, the same every time."""
    return f"class:name{zlib.crc32(name.casefold().encode('utf-8', 'surrogatepass')) % NAME_STYLES}"


def rows_of(line: Line, columns: int, tr: Translations, *, has_time: bool = True) -> tuple[Row, ...]:
    """`line` on a pane that is `columns` wide; at least one row. What a search found always has its time."""
    columns = max(columns, MAX_CELL_COLUMNS + _SMALL_INDENT)
    fragments = fragments_of(line, tr)
    if not has_time and line.kind is not Kind.FOUND:
        fragments = [each for each in fragments if each[0] != "class:time"]
    indent = _INDENT if columns >= _INDENT + _MIN_TEXT_COLUMNS else _SMALL_INDENT
    if line.kind is Kind.DIVIDER:
        return (_divider(visible(line.text), columns),)
    if line.kind is Kind.TALK:
        return _talk_rows(line, fragments, columns, indent, tr)
    if line.kind is Kind.HELP:
        indent = HELP_COLUMNS if columns >= HELP_COLUMNS + _MIN_TEXT_COLUMNS else _SMALL_INDENT
    elif line.at is None:
        indent = 0
    elif not has_time:
        indent = _SMALL_INDENT
    return wrapped(fragments, columns, indent)


def _talk_rows(
    line: Line, fragments: list[tuple[str, str]], columns: int, indent: int, tr: Translations
) -> tuple[Row, ...]:
    """What was said, below what it answers and above what people think of it."""
    rows = wrapped(fragments, columns, indent)
    if line.quote is not None and not line.fold.is_deleted:
        rows = (_quote_row(line.quote, columns, indent, tr), *rows)
    if counts := line.fold.counts:
        rows = (*rows, *wrapped(_reactions(counts, indent), columns, indent))
    if line.is_chosen:
        rows = tuple(_chosen(row, columns) for row in rows)
    return rows


def _quote_row(quote: tuple[str, str], columns: int, indent: int, tr: Translations) -> Row:
    author, text = quote
    text = visible(text) or tr.gettext("message deleted")
    told = f"{' ' * indent}╭ {visible(author)}: {text}"
    kept = _fitting(told, columns)
    if kept != told:
        kept = _fitting(told, columns - 1) + "…"
    return Row(tuple(("class:quote", cell) for cell in cells(kept)))


def _reactions(counts: Mapping[str, int], indent: int) -> list[tuple[str, str]]:
    fragments = [("", " " * indent)]
    for emoji, count in list(counts.items())[:_MAX_EMOJIS]:
        # A space that no row is broken at keeps the number beside its picture.
        fragments += [("class:reaction", f"{visible(emoji)}\u00a0{count}"), ("", "  ")]
    if len(counts) > _MAX_EMOJIS:
        fragments.append(("class:reaction", "…"))
    return fragments


def _chosen(row: Row, columns: int) -> Row:
    rest = cells(" " * max(0, columns - row.width))
    return Row(
        tuple((f"{style} class:chosen", cell) for style, cell in (*row.pieces, *(("", c) for c in rest)))
    )


def fragments_of(line: Line, tr: Translations) -> list[tuple[str, str]]:
    """What stands in `line`, with the styles, on one endless row."""
    match line.kind:
        case Kind.TALK:
            return _talk(line, tr)
        case Kind.FOUND:
            return _found(line, tr)
        case Kind.STATUS:
            return [("class:dim", visible(line.text))]
        case Kind.PRESENCE:
            return [("class:time", _clock(line.at)), ("class:dim", visible(line.text))]
        case Kind.HEADING:
            return [("class:heading", visible(line.text))]
        case Kind.ERROR:
            return [("class:error", visible(line.text))]
        case Kind.HELP:
            return [
                ("class:help.word", visible(line.text[:HELP_COLUMNS])),
                ("", visible(line.text[HELP_COLUMNS:])),
            ]
        case Kind.NOTICE | Kind.DIVIDER:
            return [("", visible(line.text))]


def _talk(line: Line, tr: Translations) -> list[tuple[str, str]]:
    waiting, failed = line.delivery is Delivery.WAITING, line.delivery is Delivery.FAILED
    style = "class:dim" if waiting else "class:failed" if failed else ""
    # What one does oneself reads as the others read it.
    author = tr.gettext("You") if line.own and not line.is_deed else visible(line.author or "")
    colour = "class:own" if line.own else name_style(line.author or "")
    fragments = [("class:time", _clock(line.at))]
    if line.is_goal:
        fragments.append(("class:goal", "▶ "))
        style = style or "class:goal"
    if line.room is not None:
        fragments.append(("class:other-room", f"[{visible(line.room)}] "))
    if line.is_deed:
        fragments.append((style, "* "))
    fragments.append((colour if line.is_goal else style or colour, author))
    if line.mark:
        fragments.append((style or "class:mark", f" ({visible(line.mark)})"))
    text_style = style or ("class:mention" if line.is_mention else "")
    fragments.append((style, " " if line.is_deed else ": "))
    if line.fold.is_deleted:
        fragments.append(("class:deleted", tr.gettext("message deleted")))
        return fragments
    fragments.append((text_style, _broken(line.current)))
    if line.fold.text is not None:
        fragments.append(("class:mark", f" ({tr.gettext('edited')})"))
    if line.is_changing:
        fragments.append(("class:mark", f" ({tr.gettext('being changed')} …)"))
    if waiting and line.reason:
        fragments.append(("class:mark", f" ({visible(line.reason)})"))
    if failed:
        fragments.append(("class:error", " ✗ " + tr.gettext("not delivered")))
        if line.reason:
            fragments.append(("class:error", f": {visible(line.reason)}"))
        fragments.append(("class:error", f" ({tr.gettext('Alt-R: again')})"))
    return fragments


def _broken(text: str) -> str:
    """With the line ends that its author gave it, up to a bound."""
    if "\n" not in text:
        return visible(text)
    *lines, rest = text.split("\n", _MAX_BREAKS)
    return "\n".join(map(visible, (*lines, rest)))


def _found(line: Line, tr: Translations) -> list[tuple[str, str]]:
    author = tr.gettext("You") if line.own else visible(line.author or "")
    text = visible(line.text)  # character by character, so that the spans fit
    fragments = [
        ("class:heading", f"{visible(line.mark):>3} "),
        ("class:time", f"{_date(line.at, tr)} {_clock(line.at)}"),
        ("class:other-room", f"[{visible(line.room or '')}] "),
        ("class:own" if line.own else name_style(line.author or ""), author),
        ("", ": "),
    ]
    if line.fold.is_deleted:
        return [*fragments, ("class:deleted", tr.gettext("message deleted"))]
    end = 0
    for start, stop in line.spans:
        fragments += [("", text[end:start]), ("class:found", text[start:stop])]
        end = stop
    return [*fragments, ("", text[end:])]


def _date(at: float | None, tr: Translations) -> str:
    day = day_of(at)
    return "--" if day is None else day_text(day, tr)


def _clock(at: float | None) -> str:
    if at is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(at):%H:%M} "
    except (ValueError, OverflowError, OSError):  # a server may send any number
        return "--:-- "


def _divider(text: str, columns: int) -> Row:
    label = _fitting(f" {text} ", columns)
    left = max(0, (columns - text_width(label)) // 2)
    right = max(0, columns - left - text_width(label))
    return Row(tuple(("class:divider", cell) for cell in cells("─" * left + label + "─" * right)))


def _fitting(text: str, columns: int) -> str:
    kept, width = [], 0
    for cell in cells(text):
        width += cell.width
        if width > columns:
            break
        kept.append(cell.text)
    return "".join(kept)


def wrapped(fragments: Iterable[tuple[str, str]], columns: int, indent: int = 0) -> tuple[Row, ...]:
    """Cut `fragments` into rows at most `columns` wide, between words where that is possible; "\\n" ends one.

    No cluster is cut. All text is kept, but for spaces that a row's end takes the place of. Rows after the
    first begin with `indent` spaces. `columns` is at least `indent` and the widest cluster (8).
    """
    pieces = [(style, cell) for style, text in fragments for cell in cells(text)]
    if len(pieces) <= columns and _fit(pieces, columns):
        return (Row(tuple(pieces)),)
    margin = [("", cell) for cell in cells(" " * indent)]
    rows: list[Row] = []
    row: list[Piece] = []
    width, breakable = 0, 0  # `breakable`: so many pieces of the row may stay when the rest goes to the next
    for piece in pieces:
        cell = piece[1]
        if cell.text == "\n":
            rows.append(Row(tuple(row)))
            row, width, breakable = [*margin], indent, 0
            continue
        if width + cell.width > columns:
            rest = row[breakable:] if breakable and cell.text != " " else []
            moved = indent + sum(cell.width for _, cell in rest)
            if moved + cell.width > columns:  # a word as long as that is cut after all
                rest, moved = [], indent
            rows.append(Row(tuple(row[: len(row) - len(rest)])))
            row, width, breakable = margin + rest, moved, 0
            if cell.text == " ":
                continue
        row.append(piece)
        width += cell.width
        if cell.text == " ":
            breakable = len(row)
    rows.append(Row(tuple(row)))
    return tuple(rows)


def _fit(pieces: Iterable[Piece], columns: int) -> bool:
    """Whether they are one row."""
    width = 0
    for _, cell in pieces:
        width += cell.width
        if cell.text == "\n":
            return False
    return width <= columns
