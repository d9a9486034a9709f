"""Finds the proof of work with which a key registers on a Bittensor subnet.

Our own interface::

    import btpow

    challenge = btpow.Challenge.v1(netuid=1, block_hash=block_hash, hotkey=hotkey, coldkey=coldkey)
    with btpow.Solver(challenge, difficulty=10_000_000) as solver:
        print(next(solver).nonce)

The names of the module that the Python SDK had (``bittensor.utils.registration.pow``) are in :mod:`btpow.pow`, and here
as well, but for ``Solver``: here that is ours, and the SDK's class of this name is ``btpow.pow.Solver``.

:func:`accelerate` puts this search under the official client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import VERSION as __version__
from ._native import Challenge, DeviceError
from ._solver import Solver
from ._values import Device, Solution, Statistics, expected_time, seal, verify

if TYPE_CHECKING:
    from ._accelerate import accelerate, restore
    from .async_pow import create_pow_async
    from .pow import (
        CUDASolver,
        LazyLoadedTorch,
        POWSolution,
        RegistrationStatistics,
        RegistrationStatisticsLogger,
        UsingSpawnStartMethod,
        create_pow,
        get_cpu_count,
        legacy_torch_api_compat,
        log_no_torch_error,
        terminate_workers_and_wait_for_exit,
        torch,
        update_curr_block,
        use_torch,
    )

__all__ = [
    "CUDASolver",
    "Challenge",
    "Device",
    "DeviceError",
    "LazyLoadedTorch",
    "POWSolution",
    "RegistrationStatistics",
    "RegistrationStatisticsLogger",
    "Solution",
    "Solver",
    "Statistics",
    "UsingSpawnStartMethod",
    "__version__",
    "accelerate",
    "create_pow",
    "create_pow_async",
    "expected_time",
    "get_cpu_count",
    "legacy_torch_api_compat",
    "log_no_torch_error",
    "restore",
    "seal",
    "terminate_workers_and_wait_for_exit",
    "torch",
    "update_curr_block",
    "use_torch",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Loads what not everybody needs when somebody does: an import takes a few milliseconds so."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("accelerate", "restore"):
        from . import _accelerate as module
    elif name == "create_pow_async":
        from . import async_pow as module  # type: ignore[no-redef]
    else:
        from . import pow as module  # type: ignore[no-redef]
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
