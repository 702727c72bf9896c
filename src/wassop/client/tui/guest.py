"""trio as a guest on prompt_toolkit's asyncio loop: both share one thread, so nothing needs a lock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import trio
from prompt_toolkit.application import Application

if TYPE_CHECKING:
    from outcome import Outcome

T = TypeVar("T")


def hosted(main: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T:
    """Run `main(*args)` under trio on an asyncio loop, and return or raise what it does.

    `options` go to `trio.lowlevel.start_guest_run`.
    """
    return asyncio.run(_host(main, *args, **options))


async def _host(main: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Outcome[T | None]] = loop.create_future()
    everything = trio.CancelScope()

    async def guest() -> T | None:
        with everything:
            return await main(*args)
        return None  # cancelled: nobody looks at it

    trio.lowlevel.start_guest_run(
        guest,
        run_sync_soon_threadsafe=loop.call_soon_threadsafe,
        run_sync_soon_not_threadsafe=loop.call_soon,
        done_callback=done.set_result,
        host_uses_signal_set_wakeup_fd=True,
        **options,
    )
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        # Ctrl-C while nobody else takes care of it; asyncio.run will raise KeyboardInterrupt.
        everything.cancel()
        (await done).unwrap()
        raise
    return cast(T, done.result().unwrap())


async def run_application(app: Application[T]) -> T:
    """Run `app` from a trio task. Cancelling the task restores the terminal before the cancellation goes on.

    An exception in any callback of the asyncio loop ends the application and is raised here.
    """
    loop = asyncio.get_running_loop()
    previous_handler = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: _end_with(app, context))
    # SIGINT is the caller's, like the other signals; an exception is no reason to wait for Enter.
    running = loop.create_task(app.run_async(set_exception_handler=False, handle_sigint=False))
    task = trio.lowlevel.current_task()
    running.add_done_callback(lambda _: trio.lowlevel.reschedule(task))

    def abort(_: Callable[[], None]) -> trio.lowlevel.Abort:
        running.cancel()
        return trio.lowlevel.Abort.FAILED

    try:
        await trio.lowlevel.wait_task_rescheduled(abort)
    finally:
        loop.set_exception_handler(previous_handler)
    if running.cancelled():
        await trio.lowlevel.checkpoint_if_cancelled()
    return running.result()


def _end_with(app: Application[Any], context: dict[str, Any]) -> None:
    error = context.get("exception") or RuntimeError(context["message"])
    if app.is_running and app.future is not None and not app.future.done():
        app.exit(exception=error)
