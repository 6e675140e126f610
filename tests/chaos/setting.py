"""Makes a run's part of the services: a feed for notifications, topics and indices of its own, and its encoder."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from services import Scope

from chaos.world import until
from infra.ports import free_ports
from infra.topics import create_topics

TESTS = Path(__file__).parents[1]


COLOURS = "chaos.colour_encoder"
MODELS = "encoders.serving.server"


@contextmanager
def encoder(scope: Scope, program: str) -> Iterator[Scope]:
    """Runs an encoder for as long as the block lasts; returns the scope that uses it."""
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    own = replace(scope, settings=scope.settings.model_copy(update={"encoder_url": url}))
    process = subprocess.Popen([sys.executable, "-m", program], env={**own.environment, "PYTHONPATH": python_path()})
    try:
        asyncio.run(_until_it_answers(url))
        yield own
    finally:
        process.terminate()
        process.wait(20)


def python_path() -> str:
    """Lets a child process import what lies beside the tests."""
    return os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])


async def _until_it_answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:

        async def answers() -> bool:
            try:
                return (await client.get(f"{url}/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(answers, "the encoder", seconds=180)


@contextmanager
def prepared(scope: Scope, *, relayed: bool = True, program: str = COLOURS) -> Iterator[tuple[Scope, str]]:
    """Creates everything that a run needs; returns its scope and the feed that notifications go to.

    Args:
        relayed: Whether notifications go to a feed that kadr does not read; otherwise they reach it as ever.
        program: The module of the encoder.
    """
    settings, feed = scope.settings, f"{scope.topic_prefix}uploads"
    if relayed:
        create_topics(settings)
        settings = settings.model_copy(update={"topic_prefix": f"{scope.topic_prefix}chaos."})
    with encoder(replace(scope, settings=settings), program) as own:
        own.initialise()
        yield own, feed
