"""The native half of the module. Programs use what `btpow` makes of it."""

from typing import Any, Final, Literal, Optional, final

__all__ = [
    "Challenge",
    "DeviceError",
    "Engine",
    "VERSION",
    "cards",
    "expected_time",
    "keccak_of_block",
    "look",
    "look_with",
    "quit",
    "restore",
    "scan",
    "scan_interval",
    "verify",
    "warnings",
]

VERSION: Final[str]

class DeviceError(RuntimeError):
    """No device is there to work with, or none is left."""

@final
class Challenge:
    """What a block asks of the keys: the message in which only the nonce is free."""

    @staticmethod
    def v1(
        netuid: int, block_hash: bytes | str, hotkey: bytes | str, coldkey: bytes | str
    ) -> Challenge:
        """The challenge of a block for a hotkey and the coldkey that will sign.

        Keys are 32 bytes or SS58 addresses, the hash is 32 bytes or hexadecimal. Raises ValueError for what is none
        of that, and for netuid 0, which takes no proof.
        """
    @staticmethod
    def legacy(
        block_hash: bytes | str, key: bytes | str, order: Literal["big", "little"]
    ) -> Challenge:
        """The challenge of a block for one key: the hotkey before spec 395, the coldkey for the faucet.

        Up to spec 277, and in the Python SDK, the bytes of a seal are read big end first, since then little end first.
        """
    @staticmethod
    def of_digest(digest: bytes | str, order: Literal["big", "little"]) -> Challenge:
        """The same from the hash of block and key, which the Python SDK keeps in its shared memory."""
    @property
    def protocol(self) -> Literal["v1", "legacy"]:
        """Which rules apply."""
    @property
    def order(self) -> Literal["big", "little"]:
        """How the bytes of a seal are read as a number."""
    def seal(self, nonce: int) -> bytes:
        """The 32-byte seal of a nonce, by the readable definition."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str, str, bytes, bytes]]: ...

@final
class Engine:
    """Devices at work. Dropping or closing it stops them."""

    def __new__(
        cls,
        devices: list[str],
        threads: Optional[int] = None,
        round: Optional[int] = None,
        threads_per_block: Optional[int] = None,
    ) -> Engine: ...
    def set_search(
        self,
        challenge: Challenge,
        difficulty: int,
        block_number: Optional[int] = None,
        start: Optional[int] = None,
    ) -> int: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def wait(self, seconds: float) -> Optional[dict[str, Any]]: ...
    def statistics(self) -> Optional[dict[str, Any]]: ...
    def devices(self) -> list[dict[str, Any]]: ...
    @property
    def is_open(self) -> bool: ...
    def close(self) -> None: ...

def verify(challenge: Challenge, difficulty: int, nonce: int) -> Optional[bytes]: ...
def expected_time(difficulty: int, hash_rate: float) -> Optional[float]: ...
def keccak_of_block(block_hash: bytes | str, key: bytes | str) -> bytes: ...
def restore(protocol: str, order: str, block_hash: bytes | str, message: bytes) -> Challenge: ...
def scan(
    challenge: Challenge, difficulty: int, start: int, attempts: int
) -> Optional[tuple[int, bytes]]: ...
def scan_interval(
    challenge: Challenge, difficulty: int, start: int, attempts: int
) -> Optional[tuple[int, bytes]]: ...
def cards() -> list[tuple[str, str, str]]: ...
def look(arguments: list[str]) -> int: ...
def look_with(words: list[str]) -> None: ...
def quit() -> None: ...
def warnings() -> list[str]: ...
