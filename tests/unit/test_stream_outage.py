"""Which failures mean that a whole service is down, and which only that one thing is in trouble."""

from types import SimpleNamespace
from typing import Any

import pytest
from minio.error import S3Error
from opensearchpy.exceptions import ConnectionError as OpenSearchConnectionError
from opensearchpy.exceptions import NotFoundError, TransportError
from urllib3.exceptions import ReadTimeoutError

from encoders.client import EncoderUnavailable
from stream.errors import TransientError
from stream.outage import encoder_outages, outages
from stream.store import BucketUnavailable, Store


class Minio:
    """An object store that fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def _fail(self, *_: object, **__: object) -> Any:
        raise self._error

    stat_object = bucket_exists = _fail


def refusal(status: int, code: str) -> S3Error:
    return S3Error(SimpleNamespace(status=status), code, "no", None, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "dependency"),
    [
        (ReadTimeoutError(None, "/", "too slow"), "object store"),  # type: ignore[arg-type]
        (refusal(503, "SlowDown"), "object store"),
        (refusal(500, "InternalError"), "object store"),
        (refusal(400, "BadDigest"), None),
        (refusal(403, "RequestTimeTooSkewed"), None),
    ],
)
async def test_the_object_store(error: Exception, dependency: str | None) -> None:
    store = Store(Minio(error), thumbnail_bucket="thumbnails")  # type: ignore[arg-type]
    for ask in (store.stat("videos", "a.mp4"), store.ping()):
        with pytest.raises(TransientError) as caught:
            await ask
        assert caught.value.dependency == dependency


async def test_a_forbidden_bucket_parks_its_own_records_only() -> None:
    store = Store(Minio(refusal(403, "AccessDenied")), thumbnail_bucket="thumbnails")  # type: ignore[arg-type]
    with pytest.raises(BucketUnavailable) as caught:
        await store.stat("videos", "a.mp4")
    assert caught.value.dependency is None


@pytest.mark.parametrize(
    "error",
    [
        OpenSearchConnectionError("N/A", "refused", Exception()),
        TransportError(503, "busy"),
        TransportError(429, "busy"),
    ],
)
def test_opensearch(error: Exception) -> None:
    with pytest.raises(TransientError) as caught, outages("the ledger"):
        raise error
    assert caught.value.dependency == "opensearch"


def test_an_answer_of_opensearch_is_no_outage() -> None:
    with pytest.raises(NotFoundError), outages("the ledger"):
        raise NotFoundError(404, "index_not_found_exception")


def test_the_encoder_server() -> None:
    with pytest.raises(TransientError, match="busy") as caught, encoder_outages():
        raise EncoderUnavailable("busy")
    assert caught.value.dependency == "encoder"
