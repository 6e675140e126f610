"""What the worker makes of other services' answers: an outage, or an error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import ConnectionError as OpenSearchConnectionError
from opensearchpy.exceptions import TransportError

from encoders.client import EncoderClient, EncoderUnavailable
from stream.errors import TransientError

_OUTAGES = {429, 502, 503, 504}


def is_outage(status: object) -> bool:
    """Says whether an HTTP status means: the same request may work later."""
    return status in _OUTAGES


@contextmanager
def outages(subject: str) -> Iterator[None]:
    """Turns a lost connection, a time-out and an overloaded server into TransientError."""
    try:
        yield
    except OpenSearchConnectionError as error:
        raise _search_engine_down(f"does not answer for {subject}: {error.error}") from error
    except TransportError as error:
        if not is_outage(error.status_code):
            raise
        raise _search_engine_down(f"refuses {subject} for now: {error.status_code} {error.error}") from error


async def ping_encoder(client: EncoderClient) -> None:
    """Asks the encoder server for a sign of life.

    Raises:
        TransientError: It is down, busy or still loads its models.
    """
    with encoder_outages():
        await client.model_set()


@contextmanager
def encoder_outages() -> Iterator[None]:
    """Turns an encoder server that is down or busy into TransientError."""
    try:
        yield
    except EncoderUnavailable as error:
        raise TransientError(str(error), dependency="encoder") from error


async def ping_opensearch(client: AsyncOpenSearch, *indices: str) -> None:
    """Asks OpenSearch for a sign of life of every shard of these indices.

    Raises:
        TransientError: It does not answer, or lacks a shard.
    """
    with outages("a sign of life"):
        nothing = {"size": 0, "track_total_hits": False, "terminate_after": 1}
        params = {"allow_partial_search_results": "false"}
        await client.search(index=",".join(indices), body=nothing, params=params)


def _search_engine_down(what: str) -> TransientError:
    return TransientError(f"OpenSearch {what}", dependency="opensearch")
