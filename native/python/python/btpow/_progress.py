"""How the module shows the progress of a registration."""

from __future__ import annotations

import importlib
import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Optional

from ._live import LiveLine, human

if TYPE_CHECKING:
    from ._values import Statistics


@dataclass
class RegistrationStatistics:
    """Statistics of a registration. Times are in seconds, rates in hashes per second."""

    #: Wall time since the first round began.
    time_spent_total: float
    #: Rounds finished.
    rounds_total: int
    #: Mean duration of a round.
    time_average: float
    #: Duration of the last round.
    time_spent: float
    #: Nonces tried per second of all the time.
    hash_rate_perpetual: float
    #: Nonces tried per second of the last seconds, the newest weighing most.
    hash_rate: float
    #: Expected seals per win.
    difficulty: int
    #: The number of the block that asks.
    block_number: int
    #: Its hash: ``0x…``.
    block_hash: str

    @classmethod
    def _of(cls, statistics: Statistics, block_hash: str) -> RegistrationStatistics:
        """Those of a solver, which knows no hash of the block as the chain writes it."""
        return cls(
            time_spent_total=statistics.time_spent_total,
            rounds_total=statistics.rounds_total,
            time_average=statistics.time_average,
            time_spent=statistics.time_spent,
            hash_rate_perpetual=statistics.hash_rate_perpetual,
            hash_rate=statistics.hash_rate,
            difficulty=statistics.difficulty,
            block_number=statistics.block_number or 0,
            block_hash=block_hash,
        )


def millify(number: float) -> str:
    """A number with two decimals and a name of thousands: ``10.00 M``."""
    names = ("", " K", " M", " B", " T")
    power = 0 if number == 0 else math.floor(math.log10(abs(number)) / 3)
    power = max(0, min(len(names) - 1, power))
    return f"{number / 1000**power:.2f}{names[power]}"


#: Rich's marks, which nothing but rich understands.
_MARKS = re.compile(r"\[/?bold white\]")


class _PlainStatus:
    """Rich's status in place, where rich is not installed: one line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._live = LiveLine()

    def start(self) -> None:
        self.update(self._text)

    def stop(self) -> None:
        self._live.close()

    def update(self, text: str) -> None:
        self._live.show(" | ".join(_MARKS.sub("", text).split("\n")).rstrip(" |"))


class _PlainConsole:
    """As much of rich's console as is needed, where rich is not installed."""

    def status(self, text: str) -> _PlainStatus:
        return _PlainStatus(text)

    def log(self, text: str) -> None:
        print(_MARKS.sub("", text))


def _console() -> Any:
    try:
        return importlib.import_module("rich.console").Console()
    except ImportError:
        return _PlainConsole()


class RegistrationStatisticsLogger:
    """Shows the statistics of a registration, in place or one after the other.

    console
        What has the methods ``status`` and ``log`` of rich's; rich's own by default, where rich is installed.
    output_in_place
        Whether each message replaces the one before.
    """

    #: What is drawn again in place; None if messages come one after the other.
    status: Optional[Any]

    def __init__(self, console: Optional[Any] = None, output_in_place: bool = True) -> None:
        self.console = _console() if console is None else console
        self.status = self.console.status("Solving") if output_in_place else None

    def start(self) -> None:
        """Begins to draw."""
        if self.status is not None:
            self.status.start()

    def stop(self) -> None:
        """Ends drawing."""
        if self.status is not None:
            self.status.stop()

    @classmethod
    def get_status_message(cls, stats: RegistrationStatistics, verbose: bool = False) -> str:
        """The message that shows these statistics, with rich's marks; verbose adds the times of rounds."""

        def strong(text: object) -> str:
            return f"[bold white]{text}[/bold white]"

        rates = f"{human(stats.hash_rate)}/s / {human(stats.hash_rate_perpetual)}/s"
        lines = ["Solving", f"Time Spent (total): {strong(timedelta(seconds=stats.time_spent_total))}"]
        if verbose:
            lines.append(f"Time Spent This Round: {timedelta(seconds=stats.time_spent)}")
            lines.append(f"Time Spent Average: {timedelta(seconds=stats.time_average)}")
        lines += [
            f"Registration Difficulty: {strong(millify(stats.difficulty))}",
            f"Iters (Inst/Perp): {strong(rates)}",
            f"Block Number: {strong(stats.block_number)}",
            f"Block Hash: {strong(stats.block_hash)}",
        ]
        return "\n".join(lines) + "\n"

    def update(self, stats: RegistrationStatistics, verbose: bool = False) -> None:
        """Shows these statistics."""
        message = self.get_status_message(stats, verbose=verbose)
        if self.status is not None:
            self.status.update(message)
        else:
            self.console.log(message)
