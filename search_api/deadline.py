"""One deadline over everything that an answer asks of OpenSearch, and what a client is told when it does not hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opensearchpy import TransportError

from search_api.connection import is_outage
from search_api.found import SearchUnavailable


@asynccontextmanager
async def answered_within(seconds: float, what: str = "OpenSearch", advice: str = "Try again.") -> AsyncIterator[None]:
    """Work with OpenSearch for so many seconds at most.

    Args:
        seconds: of the whole block.
        what: took too long, as the client is told.
        advice: What the client may do about it.

    Raises:
        SearchUnavailable: The time is over, or OpenSearch is away. Wrong requests raise what they raised.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise SearchUnavailable(f"{what} took longer than {seconds:g} s. {advice}") from error
    except TransportError as error:
        if not is_outage(error):
            raise
        raise SearchUnavailable(f"OpenSearch does not answer ({error.error}).") from error
