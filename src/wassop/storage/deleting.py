"""Taking a message's text out of the record."""

import sqlite3


def blank(writer: sqlite3.Connection, room_id: int, seq: int) -> None:
    """Leave of message `seq` and of its edits no text, neither in the rows nor in the search index. In a
    transaction."""
    rows = writer.execute(
        "SELECT id, text FROM messages WHERE room_id = :room AND seq = :seq AND text <> '' UNION ALL "
        "SELECT id, text FROM messages "
        "WHERE room_id = :room AND about = :seq AND kind = 'edit' AND text <> ''",
        {"room": room_id, "seq": seq},
    ).fetchall()
    (indexed,) = writer.execute("SELECT indexed_id FROM search_state").fetchone()
    in_index = [row for row in rows if row[0] <= indexed]
    # The index keeps no texts: it must be told what it takes out.
    writer.executemany(
        "INSERT INTO messages_text (messages_text, rowid, text) VALUES ('delete', ?, ?)", in_index
    )
    writer.executemany("UPDATE messages SET text = '' WHERE id = ?", [(row[0],) for row in rows])
    writer.executemany(
        "INSERT INTO messages_text (rowid, text) VALUES (?, '')", [(row[0],) for row in in_index]
    )
