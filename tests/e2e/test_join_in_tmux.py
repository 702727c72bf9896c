"""`wassop join` in a real terminal against a real server, as a person uses it."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.process import environment, serving
from tests.e2e.tmux import Terminal, terminal, wassop_join

pytestmark = pytest.mark.tool("tmux")


@contextmanager
def joined(folder: Path, port: int, name: str, room: str = "Sala1") -> Iterator[Terminal]:
    """Somebody in a room."""
    with terminal(folder) as pane:
        pane.run(wassop_join(port, "--name", name, "--room", room))
        pane.until_shown(f"Has entrado a la sala {room}")
        yield pane


def test_from_the_main_menu_to_a_talk_between_two(tmp_path: Path) -> None:
    with serving() as server, terminal(tmp_path) as juanmi, joined(tmp_path, server.port, "ana") as ana:
        juanmi.run(wassop_join(server.port))
        juanmi.until_shown("Wassop by Juan Miguel", "Ingresa tu nombre de usuario:")
        juanmi.enter("ana")
        juanmi.until_shown("ya está en uso", "Ingresa tu nombre de usuario:")
        juanmi.enter("juanmi")
        juanmi.until_shown(
            "Te has unido como juanmi.", "---- Menú Principal ----", "¡Únete a una sala!",
            "Salas disponibles:", "Sala2 (0)", "REFR", "QUIT", "Ingresa el nombre de la sala o un comando:",
        )  # fmt: skip
        juanmi.enter("Sala1")
        juanmi.until_shown("Te has unido a la sala Sala1.", "Has entrado a la sala Sala1.")
        juanmi.until_shown("Sala1 · 2 personas")
        ana.until_shown("juanmi se ha unido a la sala.", "Sala1 · 2 personas")
        juanmi.enter("hola a todos!")
        juanmi.until_shown("Tú: hola a todos!")
        ana.until_shown("juanmi: hola a todos!")
        ana.enter("LOVE")
        ana.enter("te quiero :corazon: 한국 e\u0301")
        juanmi.until_shown("ana: ❤️", "ana: te quiero ❤️", "한국 e\u0301")
        ana.enter("/msg juanmi solo tú")
        juanmi.until_shown("ana (privado): solo tú")
        ana.until_shown("Tú (a juanmi): solo tú")
        ana.enter("/all atención")
        juanmi.until_shown("ana (a todos): atención")
        ana.enter("/topic exámenes")
        ana.until_shown("Has puesto el tema: exámenes")
        juanmi.until_shown("ana ha puesto el tema: exámenes", "Sala1 · 2 personas · exámenes")
        juanmi.enter("/who")
        juanmi.until_shown("Sala1 (2): ana, juanmi")
        juanmi.enter("EXIT")
        juanmi.until_shown("¿Seguro que quieres salir de la sala Sala1? (s/n)")
        juanmi.enter("s")
        juanmi.until_shown("Has salido de la sala Sala1.", "Ingresa el nombre de la sala o un comando:")
        ana.until_shown("juanmi ha salido de la sala.")
        juanmi.enter("QUIT")
        juanmi.until_clean(0)


def test_whoever_leaves_waits_for_the_goodbye_and_for_nothing_else(tmp_path: Path) -> None:
    script = tmp_path / "patient.py"
    script.write_text(
        "import wassop.client.app as app\n"
        "app._GOODBYE_S = float('inf')\n"
        "from wassop.cli import main\n"
        "main()\n"
    )
    with serving() as server, terminal(tmp_path) as ana:
        for keys, code in ((("/quit", "Enter"), 0), (("C-c",), 130)):
            join = wassop_join(server.port, "--name", "ana", "--room", "Sala1")
            ana.run(join.replace("-m wassop", str(script)))
            ana.until_shown("Has entrado a la sala Sala1")
            ana.press(*keys)
            ana.until_clean(code)


def test_tab_completes_with_a_menu(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "juanmi", "Salon") as juanmi,
        joined(tmp_path, server.port, "ana") as ana,
    ):
        ana.type("/jo")
        ana.until_shown("/join", "entrar en una sala")
        ana.press("Tab")
        ana.type("Sal")
        ana.press("Tab")
        ana.until_shown("Salon  (1)")
        ana.press("Tab", "Tab", "Tab")
        ana.until_shown("Tú: /join Salon")
        ana.press("Enter", "Enter")
        ana.until_shown("Has entrado a la sala Salon.")
        ana.type("hola @ju")
        ana.press("Tab")
        ana.until_shown("Tú: hola @juanmi")
        ana.type("y :cora")
        ana.until_shown(":corazon: ❤️", ":corazon_azul: 💙")
        ana.press("Tab")
        ana.until_shown("y :corazon:")
        ana.press("Enter", "Enter")
        juanmi.until_shown("ana: hola @juanmi y ❤️")


def test_reading_back_stays_where_it_is_while_others_talk(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "juanmi") as juanmi,
    ):
        for n in range(1, 41):
            juanmi.enter(f"línea {n}.")
        ana.until_shown("juanmi: línea 40.")
        ana.press("PPage")
        ana.until_shown("leyendo lo anterior")
        before = ana.settled().splitlines()[2:22]
        juanmi.enter("una")
        juanmi.enter("otra")
        ana.until_shown("2 líneas nuevas abajo (Fin)")
        assert ana.settled().splitlines()[2:22] == before
        ana.press("Home")
        ana.until_shown("Has entrado a la sala Sala1.")
        ana.press("End")
        ana.until_shown("juanmi: otra")
        assert "líneas nuevas" not in ana.settled()


def test_a_resize_redraws(tmp_path: Path) -> None:
    with serving() as server, joined(tmp_path, server.port, "ana") as ana:
        ana.enter("esta línea es más larga que una terminal de cuarenta columnas")
        ana.until_shown("que una terminal de cuarenta columnas")
        ana.resize(40, 12)
        ana.until(lambda: "─" * 40 in ana.lines)
        ana.until(lambda: "      una terminal de cuarenta columnas" in ana.lines)
        assert len(ana.settled().splitlines()) == 12
        ana.resize(100, 30)
        ana.until(lambda: "─" * 100 in ana.lines)
        ana.until_shown("esta línea es más larga que una terminal de cuarenta columnas")


def test_names_have_colours_and_what_others_send_commands_nothing(tmp_path: Path) -> None:
    with serving() as server, joined(tmp_path, server.port, "ana") as ana, server.connect() as evil:
        text = "\\u001b]0;gotcha\\u0007\\u001b[31mrojo\\u001b[2J \\u202eoculto\\u009b5A"
        evil.sendall(b'{"t":"hello","name":"eva"}\n{"t":"join","room":"Sala1"}\n')
        evil.sendall(b'{"t":"say","room":"Sala1","text":"%s"}\n' % text.encode())
        ana.until_shown("eva: ␛]0;gotcha␇␛[31mrojo␛[2J �oculto�5A")
        assert ana.mode("pane_title") != "gotcha"
        ana.until(lambda: re.search(r"\x1b\[1m\x1b\[38;5;\d+meva", ana.colours))
        ana.until_shown("Te has unido a la sala Sala1.")


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signals_leave_the_terminal_clean(tmp_path: Path, how: signal.Signals, code: int) -> None:
    with serving() as server, terminal(tmp_path) as pane:
        pid = pane.run(wassop_join(server.port, "--name", "ana", "--room", "Sala1"))
        pane.until_shown("Has entrado a la sala Sala1")
        assert pane.mode("alternate_on") == "1"
        os.kill(pid, how)
        pane.until_clean(code)


def test_ctrl_c_leaves_the_terminal_clean_and_the_others_know(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "juanmi") as juanmi,
        joined(tmp_path, server.port, "ana") as ana,
    ):
        juanmi.until_shown("ana se ha unido a la sala.")
        ana.press("C-c")
        ana.until_clean(130)
        juanmi.until_shown("ana ha salido del chat.")


def test_closing_the_terminal_ends_the_client(tmp_path: Path) -> None:
    with serving() as server, joined(tmp_path, server.port, "juanmi") as juanmi:
        with joined(tmp_path, server.port, "ana"):
            juanmi.until_shown("ana se ha unido a la sala.")
        juanmi.until_shown("ana ha salido del chat.")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_connecting_ends_it(tmp_path: Path, how: signal.Signals) -> None:
    script, trying = tmp_path / "waiting.py", tmp_path / "trying"
    script.write_text(
        "import pathlib, trio, wassop.client.app as app\n"
        "async def never():\n"
        f"    pathlib.Path({str(trying)!r}).touch()\n"
        "    await trio.sleep_forever()\n"
        "app.connecting_to = lambda host, port: never\n"
        "from wassop.cli import main\n"
        "main()\n"
    )
    with terminal(tmp_path) as pane:
        pid = pane.run(wassop_join(1).replace("-m wassop", str(script)))
        pane.until(trying.exists)
        os.kill(pid, how)
        pane.until_clean(128 + how)


def test_a_crash_leaves_the_terminal_clean_and_says_what_happened(tmp_path: Path) -> None:
    script = tmp_path / "crashing.py"
    script.write_text(
        "import sys, wassop.client.conversation as c\n"
        "reduce = c.reduce\n"
        "def broken(state, happening, at):\n"
        "    if type(happening).__name__ == 'Typed' and happening.text == 'crash':\n"
        "        raise ZeroDivisionError('as the test wants')\n"
        "    return reduce(state, happening, at)\n"
        "c.reduce = broken\n"
        "from wassop.cli import main\n"
        "main()\n"
    )
    with serving() as server, terminal(tmp_path, columns=200, rows=60) as pane:
        command = wassop_join(server.port, "--name", "ana", "--room", "Sala1")
        pane.run(command.replace("-m wassop", str(script)))
        pane.until_shown("Has entrado a la sala Sala1")
        pane.enter("crash")
        pane.until_shown("ZeroDivisionError: as the test wants")
        pane.until_clean(1)


def test_a_server_that_comes_back_finds_everyone_in_their_rooms(tmp_path: Path) -> None:
    with serving() as server:
        port = server.port
        ana_there = joined(tmp_path, port, "ana")
        juanmi_there = joined(tmp_path, port, "juanmi")
        ana, juanmi = ana_there.__enter__(), juanmi_there.__enter__()
        try:
            juanmi.enter("antes")
            ana.until_shown("juanmi: antes")
            server.stop()
            ana.until_shown("Se ha perdido la conexión con", "sin conexión")
            juanmi.until_shown("sin conexión")
            juanmi.enter("escrito sin conexión")
            juanmi.until_shown("Tú: escrito sin conexión")
            with serving("--port", str(port)):
                for pane in (ana, juanmi):
                    pane.until_shown("Se ha recuperado la conexión.", "Sala1 · 2 personas")
                ana.until_shown("juanmi: escrito sin conexión")
                ana.enter("después")
                juanmi.until_shown("ana: después")
                for pane, text in ((ana, "juanmi: antes"), (juanmi, "Tú: escrito sin conexión")):
                    pane.until_shown_once(text)
        finally:
            juanmi_there.__exit__(None, None, None)
            ana_there.__exit__(None, None, None)


def talked(port: int, count: int) -> None:
    """Somebody says so much in Sala1 that no screen holds it, and goes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as cat, cat.makefile("rw") as lines:
        print('{"t":"hello","name":"cat"}', '{"t":"join","room":"Sala1"}', sep="\n", file=lines)
        for n in range(1, count + 1):
            text = f"mensaje {n}." + (" Otra canción." if n == 17 else "")
            print(json.dumps({"t": "say", "room": "Sala1", "text": text, "id": n}), file=lines)
        lines.flush()
        for line in lines:
            if json.loads(line).get("re") == count:
                return


