"""Our own interface to a search."""

import asyncio
import signal
import sys
import threading
import time
import warnings

import btpow
import pytest
from btpow import _solver as solvers

CHALLENGE = btpow.Challenge.v1(1, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
OTHER = btpow.Challenge.v1(2, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
HOPELESS = 2**64 - 1


def solver(difficulty=10_000, challenge=CHALLENGE, **options):
    return btpow.Solver(challenge, difficulty, devices="cpu", threads=1, **options)


def test_a_solution_says_all_about_itself():
    with solver(block_number=7) as search:
        found = next(search)
    assert btpow.verify(CHALLENGE, 10_000, found.nonce)
    assert found.seal == CHALLENGE.seal(found.nonce)
    assert (found.challenge, found.difficulty, found.block_number) == (CHALLENGE, 10_000, 7)
    assert found.device == "cpu:0"


def test_iteration_finds_one_after_the_other():
    nonces = []
    with solver() as search:
        for found in search:
            nonces.append(found.nonce)
            if len(nonces) == 5:
                break
    assert len(set(nonces)) == 5
    assert all(btpow.verify(CHALLENGE, 10_000, nonce) for nonce in nonces)


def test_the_start_decides_where_the_search_begins():
    # Source: tests/vectors, the first win from nonce 0 on; positions go through the lowest byte first.
    with solver(difficulty=1000, start=0, round=256) as search:
        assert next(search).nonce == 118


def test_iteration_ends_when_the_solver_is_closed():
    search = solver()
    search.close()
    assert list(search) == []
    assert search.closed


def test_a_wait_has_an_end():
    with solver(difficulty=HOPELESS) as search:
        assert search.next(timeout=0) is None
        assert search.next(timeout=0.05) is None


def test_another_challenge_reaches_every_device():
    with solver(difficulty=HOPELESS) as search:
        search.search(OTHER, 10_000, block_number=8)
        found = next(search)
    assert (found.challenge, found.block_number) == (OTHER, 8)


def test_a_pause_stops_the_devices_until_it_ends():
    with solver(difficulty=HOPELESS) as search:
        search.pause()
        assert search.statistics is None
        search.resume()
        while not search.statistics.nonces_total:
            search.next(timeout=0.01)


def test_statistics_count_what_was_tried():
    with solver() as search:
        next(search)
        numbers = search.statistics
        device = search.devices[0]
    assert numbers.nonces_total >= 256 and numbers.rounds_total > 0
    assert numbers.hash_rate > 0 and numbers.expected_time > 0 and 0 < numbers.chance <= 1
    assert (numbers.difficulty, numbers.block_number) == (10_000, None)
    assert (device.name, device.kind, device.threads, device.fault) == ("cpu", "cpu", 1, None)
    assert device.nonces_total >= numbers.nonces_total > 0


def test_without_a_challenge_the_devices_wait():
    with btpow.Solver(devices="cpu", threads=1) as search:
        assert search.statistics is None
        assert search.next(timeout=0.01) is None
        search.search(CHALLENGE, 1000)
        assert next(search).difficulty == 1000


def test_progress_calls_back():
    seen = []
    with solver(difficulty=HOPELESS, progress=seen.append, interval=0) as search:
        while len(seen) < 3:
            search.next(timeout=0.05)
    assert all(isinstance(it, btpow.Statistics) for it in seen)


def test_a_live_line_is_drawn_where_it_can_be_drawn(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with solver(difficulty=HOPELESS, progress=True, interval=0, block_number=12) as search:
        while not search.statistics.nonces_total:
            search.next(timeout=0.01)
        search.next(timeout=0.15)
    drawn = capsys.readouterr().err
    assert drawn.count("\n") == 1 and drawn.endswith("\n")
    assert "\rblock 12, " in drawn and "H/s" in drawn and "chance so far" in drawn


def test_elsewhere_nothing_is_drawn(capsys):
    with solver(difficulty=HOPELESS, progress=True, interval=0) as search:
        search.next(timeout=0.15)
    assert capsys.readouterr().err == ""


def test_without_standard_error_nothing_is_drawn(monkeypatch):
    """As under pythonw."""
    monkeypatch.setattr(sys, "stderr", None)
    with solver(difficulty=HOPELESS, progress=True, interval=0, block_number=12) as search:
        search.next(timeout=0.01)
    assert search.closed


def test_all_devices_are_used_by_default():
    # No warning: a machine without cards is nothing to be warned of.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with btpow.Solver(CHALLENGE, 1000) as search:
            assert next(search).difficulty == 1000
            assert search.devices[0].name == "cpu"


@pytest.mark.parametrize(
    "options, error, words",
    [
        (dict(devices="gpu"), ValueError, "there is no device \"gpu\"; choose among: cpu"),
        (dict(devices="cuda:99"), (btpow.DeviceError, ValueError), "cuda:99"),
        (dict(devices=[]), ValueError, "devices: there is none"),
        (dict(threads=0), ValueError, "threads: 0 is too few"),
        (dict(round=0), ValueError, "round: 0 is too few"),
        (
            dict(threads_per_block=100),
            ValueError,
            "threads_per_block: 100 is not a multiple of 32, .*; give a multiple of 32 up to 768, or none for",
        ),
        (dict(threads=-1), OverflowError, "negative"),
    ],
)
def test_what_cannot_work_is_named(options, error, words):
    with pytest.raises(error, match=words):
        btpow.Solver(CHALLENGE, 1000, **{"devices": "cpu", **options})


def test_a_card_that_is_missing_does_not_stop_the_others():
    with pytest.warns(RuntimeWarning, match="cuda:99"):
        search = btpow.Solver(CHALLENGE, 1000, devices=["cpu", "cuda:99"])
    with search:
        assert next(search).device.startswith("cpu")


def test_a_device_that_drops_out_causes_a_warning_and_one_that_joins_does_not(monkeypatch):
    class Engine:
        """Devices that only talk, and then are gone."""

        is_open = True

        def __init__(self, *_):
            self.lines = ["cuda:0 joined: NVIDIA X", "warning: cuda:0 was dropped: it is silent"]

        def wait(self, seconds):
            if self.lines:
                return {"line": self.lines.pop(0)}
            raise btpow.DeviceError("no device is left to work with")

        def close(self):
            self.is_open = False

    monkeypatch.setattr(btpow._native, "Engine", Engine)
    with btpow.Solver(devices="cuda:0") as search:
        with pytest.warns(RuntimeWarning) as told:
            with pytest.raises(btpow.DeviceError, match="no device is left"):
                search.next()
    assert [str(it.message) for it in told] == ["cuda:0 was dropped: it is silent"]


def test_difficulty_0_is_refused_and_leaves_nothing_behind():
    before = set(solvers._OPEN)
    with pytest.raises(ValueError, match="difficulty"):
        solver(difficulty=0)
    with pytest.raises(ValueError, match="belong together"):
        btpow.Solver(CHALLENGE)
    assert set(solvers._OPEN) <= before


def test_a_closed_solver_says_so():
    search = solver()
    search.close()
    search.close()
    assert repr(search) == "<btpow.Solver, closed>"
    for call in (search.pause, search.next, lambda: search.search(OTHER, 1)):
        with pytest.raises(RuntimeError, match="closed; make another one"):
            call()


def test_another_thread_can_close_what_waits():
    """So a wait holds neither the GIL nor the solver."""
    search = solver(difficulty=HOPELESS)
    waits, told = threading.Event(), []

    def wait():
        waits.set()
        try:
            search.next()
        except RuntimeError as error:
            told.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    waits.wait()
    search.close()
    thread.join()
    assert len(told) == 1 and "closed" in told[0]


def test_several_threads_share_the_solutions():
    with solver(difficulty=1000) as search:
        found = []
        threads = [
            threading.Thread(target=lambda: found.extend(next(search) for _ in range(20)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({it.nonce for it in found}) == len(found) == 80


def test_asyncio_gets_solutions_while_other_tasks_run():
    async def main():
        turns = 0

        async def other():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        found = []
        async with solver(difficulty=100_000) as search:
            async for solution in search:
                found.append(solution)
                if len(found) == 3:
                    break
        task.cancel()
        return found, turns

    found, turns = asyncio.run(main())
    assert len({it.nonce for it in found}) == 3
    assert turns > 0


def test_a_cancelled_task_loses_no_solution():
    async def main():
        with solver(difficulty=HOPELESS) as search:
            task = asyncio.create_task(search.next_async())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            search.search(CHALLENGE, 1, start=5, block_number=9)
            return await search.next_async()

    assert asyncio.run(main()).block_number == 9


def test_asyncio_has_an_end_of_waiting():
    async def main():
        with solver(difficulty=HOPELESS) as search:
            return await search.next_async(timeout=0.05)

    assert asyncio.run(main()) is None


def test_asyncio_gets_what_is_there_without_waiting():
    async def main():
        with solver(difficulty=1) as search:
            # A round is counted before its find is told, and told before the next one is counted.
            while search.statistics.rounds_total < 2:
                await asyncio.sleep(0)
            return await search.next_async(timeout=0)

    assert asyncio.run(main()).difficulty == 1


def test_a_loop_ends_when_another_thread_closes_the_solver():
    class Search(btpow.Solver):
        def _gather(self, seconds):
            waits.set()
            return super()._gather(seconds)

    def opened():
        waits.clear()
        return Search(CHALLENGE, HOPELESS, devices="cpu", threads=1)

    def close(search):
        waits.wait()
        search.close()

    async def all_of(search):
        return [found async for found in search]

    waits = threading.Event()
    for loop in (list, lambda search: asyncio.run(all_of(search))):
        search = opened()
        closer = threading.Thread(target=close, args=[search])
        closer.start()
        assert loop(search) == []
        closer.join()


def test_a_loop_does_not_end_quietly_when_no_device_is_left(monkeypatch):
    class Engine:
        """Devices that are gone, and closed as well."""

        is_open = True

        def __init__(self, *_):
            pass

        def wait(self, seconds):
            self.is_open = False
            raise btpow.DeviceError("no device is left to work with")

        def close(self):
            pass

    async def first():
        return await anext(aiter(btpow.Solver(devices="cpu")))

    monkeypatch.setattr(btpow._native, "Engine", Engine)
    with pytest.raises(btpow.DeviceError, match="no device is left"):
        next(btpow.Solver(devices="cpu"))
    with pytest.raises(btpow.DeviceError, match="no device is left"):
        asyncio.run(first())


def test_the_cost_of_a_solution_is_below_a_millisecond():
    with solver(difficulty=1) as search:
        next(search)
        best = 9.0
        for _ in range(20):
            began = time.perf_counter()
            next(search)
            best = min(best, time.perf_counter() - began)
    assert best < 0.001


def test_signals_are_left_to_python():
    before = {it: signal.getsignal(it) for it in (signal.SIGINT, signal.SIGTERM)}
    with solver() as search:
        next(search)
    assert before == {it: signal.getsignal(it) for it in before}
