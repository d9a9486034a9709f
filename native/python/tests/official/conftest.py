"""The chain that `cargo xtask test python` starts."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def endpoint() -> str:
    """Where it is."""
    return os.environ["BTPOW_TEST_CHAIN"]