def test_what_was_said_earlier_is_fetched_and_found_without_case_and_accents(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server:
        talked(server.port, 200)
        with joined(tmp_path, server.port, "ana", "Otra") as ana:
            ana.enter("/search CANCION de:cat")
            ana.until_shown("[Sala1] cat: mensaje 17. Otra canción.", "/go")
            ana.enter("/go 1")
            ana.until_shown("▶ cat: mensaje 17. Otra canción.", "mensaje 16.", "mensaje 18.", "Sala1 · 1")
            ana.press("Home")
            ana.until_shown("Has entrado a la sala Sala1.", "cat: mensaje 1.", "cat: mensaje 2.")
            ana.press("End")
            ana.until_shown("cat: mensaje 200.")


def test_a_server_that_is_killed_loses_nothing_that_two_say(tmp_path: Path) -> None:
    record = ("--db", str(tmp_path / "chat.db"))
    with (
        serving(*record) as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "juanmi") as juanmi,
    ):
        port, said = server.port, []
        for n in range(3):
            for pane, name in ((ana, "ana"), (juanmi, "juanmi")):
                pane.enter(f"antes {n} de {name}")
                said.append(f"antes {n} de {name}")
        server.stop(signal.SIGKILL)
        for pane, name in ((ana, "ana"), (juanmi, "juanmi")):
            pane.enter(f"durante de {name}")
            said.append(f"durante de {name}")
        with serving(*record, "--port", str(port)):
            for pane in (ana, juanmi):
                pane.until_shown("Se ha recuperado la conexión.")
                pane.resize(80, 40)
            ana.enter("después")
            for pane in (ana, juanmi):
                pane.until_shown("después")  # nothing of what was said before comes after it
                pane.until_shown_once(*said)


