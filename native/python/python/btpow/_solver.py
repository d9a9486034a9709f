"""A search on all devices."""

from __future__ import annotations

import atexit
import os
import sys
import time
import warnings
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Union

from . import _native
from ._live import LiveLine, line
from ._native import Challenge, DeviceError
from ._values import Device, Solution, Statistics

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from types import TracebackType

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

#: How long a wait lasts, in seconds, before it lets others in: the next line of progress, the end of the solver.
_TURN = 0.1

#: Every open solver, for the end of the program: threads must not hash into an interpreter that is being taken apart.
_OPEN: weakref.WeakSet[Solver] = weakref.WeakSet()

#: How a Python starts that looks for cards: without the user's modules, so that nothing of theirs runs twice.
_LOOK = """
import os, sys
from importlib import machinery, util
os.environ["NODEVICE_SELECT"] = "1"
loader = machinery.ExtensionFileLoader("btpow._native", sys.argv[1])
module = util.module_from_spec(util.spec_from_loader(loader.name, loader))
loader.exec_module(module)
sys.exit(module.look(sys.argv[2:]))
"""


def _prepare() -> None:
    """Says once how to look for cards, and what to do at the end."""
    executable = _python()
    words = [executable, "-I", "-S", "-c", _LOOK, _native.__file__] if executable else []
    _native.look_with(words)
    atexit.register(_close_all)


def _python() -> str:
    """The Python that this is, or "": a program with Python inside names itself, and must not be started again."""
    executable = sys.executable or ""
    is_plain = os.path.basename(executable).lower().startswith("python")
    return executable if is_plain and not getattr(sys, "frozen", False) else ""


def _close_all() -> None:
    for solver in list(_OPEN):
        solver.close()
    _native.quit()


_prepare()


def _pass_warnings_on() -> None:
    for text in _native.warnings():
        warnings.warn(text, RuntimeWarning, stacklevel=3)


