"""A thread that works for Trio tasks, one job after the other."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, Generic, Self, TypeVar

import trio

_T = TypeVar("_T")


class Worker:
    """Keeps one thread for as long as it is entered.

    `trio.to_thread` lends a thread for each job, gives it a name and takes both back: 60 us a job, several
    hundred times a second. This one costs about half.
    """

    def __init__(self, name: str) -> None:
        self._name: Final = name
        self._jobs: Final[SimpleQueue[Callable[[], None] | None]] = SimpleQueue()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.put(None)
        self._thread.join()

    def put(self, job: Callable[[], None]) -> None:
        """Have `job`, which never raises, called in the thread, after what was given to it before; also
        before there is one."""
        self._jobs.put(job)

    async def do(self, work: Callable[[], _T]) -> _T:
        """Call `work` in the thread, after what was given to it before; what it returns or raises.

        Cannot be cancelled: once it is begun, its outcome counts. Who is cancelled already begins nothing,
        for the thread may be gone by then.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        job = _Job(work)
        self.put(job.run)
        await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.FAILED)
        return job.outcome()

    def _run(self) -> None:
        while self._do_next():
            pass

    def _do_next(self) -> bool:
        # Not in the loop, where the last job, and all that it knows, would be held until the next one.
        job = self._jobs.get()
        if job is not None:
            job()
        return job is not None


class _Job(Generic[_T]):
    def __init__(self, work: Callable[[], _T]) -> None:
        self._work: Final = work
        self._token: Final = trio.lowlevel.current_trio_token()
        self._task: Final = trio.lowlevel.current_task()
        self._result: list[_T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._result.append(self._work())
        except BaseException as error:  # it is whoever waits for it who must know
            self._error = error
        self._token.run_sync_soon(trio.lowlevel.reschedule, self._task)

    def outcome(self) -> _T:
        if self._error is not None:
            raise self._error
        return self._result[0]
