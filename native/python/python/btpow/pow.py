"""The names of ``bittensor.utils.registration.pow``, with this project's search behind them.

``from btpow.pow import create_pow`` is all that a program has to change. What differs, mostly since it was a fault, is
a table in the documentation.
"""

from __future__ import annotations

import os
from typing import Any, Generator, Literal, Optional, TypeVar, Union

from ._progress import RegistrationStatistics, RegistrationStatisticsLogger
from ._registration import POWSolution, Question, Request, prepare, search
from ._solver import Solver as _Search
from ._torch import (
    LazyLoadedTorch,
    legacy_torch_api_compat,
    log_no_torch_error,
    torch,
    use_torch,
)
from ._workers import (
    CUDASolver,
    Solver,
    UsingSpawnStartMethod,
    terminate_workers_and_wait_for_exit,
    update_curr_block,
)

__all__ = [
    "CUDASolver",
    "LazyLoadedTorch",
    "POWSolution",
    "RegistrationStatistics",
    "RegistrationStatisticsLogger",
    "Solver",
    "UsingSpawnStartMethod",
    "create_pow",
    "get_cpu_count",
    "legacy_torch_api_compat",
    "log_no_torch_error",
    "terminate_workers_and_wait_for_exit",
    "torch",
    "update_curr_block",
    "use_torch",
]

T = TypeVar("T")


def get_cpu_count() -> int:
    """How many CPUs this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def create_pow(
    subtensor: Any,
    wallet: Any,
    netuid: int,
    output_in_place: bool = True,
    cuda: bool = False,
    dev_id: Union[list[int], int] = 0,
    tpb: int = 256,
    num_processes: Optional[int] = None,
    update_interval: Optional[int] = None,
    log_verbose: bool = False,
    *,
    order: Optional[Literal["big", "little"]] = None,
) -> Optional[POWSolution]:
    """Finds the proof of work with which the wallet's hotkey registers on a subnet, on the CPU or on NVIDIA cards.

    subtensor
        The chain: any object with the methods ``subnet_exists``, ``is_hotkey_registered``, ``get_current_block``,
        ``get_block_hash`` and ``difficulty`` of the SDK's ``Subtensor``.
    wallet
        The keys: any object with the attributes ``hotkey`` and ``coldkeypub`` of the SDK's ``Wallet``. Only public keys
        are read.
    netuid
        The subnet; -1 for the faucet, whose proofs are bound to the coldkey.
    output_in_place
        Whether messages about the progress replace one another.
    cuda, dev_id
        Whether to use NVIDIA cards instead of the CPU, and which, by number.
    tpb
        Threads of a CUDA block, a multiple of 32 up to 768; 256 means the fastest number.
    num_processes
        CPU threads; by default as many as there are CPUs.
    update_interval
        Nonces of a CPU thread's round; by default what takes 5 ms. Cards choose their own.
    log_verbose
        Whether messages have the times of rounds, too.
    order
        How the chain reads seals: ``"big"`` or ``"little"`` end first. By default what its runtime's version says, for
        which ``subtensor.substrate.rpc_request`` is asked. Where it says nothing, an order is needed, and means that the
        runtime is older than spec 394.

    Returns the solution, which the next block may include; None if the hotkey is registered.

    Raises ValueError if the subnet does not exist or has no difficulty; ConnectionError if the chain has no hash for its
    newest block; RuntimeError if a runtime takes no such proof for a registration, since its ``register`` would burn
    TAO, or if its version cannot be read and there is no ``order``; :class:`btpow.DeviceError` without a device; and
    what the chain's own methods raise. A proof that is found by then is returned instead.
    """
    request = Request(
        subtensor,
        wallet,
        netuid,
        output_in_place,
        cuda,
        dev_id,
        tpb,
        num_processes,
        update_interval,
        log_verbose,
        order,
    )
    byte_order = _answered(prepare(request))
    if byte_order is None:
        return None
    with request.solver() as solver:
        return _answered(search(request, byte_order, solver, _Search.next))


def _answered(steps: Generator[Question, Any, T]) -> T:
    """Answers the questions of these steps at once. Returns what they come to."""
    try:
        question = next(steps)
        while True:
            try:
                answer = question()
            except BaseException as error:
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
