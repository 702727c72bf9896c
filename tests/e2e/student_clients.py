"""Clients as students write them from the documents of their classes, and from nothing else.

Raw blocking sockets and a thread that listens. What all of them have in common is what makes them fragile: a
message is one `send`, without any terminator, and one `recv` is taken for one message. They are stricter than
most: what does not come in exactly the form of the document, or glued to something else, ends the
listening with an exception, which every wait raises again.

What was said waits in order in `talk`; user lists and notices of coming and going are kept apart, because
nobody can tell when they come. `everybody` and `privately` are the forms in which the document shows what
others say; a test compares with them.
"""

import contextlib
import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from tests.e2e.process import PATIENCE_S


class Misunderstood(Exception):
    """A message that this client cannot make sense of: its program would have crashed."""


class Student:
    """What all of them share. Threads end with `close`, which `with` calls."""

    recv_bytes = 1024
    """What the program passes to `recv`, and so the longest message it can read."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.talk: deque[Any] = deque()
        self.lists: list[list[str]] = []
        self.notices: list[str] = []
        self.received: list[bytes] = []
        """Every `recv` as it came; for the sizes, and to see what happened when a test fails."""
        self.ended = False
        self._fault: Exception | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    # What each dialect fills in

    def connect(self) -> Self:
        """Take the name, and listen from then on."""
        raise NotImplementedError

    def understand(self, message: str) -> None:
        """Sort what one `recv` gave."""
        raise NotImplementedError

    @staticmethod
    def everybody(author: str, text: str) -> Any:
        """How a message to everybody reads here."""
        raise NotImplementedError

    @staticmethod
    def privately(author: str, text: str) -> Any:
        """How a private message reads here."""
        raise NotImplementedError

    # What a program does with its socket

    def send(self, message: str) -> None:
        """One message, one `send`."""
        self.sock.sendall(message.encode("utf-8"))

    def recv(self) -> str:
        """One message; empty at the end."""
        data = self.sock.recv(self.recv_bytes)
        self.received.append(data)
        return data.decode("utf-8")

    def listen(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _listen(self) -> None:
        try:
            while message := self.recv():
                with self._changed:
                    self.understand(message)
                    self._changed.notify_all()
        except OSError as error:  # closed here, or reset by the server
            if isinstance(error, TimeoutError):
                self._fault = error
        except Exception as error:
            self._fault = error
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    # What a test waits for

    def wait(self, what: str, condition: Callable[[], Any]) -> Any:
        """Wait until `condition` gives something true, and return it."""
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while not (found := condition()):
                if self._fault is not None:
                    raise Misunderstood(f"{self}: {self._fault!r}; received {self.received[-5:]}")
                left = deadline - time.monotonic()
                assert left > 0, f"{self} waits for {what} in vain; received {self.received[-8:]}"
                assert not self.ended, f"{self} was ended before {what}; received {self.received[-8:]}"
                self._changed.wait(left)
        return found

    def next(self) -> Any:
        """The next thing that was said; user lists and notices are passed over."""
        self.wait("something said", lambda: self.talk)
        return self.talk.popleft()

    def sees(self, *names: str) -> None:
        """Wait until the newest user list has exactly these names, each once."""
        self.wait(f"a list of {names}", lambda: self.lists and sorted(self.lists[-1]) == sorted(names))

    def notices_that(self, *words: str) -> None:
        """Wait for a notice that holds all of `words`."""
        self.wait(f"a notice of {words}", lambda: any(all(w in n for w in words) for n in self.notices))

    def is_ended(self) -> None:
        """Wait until the server has closed the connection."""
        self.wait("the end", lambda: self.ended)

    def close(self) -> None:
        """Go away without a word."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.name}"


