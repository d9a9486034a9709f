"""``python -m btpow.btcli …`` is ``btcli …`` of bittensor 11.3, with this project's search under it."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

from ._accelerate import accelerate


def main() -> NoReturn:
    """Runs btcli with the arguments of this process; its exit code is btcli's, or 2 where it cannot begin."""
    try:
        accelerate()
        run = importlib.import_module("bittensor.cli.main").main
    except (ImportError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    # Usage lines name what the user knows.
    sys.argv[0] = "btcli"
    sys.exit(run())


if __name__ == "__main__":
    main()
