"""The other names of the SDK's module."""

import copy
import importlib.metadata
import inspect
import logging
import multiprocessing as mp
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import btpow
import pytest
from btpow import pow as module
from btpow.pow import RegistrationStatistics, RegistrationStatisticsLogger

#: The classes and functions of `bittensor.utils.registration.pow`, with their parameters.
NAMES = {
    "CUDASolver": "proc_num num_proc update_interval finished_queue solution_queue stopEvent curr_block "
    "curr_block_num curr_diff check_block limit dev_id tpb",
    "LazyLoadedTorch": "",
    "POWSolution": "nonce block_number difficulty seal",
    "RegistrationStatistics": "time_spent_total rounds_total time_average time_spent hash_rate_perpetual "
    "hash_rate difficulty block_number block_hash",
    "RegistrationStatisticsLogger": "console output_in_place",
    "Solver": "proc_num num_proc update_interval finished_queue solution_queue stopEvent curr_block "
    "curr_block_num curr_diff check_block limit",
    "UsingSpawnStartMethod": "force",
    "create_pow": "subtensor wallet netuid output_in_place cuda dev_id tpb num_processes update_interval "
    "log_verbose order",
    "get_cpu_count": "",
    "legacy_torch_api_compat": "func",
    "log_no_torch_error": "",
    "terminate_workers_and_wait_for_exit": "workers",
    "update_curr_block": "curr_diff curr_block curr_block_num block_number block_bytes diff hotkey_bytes lock",
    "use_torch": "",
}

STATISTICS = RegistrationStatistics(
    time_spent_total=65.5,
    rounds_total=3,
    time_average=0.5,
    time_spent=0.25,
    hash_rate_perpetual=950.0,
    hash_rate=41_300_000.0,
    difficulty=10_000_000,
    block_number=7,
    block_hash="0xab",
)


def test_every_name_is_there_with_its_parameters():
    for name, parameters in NAMES.items():
        found = inspect.signature(getattr(module, name)).parameters
        assert list(found) == parameters.split(), name
        if name != "Solver":
            assert getattr(btpow, name) is getattr(module, name)
    assert set(module.__all__) == {*NAMES, "torch"}
    assert btpow.torch is module.torch


def test_the_two_solvers_are_two_classes():
    assert btpow.Solver is not module.Solver
    assert issubclass(module.CUDASolver, module.Solver.__base__)


def test_whatever_else_is_asked_for_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'create_prow'"):
        btpow.create_prow
    assert "create_pow" in dir(btpow)


def test_the_message_shows_what_it_always_showed():
    short = RegistrationStatisticsLogger.get_status_message(STATISTICS)
    assert short == (
        "Solving\n"
        "Time Spent (total): [bold white]0:01:05.500000[/bold white]\n"
        "Registration Difficulty: [bold white]10.00 M[/bold white]\n"
        "Iters (Inst/Perp): [bold white]41.3MH/s / 950.0H/s[/bold white]\n"
        "Block Number: [bold white]7[/bold white]\n"
        "Block Hash: [bold white]0xab[/bold white]\n"
    )
    long = RegistrationStatisticsLogger.get_status_message(STATISTICS, verbose=True)
    assert "\nTime Spent This Round: 0:00:00.250000\nTime Spent Average: 0:00:00.500000\n" in long


def test_numbers_are_shortened_as_they_always_were():
    from btpow._live import human, seconds
    from btpow._progress import millify

    numbers = (0, 999, 1_000, 1_000_000, 12_345_678_901, 5 * 10**15)
    assert [millify(it) for it in numbers] == "0.00|999.00|1.00 K|1.00 M|12.35 B|5000.00 T".split("|")
    assert [human(it) for it in (0, 999.9, 1e3, 1e25)] == ["0.0H", "999.9H", "1.0KH", "10.0YH"]
    times = (None, 0.5, 89, 90, 5400, 129600)
    assert [seconds(it) for it in times] == "unknown|0.5 s|89 s|1.5 min|1.5 h|1.5 d".split("|")


def test_a_console_of_ones_own_gets_the_messages():
    told = []
    status = SimpleNamespace(
        start=lambda: told.append("start"),
        stop=lambda: told.append("stop"),
        update=lambda text: told.append(text),
    )
    console = SimpleNamespace(status=lambda text: told.append(text) or status, log=told.append)
    logger = RegistrationStatisticsLogger(console)
    logger.start()
    logger.update(STATISTICS)
    logger.stop()
    message = RegistrationStatisticsLogger.get_status_message(STATISTICS)
    assert told == ["Solving", "start", message, "stop"]
    told.clear()
    logger = RegistrationStatisticsLogger(console, output_in_place=False)
    assert logger.status is None
    logger.start()
    logger.update(STATISTICS, verbose=True)
    logger.stop()
    assert told == [RegistrationStatisticsLogger.get_status_message(STATISTICS, verbose=True)]


