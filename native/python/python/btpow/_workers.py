"""The module's workers: classes that were a process each, and are a thread now that drives the devices.

They are for programs that bring their own main loop, with shared memory and queues of ``multiprocessing``.
"""

from __future__ import annotations

import multiprocessing as mp
import threading
from queue import Full
from typing import Any, Iterable, Literal, Optional

from ._native import Challenge, keccak_of_block
from ._registration import POWSolution
from ._solver import Solver as Search

#: The limit of the SDK: 2**256 - 1.
_LIMIT = (1 << 256) - 1

#: How long a worker waits for a solution before it looks at its events, in seconds.
_TURN = 0.02

#: Unread tokens in a queue of finished rounds beyond which a worker leaves others out: nobody reads them.
_UNREAD = 1024


class _SolverBase(threading.Thread):
    """A worker that solves the proof of work of a registration.

    proc_num, num_proc
        Its number, which goes into ``finished_queue``, and how many there are.
    update_interval
        Nonces between two entries in ``finished_queue``.
    finished_queue, solution_queue
        Where finished runs of nonces are told, and solutions.
    stopEvent
        Ends the worker.
    curr_block, curr_block_num, curr_diff, check_block
        What to search for, as :func:`update_curr_block` writes it, and the lock that it holds meanwhile. The worker reads
        it when its ``newBlockEvent`` is set.
    limit
        Seals times difficulty must be below.
    """

    #: How the chain reads seals. The SDK's workers know only the first; set the other before ``start``.
    order: Literal["big", "little"] = "big"

    def __init__(
        self,
        proc_num: int,
        num_proc: int,
        update_interval: int,
        finished_queue: Any,
        solution_queue: Any,
        stopEvent: Any,
        curr_block: Any,
        curr_block_num: Any,
        curr_diff: Any,
        check_block: Any,
        limit: int,
    ) -> None:
        super().__init__(name=f"btpow worker {proc_num}", daemon=True)
        self.proc_num = proc_num
        self.num_proc = num_proc
        self.update_interval = update_interval
        self.finished_queue = finished_queue
        self.solution_queue = solution_queue
        self.newBlockEvent = mp.Event()
        self.stopEvent = stopEvent
        self.curr_block = curr_block
        self.curr_block_num = curr_block_num
        self.curr_diff = curr_diff
        self.check_block = check_block
        self.limit = limit
        self._terminated = threading.Event()

    @staticmethod
    def create_shared_memory() -> tuple[Any, Any, Any]:
        """Shared memory for ``curr_block``, ``curr_block_num`` and ``curr_diff``."""
        return mp.Array("h", 32), mp.Value("i", 0), mp.Array("Q", [0, 0])

    def run(self) -> None:
        """What the worker's thread does until ``stopEvent`` is set; a subclass may have its own."""
        with self._search() as search:
            try:
                self._work(search)
            except RuntimeError as error:
                # The end of the program closes the devices of a worker that nobody has stopped.
                if not search._was_closed(error):
                    raise

    def _work(self, search: Search) -> None:
        told, present = 0, None
        while not (self.stopEvent.is_set() or self._terminated.is_set()):
            if self.newBlockEvent.is_set():
                number, present, difficulty = self._read()
                search.search(present, difficulty, block_number=number)
            solution = search.next(_TURN)
            if solution is not None and self._is_below(solution.seal, solution.difficulty):
                block = solution.block_number or 0
                found = POWSolution(solution.nonce, block, solution.difficulty, solution.seal)
                self.solution_queue.put(found)
                # One is enough for a block. One of the block before may come late.
                if solution.challenge == present:
                    search.pause()
            told = self._tell(search, told)

    def _search(self) -> Search:
        raise NotImplementedError("a worker is a Solver or a CUDASolver")

    def _interval(self) -> int:
        return self.update_interval

    def _read(self) -> tuple[int, Challenge, int]:
        with self.check_block:
            # Under the lock, so that no block that comes meanwhile is lost.
            self.newBlockEvent.clear()
            number = int(self.curr_block_num.value)
            digest = bytes(self.curr_block[:])
            difficulty = unpack_difficulty(self.curr_diff)
        return number, Challenge.of_digest(digest, self.order), difficulty

    def _is_below(self, seal: bytes, difficulty: int) -> bool:
        value = int.from_bytes(seal, self.order)
        return self.limit >= _LIMIT or value * difficulty < self.limit

    def _tell(self, search: Search, told: int) -> int:
        """Puts one token for each finished run of nonces. Returns how many it has told of."""
        finished = sum(device.nonces_total for device in search.devices) // self._interval()
        for _ in range(finished - told):
            try:
                if self.finished_queue.qsize() > _UNREAD:
                    break
            except NotImplementedError:
                # macOS counts no queue.
                pass
            try:
                self.finished_queue.put_nowait(self.proc_num)
            except Full:
                break
        return finished

    def terminate(self) -> None:
        """Ends the worker without ``stopEvent``."""
        self._terminated.set()

    def close(self) -> None:
        """Says that nobody needs it any more. Raises ValueError while it still works, as processes do."""
        if self.is_alive():
            raise ValueError("the worker still works; stop it first")


