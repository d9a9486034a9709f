"""PyPI `bittensor` 9: one CPU worker's loop, `_solve_for_nonce_block`, on the legacy message."""

from importlib.metadata import version

import common
from bittensor.utils.registration.pow import _solve_for_nonce_block
from Crypto.Hash import keccak

# The product of seal and difficulty must stay below this, as in the SDK's own callers.
LIMIT = (1 << 256) - 1


def challenge_of(row):
    """Keccak-256 of block hash and key, which the SDK computes once per block."""
    return keccak.new(
        digest_bits=256, data=bytes.fromhex(row["block_hash"]) + bytes.fromhex(row["key"])
    ).digest()


def search(challenge, difficulty, start, count):
    """One call, as a worker makes it once per `update_interval`."""
    found = _solve_for_nonce_block(start, start + count, challenge, difficulty, LIMIT, 0)
    return None if found is None else (found.nonce, found.seal)


common.run("bittensor", version("bittensor"), "legacy", "big", search, challenge_of)