def test_rich_draws_in_place_where_it_is():
    rich = pytest.importorskip("rich.status")
    assert isinstance(RegistrationStatisticsLogger().status, rich.Status)


def test_without_rich_a_line_is_drawn_in_a_terminal_and_text_has_no_marks(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    logger = RegistrationStatisticsLogger()
    logger.start()
    logger.update(STATISTICS)
    logger.stop()
    drawn = capsys.readouterr().err
    assert drawn.startswith("\rSolving\rSolving | Time Spent (total): 0:01:05.500000 | ")
    assert drawn.endswith("Block Hash: 0xab\n") and drawn.count("\n") == 1
    RegistrationStatisticsLogger(output_in_place=False).update(STATISTICS)
    assert "Iters (Inst/Perp): 41.3MH/s / 950.0H/s\n" in capsys.readouterr().out


def test_spawn_is_the_way_to_start_processes_for_a_while():
    before = mp.get_start_method(allow_none=True)
    with module.UsingSpawnStartMethod(force=True):
        assert mp.get_start_method() == "spawn"
    assert mp.get_start_method() == (before or "spawn")


def test_the_licences_are_in_the_wheel():
    root = Path(__file__).resolve().parents[3]
    wheel = importlib.metadata.distribution("btpow")
    names = ["LICENSE-APACHE", "LICENSE-MIT"]
    assert sorted(wheel.metadata.get_all("License-File")) == names
    for name in names:
        assert wheel.read_text(f"licenses/{name}") == (root / name).read_text(encoding="utf-8")


def test_the_cpus_are_those_of_this_process():
    assert 1 <= module.get_cpu_count() <= mp.cpu_count()


def test_torch_is_not_imported_to_ask_for_it(monkeypatch, caplog):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.delenv("USE_TORCH", raising=False)
    assert not module.use_torch()
    monkeypatch.setenv("USE_TORCH", "1")
    assert module.use_torch()
    there = bool(module.torch)
    assert "torch" not in sys.modules
    if not there:
        with pytest.raises(ImportError, match="pip install torch"), caplog.at_level(logging.ERROR):
            module.torch.cuda
        assert "pip install torch" in caplog.text


def test_torch_is_what_the_module_says(monkeypatch):
    torch = SimpleNamespace(__spec__=SimpleNamespace(), cuda="the cards", __version__="2.9.0")
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert bool(module.torch)
    assert module.torch.cuda == "the cards"
    assert module.torch.__version__ == "2.9.0"


def test_what_python_asks_everything_for_imports_no_torch(monkeypatch):
    def imported(name):
        raise AssertionError(f"{name} is imported")

    monkeypatch.setattr("btpow._torch.importlib.import_module", imported)
    assert inspect.unwrap(module.torch) is module.torch
    assert type(copy.copy(module.torch)) is type(copy.deepcopy(module.torch)) is module.LazyLoadedTorch
    assert pickle.loads(pickle.dumps(module.torch)).__class__ is module.LazyLoadedTorch
    assert not hasattr(module.torch, "__path__")


def test_tensors_become_arrays_and_back(monkeypatch):
    class Tensor:
        def __init__(self, array):
            self.array = array

        def cpu(self):
            return self

        def numpy(self):
            return self.array

    ndarray = type("ndarray", (), {"__module__": "numpy"})
    torch = SimpleNamespace(__spec__=SimpleNamespace(), Tensor=Tensor, from_numpy=Tensor)
    monkeypatch.setitem(sys.modules, "torch", torch)
    seen = []

    @module.legacy_torch_api_compat
    def function(*args, **kwargs):
        """What it does."""
        seen.append((args, kwargs))
        return args[0]

    assert function.__doc__ == "What it does."
    array = ndarray()
    monkeypatch.setenv("USE_TORCH", "0")
    assert function(array, 1) is array
    monkeypatch.setenv("USE_TORCH", "1")
    result = function(Tensor(array), 1, other=Tensor(array))
    assert isinstance(result, Tensor) and result.array is array
    assert seen[-1] == ((array, 1), {"other": array})
    assert function(5) == 5