class Solver(_SolverBase):
    """A worker of one CPU thread."""

    def _search(self) -> Search:
        return Search(devices="cpu", threads=1)


class CUDASolver(_SolverBase):
    """A worker of one NVIDIA card.

    dev_id, tpb
        The card's number, and how many threads its blocks have, as for `create_pow`. Entries in
        ``finished_queue`` stand for ``update_interval * tpb`` nonces.
    """

    def __init__(
        self,
        proc_num: int,
        num_proc: int,
        update_interval: int,
        finished_queue: Any,
        solution_queue: Any,
        stopEvent: Any,
        curr_block: Any,
        curr_block_num: Any,
        curr_diff: Any,
        check_block: Any,
        limit: int,
        dev_id: int,
        tpb: int,
    ) -> None:
        super().__init__(
            proc_num,
            num_proc,
            update_interval,
            finished_queue,
            solution_queue,
            stopEvent,
            curr_block,
            curr_block_num,
            curr_diff,
            check_block,
            limit,
        )
        self.dev_id = dev_id
        self.tpb = tpb

    def _search(self) -> Search:
        tpb = None if self.tpb == 256 else self.tpb
        return Search(devices=f"cuda:{self.dev_id}", threads_per_block=tpb)

    def _interval(self) -> int:
        return self.update_interval * self.tpb


class UsingSpawnStartMethod:
    """Within it, processes of ``multiprocessing`` are spawned. The workers here are threads and do not need it."""

    def __init__(self, force: bool = False) -> None:
        self._force = force
        self._before: Optional[str] = None

    def __enter__(self) -> None:
        self._before = mp.get_start_method(allow_none=True) or "spawn"
        mp.set_start_method("spawn", force=self._force)

    def __exit__(self, *_: object) -> None:
        mp.set_start_method(self._before, force=True)


def update_curr_block(
    curr_diff: Any,
    curr_block: Any,
    curr_block_num: Any,
    block_number: int,
    block_bytes: bytes,
    diff: int,
    hotkey_bytes: bytes,
    lock: Any,
) -> None:
    """Writes into shared memory what workers are to search for, under the lock that they take to read it.

    curr_diff, curr_block, curr_block_num
        The shared memory of ``create_shared_memory``: the difficulty as two halves, the hash of block and key, the block's
        number.
    block_number, block_bytes
        The block's number and its hash, 32 bytes.
    diff
        The difficulty.
    hotkey_bytes
        The key, 32 bytes.
    """
    digest = keccak_of_block(bytes(block_bytes), bytes(hotkey_bytes))
    with lock:
        curr_block_num.value = block_number
        for place, byte in enumerate(digest):
            curr_block[place] = byte
        curr_diff[0], curr_diff[1] = diff >> 32, diff & 0xFFFF_FFFF


def unpack_difficulty(packed: Any) -> int:
    """The difficulty from its two halves, the high one first."""
    return int(packed[0]) << 32 | int(packed[1])


def terminate_workers_and_wait_for_exit(workers: Iterable[Any]) -> None:
    """Waits for workers, and for the threads behind queues. Ends a worker that still works after three seconds."""
    for worker in workers:
        if hasattr(worker, "join_thread"):
            worker.close()
            worker.join_thread()
            continue
        worker.join(3.0)
        if worker.is_alive():
            worker.terminate()
            worker.join(3.0)
        if not worker.is_alive():
            worker.close()
