"""Times the official client's miner (PyPI bittensor-core) on all cards that OpenCL shows it: `miner.py [SECONDS]`."""

import sys
import time

from bittensor_core import PowGpuMiner

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
miner = PowGpuMiner()
print(miner.devices())
prefix = b"subtensor-pow-register-v1" + bytes(98)
each = 1 << 26
miner.mine(prefix, 1 << 60, 0, each)
begin, hashes = time.monotonic(), 0
while (took := time.monotonic() - begin) < seconds:
    miner.mine(prefix, 1 << 60, hashes, each)
    hashes += each * len(miner.devices())
print(f"{hashes / took / 1e6:.1f} MH/s")