@pytest.mark.tool("script")
def test_without_a_server_it_says_how_to_start_one() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        port = nobody.getsockname()[1]
        done = subprocess.run(
            ["script", "-qec", wassop_join(port, "--name", "ana"), "/dev/null"],
            capture_output=True, text=True, timeout=30, check=False,
            env=environment(TERM="xterm", PYTHONUTF8="1"), stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 1, done
    assert "wassop serve" in done.stdout
    assert "\x1b[?1049h" not in done.stdout, "before any full screen"


def test_a_dumb_terminal_is_spoken_to_line_by_line(tmp_path: Path) -> None:
    with serving() as server, terminal(tmp_path) as pane:
        join = wassop_join(server.port, "--name", "ana", "--room", "Sala1")
        pane.run(f"env TERM=dumb {join}")
        pane.until_shown("Te has unido a la sala Sala1.")
        pane.enter("/quit")
        pane.until_shown("ended with 0")


def test_a_self_signed_server_is_asked_about_once_and_a_change_is_refused(tmp_path: Path) -> None:
    options = ("--tls-self-signed", "--tls-required", "--db", str(tmp_path / "chat.db"))
    with serving(*options) as server, terminal(tmp_path, columns=200) as ana:
        data_home = f"XDG_DATA_HOME={tmp_path / 'data'}"
        port, join = server.port, wassop_join(server.port, "--tls", "--name", "ana", "--room", "Sala1")
        assert server.process.stdout is not None
        fingerprint = server.process.stdout.readline().strip().rpartition(": ")[2]
        ana.run(f"env {data_home} {join}")
        ana.until_shown("Ninguna autoridad conocida", fingerprint, "(s/n)")
        ana.enter("n")
        ana.until_shown("ended with 1")
        ana.run(f"env {data_home} {join}")
        ana.until_shown(fingerprint, "(s/n)")
        ana.enter("s")
        ana.until_shown("Has entrado a la sala Sala1")
        ana.enter("QUIT")
        ana.until_clean(0)
        ana.run(f"env {data_home} {join}")
        ana.until_shown("Has entrado a la sala Sala1")  # without a question
        server.stop()
        ana.until_shown("Se ha perdido la conexión")
        (tmp_path / "wassop-tls.pem").unlink()
        with serving(*options, "--port", str(port)):
            ana.until_shown("HA CAMBIADO", fingerprint, "known_servers", "ended with 1")
            ana.run(f"env {data_home} {join}")
            ana.until_shown("HA CAMBIADO", fingerprint, "ended with 1")
            ana.until_clean(1)


def test_a_server_that_requires_tls_is_told_in_one_line(tmp_path: Path) -> None:
    options = ("--tls-self-signed", "--tls-required", "--db", str(tmp_path / "chat.db"))
    with serving(*options) as server, terminal(tmp_path) as ana:
        ana.run(wassop_join(server.port))
        ana.until_shown(f"wassop: 127.0.0.1:{server.port} solo habla TLS: usa --tls")
        ana.until_clean(1)
        ana.run(wassop_join(server.port, "--name", "ana", "--room", "Sala1"))
        ana.until_shown(f"wassop: 127.0.0.1:{server.port} solo habla TLS: usa --tls")
        ana.until_clean(1)


def test_an_authority_of_ones_own_is_believed_and_a_server_without_tls_is_told(tmp_path: Path) -> None:
    own = tmp_path / "wassop-tls.pem"
    with (
        serving("--tls-self-signed", "--db", str(tmp_path / "chat.db")) as server,
        serving() as plain,
        terminal(tmp_path) as ana,
    ):
        ana.run(wassop_join(server.port, "--ca", str(own), "--name", "ana", "--room", "Sala1"))
        ana.until_shown("Has entrado a la sala Sala1")
        ana.enter("QUIT")
        ana.until_clean(0)
        ana.run(wassop_join(plain.port, "--tls"))
        ana.until_shown("Sin TLS: quita --tls")
        ana.until_clean(1)


def test_conversations_are_tabs_with_what_is_unread_and_what_was_being_typed(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "juanmi") as juanmi,
    ):
        ana.until_shown(" 1 Menú  2 General  3 Sala1 ", "juanmi se ha unido a la sala.")
        ana.type("a medias")
        ana.press("M-2")
        ana.until_shown("En General están todos los conectados.")
        assert "a medias" not in ana.settled()
        juanmi.enter("hola")
        juanmi.enter("¿estás, Ana?")
        juanmi.enter("/msg ana solo tú")
        juanmi.enter("/msg ana y nadie más")
        ana.until_shown("3 Sala1 1 ", "4 @juanmi 2 ", "juanmi (privado): solo tú", "4 sin leer: Alt-A")
        ana.press("M-a")
        ana.until_shown("─ Mensajes nuevos ─", "juanmi: ¿estás, Ana?", "Tú: a medias")
        ana.press("M-a")
        ana.until_shown("En privado con juanmi", "juanmi: y nadie más", "Tú → juanmi:")
        ana.enter("dime")
        juanmi.until_shown("ana (privado): dime")
        assert "sin leer" not in ana.settled()
        ana.press("M-w")
        ana.until(lambda: "@juanmi" not in ana.screen)
        ana.press("C-n")
        ana.enter("/go sal")
        ana.until_shown("Tú: a medias")


