"""PyPI `bittensor-core`: its native miner `pow_mine_cpu`, one thread, on the v1 message."""

from importlib.metadata import version

import bittensor_core
import common

DOMAIN = b"subtensor-pow-register-v1"
# The most attempts that the peer accepts in one call.
BATCH = 1 << 20


def challenge_of(row):
    """The 123 bytes before the nonce."""
    keys = (bytes.fromhex(row[key]) for key in ("block_hash", "hotkey", "coldkey"))
    return DOMAIN + int(row["netuid"]).to_bytes(2, "little") + b"".join(keys)


def search(prefix, difficulty, start, count):
    """Whole batches, so that the cost of the calls does not show in the rate."""
    while count > 0:
        attempts = min(count, BATCH)
        found = bittensor_core.pow_mine_cpu(prefix, difficulty, start, attempts)
        if found is not None:
            return found
        start, count = start + attempts, count - attempts
    return None


common.run("bittensor-core", version("bittensor-core"), "v1", "little", search, challenge_of)
