"""`wassop send`: texts to a room, each on record before the next."""

from attrs import frozen

from wassop.client import stdin
from wassop.client.visit import EXIT_USAGE, VisitOptions, complain, run, visiting


@frozen
class SendOptions:
    """What the command line asks for; without a `text` standard input is sent."""

    visit: VisitOptions
    room: str
    text: str | None
    as_one: bool


def run_send(options: SendOptions) -> int:
    """Send it; the exit code."""
    tr = options.visit.tr

    async def send() -> int:
        try:
            await _send(options)
        except stdin.BadInput as error:
            text = tr.gettext("standard input, line {line}: no text in UTF-8, or too long")
            complain(text.format(line=error.line))
            return EXIT_USAGE
        return 0

    return run(send, tr)


async def _send(options: SendOptions) -> None:
    async with visiting(options.visit, [options.room]) as chat:
        if options.text is not None:
            await chat.say(options.room, options.text)
        elif options.as_one:
            await chat.say(options.room, (await stdin.everything()).rstrip("\r\n"))
        else:
            async for line in stdin.lines():
                if line.strip():
                    await chat.say(options.room, line)