def test_who_is_typing_is_shown_for_a_while(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "juanmi") as juanmi,
    ):
        juanmi.type("h")
        # It is seen for some seconds only: whoever looks late sees it when he goes on.
        ana.until(lambda: juanmi.type("o") or "── juanmi está escribiendo… ──" in ana.screen)
        ana.until(lambda: "escribiendo" not in ana.screen)
        juanmi.press("Enter")
        ana.until_shown("juanmi: ho")


def test_who_is_here_is_listed_where_there_is_room_and_on_demand(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "bob"),
    ):
        ana.until_shown("bob se ha unido a la sala.")
        ana.press("F2")
        ana.until_shown("│ 2 personas", "│ ana", "│ bob")
        ana.press("F2")
        ana.until(lambda: "│" not in ana.screen)
        ana.press("F2")
        ana.until_shown("│ bob")
        ana.press("F4")
        ana.until(lambda: "│" not in ana.screen and "─" not in ana.screen and "1 Menú" not in ana.screen)
        ana.until_shown("F4: volver", "bob se ha unido a la sala.")
        ana.press("F4")
        ana.until_shown("│ bob", "1 Menú")


def test_the_next_day_the_same_rooms_and_drafts_are_there(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server, terminal(tmp_path) as ana:
        ana.run(wassop_join(server.port, "--name", "ana", "--room", "Sala2"))
        ana.until_shown("Has entrado a la sala Sala2")
        ana.enter("/join Sala1")
        ana.until_shown("Has entrado a la sala Sala1")
        ana.enter("/move 3")
        ana.until_shown("3 Sala1  4 Sala2")
        ana.enter("hasta mañana")
        ana.type("y una cosa más")
        ana.until_shown("Tú: y una cosa más")
        ana.press("C-c")
        ana.until_clean(130)
        talked(server.port, 3)
        ana.run(wassop_join(server.port, "--name", "ana"))
        ana.until_shown("1 Menú  2 General  3 Sala1  4 Sala2", "Tú: y una cosa más", "Tú: hasta mañana")
        ana.until_shown("cat: mensaje 3.", "─ Mensajes nuevos ─")


def test_a_message_of_several_lines_is_typed_pasted_and_read_as_such(tmp_path: Path) -> None:
    with (
        serving() as server,
        joined(tmp_path, server.port, "ana") as ana,
        joined(tmp_path, server.port, "juanmi") as juanmi,
    ):
        ana.type("uno")
        ana.press("M-Enter")
        ana.enter("dos")
        juanmi.until(lambda: any("ana: uno" in line for line in juanmi.lines) and "      dos" in juanmi.lines)
        ana.tmux("set-buffer", "\n".join(f"línea {n}" for n in range(30)))
        ana.tmux("paste-buffer", "-p")
        ana.until_shown("¿Pegar 30 líneas como un solo mensaje? (s/n)")
        ana.enter("n")
        ana.until_shown("Tú: ")
        ana.enter("tres")
        juanmi.until_shown("ana: tres")
