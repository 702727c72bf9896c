"""A bot for the classroom, which answers !hora and !dado (!dado 20): scripts/bot.py 127.0.0.1:5555 Sala1"""

import random
import sys
from contextlib import suppress
from datetime import datetime

import trio

import wassop


def answer(text: str) -> str | None:
    match text.split():
        case ["!hora"]:
            return f"Son las {datetime.now():%H:%M}."
        case ["!dado", *rest] if rest == [] or rest[0] in ("4", "6", "8", "10", "12", "20", "100"):
            return f"Ha salido un {random.randint(1, int(rest[0]) if rest else 6)}."
    return None


async def main(server: str, *rooms: str) -> None:
    async with wassop.connect(server, name="bot", rooms=rooms) as chat:
        async for told in chat:
            if isinstance(told, wassop.Message) and told.room in chat.joined and (reply := answer(told.text)):
                await chat.say(told.room, f"{told.author}: {reply}")


with suppress(KeyboardInterrupt):
    trio.run(main, *sys.argv[1:])
