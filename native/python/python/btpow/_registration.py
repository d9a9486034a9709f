"""The search of `create_pow`, for a chain that answers at once as for one that is awaited.

What is asked of the chain is yielded, so that the search itself is written once.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Generator, Literal, Optional, Union, cast

from ._native import Challenge, DeviceError
from ._progress import RegistrationStatistics, RegistrationStatisticsLogger
from ._solver import Solver
from ._values import verify

if TYPE_CHECKING:
    from ._values import Solution

#: How long to wait for a solution before the chain is asked for its newest block, in seconds.
_TURN = 0.25

#: Blocks that a proof may be old when a block includes it.
_MAX_AGE = 2

#: The difficulty of the faucet, which is the runtime's constant.
_FAUCET = 1_000_000

#: The first runtime that reads seals little end first, the last that reads them big end first, and the last that takes
#: these proofs for a registration.
_LITTLE_SINCE, _BIG_UNTIL, _LAST = 283, 277, 393

#: What the solver calls the arguments of `create_pow`.
_ARGUMENTS = {
    "threads": "num_processes",
    "round": "update_interval",
    "threads_per_block": "tpb",
}

#: What a display may raise: rich ends the program where the reader of its output has left.
_OF_DISPLAYS = (Exception, SystemExit)


def may_be_included(block_number: int, head: int) -> bool:
    """Whether the next block, after `head`, may still include a proof for this block."""
    return head + 1 - block_number <= _MAX_AGE


@dataclass
class POWSolution:
    """A solution of a registration's proof of work."""

    #: The winning nonce.
    nonce: int
    #: The number of the block that it is for.
    block_number: int
    #: The difficulty that it meets, in expected seals.
    difficulty: int
    #: Its 32-byte seal.
    seal: bytes

    def is_stale(self, subtensor: Any) -> bool:
        """Whether no later block may include it: asks `subtensor` for the newest block."""
        return not may_be_included(self.block_number, int(subtensor.get_current_block()))

    async def is_stale_async(self, subtensor: Any) -> bool:
        """The same for an asynchronous `subtensor`."""
        head = await subtensor.substrate.get_block_number(None)
        return not may_be_included(self.block_number, int(head))


@dataclass
class Request:
    """What the caller of `create_pow` wants."""

    subtensor: Any
    wallet: Any
    netuid: int
    output_in_place: bool
    cuda: bool
    dev_id: Union[list[int], int, None]
    tpb: int
    num_processes: Optional[int]
    update_interval: Optional[int]
    log_verbose: bool
    order: Optional[Literal["big", "little"]]

    def solver(self) -> Solver:
        """The devices that it names."""
        try:
            return self._cards() if self.cuda else self._cpu()
        except ValueError as error:
            argument, colon, wrong = str(error).partition(": ")
            name = _ARGUMENTS.get(argument, argument)
            raise ValueError(name + colon + wrong) from None

    def _cpu(self) -> Solver:
        return Solver(devices="cpu", threads=self.num_processes, round=self.update_interval)

    def _cards(self) -> Solver:
        ids = [self.dev_id] if isinstance(self.dev_id, int) else list(self.dev_id or [0])
        names = [f"cuda:{number}" for number in ids]
        # Every caller passes on the SDK's default, so it is nobody's choice.
        tpb = None if self.tpb == 256 else self.tpb
        try:
            return Solver(devices=names, threads_per_block=tpb)
        except DeviceError as error:
            raise DeviceError(f"CUDA not available: {error}") from None

    def key(self) -> bytes:
        """The key that the seal is bound to."""
        keys = self.wallet.coldkeypub if self.netuid == -1 else self.wallet.hotkey
        return bytes(keys.public_key)


#: A question to the chain or the devices; the answer may have to be awaited.
Question = Callable[[], Any]
Search = Generator[Question, Any, Optional[POWSolution]]


def prepare(request: Request) -> Generator[Question, Any, Optional[Literal["big", "little"]]]:
    """How the chain reads seals; None if the key is registered. Nothing is hashed where no proof can register."""
    subtensor, netuid = request.subtensor, request.netuid
    if netuid != -1 and not (yield lambda: subtensor.subnet_exists(netuid=netuid)):
        raise ValueError(f"Subnet {netuid} does not exist.")
    spec = specification((yield lambda: ask_version(subtensor)))
    order = order_of(spec, netuid, request.order)
    return None if (yield from registered(request)) else order


def search(
    request: Request,
    order: Literal["big", "little"],
    solver: Solver,
    wait: Callable[[Solver, float], Any],
) -> Search:
    """Yields questions, gets their answers, and returns what `create_pow` does. `wait` waits for a solution."""
    subtensor, key = request.subtensor, request.key()
    known: Optional[int] = None
    block_hash, difficulty = "", 0
    with Display(request) as display:
        while True:
            try:
                head = yield subtensor.get_current_block
                if head != known:
                    # Nothing but a block registers a key.
                    if known is not None and (yield from registered(request)):
                        return None
                    block_hash, difficulty = yield from block(request, head)
                    challenge = Challenge.legacy(block_hash, key, order)
                    solver.search(challenge, difficulty, block_number=head)
                    known = head
            except Exception:
                # The devices have gone on meanwhile: what they have found is not lost with the chain.
                left = None if known is None else (yield lambda: wait(solver, 0))
                if left is None or not is_good(left, difficulty, head):
                    raise
                return proof(left)
            solution: Optional[Solution] = yield lambda: wait(solver, _TURN)
            display.show(solver, block_hash)
            if solution is None or not is_good(solution, difficulty, head):
                continue
            try:
                newest = yield subtensor.get_current_block
            except Exception:
                # Whoever gets the proof asks for its age in any case.
                return proof(solution)
            if is_good(solution, difficulty, newest):
                return proof(solution)


