"""Three wallets as the official client makes them today: one with an encrypted coldkey, two without.

    fresh_wallet.py FOLDER PASSWORD

Each gets a hotkey of its own. One line of JSON gives the addresses, by wallet.
"""

import json
import sys
from pathlib import Path

from bittensor.wallet import Wallet


def make(folder, name, password):
    """A new wallet with new keys; its addresses."""
    wallet = Wallet(name=name, hotkey="miner", path=str(folder))
    wallet.create_new_coldkey(
        use_password=password is not None,
        coldkey_password=password,
        suppress=True,
    )
    wallet.create_new_hotkey(use_password=False, suppress=True)
    return {"coldkey": wallet.coldkeypub.ss58_address, "hotkey": wallet.hotkeypub.ss58_address}


def main():
    folder, password = Path(sys.argv[1]), sys.argv[2]
    wallets = {
        "encrypted": make(folder, "encrypted", password),
        "open": make(folder, "open", None),
        "elsewhere": make(folder, "elsewhere", None),
    }
    print(json.dumps(wallets))


main()
