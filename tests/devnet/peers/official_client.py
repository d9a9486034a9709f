"""The official client against the test chain: what it takes for the real chain must work here too.

    official_client.py ENDPOINT

Bittensor's own miner looks for a proof, its own executor signs and submits it, and its own reads say
what became of it. Nothing of btpow takes part, so that this is a test of the chain: of its metadata,
storage, extensions, errors and rules. One line of JSON says what was checked; the first failure ends
the program.
"""

import asyncio
import json
import sys
from types import SimpleNamespace

import bittensor as bt
from bittensor import storage as st
from bittensor._generated.errors import ERRORS
from bittensor.pow_registration import mine_registration, registration_prefix, registration_seal
from bittensor.sp_core import Keypair

OPEN, CLOSED, FULL = 1, 2, 4
SUBTENSOR = 7
CHECKED = []


def check(what, holds, seen=""):
    """Counts a true check; otherwise ends the program and shows what was seen."""
    if not holds:
        sys.exit(f"{what}: {seen}")
    CHECKED.append(what)


def wallet(coldkey, hotkey):
    """Two development keys, in the shape of a wallet."""
    cold, hot = (Keypair.create_from_uri(uri) for uri in (coldkey, hotkey))
    return SimpleNamespace(coldkey=cold, coldkeypub=cold, hotkey=hot, hotkeypub=hot)


async def mine(client, keys, netuid):
    """What `client.mine_pow_registration` calls. Returns the reason if it does not even start."""
    try:
        return await mine_registration(
            client._substrate,
            netuid,
            keys.hotkey.ss58_address,
            keys.coldkey.ss58_address,
            workers=1,
            max_seconds=120,
            backend="cpu",
        )
    except ValueError as error:
        return str(error)


async def good_proof(client, keys):
    """An account without a balance registers, and still has none afterwards."""
    coldkey, hotkey = keys.coldkey.ss58_address, keys.hotkey.ss58_address
    difficulty = await client.query(st.SubtensorModule.Difficulty, [OPEN])
    burn = await client.query(st.SubtensorModule.Burn, [OPEN])
    proof = await mine(client, keys, OPEN)
    block_hash = await client._substrate.block_hash(proof.work_block)
    prefix = registration_prefix(OPEN, block_hash, hotkey, coldkey)
    check("seal", registration_seal(prefix, proof.nonce).hex() == proof.work_hex, proof)

    result = await client.execute(proof, keys)
    check("registration", result.success, result)
    uid = await client.query(st.SubtensorModule.Uids, [OPEN, hotkey])
    check("Uids", uid is not None)
    for item, key, expected in [
        (st.SubtensorModule.Keys, [OPEN, uid], hotkey),
        (st.SubtensorModule.Owner, [hotkey], coldkey),
        (st.SubtensorModule.OwnedHotkeys, [coldkey], [hotkey]),
        (st.SubtensorModule.StakingHotkeys, [coldkey], [hotkey]),
        (st.SubtensorModule.LastPowRegistrationBlock, [hotkey], proof.work_block),
        (st.SubtensorModule.Burn, [OPEN], burn),
    ]:
        value = await client.query(item, key)
        check(item[1], value == expected, value)
    raised = await client.query(st.SubtensorModule.Difficulty, [OPEN])
    check("Difficulty", difficulty < raised, f"{difficulty}, then {raised}")
    balance = await client.balances.get(coldkey)
    check("no fee", balance.rao == 0, balance)
    return proof


async def main(endpoint):
    async with bt.Client(endpoint, fallback_endpoints=[], archive_endpoints=[]) as client:
        poor = wallet("//Poor", "//Poor//miner")
        proof = await good_proof(client, poor)

        # What the miner sees before it begins.
        reason = await mine(client, poor, OPEN)
        check("registered already", "already registered" in reason, reason)
        reason = await mine(client, poor, CLOSED)
        check("closed subnet", "must enable PoW" in reason, reason)

        # What the pool refuses.
        replay = await client.execute(proof, poor)
        check("replay", replay.error and replay.error.name == "BadRequest", replay)

        # What only the block refuses, by the error's number in the client's own table.
        alice = wallet("//Alice", "//Alice//miner")
        full = await client.execute(await mine(client, alice, FULL), alice)
        check("full subnet", full.error and full.error.name == "NoNeuronIdAvailable", full)
        check("its number", ERRORS[SUBTENSOR, 48].name == full.error.name, ERRORS[SUBTENSOR, 48])
    print(json.dumps({"version": bt.__version__, "checked": CHECKED}))


asyncio.run(main(sys.argv[1]))
