"""The asynchronous search, as ``bittensor.utils.registration.async_pow`` had it."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Generator, Literal, Optional, TypeVar, Union

from ._registration import POWSolution, Question, Request, prepare, search
from ._solver import Solver

__all__ = ["create_pow_async"]

T = TypeVar("T")


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
    byte_order = await _answered(prepare(request))
    if byte_order is None:
        return None
    solver = await _opened(request.solver)
    try:
        return await _answered(search(request, byte_order, solver, Solver.next_async))
    finally:
        await asyncio.shield(asyncio.wrap_future(_apart(solver.close)))


async def _answered(steps: Generator[Question, Any, T]) -> T:
    """Answers the questions of these steps, and awaits what must be awaited. Returns what they come to."""
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
        result: T = end.value
        return result
    finally:
        steps.close()


async def _opened(make: Callable[[], Solver]) -> Solver:
    """What `make` makes, in a thread, since a driver may take its time. After a cancellation it is closed."""
    opening = _apart(make)
    try:
        return await asyncio.wrap_future(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_what_came)
        raise


def _close_what_came(opening: Future[Solver]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _apart(work: Callable[[], T]) -> Future[T]:
    """Does this in a thread of its own: those of the event loop may all be busy."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="btpow")
    try:
        return executor.submit(work)
    finally:
        executor.shutdown(wait=False)
