"""The connection to OpenSearch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from opensearchpy import AsyncOpenSearch, ConnectionError, SerializationError, TransportError

from search_api.settings import SearchSettings

_AWAY = {401, 403, 404, 408, 429}


class OrjsonSerializer:
    """JSON for opensearch-py: numpy arrays as they are, text and bytes passed through."""

    mimetype = "application/json"

    def dumps(self, data: Any) -> str | bytes:
        """Encode a body.

        Raises:
            SerializationError: it holds something that JSON does not know.
        """
        if isinstance(data, str | bytes):
            return data
        try:
            return orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
        except TypeError as error:
            raise SerializationError(data, error) from error

    def loads(self, s: str | bytes) -> Any:
        """Decode an answer.

        Raises:
            SerializationError: it is not JSON.
        """
        try:
            return orjson.loads(s)
        except ValueError as error:
            raise SerializationError(s, error) from error


def pack_lines(lines: Iterable[Any]) -> bytes:
    """Encode the body of an `_msearch` or `_bulk`, a line each; opensearch-py would do it slower, line by line."""
    return b"".join(orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE) for line in lines)


def connect(settings: SearchSettings) -> AsyncOpenSearch:
    """Make a client; the first request opens its connections, `close()` gives them back."""
    password = settings.opensearch_password.get_secret_value()
    return AsyncOpenSearch(
        hosts=[settings.opensearch_url],
        http_auth=(settings.opensearch_user, password) if settings.opensearch_user else None,
        serializer=OrjsonSerializer(),
        timeout=settings.deadline_seconds,
        max_retries=1,
        retry_on_timeout=False,
    )


def is_outage(error: TransportError) -> bool:
    """Whether OpenSearch is away (down, overloaded, closed to us, not set up) rather than asked something wrong."""
    status = error.status_code
    return isinstance(error, ConnectionError) or (isinstance(status, int) and (status >= 500 or status in _AWAY))