class Salas(Student):
    """Rooms; `JOIN`, `LIST_ROOMS`, `ROOM`, `MESSAGE`, `EXIT` (seed 000).

    Lines by the page; `end` is what this program puts behind a message and expects behind an answer.
    """

    NOTICE = re.compile(
        r".+ ha(n)? (se unido a|salido de) la sala\.|.+ se ha(n)? unido a la sala\.|.+ del chat\."
    )

    def __init__(self, port: int, name: str, *, end: str = "") -> None:
        super().__init__(port, name)
        self.end = end

    def connect(self) -> Self:
        answer = self.ask(f"JOIN {self.name}")
        if answer != "OK":
            raise Misunderstood(answer)
        return self

    def ask(self, command: str) -> str:
        """A command and its answer, before the thread listens."""
        self.send(command + self.end)
        answer = self.recv()
        if not answer.endswith(self.end):
            raise Misunderstood(answer)
        return answer.removesuffix(self.end)

    def rooms(self) -> dict[str, int]:
        """The room list, by the name of the room."""
        title, *lines = self.ask("LIST_ROOMS").split("\n")
        assert title == "Salas disponibles:", title
        return {name: int(count.removesuffix(")")) for name, count in (line.split(" (") for line in lines)}

    def enter(self, room: str) -> Self:
        """Go into a room and listen there."""
        answer = self.ask(f"ROOM {room}")
        if answer != f"Te has unido a la sala {room}.":
            raise Misunderstood(answer)
        self.listen()
        return self

    def say(self, text: str) -> None:
        """To the room."""
        self.send(f"MESSAGE {text}{self.end}")

    def understand(self, message: str) -> None:
        if self.end:
            assert message.endswith(self.end), message
            lines = message.removesuffix(self.end).split(self.end)
        else:
            if "\n" in message:
                raise Misunderstood(f"glued: {message!r}")
            lines = [message]
        for line in lines:
            if self.NOTICE.fullmatch(line):
                self.notices.append(line)
            else:
                self.talk.append(line)

    @staticmethod
    def in_room(author: str, text: str) -> str:
        """How what is said in the room reads."""
        return f"{author}: {text}"

    @staticmethod
    def everybody(author: str, text: str) -> str:
        return f"{author} (a todos): {text}"

    @staticmethod
    def privately(author: str, text: str) -> str:
        return f"{author} (privado): {text}"


class MyChat(Student):
    """`COMANDO|PARÁMETRO1|...`, 1,024 bytes at most (seed 001)."""

    def connect(self) -> Self:
        self.send(f"CONNECT|{self.name}")
        _, status = self.recv().split("|")
        if status != "OK":
            raise Misunderstood(status)
        self.listen()
        self.wait("the first user list", lambda: self.lists)
        return self

    def say(self, text: str) -> None:
        """To everybody connected."""
        self.send(f"BROADCAST|{text}")

    def tell(self, to: str, text: str) -> None:
        """To one person."""
        self.send(f"MESSAGE|{to}|{text}")

    def disconnect(self) -> None:
        """Say goodbye."""
        self.send("DISCONNECT")

    def understand(self, message: str) -> None:
        match message.split("|"):
            case "USER_LIST", users:
                self.lists.append(users.split(","))
            case (("MESSAGE" | "BROADCAST"), _sender, _content):
                self.talk.append(message)
            case "ERROR", code, _text:
                self.talk.append(("ERROR", int(code)))
            case _:
                raise Misunderstood(message)

    @staticmethod
    def everybody(author: str, text: str) -> str:
        return f"BROADCAST|{author}|{text}"

    @staticmethod
    def privately(author: str, text: str) -> str:
        return f"MESSAGE|{author}|{text}"


