"""A plugin of pytest: the client's own tests run with this project's search under it."""

import btpow


def pytest_configure() -> None:
    btpow.accelerate()
