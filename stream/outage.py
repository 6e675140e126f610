"""What the worker makes of other services' answers: an outage, or an error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from opensearchpy.exceptions import ConnectionError as OpenSearchConnectionError
from opensearchpy.exceptions import TransportError

from encoders.client import EncoderUnavailable
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
        raise TransientError(f"OpenSearch does not answer for {subject}: {error.error}") from error
    except TransportError as error:
        if not is_outage(error.status_code):
            raise
        raise TransientError(f"OpenSearch refuses {subject} for now: {error.status_code} {error.error}") from error


@contextmanager
def encoder_outages() -> Iterator[None]:
    """Turns an encoder server that is down or busy into TransientError."""
    try:
        yield
    except EncoderUnavailable as error:
        raise TransientError(str(error)) from error
