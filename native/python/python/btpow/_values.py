"""What goes into a search and what comes out of it."""

from __future__ import annotations

from typing import NamedTuple, Optional

from . import _native
from ._native import Challenge


class Solution(NamedTuple):
    """A nonce that wins. The readable definition of the seal has confirmed all 256 bits of it."""

    #: The winning nonce.
    nonce: int
    #: Its 32-byte seal.
    seal: bytes
    #: What it answers.
    challenge: Challenge
    #: The difficulty that it meets, in expected seals.
    difficulty: int
    #: The number of the block that asks, if the search was given it.
    block_number: Optional[int]
    #: The device that found it: ``cpu:0``.
    device: str


class Statistics(NamedTuple):
    """How a search is going. Times are in seconds, rates in hashes per second."""

    #: Wall time since the first round began.
    time_spent_total: float
    #: Rounds finished.
    rounds_total: int
    #: Mean duration of a round.
    time_average: float
    #: Duration of the last round.
    time_spent: float
    #: Nonces tried per second of all the time.
    hash_rate_perpetual: float
    #: Nonces tried per second of the last seconds, the newest weighing most.
    hash_rate: float
    #: Expected seals per win.
    difficulty: int
    #: The number of the block that asks, if the search was given it.
    block_number: Optional[int]
    #: Nonces tried.
    nonces_total: int
    #: Seconds until a solution, on average, from now on; None before the first round.
    expected_time: Optional[float]
    #: The chance, 0 to 1, that as many nonces as were tried so far bring a solution.
    chance: float


class Device(NamedTuple):
    """A device at work."""

    #: What selects it: ``cpu``, ``cuda:0``, ``wgpu:0``.
    name: str
    #: ``cpu``, ``cuda`` or ``wgpu``.
    kind: str
    #: The maker's name for it.
    description: str
    #: How many threads hash, where there is a choice.
    threads: Optional[int]
    #: The instruction set in use, where there is a choice.
    isa: Optional[str]
    #: Hashes per second.
    hash_rate: float
    #: Nonces tried.
    nonces_total: int
    #: Why it gets no more work; None while it does.
    fault: Optional[str]


def seal(challenge: Challenge, nonce: int) -> bytes:
    """The 32-byte seal of a nonce, by the readable definition.

    Raises OverflowError for a nonce beyond 0 to 2**64 - 1.
    """
    return challenge.seal(nonce)


def verify(challenge: Challenge, difficulty: int, nonce: int) -> bool:
    """Whether a nonce wins: its seal, read as a number, is at most (2**256 - 1) // difficulty.

    Raises ValueError for difficulty 0, OverflowError for a number beyond 0 to 2**64 - 1.
    """
    return _native.verify(challenge, difficulty, nonce) is not None


def expected_time(difficulty: int, hash_rate: float) -> Optional[float]:
    """Seconds until a win, on average, at so many hashes per second; None at rate 0.

    Half of all searches end within 69 % of it; one in twenty takes three times as long.

    Raises ValueError for difficulty 0, OverflowError for a number beyond 0 to 2**64 - 1.
    """
    return _native.expected_time(difficulty, hash_rate)
