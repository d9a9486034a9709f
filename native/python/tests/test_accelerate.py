"""What puts this search under the official client, without that client: `official/` has tests with it."""

import importlib.metadata
import runpy
import sys
import types

import btpow
import pytest
from btpow import _accelerate as accelerate

PREFIX = b"subtensor-pow-register-v1" + b"\x01\x00" + b"\x01" * 32 + b"\x02" * 32 + b"\x03" * 32
CHALLENGE = btpow.Challenge.v1(1, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)


@pytest.fixture
def installed(monkeypatch):
    """Says which versions of which packages are installed, and makes their modules."""
    versions = {}

    def version(package):
        if package not in versions:
            raise importlib.metadata.PackageNotFoundError(package)
        return versions[package]

    monkeypatch.setattr(importlib.metadata, "version", version)
    core = types.ModuleType("bittensor_core")
    core.pow_mine_cpu, core.pow_gpu_devices, core.PowGpuMiner = "cpu", "devices", "miner"
    client = types.ModuleType("bittensor.pow_registration")
    client.bittensor_core = core
    client._mine_chunk = lambda *arguments: ("chunk", *arguments)
    client._create_gpu_miner = lambda *arguments: ("creator", *arguments)
    package = types.ModuleType("bittensor")
    package.pow_registration = client
    for module in (core, package, client):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    yield types.SimpleNamespace(versions=versions, core=core, client=client)
    btpow.restore()


def test_without_the_client_it_says_so(installed):
    with pytest.raises(ImportError, match="pip install bittensor==11.3.0"):
        btpow.accelerate()
    btpow.restore()


@pytest.mark.parametrize(
    "package, version", [("bittensor", "11.4.0"), ("bittensor", "10.2.0"), ("bittensor-core", "0.2.0")]
)
def test_other_versions_are_refused_and_nothing_is_changed(installed, package, version):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5", package: version})
    with pytest.raises(RuntimeError, match=f"tested with {package}.*{version} is installed"):
        btpow.accelerate()
    assert installed.core.pow_mine_cpu == "cpu"


def test_the_core_alone_can_be_accelerated(installed):
    installed.versions["bittensor-core"] = "0.1.5"
    btpow.accelerate()
    btpow.accelerate()
    assert installed.core.pow_mine_cpu is accelerate.pow_mine_cpu
    assert installed.client._mine_chunk(1) == ("chunk", 1)
    btpow.restore()
    core = installed.core
    assert (core.pow_mine_cpu, core.pow_gpu_devices, core.PowGpuMiner) == ("cpu", "devices", "miner")


def test_a_chunk_is_hashed_here(installed):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5"})
    btpow.accelerate()
    chunk = installed.client._mine_chunk
    assert chunk(PREFIX, 1, 7, 1) == (7, CHALLENGE.seal(7).hex())
    nonce, seal = chunk(PREFIX, 1000, 5, 1_000_000)
    assert btpow.verify(CHALLENGE, 1000, nonce) and seal == CHALLENGE.seal(nonce).hex()
    # What no native code takes goes where it went.
    assert chunk(PREFIX, 1 << 64, 7, 1) == ("chunk", PREFIX, 1 << 64, 7, 1)


def test_all_devices_work_only_where_the_choice_is_free(installed):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5"})
    btpow.accelerate()
    create = installed.client._create_gpu_miner
    for free in [("cpu", None), ("gpu", None), ("auto", (0,))]:
        assert create(*free) == ("creator", *free)
    nonce, seal = create("auto", None).mine(PREFIX, 1000, 5, 100_000)
    assert btpow.verify(CHALLENGE, 1000, nonce) and seal == CHALLENGE.seal(nonce)


def test_what_others_replaced_meanwhile_is_left_to_them(installed):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5"})
    btpow.accelerate()
    installed.core.PowGpuMiner = installed.core.pow_mine_cpu = object()
    assert installed.client._create_gpu_miner("auto", None) == ("creator", "auto", None)
    assert installed.client._mine_chunk(PREFIX, 1, 7, 1)[0] == "chunk"


def test_what_others_replaced_meanwhile_stays_theirs_after_a_restore(installed):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5"})
    creator = installed.client._create_gpu_miner
    btpow.accelerate()
    installed.core.PowGpuMiner = theirs = object()
    del installed.core.pow_gpu_devices
    btpow.restore()
    assert installed.core.PowGpuMiner is theirs
    assert not hasattr(installed.core, "pow_gpu_devices")
    assert installed.core.pow_mine_cpu == "cpu"
    assert installed.client._create_gpu_miner is creator