class Remitente(Student):
    """JSON objects with `remitente`, `contenido`, `marca_tiempo`, `tipo` (seed 002)."""

    KEYS = frozenset({"remitente", "contenido", "marca_tiempo", "tipo"})
    recv_bytes = 4096

    def connect(self) -> Self:
        self.send(self.packet("conexion", "Conectando"))
        answer = self.unpacked(self.recv())
        if (answer["remitente"], answer["tipo"]) != ("Servidor", "confirmacion"):
            raise Misunderstood(str(answer))
        self.listen()
        return self

    def packet(self, kind: str, content: str, sender: str | None = None) -> str:
        """An object of the document."""
        fields = {
            "remitente": sender or self.name,
            "contenido": content,
            "marca_tiempo": datetime.now().isoformat(),
            "tipo": kind,
        }
        return json.dumps(fields, ensure_ascii=False)

    def unpacked(self, message: str) -> dict[str, str]:
        """What one `recv` gave; one object exactly, with the keys of the document."""
        fields: dict[str, str] = json.loads(message)
        if fields.keys() != self.KEYS:
            raise Misunderstood(message)
        datetime.fromisoformat(fields["marca_tiempo"])
        return fields

    def say(self, text: str) -> None:
        """To everybody."""
        self.send(self.packet("mensaje", text))

    def disconnect(self) -> None:
        """Say goodbye."""
        self.send(self.packet("desconexion", ""))

    def understand(self, message: str) -> None:
        fields = self.unpacked(message)
        match fields["tipo"]:
            case "mensaje":
                self.talk.append((fields["remitente"], fields["contenido"]))
            case "sistema" if fields["remitente"] == "Servidor":
                self.notices.append(fields["contenido"])
            case "error" if fields["remitente"] == "Servidor":
                self.talk.append("error")
            case _:
                raise Misunderstood(message)

    @staticmethod
    def everybody(author: str, text: str) -> tuple[str, str]:
        return author, text

    @staticmethod
    def privately(author: str, text: str) -> tuple[str, str]:
        return author, f"(privado) {text}"


class CmdJson(Student):
    """JSON objects with `cmd` (seed 003)."""

    recv_bytes = 4096

    def __init__(self, port: int, name: str) -> None:
        super().__init__(port, name)
        self.history: list[tuple[str, str]] | None = None
        self.typing: list[str] = []

    def connect(self) -> Self:
        self.command(cmd="login", user=self.name)
        answer = json.loads(self.recv())
        if answer != {"status": "ok", "msg": f"Bienvenido {self.name}"}:
            raise Misunderstood(str(answer))
        self.listen()
        self.wait("the history", lambda: self.history is not None)
        self.wait("the first user list", lambda: self.lists)
        return self

    def command(self, **fields: str) -> None:
        """Send an object."""
        self.send(json.dumps(fields, ensure_ascii=False))

    def say(self, text: str) -> None:
        """To everybody."""
        self.command(cmd="broadcast", msg=text)

    def tell(self, to: str, text: str) -> None:
        """To one person; the answer is `sent` or `unavailable`."""
        self.command(cmd="message", to=to, msg=text)

    sent = {"status": "ok", "msg": "Enviado"}  # noqa: RUF012  # a form of the document
    unavailable = {"status": "error", "msg": "Usuario no disponible"}  # noqa: RUF012

    def understand(self, message: str) -> None:
        fields = json.loads(message)
        if "status" in fields:
            if fields.keys() != {"status", "msg"}:
                raise Misunderstood(message)
            self.talk.append(fields)
            return
        match fields:
            case {"cmd": "history", "items": items, **rest} if not rest:
                for item in items:
                    datetime.strptime(item["time"], "%H:%M:%S")
                self.history = [(item["from"], item["msg"]) for item in items]
            case {"cmd": "users", "list": names, **rest} if not rest:
                self.lists.append(names)
            case {"cmd": "system", "msg": text, **rest} if not rest:
                self.notices.append(text)
            case {"cmd": "typing", "user": who, **rest} if not rest:
                self.typing.append(who)
            case {"cmd": "broadcast" | "private", "from": str(), "msg": str(), **rest} if not rest:
                self.talk.append(fields)
            case _:
                raise Misunderstood(message)

    @staticmethod
    def everybody(author: str, text: str) -> dict[str, str]:
        return {"cmd": "broadcast", "from": author, "msg": text}

    @staticmethod
    def privately(author: str, text: str) -> dict[str, str]:
        return {"cmd": "private", "from": author, "msg": text}


