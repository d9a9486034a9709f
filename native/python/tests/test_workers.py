"""The worker classes of the SDK's module, in a main loop as programs bring it."""

import multiprocessing as mp
import queue
from types import SimpleNamespace

import btpow
import pytest
from btpow import pow as module
from btpow.pow import CUDASolver, Solver


class Workers:
    """The main loop that programs bring, as far as workers see it."""

    def __init__(self, kind=Solver, interval=1000, limit=2**256 - 1, **more):
        self.block, self.number, self.difficulty = kind.create_shared_memory()
        self.lock, self.stop = mp.Lock(), mp.Event()
        self.solutions, self.finished = mp.Queue(), mp.Queue()
        self.worker = kind(
            0,
            1,
            interval,
            self.finished,
            self.solutions,
            self.stop,
            self.block,
            self.number,
            self.difficulty,
            self.lock,
            limit,
            **more,
        )

    def update(self, number, difficulty):
        """A new block. Returns the hash of block and key."""
        block, key = bytes([number]) * 32, b"\x02" * 32
        module.update_curr_block(
            self.difficulty, self.block, self.number, number, block, difficulty, key, self.lock
        )
        self.worker.newBlockEvent.set()
        return btpow.Challenge.legacy(block, key, self.worker.order)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop.set()
        if self.worker.ident is not None:
            module.terminate_workers_and_wait_for_exit([self.worker])


def test_the_current_block_is_written_under_the_lock():
    # Source: the inputs of bittensor 5.3.0's test_update_curr_block.
    block = bytes.fromhex("9dda24e4199df410e18a43044b3069078f796922b0247b8749aecb577b09bd59")
    digest = "9f97707dc43e9bdb99139844182ba0a49de5c1507970cde4c320d8eb825cd1a7"
    memory = Solver.create_shared_memory()
    for difficulty in (1, 2**31, 2**36, 2**64 - 1):
        held = []

        class Lock:
            def __enter__(self):
                held.append("taken")

            def __exit__(self, *_):
                held.append(memory[1].value)

        module.update_curr_block(
            memory[2], memory[0], memory[1], 1, block, difficulty, bytes(32), Lock()
        )
        assert held == ["taken", 1]
        assert bytes(memory[0][:]).hex() == digest
        assert list(memory[2]) == [difficulty >> 32, difficulty & 0xFFFF_FFFF]


@pytest.mark.parametrize("order", ["big", "little"])
def test_a_worker_solves_what_the_shared_memory_says(order):
    # The shortest round has 256 nonces.
    with Workers(interval=256) as it:
        it.worker.order = order
        challenge = it.update(7, 1000)
        it.worker.start()
        found = it.solutions.get()
        assert (found.block_number, found.difficulty) == (7, 1000)
        assert found.seal == challenge.seal(found.nonce)
        assert btpow.verify(challenge, 1000, found.nonce)
        # Runs of nonces are told, by the worker's number.
        assert it.finished.get() == 0


def test_a_worker_rests_after_a_find_until_the_next_block():
    with Workers() as it:
        it.update(7, 1000)
        it.worker.start()
        assert it.solutions.get().block_number == 7
        it.update(8, 1000)
        while (found := it.solutions.get()).block_number == 7:
            pass  # of the rounds that were under way
        assert found.block_number == 8


def test_a_worker_looks_for_a_difficulty_of_more_than_32_bits():
    with Workers() as it:
        it.update(7, 2**40)
        it.worker.start()
        assert it.finished.get() == 0
        it.update(8, 1)
        assert it.solutions.get().difficulty == 1


def test_a_workers_limit_is_observed():
    with Workers(limit=2**248) as it:
        it.worker.start()
        for block in (7, 8, 9):
            challenge = it.update(block, 1)
            while (found := it.solutions.get()).block_number != block:
                pass  # of the rounds that were under way
            assert int.from_bytes(found.seal, "big") < 2**248
            assert found.seal == challenge.seal(found.nonce)


def test_a_worker_stops_without_a_block():
    with Workers() as it:
        it.worker.start()
        assert it.worker.is_alive() and it.worker.daemon
        with pytest.raises(ValueError, match="still works"):
            it.worker.close()
        it.stop.set()
        it.worker.join()
        it.worker.close()


def test_a_worker_can_be_terminated():
    with Workers() as it:
        it.update(7, 2**64 - 1)
        it.worker.start()
        it.worker.terminate()
        it.worker.join()
        assert not it.stop.is_set()


def test_run_can_be_overridden():
    class Own(Solver):
        def run(self):
            self.solution_queue.put("mine")

    with Workers(Own) as it:
        it.worker.start()
        assert it.solutions.get() == "mine"


def test_a_cuda_worker_names_its_card(monkeypatch):
    made = []
    monkeypatch.setattr("btpow._workers.Search", lambda **options: made.append(options))
    for tpb in (256, 512):
        with Workers(CUDASolver, dev_id=3, tpb=tpb) as it:
            assert (it.worker.dev_id, it.worker.tpb) == (3, tpb)
            it.worker._search()
            assert it.worker._interval() == 1000 * tpb
    assert made == [
        dict(devices="cuda:3", threads_per_block=None),
        dict(devices="cuda:3", threads_per_block=512),
    ]


def test_workers_and_queues_are_waited_for():
    it = Workers()
    it.update(7, 1000)
    it.worker.start()
    it.solutions.get()
    it.stop.set()
    queues = [mp.Queue(), it.finished]
    module.terminate_workers_and_wait_for_exit([it.worker, queues[0]])
    assert not it.worker.is_alive()
    with pytest.raises(ValueError, match="closed"):
        queues[0].put(1)


def test_a_worker_that_does_not_stop_is_terminated():
    done = []

    class Stubborn:
        def join(self, timeout):
            done.append(f"join {timeout}")

        def is_alive(self):
            return "terminate" not in done

        def terminate(self):
            done.append("terminate")

        def close(self):
            done.append("close")

    module.terminate_workers_and_wait_for_exit([Stubborn()])
    assert done == ["join 3.0", "terminate", "join 3.0", "close"]


def test_unread_tokens_do_not_pile_up(monkeypatch):
    monkeypatch.setattr("btpow._workers._UNREAD", 3)
    with Workers(interval=1) as it:
        it.finished = it.worker.finished_queue = queue.Queue()
        search = SimpleNamespace(devices=[SimpleNamespace(nonces_total=1000)])
        assert it.worker._tell(search, 0) == 1000
        assert it.finished.qsize() == 4
        it.worker.finished_queue = queue.Queue(maxsize=2)
        assert it.worker._tell(search, 998) == 1000
        assert it.worker._tell(search, 990) == 1000
        assert it.worker.finished_queue.qsize() == 2
