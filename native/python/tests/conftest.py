"""What tests share."""

import pytest
from fakes import Wallet


@pytest.fixture
def wallet() -> Wallet:
    """Keys without secrets."""
    return Wallet()
