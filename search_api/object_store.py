"""The object store: reads that are pinned to one content, thumbnails, and uploads of unknown length."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeVar, cast
from urllib.parse import urlsplit

import structlog
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from search_api.problems import Refusal
from search_api.settings import SearchSettings

_PART_BYTES = 8 << 20
_MOST_PARTS = 10_000
_READERS = 8
_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed"}
_CHANGED = {"PreconditionFailed", "InvalidRange", *_ABSENT}
_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where the bytes of an upload come from; called in a thread."""

    def read(self, size: int = -1, /) -> bytes:
        """Wait for `size` bytes; fewer are the last ones."""


@dataclass(frozen=True, slots=True)
class Content:
    """One content of an object, as the ledger knows it."""

    bucket: str
    key: str
    etag: str
    size: int


def connect_store(settings: SearchSettings) -> Minio:
    """Make a client of the object store; it opens connections when it needs them."""
    address = urlsplit(settings.minio_url)
    return Minio(
        address.netloc,
        access_key=settings.minio_access_key,
        secret_key=settings.minio_secret_key.get_secret_value(),
        secure=address.scheme == "https",
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3.0, read=20.0),
            retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            maxsize=_READERS + settings.concurrent_uploads,
        ),
    )


class ObjectStore:
    """Reads and writes objects in threads of its own, so that uploads keep no reader waiting."""

    def __init__(self, client: Minio, *, uploads: int) -> None:
        self._client = client
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._writers = ThreadPoolExecutor(uploads, thread_name_prefix="store-write")

    async def read(self, content: Content, offset: int, length: int) -> bytes:
        """Read `[offset, offset + length)` of exactly that content.

        Raises:
            Refusal: the object is gone or has other content now, or the store does not answer.
        """
        return await self._run(self._readers, lambda: self._read(content, offset, length))

    async def read_whole(self, bucket: str, key: str) -> bytes | None:
        """Read a small object; None if there is none.

        Raises:
            Refusal: the store does not answer.
        """
        return await self._run(self._readers, lambda: self._read_whole(bucket, key))

    async def write(self, bucket: str, key: str, source: Source, *, media_type: str, most_bytes: int) -> None:
        """Store an object from a source; if that raises, nothing is stored. Holds a few parts in memory.

        Raises:
            Refusal: the store does not answer or refuses.
            Exception: what the source raised.
        """
        part_bytes = max(_PART_BYTES, -(-most_bytes // (_MOST_PARTS - 1)))
        await self._run(self._writers, lambda: self._write(bucket, key, source, media_type, part_bytes))

    async def remove(self, bucket: str, key: str) -> None:
        """Remove an object, if it is there.

        Raises:
            Refusal: the store does not answer or refuses.
        """
        await self._run(self._readers, lambda: self._remove(bucket, key))

    def close(self) -> None:
        """End the threads when their work is done."""
        self._readers.shutdown(wait=False)
        self._writers.shutdown(wait=False)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _read(self, content: Content, offset: int, length: int) -> bytes:
        headers: dict[str, str | list[str] | tuple[str]] = {"If-Match": f'"{content.etag}"'}
        with _outages():
            try:
                answer = self._client.get_object(content.bucket, content.key, offset, length, request_headers=headers)
            except S3Error as error:
                if error.code in _CHANGED:
                    raise _changed() from error
                raise
            try:
                data = answer.read()
            finally:
                answer.close()
                answer.release_conn()
        if len(data) != length:
            raise _away(f"{len(data)} bytes came of {length}")
        return data

    def _read_whole(self, bucket: str, key: str) -> bytes | None:
        with _outages():
            try:
                answer = self._client.get_object(bucket, key)
            except S3Error as error:
                if error.code in _ABSENT:
                    return None
                raise
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()

    def _write(self, bucket: str, key: str, source: Source, media_type: str, part_bytes: int) -> None:
        with _outages():
            self._client.put_object(
                bucket,
                key,
                cast(BinaryIO, source),
                -1,
                content_type=media_type,
                part_size=part_bytes,
                num_parallel_uploads=1,
            )

    def _remove(self, bucket: str, key: str) -> None:
        with _outages():
            self._client.remove_object(bucket, key)


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        raise _away(f"{error.code}: {error.message}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _away(repr(error)) from error


def _changed() -> Refusal:
    return Refusal(
        409,
        "content-changed",
        "The file was replaced or removed since kadr looked at it. It will be looked at again; try in a minute.",
    )


def _away(reason: str) -> Refusal:
    _log.warning("object store", reason=reason)
    return Refusal(
        503,
        "store-unavailable",
        "The object store does not answer or refuses; kadr's log says why. Try again.",
        headers={"Retry-After": "5"},
    )
