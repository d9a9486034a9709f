"""A line that is drawn again and again: in a terminal and in a notebook, without widgets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._values import Statistics


def human(number: float, suffix: str = "H") -> str:
    """A number with one decimal and a unit of thousands: ``41.3MH``."""
    for unit in ("", "K", "M", "G", "T", "P", "E", "Z"):
        if abs(number) < 1000.0:
            return f"{number:3.1f}{unit}{suffix}"
        number /= 1000.0
    return f"{number:.1f}Y{suffix}"


def seconds(time: Optional[float]) -> str:
    """A duration for people: ``0.4 s``, ``12 min``."""
    if time is None:
        return "unknown"
    units = ((90, 1, "s"), (5400, 60, "min"), (129600, 3600, "h"), (float("inf"), 86400, "d"))
    size, unit = next((size, unit) for limit, size, unit in units if time < limit)
    digits = 1 if time / size < 10 else 0
    return f"{time / size:.{digits}f} {unit}"


def line(statistics: Statistics) -> str:
    """How a search is going, in one line."""
    block = "" if statistics.block_number is None else f"block {statistics.block_number}, "
    return (
        f"{block}{human(statistics.hash_rate)}/s, "
        f"{seconds(statistics.time_spent_total)} of {seconds(statistics.expected_time)} expected, "
        f"chance so far {statistics.chance:.1%}"
    )


def _is_notebooks() -> bool:
    """Whether standard error is a notebook's: no terminal, but it knows the return of the carriage."""
    return any(it.__module__.startswith("ipykernel.") for it in type(sys.stderr).__mro__)


class LiveLine:
    """Shows one line at a time on standard error, where it can be drawn again; elsewhere nothing."""

    def __init__(self) -> None:
        # A program without a console has none.
        has_any = sys.stderr is not None
        self._works = has_any and (sys.stderr.isatty() or _is_notebooks())
        self._width = 0

    def show(self, text: str) -> None:
        """Replaces the line."""
        if self._works:
            sys.stderr.write("\r" + text.ljust(self._width))
            sys.stderr.flush()
            self._width = len(text)

    def close(self) -> None:
        """Leaves the line as it is, and begins a new one."""
        if self._works and self._width:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._width = 0