def test_a_miner_goes_on_where_it_stopped_and_changes_challenges():
    with btpow.Solver(devices="cpu", threads=1) as solver:
        miner = accelerate._Miner(solver)
        nonces = {miner.mine(PREFIX, 10_000, 5, 100_000)[0] for _ in range(5)}
        assert len(nonces) == 5
        other = PREFIX[:25] + b"\x02\x00" + PREFIX[27:]
        nonce, seal = miner.mine(other, 1, 77, 100_000)
        challenge = btpow.Challenge.v1(2, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
        assert seal == challenge.seal(nonce)
        assert miner.mine(other, 2**64 - 1, 77, 100_000) is None
        # Between two calls the devices rest.
        assert solver.statistics is None


def test_an_interval_is_searched_exactly():
    # The first win at difficulty 1,000 from nonce 0 on; source: tests/vectors.
    assert accelerate.pow_mine_cpu(PREFIX, 1000, 0, 118) is None
    assert accelerate.pow_mine_cpu(PREFIX, 1000, 2**64 - 100, 1000) == (118, CHALLENGE.seal(118))
    assert accelerate.pow_mine_cpu(bytearray(PREFIX), 1000, 0, 119)[0] == 118


@pytest.mark.parametrize(
    "prefix, difficulty, attempts, words",
    [
        (PREFIX[:-1], 1, 1, "123-byte"),
        (b"X" + PREFIX[1:], 1, 1, "123-byte"),
        (PREFIX[:25] + b"\x00\x00" + PREFIX[27:], 1, 1, "unavailable on root"),
        (PREFIX, 0, 1, "difficulty must be positive"),
        (PREFIX, 1, 0, "1..1048576 attempts"),
        (PREFIX, 1, 1_048_577, "1..1048576 attempts"),
    ],
)
def test_errors_are_those_of_the_core(prefix, difficulty, attempts, words):
    with pytest.raises(ValueError, match=words):
        accelerate.pow_mine_cpu(prefix, difficulty, 0, attempts)
    with btpow.Solver(devices="cpu", threads=1) as solver:
        with pytest.raises(ValueError, match=words):
            accelerate._Miner(solver).mine(prefix, difficulty, 0, attempts)


def test_cards_are_chosen_by_number(monkeypatch):
    cards = [("cuda:0", "cuda", "NVIDIA X"), ("wgpu:1", "wgpu", "Radeon Y")]
    monkeypatch.setattr(accelerate._native, "cards", lambda: cards)
    made = []
    monkeypatch.setattr(accelerate, "Solver", lambda devices: made.append(devices))
    known = [
        {"id": 0, "name": "NVIDIA X", "vendor": "cuda"},
        {"id": 1, "name": "Radeon Y", "vendor": "wgpu"},
    ]
    assert accelerate.pow_gpu_devices() == known
    assert accelerate.PowGpuMiner().devices() == known
    assert accelerate.PowGpuMiner([1]).devices() == known[1:]
    assert made == [["cuda:0", "wgpu:1"], ["wgpu:1"]]
    for wrong in ([2], [0, 0], [-1]):
        with pytest.raises(ValueError, match="unique discovered device ids"):
            accelerate.PowGpuMiner(wrong)
    with pytest.raises(ValueError, match="1..32"):
        accelerate.PowGpuMiner([])
    cards.clear()
    with pytest.raises(RuntimeError, match="no usable GPU"):
        accelerate.PowGpuMiner()


def test_btcli_without_the_client_ends_with_one_line(installed, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["btcli", "--help"])
    monkeypatch.delitem(sys.modules, "btpow.btcli", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("btpow.btcli", run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("error: neither bittensor nor bittensor_core")


def test_btcli_runs_accelerated_under_its_own_name(installed, monkeypatch):
    installed.versions.update({"bittensor": "11.3.0", "bittensor-core": "0.1.5"})
    seen = []
    main = types.ModuleType("bittensor.cli.main")
    main.main = lambda: seen.append((list(sys.argv), installed.core.pow_mine_cpu)) or 5
    monkeypatch.setitem(sys.modules, "bittensor.cli", types.ModuleType("bittensor.cli"))
    monkeypatch.setitem(sys.modules, "bittensor.cli.main", main)
    monkeypatch.setattr(sys, "argv", ["/x/btcli.py", "subnets", "register"])
    monkeypatch.delitem(sys.modules, "btpow.btcli", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("btpow.btcli", run_name="__main__")
    assert ended.value.code == 5
    assert seen == [(["btcli", "subnets", "register"], accelerate.pow_mine_cpu)]
