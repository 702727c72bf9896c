"""How fast the terminal client is.

    python3 scripts/dev.py run python scripts/bench_client.py

Prints how long `wassop join` takes to its first prompt, in a terminal of its own; then, without one, how long
a typed character takes to be drawn while a room is flooded, and how long a step of scrolling takes with a
full history. There the screen is drawn as always, but what is drawn goes to /dev/null.
"""

import argparse
import gettext
import os
import statistics
import sys
import time
from typing import Final

import trio
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input

import _bench_client_start
from wassop.client.app import collect_seldom
from wassop.client.conversation import Conversation
from wassop.client.happenings import Connected, Received
from wassop.client.model import State
from wassop.client.state import opened
from wassop.client.tui.face import Face
from wassop.client.tui.glyphs import GlyphOutput, Glyphs
from wassop.client.tui.guest import hosted
from wassop.client.turn import MAX_LINES
from wassop.wire.native_messages import ClientMessage, Hello, Join, Joined, Said, ToldLimits, Welcome

SIZE: Final = Size(rows=40, columns=120)
ROOM: Final = "Sala1"
_LIMITS: Final = ToldLimits(16_384, 4_096, 32, 64, 100, 200, 120.0)
_TICK_S: Final = 0.01
_KEY_EVERY_S: Final = 0.1


class Silent:
    """A server that lets one in, and takes everything else in silence."""

    def __init__(self) -> None:
        self.sent: Final[list[ClientMessage]] = []

    def send(self, message: ClientMessage) -> bool:
        """Remember it."""
        self.sent.append(message)
        return True

    def welcomed(self) -> None:
        """A good connection."""

    def drop(self) -> None:
        """There is no other."""


class Bench:
    """A running face, and one who talks in its room."""

    def __init__(self, keyboard: PipeInput) -> None:
        state = State(
            tr=gettext.NullTranslations(), lang="en", server="bench", nonce_prefix="n",
            wanted_name="ana", wanted_rooms=(ROOM,),
        )  # fmt: skip
        self.server: Final = Silent()
        self.keyboard: Final = keyboard
        self.conversation: Final = Conversation(opened(state), self.server)
        glyphs = Glyphs()
        output = GlyphOutput(open(os.devnull, "w"), lambda: SIZE, term="xterm-256color")  # noqa: SIM115
        output.glyphs = glyphs
        self.face: Final = Face(self.conversation, glyphs, (keyboard, output))
        self._seq = 0
        self._come_in()

    def _come_in(self) -> None:
        self.conversation.happened(Connected())
        hello = next(each for each in self.server.sent if isinstance(each, Hello))
        welcome = Welcome(1, "ana", "bench", "en", "General", _LIMITS, 1, [], re=hello.id)
        self.conversation.happened(Received(welcome))
        for join in [each for each in self.server.sent if isinstance(each, Join)]:
            self.conversation.happened(Received(Joined(join.room, 0, ["ana", "bob"], [], re=join.id)))

    def say(self, count: int) -> None:
        """So many messages come."""
        for _ in range(count):
            self._seq += 1
            text = f"message {self._seq} of bob, a little longer than the others, con ñ y 👍🏽"
            said = Said(ROOM, self._seq, f"bob{self._seq % 7}", text, 1_700_000_000.0 + self._seq)
            self.conversation.happened(Received(said))

    async def type(self, text: str) -> list[float]:
        """How long each character took from the keyboard to the screen, in seconds."""
        took = []
        drawn = trio.Event()
        wanted = self.face.buffer.text

        def rendered(_: object) -> None:
            if self.face.buffer.text == wanted:
                drawn.set()

        self.face.app.after_render += rendered
        for character in text:
            drawn, wanted = trio.Event(), wanted + character
            begin = time.perf_counter()
            self.keyboard.send_text(character)
            await drawn.wait()
            took.append(time.perf_counter() - begin)
            await trio.sleep(_KEY_EVERY_S)
        return took

    def scroll(self, rows: int) -> tuple[float, float]:
        """How long it takes to scroll and draw, in seconds; and how much of that was work."""
        begin, work = time.perf_counter(), time.process_time()
        self.face.history.scroll(rows)
        self.face.app.renderer.render(self.face.app, self.face.app.layout)
        return time.perf_counter() - begin, time.process_time() - work


async def flooded(bench: Bench, rate: int, seconds: float) -> tuple[list[float], float]:
    """Type while `rate` messages a second come: the latencies, and how many really came a second."""
    came = 0
    begin = time.perf_counter()

    async def flood() -> None:
        nonlocal came
        while True:
            due = int((time.perf_counter() - begin) * rate) - came
            # As from a socket: some at once, and then others have their turn.
            bench.say(min(due, rate // 20))
            came += min(due, rate // 20)
            await trio.sleep(_TICK_S if due <= rate // 20 else 0)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(flood)
        took = await bench.type("a" * int(seconds / _KEY_EVERY_S))
        nursery.cancel_scope.cancel()
    return took, came / (time.perf_counter() - begin)


def told(name: str, took: list[float]) -> str:
    """One line of figures."""
    ordered = sorted(took)
    worst = ordered[-1] * 1000
    share = ordered[int(len(ordered) * 0.99) - 1] * 1000
    middle = statistics.median(took) * 1000
    return f"{name:<40} median {middle:5.1f} ms   99 % {share:5.1f} ms   worst {worst:5.1f} ms"


async def measured(options: argparse.Namespace) -> None:
    """Run both and print."""
    with create_pipe_input() as keyboard:
        bench = Bench(keyboard)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bench.face.run)
            while not bench.face.app.is_running:  # noqa: ASYNC110
                await trio.sleep(_TICK_S)
            await first_drawing()
            took = await bench.type("b" * 20)
            print(told("typing, nobody talks", took))
            took, rate = await flooded(bench, options.rate, options.seconds)
            print(told(f"typing, {rate:.0f} messages a second", took))
            bench.say(max(0, MAX_LINES - len(bench.conversation.state.lines) - 10))
            lines = len(bench.conversation.state.lines)
            for name, rows in (("up 3 rows", -3), ("up a page", -36), ("down a page", 36)):
                steps = [bench.scroll(rows) for _ in range(options.steps)]
                print(told(f"scrolling {name}, {lines} lines", [step[0] for step in steps]))
                print(told("  of that, work of the processor", [step[1] for step in steps]))
            nursery.cancel_scope.cancel()


async def first_drawing() -> None:
    """Let the application draw for the first time."""
    await trio.sleep(_TICK_S * 10)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1_000, help="messages a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long one types while they come")
    parser.add_argument("--steps", type=int, default=300, help="how often is scrolled")
    parser.add_argument("--starts", type=int, default=10, help="how often the client is started")
    options = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    size = f"{SIZE.columns}x{SIZE.rows}"
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load:.2f}, {size}")
    if options.starts:
        took = [each * 1000 for each in _bench_client_start.starts(options.starts)]
        middle, best = statistics.median(took), min(took)
        print(f"{'start to first prompt':<40} median {middle:5.0f} ms   best {best:5.0f} ms   of {len(took)}")
    collect_seldom()
    hosted(measured, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
