"""This project's search under the official client."""

from __future__ import annotations

import importlib
import importlib.metadata
import threading
import time
from types import ModuleType
from typing import Any, Callable, Optional

from . import _native
from ._native import Challenge
from ._solver import Solver

#: The packages, the modules that are changed, and the versions with which that is tested.
_TESTED = {
    "bittensor_core": ("bittensor_core", "bittensor-core", ("0.1.5",)),
    "bittensor": ("bittensor.pow_registration", "bittensor", ("11.3.0",)),
}

#: A v1 message up to the nonce: 25 bytes of text, 2 of the subnet, 32 each of block, hotkey and coldkey.
_DOMAIN, _PREFIX = b"subtensor-pow-register-v1", 123

#: The most nonces that `bittensor_core` searches in one call.
_MOST = 1_048_576

#: How long one call of `mine` may take, in seconds: the client looks at its deadline between two.
_BATCH = 0.1

#: What was replaced: module, name, original, and what stands there instead.
_replaced: list[tuple[ModuleType, str, Any, Any]] = []
_lock = threading.Lock()


def accelerate() -> None:
    """Puts this search under the official client that is installed: bittensor 11.3, bittensor_core, or both.

    Functions keep their arguments and answers. ``client.mine_pow_registration``, and so ``btcli subnets register
    --pow``, uses the CPU and all cards, unless it is told to use only cards or only CPU workers. Doing it again does
    nothing; :func:`restore` takes it back.

    Raises ImportError if neither is installed, and RuntimeError for a version with which this is not tested; then
    nothing has changed.
    """
    with _lock:
        if _replaced:
            return
        core, client = _tested("bittensor_core"), _tested("bittensor")
        if core is None and client is None:
            raise ImportError(
                "neither bittensor nor bittensor_core is installed; install one with `pip install bittensor==11.3.0`"
            )
        if core is not None:
            _replace(core, "pow_mine_cpu", pow_mine_cpu)
            _replace(core, "pow_gpu_devices", pow_gpu_devices)
            _replace(core, "PowGpuMiner", PowGpuMiner)
        if client is not None:
            _replace(client, "_mine_chunk", _chunk(client, client._mine_chunk))
            _replace(client, "_create_gpu_miner", _creator(client, client._create_gpu_miner))


def restore() -> None:
    """Takes back what :func:`accelerate` did. Without it, it does nothing.

    What somebody else has replaced since stays theirs.
    """
    with _lock:
        while _replaced:
            module, name, original, ours = _replaced.pop()
            if getattr(module, name, None) is ours:
                setattr(module, name, original)


def _tested(name: str) -> Optional[ModuleType]:
    """The module to change, if its package is installed."""
    module, package, versions = _TESTED[name]
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    if version not in versions:
        raise RuntimeError(
            f"btpow.accelerate() is tested with {package} {' and '.join(versions)}, and {version} is installed; "
            f"install a tested one, or use `btpow register`"
        )
    return importlib.import_module(module)


def _replace(module: ModuleType, name: str, value: Any) -> None:
    _replaced.append((module, name, getattr(module, name), value))
    setattr(module, name, value)


def _challenge(prefix: bytes) -> Challenge:
    """The challenge that `bittensor_core` would see in these bytes, with its errors."""
    prefix = bytes(prefix)
    if len(prefix) != _PREFIX or not prefix.startswith(_DOMAIN):
        raise ValueError("expected the 123-byte subnet registration challenge prefix")
    netuid = int.from_bytes(prefix[25:27], "little")
    if netuid == 0:
        raise ValueError("PoW registration is unavailable on root")
    return Challenge.v1(netuid, prefix[27:59], prefix[59:91], prefix[91:])


def _check(difficulty: int, attempts: int) -> None:
    if difficulty == 0:
        raise ValueError("PoW difficulty must be positive")
    if not 1 <= attempts <= _MOST:
        raise ValueError(f"PoW batch must contain 1..{_MOST} attempts")