class Solver:
    """Searches for solutions of a challenge on all devices, until it is closed.

    ``for solution in solver`` gets one solution after the other, as ``async for`` does; a challenge has as many as
    there are wins among 2**64 nonces. Waiting releases the GIL, and Ctrl-C ends it within a tenth of a second. Several
    threads may use a solver. After a fork, the child needs one of its own.

    challenge, difficulty
        What to search for, in expected seals per win; without them the devices wait for :meth:`search`.
    block_number
        The number of the block that asks: statistics and solutions carry it.
    start
        The first nonce; a random one by default.
    devices
        Names, as ``btpow devices`` lists them: ``["cpu", "cuda:0"]``. By default the CPU, and every card as soon as it
        has been found.
    threads
        CPU threads; by default one for each logical CPU that this process may use.
    round
        Nonces of a CPU thread's round; by default what takes 5 ms.
    threads_per_block
        Threads of a CUDA block, a multiple of 32 up to 768; by default the fastest number.
    progress
        Called with :class:`Statistics` by whoever waits for a solution, every ``interval`` seconds; True draws a line on
        standard error instead.

    Raises ValueError for a device that there is not, for difficulty 0 and for numbers that are none;
    :class:`btpow.DeviceError` when no device can be opened. Cards that drop out meanwhile cause a RuntimeWarning.
    """

    def __init__(
        self,
        challenge: Optional[Challenge] = None,
        difficulty: Optional[int] = None,
        *,
        block_number: Optional[int] = None,
        start: Optional[int] = None,
        devices: Union[str, Iterable[str], None] = None,
        threads: Optional[int] = None,
        round: Optional[int] = None,  # noqa: A002
        threads_per_block: Optional[int] = None,
        progress: Union[Callable[[Statistics], object], bool, None] = None,
        interval: float = 0.25,
    ) -> None:
        if (challenge is None) != (difficulty is None):
            raise ValueError("challenge and difficulty belong together: give both, or neither")
        names = [devices] if isinstance(devices, str) else list(devices or [])
        if devices is not None and not names:
            raise ValueError("devices: there is none; name some, or give None for all")
        self._found: deque[Solution] = deque()
        self._executor: Optional[ThreadPoolExecutor] = None
        self._live = LiveLine() if progress is True else None
        self._progress = progress if callable(progress) else None
        self._interval = interval
        self._next_show = time.monotonic() + interval
        self._engine = _native.Engine(names, threads, round, threads_per_block)
        _OPEN.add(self)
        _pass_warnings_on()
        if challenge is not None and difficulty is not None:
            try:
                self.search(challenge, difficulty, block_number=block_number, start=start)
            except BaseException:
                self.close()
                raise

    def search(
        self,
        challenge: Challenge,
        difficulty: int,
        *,
        block_number: Optional[int] = None,
        start: Optional[int] = None,
    ) -> None:
        """Makes every device work on another challenge from its next round on.

        Solutions of the challenge before may still come; they name theirs.
        """
        self._engine.set_search(challenge, difficulty, block_number, start)

    def pause(self) -> None:
        """Gives the devices a rest. Rounds under way, some milliseconds, still count."""
        self._engine.pause()

    def resume(self) -> None:
        """Goes on where :meth:`pause` stopped."""
        self._engine.resume()

    def next(self, timeout: Optional[float] = None) -> Optional[Solution]:
        """The next solution; None if there is none within so many seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            found = self._take()
            if found is not None:
                return found
            left = _TURN if until is None else until - time.monotonic()
            if left <= 0:
                return self._last()
            self._gather(min(left, _TURN))
            self._show()

    async def next_async(self, timeout: Optional[float] = None) -> Optional[Solution]:
        """The same without blocking the event loop. What a cancelled call would have got, the next one gets."""
        import asyncio

        loop = asyncio.get_running_loop()
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            found = self._take()
            if found is not None:
                return found
            left = _TURN if until is None else until - time.monotonic()
            if left <= 0:
                return self._last()
            await loop.run_in_executor(self._waiter(), self._gather, min(left, _TURN))
            self._show()

    @property
    def statistics(self) -> Optional[Statistics]:
        """How the search is going; None while there is none."""
        numbers = self._engine.statistics()
        return None if numbers is None else Statistics(**numbers)

    @property
    def devices(self) -> list[Device]:
        """The devices, in the order in which they joined; dropped ones stay."""
        return [Device(**device) for device in self._engine.devices()]

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return not self._engine.is_open

    def close(self) -> None:
        """Stops the devices. Doing it again does nothing."""
        self._engine.close()
        _OPEN.discard(self)
        if self._live is not None:
            self._live.close()
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None

    def _take(self) -> Optional[Solution]:
        """What has been found and nobody has got: another thread may be quicker."""
        try:
            return self._found.popleft()
        except IndexError:
            return None

    def _last(self) -> Optional[Solution]:
        """The same at the end of a wait, with all that the devices have to tell by now."""
        while not self._found and self._gather(0):
            pass
        return self._take()

    def _gather(self, seconds: float) -> bool:
        """Keeps what the devices have to tell, at most so many seconds from now; False if there is nothing."""
        news: Optional[dict[str, Any]] = self._engine.wait(seconds)
        if news is None:
            return False
        if "line" in news:
            self._tell(news["line"])
        else:
            del news["search"]
            self._found.append(Solution(**news))
        return True

    def _was_closed(self, error: RuntimeError) -> bool:
        """Whether a wait failed since somebody has closed this meanwhile."""
        return self.closed and not isinstance(error, DeviceError)

    def _tell(self, text: str) -> None:
        warning = "warning: "
        if text.startswith(warning):
            warnings.warn(text.removeprefix(warning), RuntimeWarning, stacklevel=4)

    def _show(self) -> None:
        now = time.monotonic()
        if now < self._next_show or (self._live is None and self._progress is None):
            return
        self._next_show = now + self._interval
        statistics = self.statistics
        if statistics is None:
            return
        if self._live is not None:
            self._live.show(line(statistics))
        if self._progress is not None:
            self._progress(statistics)

    def _waiter(self) -> ThreadPoolExecutor:
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(1, thread_name_prefix="btpow")
        return self._executor

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Solution:
        if self.closed:
            raise StopIteration
        try:
            solution = self.next()
        except RuntimeError as error:
            if self._was_closed(error):
                raise StopIteration from None
            raise
        assert solution is not None
        return solution

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Solution:
        if self.closed:
            raise StopAsyncIteration
        try:
            solution = await self.next_async()
        except RuntimeError as error:
            if self._was_closed(error):
                raise StopAsyncIteration from None
            raise
        assert solution is not None
        return solution

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.closed:
            return "<btpow.Solver, closed>"
        names = ", ".join(device.name for device in self.devices)
        return f"<btpow.Solver on {names or 'no device yet'}>"