def is_good(solution: Solution, difficulty: int, head: int) -> bool:
    """Whether the next block may include it. It may be for the block before, whose difficulty was another one."""
    is_win = verify(solution.challenge, difficulty, solution.nonce)
    return is_win and may_be_included(cast(int, solution.block_number), head)


def proof(solution: Solution) -> POWSolution:
    """The solution in the shape that the SDK gave it."""
    number = cast(int, solution.block_number)
    return POWSolution(solution.nonce, number, solution.difficulty, solution.seal)


def registered(request: Request) -> Generator[Question, Any, bool]:
    """Whether the key is registered already; there is no such thing for the faucet."""
    if request.netuid == -1:
        return False
    answer = yield lambda: request.subtensor.is_hotkey_registered(
        netuid=request.netuid, hotkey_ss58=request.wallet.hotkey.ss58_address
    )
    return bool(answer)


def block(request: Request, number: int) -> Generator[Question, Any, tuple[str, int]]:
    """The hash of a block, and the difficulty in it."""
    subtensor, netuid = request.subtensor, request.netuid
    block_hash = yield lambda: subtensor.get_block_hash(number)
    if block_hash is None:
        raise ConnectionError("Network error. Could not connect to substrate to get block hash")
    if netuid == -1:
        return block_hash, _FAUCET
    difficulty = yield lambda: difficulty_at(subtensor, netuid, number)
    if difficulty is None:
        raise ValueError("Chain error. Difficulty is None")
    return block_hash, int(difficulty)


def difficulty_at(subtensor: Any, netuid: int, number: int) -> Any:
    """The difficulty at a block, or the newest one where the chain cannot be asked for another."""
    method = subtensor.difficulty
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):
        return method(netuid=netuid)
    takes_block = any(it.name == "block" or it.kind is it.VAR_KEYWORD for it in parameters)
    return method(netuid=netuid, block=number) if takes_block else method(netuid=netuid)


def ask_version(subtensor: Any) -> Any:
    """Asks for the version of the runtime; None where there is no chain behind the object."""
    ask = getattr(getattr(subtensor, "substrate", None), "rpc_request", None)
    return None if ask is None else ask("state_getRuntimeVersion", [])


def specification(answer: Any) -> Optional[int]:
    """The specification's number in that answer."""
    result = answer.get("result") if isinstance(answer, dict) else None
    number = result.get("specVersion") if isinstance(result, dict) else None
    return number if isinstance(number, int) else None


def order_of(
    spec: Optional[int], netuid: int, order: Optional[Literal["big", "little"]]
) -> Literal["big", "little"]:
    """How a runtime reads seals: as `order` says, if it is given.

    Raises RuntimeError where a registration with such a proof costs TAO, whatever the order, and where that cannot be
    known and the caller has not said what chain it is.
    """
    if spec is None:
        if order is None and netuid != -1:
            raise RuntimeError(
                f"the chain does not tell its runtime's version, and since spec {_LAST + 1} a registration with such a "
                "proof burns TAO; if this chain is older, give order='big' or order='little'"
            )
        return order or "big"
    if spec > _LAST and netuid != -1:
        raise RuntimeError(
            f"the chain's runtime, spec {spec}, takes no such proof: its `register` would burn TAO instead; "
            "use bittensor 11.3 with btpow.accelerate(), or `btpow register`"
        )
    if order is not None:
        return order
    if _BIG_UNTIL < spec < _LITTLE_SINCE:
        raise RuntimeError(
            f"how the chain's runtime, spec {spec}, reads seals is not known; give order='big' or order='little'"
        )
    return "big" if spec <= _BIG_UNTIL else "little"


class Display:
    """Shows how the search is going. It may fail, say since nobody reads it any more: the search goes on without it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._logger: Optional[RegistrationStatisticsLogger] = None

    def __enter__(self) -> Display:
        with suppress(*_OF_DISPLAYS):
            self._logger = RegistrationStatisticsLogger(
                output_in_place=self._request.output_in_place
            )
            self._logger.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._logger is not None:
            with suppress(*_OF_DISPLAYS):
                self._logger.stop()

    def show(self, solver: Solver, block_hash: str) -> None:
        """Shows the newest statistics."""
        statistics = solver.statistics
        if self._logger is None or statistics is None:
            return
        with suppress(*_OF_DISPLAYS):
            shown = RegistrationStatistics._of(statistics, block_hash)
            self._logger.update(shown, verbose=self._request.log_verbose)
