"""`create_pow` and its asynchronous twin, called alike."""

from __future__ import annotations

import asyncio
import functools
from types import SimpleNamespace

import btpow
import pytest
from btpow.pow import create_pow
from fakes import HOTKEY

ASYNCHRONOUS = (
    "subnet_exists is_hotkey_registered get_current_block get_block_hash difficulty".split()
)


def awaited(chain):
    """The same chain, whose answers must be awaited."""

    def later(method):
        @functools.wraps(method)
        async def answer(*args, **kwargs):
            await asyncio.sleep(0)
            return method(*args, **kwargs)

        return answer

    methods = {name: getattr(chain, name) for name in ASYNCHRONOUS}
    twin = SimpleNamespace(**{name: method and later(method) for name, method in methods.items()})
    if hasattr(chain, "substrate"):
        twin.substrate = SimpleNamespace(rpc_request=later(chain.substrate.rpc_request))
    return twin


def synchronous(chain, *args, **kwargs):
    return create_pow(chain, *args, num_processes=1, **kwargs)


def asynchronous(chain, *args, **kwargs):
    coroutine = btpow.create_pow_async(awaited(chain), *args, num_processes=1, **kwargs)
    return asyncio.run(coroutine)


both = pytest.mark.parametrize("create", [synchronous, asynchronous])


def challenge(chain, block=100, key=HOTKEY, order="big"):
    return btpow.Challenge.legacy(chain.hash_of(block), key, order)
