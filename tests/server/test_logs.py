"""The operator's log: never in the way."""

import io
import json
import os
import re

from wassop.server.logs import EVENTS, LineWriter, open_log


def test_lines_come_out_in_order_and_whole() -> None:
    target = io.StringIO()
    writer = LineWriter(target)
    for i in range(5_000):
        writer.write(f"línea {i}")
    writer.close()
    assert target.getvalue().splitlines() == [f"línea {i}" for i in range(5_000)]


def test_a_reader_that_never_reads_stops_nobody() -> None:
    read_end, write_end = os.pipe()
    with open(write_end, "w") as target:
        writer = LineWriter(target)
        for _ in range(50_000):
            writer.write("x" * 100)  # far more than a pipe holds
        assert writer.dropped > 0
        os.close(read_end)  # the blocked thread gets an error and ends
        writer.close()


def test_json_has_stable_names_and_the_console_sentences() -> None:
    for log_format, lang in (("json", "es"), ("console", "es"), ("console", "en")):
        target = io.StringIO()
        writer = LineWriter(target)
        log = open_log(writer, log_format=log_format, lang=lang, verbose=False, colors=False)
        log.info("joined", name="juanmi", room="Sala1")
        log.debug("said", text="secreto")
        writer.close()
        line = target.getvalue()
        assert "secreto" not in line
        if log_format == "json":
            assert json.loads(line)["event"] == "joined"
        else:
            assert (EVENTS["joined"] if lang == "en" else "se unió a la sala") in line


def test_an_exception_is_logged_without_the_values_of_variables() -> None:
    for log_format in ("json", "console"):
        target = io.StringIO()
        writer = LineWriter(target)
        log = open_log(writer, log_format=log_format, lang="en", verbose=False, colors=False)
        try:
            secret = "contraseña" + "1234"
            raise RuntimeError(len(secret))
        except RuntimeError:
            log.exception("connection-failed")
        writer.close()
        assert "RuntimeError" in target.getvalue()
        assert "contraseña1234" not in target.getvalue()


def test_what_visitors_typed_is_not_obeyed_by_the_operators_terminal() -> None:
    target = io.StringIO()
    writer = LineWriter(target)
    log = open_log(writer, log_format="console", lang="en", verbose=True, colors=False)
    log.debug("said", text="\x1b[31mrojo\x1b]0;robado\x07")
    writer.close()
    assert "\x1b" not in target.getvalue()
    assert "rojo" in target.getvalue()


def test_without_colours_a_line_is_what_the_library_makes_of_it() -> None:
    told: list[list[str]] = []
    for colors in (False, True):
        target = io.StringIO()
        writer = LineWriter(target)
        log = open_log(writer, log_format="console", lang="es", verbose=False, colors=colors)
        log.info("joined", name="ana b", room="Sala1", n=3, q='it\'s "x"', none=None, empty="", pair=("a", 1))
        log.info("stopped")
        try:
            raise ExceptionGroup("two", [ValueError(1), OSError("no")])
        except ExceptionGroup as group:
            log.error("connection-failed", address="[::1]:5", exc_info=group)
        writer.close()
        text = re.sub(r"\x1b\[\d*m", "", target.getvalue())
        told.append([re.sub(r"^\d{4}-\S+", "TIME", line) for line in text.splitlines()])
    assert told[0] == told[1]
    assert told[0][0].startswith("TIME [info     ] se unió a la sala empty= n=3 name='ana b' none=None")
