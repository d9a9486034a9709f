"""Times the official client's miner (PyPI bittensor-core) on all cards that OpenCL shows it: `miner.py [SECONDS]`."""

import sys
import time

from bittensor_core import PowGpuMiner

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
miner = PowGpuMiner()
cards = miner.devices()
print(cards)
# Tag, netuid 1 (there is no proof of work on 0), block hash, hotkey, coldkey.
prefix = b"subtensor-pow-register-v1" + (1).to_bytes(2, "little") + bytes(3 * 32)
assert len(prefix) == 123
# It takes no more at once.
each = 1 << 20


def mine(difficulty, start):
    return miner.mine(prefix, difficulty, start, each)


# It hashes what it is asked to: in a batch something wins that one in a thousand does.
found = mine(1_000, 0)
assert found is not None, "no win in 1,048,576 nonces at a difficulty of 1,000"
begin, hashes = time.monotonic(), 0
while (took := time.monotonic() - begin) < seconds:
    mine((1 << 64) - 1, hashes)
    hashes += each * len(cards)
print(f"{hashes / took / 1e6:.2f} MH/s in batches of {each:,} nonces for each card, the most it takes")
