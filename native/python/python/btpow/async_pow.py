"""The asynchronous search, as ``bittensor.utils.registration.async_pow`` had it."""

from __future__ import annotations

import inspect
from typing import Any, Literal, Optional, Union

from ._registration import POWSolution, Request, search
from ._solver import Solver

__all__ = ["create_pow_async"]


async def create_pow_async(
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
    """:func:`btpow.create_pow` for an asynchronous ``subtensor``. It does not block the event loop."""
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
    steps = search(request, Solver.next_async)
    try:
        question = next(steps)
        while True:
            try:
                answer = question()
                if inspect.isawaitable(answer):
                    answer = await answer
            except BaseException as error:
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as end:
        solution: Optional[POWSolution] = end.value
        return solution
    finally:
        steps.close()