def pow_mine_cpu(
    prefix: bytes, difficulty: int, start: int, attempts: int
) -> Optional[tuple[int, bytes]]:
    """The first win among the nonces ``start`` to ``start + attempts``, modulo 2**64, on one thread."""
    challenge = _challenge(prefix)
    _check(difficulty, attempts)
    return _native.scan_interval(challenge, difficulty, start, attempts)


def pow_gpu_devices() -> list[dict[str, Any]]:
    """The cards of this machine; empty if there is none."""
    return [
        {"id": number, "name": description, "vendor": kind}
        for number, (_, kind, description) in enumerate(_native.cards())
    ]


class _Miner:
    """Devices that hash while `mine` is called, and rest between two calls."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self._lock = threading.Lock()
        self._present: Optional[tuple[bytes, int]] = None

    def mine(
        self, prefix: bytes, difficulty: int, start: int, attempts: int
    ) -> Optional[tuple[int, bytes]]:
        """The next win for this challenge that is found within a tenth of a second.

        ``start`` is where a new challenge begins to be searched. A call goes on where the one before stopped, and
        tries as many nonces as the devices can in that time.
        """
        challenge = _challenge(prefix)
        _check(difficulty, attempts)
        with self._lock:
            if self._present == (prefix, difficulty):
                self._solver.resume()
            else:
                self._solver.search(challenge, difficulty, start=start)
                self._present = (prefix, difficulty)
            try:
                return self._win(challenge, difficulty)
            finally:
                self._solver.pause()

    def _win(self, challenge: Challenge, difficulty: int) -> Optional[tuple[int, bytes]]:
        until = time.monotonic() + _BATCH
        while True:
            solution = self._solver.next(max(0.0, until - time.monotonic()))
            if solution is None:
                return None
            # One of the search before may come late.
            if solution.challenge == challenge and solution.difficulty >= difficulty:
                return solution.nonce, solution.seal


class PowGpuMiner(_Miner):
    """Cards: all that there are, or those with these numbers of :func:`pow_gpu_devices`."""

    def __init__(self, device_ids: Optional[list[int]] = None) -> None:
        cards, known = _native.cards(), pow_gpu_devices()
        if not known:
            raise RuntimeError(
                "no usable GPU found; install its vendor's driver or select CPU mining"
            )
        numbers = list(range(len(known))) if device_ids is None else device_ids
        if not 1 <= len(numbers) <= 32:
            raise ValueError("select 1..32 GPU devices")
        if len(set(numbers)) != len(numbers) or not set(numbers) <= set(range(len(known))):
            raise ValueError("GPU device ids must be unique discovered device ids")
        self._devices = [known[number] for number in numbers]
        super().__init__(Solver(devices=[cards[number][0] for number in numbers]))

    def devices(self) -> list[dict[str, Any]]:
        """The cards in use."""
        return self._devices


def _chunk(client: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    """A worker's share of the CPU's work: as many nonces, in the order in which they are fastest."""

    def mine_chunk(
        prefix: bytes, difficulty: int, start: int, attempts: int
    ) -> Optional[tuple[int, str]]:
        is_ours = client.bittensor_core.pow_mine_cpu is pow_mine_cpu
        if not is_ours or not 0 < difficulty < 1 << 64:
            # Somebody else has replaced it since, or no seal can win.
            answer: Optional[tuple[int, str]] = original(prefix, difficulty, start, attempts)
            return answer
        win = _native.scan(_challenge(prefix), difficulty, start, attempts)
        return None if win is None else (win[0], win[1].hex())

    return mine_chunk


def _creator(client: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    """All devices, where the caller leaves the choice; otherwise what the client would do, with the functions above."""

    def create_gpu_miner(backend: str, device_ids: Optional[tuple[int, ...]]) -> Any:
        is_ours = client.bittensor_core.PowGpuMiner is PowGpuMiner
        if is_ours and backend == "auto" and device_ids is None:
            return _Miner(Solver())
        return original(backend, device_ids)

    return create_gpu_miner