class Nick(Student):
    """Waits for `NICK`, answers with the name, sends `ana: hola` (the page, "nick")."""

    NOTICE = re.compile(r".+ se ha(n)? (unido|retirado)!")

    def __init__(self, port: int, name: str) -> None:
        super().__init__(port, name)
        self.asked = 0

    def connect(self) -> Self:
        self.listen()
        first = self.next()
        if first != "Conectado al servidor!":
            raise Misunderstood(first)
        return self

    def say(self, text: str) -> None:
        """To everybody."""
        self.send(f"{self.name}: {text}")

    def understand(self, message: str) -> None:
        if message == "NICK":
            self.asked += 1
            if self.asked > 10:
                raise Misunderstood("asked for the name again and again")
            self.send(self.name)
        elif "\n" in message or "NICK" in message:
            raise Misunderstood(f"glued: {message!r}")
        elif self.NOTICE.fullmatch(message):
            self.notices.append(message)
        else:
            self.talk.append(message)

    @staticmethod
    def everybody(author: str, text: str) -> str:
        return f"{author}: {text}"

    @staticmethod
    def privately(author: str, text: str) -> str:
        return f"{author} (privado): {text}"


class LineReader(Student):
    """Reads a stream, not messages: whoever splits at line ends."""

    recv_bytes = 65_536

    def __init__(self, port: int, name: str) -> None:
        super().__init__(port, name)
        self.unfinished = b""

    def recv(self) -> str:
        """Complete lines only, one `recv` at least."""
        while True:
            data = self.sock.recv(self.recv_bytes)
            self.received.append(data)
            if not data:
                return ""
            lines, end, self.unfinished = (self.unfinished + data).rpartition(b"\n")
            if end:
                return (lines + end).decode("utf-8")


class Netcat(LineReader):
    """A person who types lines (seeds 000 and 004)."""

    NOTICE = Salas.NOTICE

    def connect(self) -> Self:
        self.listen()
        self.says(self.name)
        # The menu's last words, which wait for the name of a room, have no line end.
        self.reads(f"Te has unido como {self.name}.", "* Salir de la aplicación: QUIT")
        return self

    def says(self, line: str) -> None:
        """Type a line."""
        self.send(f"{line}\n")

    say = says

    def tell(self, to: str, text: str) -> None:
        """To one person."""
        self.says(f"/msg {to} {text}")

    def enter(self, room: str) -> Self:
        """Go from the menu into a room."""
        self.says(room)
        self.reads(
            f"Has entrado a la sala {room}. Escribe mensajes o usa EXIT para regresar al menú principal."
        )
        return self

    def leave(self) -> None:
        """Back to the menu."""
        self.says("EXIT")
        self.says("s")
        self.reads("* Salir de la aplicación: QUIT")

    def reads(self, *lines: str) -> None:
        """Read on until each of `lines` came, in this order; the last words of a line count."""
        for line in lines:
            while not self.next().endswith(line):
                pass

    def understand(self, message: str) -> None:
        for line in message.splitlines():
            if self.NOTICE.fullmatch(line):
                self.notices.append(line)
            elif line:
                self.talk.append(line)

    everybody = staticmethod(Salas.everybody)
    in_room = staticmethod(Salas.in_room)
    privately = staticmethod(Salas.privately)


class Native(LineReader):
    """A JSON object a line (the page, "native")."""

    def connect(self, *, lobby: bool = True) -> Self:
        self.request(t="hello", v=1, name=self.name, **({} if lobby else {"lobby": False}))
        self.listen()
        welcome = self.next()
        if welcome["t"] != "welcome":
            raise Misunderstood(str(welcome))
        return self

    def request(self, **fields: Any) -> None:
        """Send a line."""
        self.send(json.dumps(fields) + "\n")

    def say(self, text: str) -> None:
        """To everybody."""
        self.request(t="all", text=text)

    def tell(self, to: str, text: str) -> None:
        """To one person."""
        self.request(t="msg", to=to, text=text)

    def understand(self, message: str) -> None:
        for line in message.splitlines():
            fields = json.loads(line)
            match fields["t"]:
                case "said":
                    self.talk.append(("said", fields["from"], fields["text"]))
                case "msg":
                    self.talk.append(("msg", fields["from"], fields["text"]))
                case "presence":
                    self.notices.append(line)
                case "who":
                    self.lists.append(fields["members"])
                case _:
                    self.talk.append(fields)

    @staticmethod
    def everybody(author: str, text: str) -> tuple[str, str, str]:
        return "said", author, text

    @staticmethod
    def privately(author: str, text: str) -> tuple[str, str, str]:
        return "msg", author, text
