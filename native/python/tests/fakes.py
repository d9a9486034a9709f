"""A chain and a wallet that are there for nobody but a test."""

from __future__ import annotations

HOTKEY, COLDKEY = b"\x02" * 32, b"\x03" * 32


class Key:
    """A public key of the SDK's kind."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key
        self.ss58_address = f"address of {public_key.hex()}"


class Wallet:
    """A wallet of the SDK's kind. Its coldkey is out of reach, as an encrypted one is."""

    hotkey = Key(HOTKEY)
    coldkeypub = Key(COLDKEY)

    @property
    def coldkey(self) -> Key:
        raise AssertionError("nobody needs the secret coldkey")


class Substrate:
    """A node with a runtime of this version."""

    def __init__(self, chain: Chain, spec: int) -> None:
        self._chain = chain
        self._spec = spec

    def rpc_request(self, method: str, params: list) -> dict:
        assert (method, params) == ("state_getRuntimeVersion", [])
        return {"jsonrpc": "2.0", "id": "1", "result": {"specName": "x", "specVersion": self._spec}}

    async def get_block_number(self, block_hash: None) -> int:
        assert block_hash is None
        return self._chain.get_current_block()


class Chain:
    """A chain with one subnet, number 1, of the SDK's kind. It makes a block when `heads` says so."""

    def __init__(self, difficulty: int | None = 1000, spec: int | None = 277) -> None:
        self.heads = [100]
        self._difficulty = difficulty
        self.registered_since: int | None = None
        self.asked: list[str] = []
        self.hashes: dict[int, str | None] = {}
        if spec is not None:
            self.substrate = Substrate(self, spec)

    def hash_of(self, block: int) -> bytes:
        return block.to_bytes(32, "big")

    def subnet_exists(self, netuid: int) -> bool:
        self.asked.append("subnet_exists")
        return netuid == 1

    def is_hotkey_registered(self, netuid: int, hotkey_ss58: str) -> bool:
        self.asked.append("is_hotkey_registered")
        assert (netuid, hotkey_ss58) == (1, Wallet.hotkey.ss58_address)
        return self.registered_since is not None and self.registered_since <= self.heads[0]

    def get_current_block(self) -> int:
        self.asked.append("get_current_block")
        return self.heads.pop(0) if len(self.heads) > 1 else self.heads[0]

    def get_block_hash(self, block: int) -> str | None:
        self.asked.append(f"get_block_hash {block}")
        return self.hashes.get(block, "0x" + self.hash_of(block).hex())

    def difficulty(self, netuid: int, block: int | None = None) -> int | None:
        self.asked.append(f"difficulty {block}")
        assert netuid == 1
        return self._difficulty
