"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest

KEPT = ("KADR_HOME", "KADR_DEBUG")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a test be run at full length."""
    parser.addoption("--walks", type=int, default=50, help="random walks through the pages of searches (1000: all)")
    parser.addoption("--hostile", choices=("short", "whole"), default="short", help="how many hostile media files")


@pytest.fixture(scope="session", autouse=True)
def own_settings_only() -> Iterator[None]:
    """Hide the user's KADR_* variables; only the folder with the installed servers is shared with the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KADR_") and name not in KEPT]:
            patch.delenv(name)
        yield
