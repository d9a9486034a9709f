"""`create_pow` and its asynchronous twin where chain, display or devices fail, are slow, or are not wanted any more."""

import asyncio
import threading

import btpow
import pytest
from btpow import _registration as registration
from btpow import _solver as solvers
from btpow import async_pow as async_module
from btpow import pow as pow_module
from creating import awaited, both, challenge
from fakes import Chain

@both
def test_a_block_without_hash_is_a_network_error(create, wallet):
    chain = Chain()
    chain.hashes[100] = None
    with pytest.raises(ConnectionError, match="^Network error. Could not connect to substrate"):
        create(chain, wallet, 1)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(num_processes=0), "num_processes: 0 is too few; give 1 or more"),
        (dict(update_interval=0), "update_interval: 0 is too few; give 1 or more"),
        (dict(cuda=True, tpb=100), "tpb: 100 is not a multiple of 32"),
    ],
)
def test_an_argument_that_is_wrong_has_the_callers_name_for_it(arguments, words, wallet):
    with pytest.raises(ValueError, match=f"^{words}"):
        pow_module.create_pow(Chain(), wallet, 1, **arguments)


@both
def test_no_difficulty_is_a_chain_error(create, wallet):
    with pytest.raises(ValueError, match="^Chain error. Difficulty is None$"):
        create(Chain(difficulty=None), wallet, 1)


@both
def test_the_chains_own_errors_come_through_and_stop_the_devices(create, wallet):
    chain = Chain()
    before = set(solvers._OPEN)

    def broken(netuid, hotkey_ss58):
        raise TimeoutError("no answer")

    chain.is_hotkey_registered = broken
    with pytest.raises(TimeoutError, match="no answer"):
        create(chain, wallet, 1)
    chain = Chain()
    opened = []

    def get_block_hash(block):
        opened.extend(set(solvers._OPEN) - before)
        broken(1, "")

    chain.get_block_hash = get_block_hash
    with pytest.raises(TimeoutError, match="no answer"):
        create(chain, wallet, 1)
    assert [it.closed for it in opened] == [True]
    assert set(solvers._OPEN) <= before


@both
def test_a_chain_that_fails_after_a_find_does_not_cost_the_proof(create, wallet):
    chain = Chain()
    head = chain.get_current_block
    asked = []

    def get_current_block():
        asked.append(1)
        if len(asked) > 1:
            raise ConnectionError("gone")
        return head()

    chain.get_current_block = get_current_block
    # At this difficulty each nonce wins: the first wait finds one.
    chain._difficulty = 1
    found = create(chain, wallet, 1)
    assert len(asked) == 2
    assert found.block_number == 100 and btpow.verify(challenge(chain), 1, found.nonce)


@both
def test_what_is_found_while_the_chain_fails_is_returned(create, wallet, monkeypatch):
    chain = Chain(difficulty=1)
    made = []

    class Solver(btpow.Solver):
        """One whose first wait comes before any find."""

        def __init__(self, **options):
            super().__init__(**options)
            self.waits = 0
            made.append(self)

        def next(self, timeout=None):
            self.waits += 1
            return None if self.waits == 1 else super().next(timeout)

        async def next_async(self, timeout=None):
            self.waits += 1
            return None if self.waits == 1 else await super().next_async(timeout)

    monkeypatch.setattr(registration, "Solver", Solver)
    monkeypatch.setattr(pow_module, "_Search", Solver)
    monkeypatch.setattr(async_module, "Solver", Solver)
    head = chain.get_current_block

    def get_current_block():
        if not made[-1].waits:
            return head()
        # A round is counted before its find is told, and told before the next one is counted.
        while made[-1].statistics.rounds_total < 2:
            pass
        raise ConnectionError("gone")

    chain.get_current_block = get_current_block
    assert create(chain, wallet, 1).block_number == 100
    # Where nothing is found, the error comes through.
    chain._difficulty = 2**64 - 1
    with pytest.raises(ConnectionError, match="gone"):
        create(chain, wallet, 1)


@both
@pytest.mark.parametrize("error", [BrokenPipeError("nobody reads"), SystemExit(1)])
@pytest.mark.parametrize("method", ["__init__", "start", "update", "stop"])
def test_a_display_that_fails_does_not_cost_the_proof(create, wallet, monkeypatch, method, error):
    failed = []

    def fail(*args, **kwargs):
        failed.append(1)
        raise error

    monkeypatch.setattr(btpow.RegistrationStatisticsLogger, method, fail)
    assert create(Chain(), wallet, 1).block_number == 100
    assert failed


def test_the_asynchronous_search_leaves_the_loop_to_others_and_ends_its_devices(wallet):
    before = set(solvers._OPEN)

    async def main():
        chain = Chain(difficulty=2**64 - 1)
        task = asyncio.create_task(btpow.create_pow_async(awaited(chain), wallet, 1))
        while chain.asked.count("get_current_block") < 3:
            await asyncio.sleep(0)
        (solver,) = set(solvers._OPEN) - before
        assert not solver.closed
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert solver.closed

    asyncio.run(main())


class Slow:
    """Devices whose opening and closing take until the event loop has done something else."""

    def __init__(self):
        self.opens, self.may_open = threading.Event(), threading.Event()
        self.closes, self.may_close, self.closed = (threading.Event() for _ in range(3))

    def __call__(self, **options):
        self.opens.set()
        assert self.may_open.wait(60)
        slow = self

        class Solver(btpow.Solver):
            def close(self):
                slow.closes.set()
                assert slow.may_close.wait(60)
                super().close()
                slow.closed.set()

        return Solver(**options)


async def until(event):
    async def is_set():
        while not event.is_set():
            await asyncio.sleep(0)

    # A fault must not hang the tests.
    await asyncio.wait_for(is_set(), 60)


def test_the_asynchronous_search_opens_and_closes_devices_beside_the_loop(wallet, monkeypatch):
    slow = Slow()
    monkeypatch.setattr(registration, "Solver", slow)

    async def main():
        task = asyncio.create_task(btpow.create_pow_async(awaited(Chain()), wallet, 1))
        await until(slow.opens)
        slow.may_open.set()
        await until(slow.closes)
        assert not task.done()
        slow.may_close.set()
        return await task

    assert asyncio.run(main()).block_number == 100
    assert slow.closed.is_set()


def test_devices_that_open_after_a_cancellation_are_closed(wallet, monkeypatch):
    slow = Slow()
    slow.may_close.set()
    monkeypatch.setattr(registration, "Solver", slow)

    async def main():
        task = asyncio.create_task(btpow.create_pow_async(awaited(Chain()), wallet, 1))
        await until(slow.opens)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        slow.may_open.set()
        await until(slow.closed)

    asyncio.run(main())
