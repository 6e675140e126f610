"""The object store: what an object is now, and reads that are pinned to exactly that."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from stream.entry import Source
from stream.errors import SourceChanged, TransientError

_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed"}
_CHANGED = {"PreconditionFailed", *_ABSENT}


class BucketUnavailable(TransientError):
    """The bucket is missing or forbidden: that says nothing of its objects."""


@contextmanager
def _outages(subject: str) -> Iterator[None]:
    try:
        yield
    except (HTTPError, ServerError, InvalidResponseError, OSError) as error:
        raise TransientError(f"the object store does not answer for {subject}: {error}") from error
    except S3Error as error:
        raise TransientError(f"the object store refuses {subject}: {error.code} {error.message}") from error


@dataclass(frozen=True, slots=True)
class PinnedObject:
    """Reads ranges of one object as long as it has the content that `source` names."""

    client: Minio
    bucket: str
    key: str
    source: Source

    @property
    def size(self) -> int:
        return self.source.size

    async def read(self, offset: int, length: int) -> bytes:
        """Reads `[offset, offset + length)`, cut off at the object's end.

        Raises:
            SourceChanged: The object is gone or has other content now.
            TransientError: The store does not answer.
        """
        length = min(length, self.size - offset)
        return await asyncio.to_thread(self._read, offset, length) if length > 0 else b""

    def _read(self, offset: int, length: int) -> bytes:
        subject = f"{self.bucket}/{self.key}"
        with _outages(subject):
            try:
                response = self.client.get_object(
                    self.bucket, self.key, offset, length, request_headers={"If-Match": f'"{self.source.etag}"'}
                )
            except S3Error as error:
                if error.code in _CHANGED:
                    raise SourceChanged(f"{subject} is not what it was: {error.code}") from error
                raise
            try:
                data: bytes = response.read()
            finally:
                response.close()
                response.release_conn()
        if len(data) != length:
            raise TransientError(f"{subject}: {len(data)} bytes came of {length} asked for at {offset}")
        return data


class Store:
    """The buckets that kadr reads, and the one where it keeps thumbnails."""

    def __init__(self, client: Minio, *, thumbnail_bucket: str) -> None:
        self._client = client
        self._thumbnails = thumbnail_bucket

    async def stat(self, bucket: str, key: str) -> Source | None:
        """Says what content an object has now; None if it does not exist.

        Raises:
            BucketUnavailable: The bucket is missing or forbidden, which is no answer.
            TransientError: The store does not answer.
        """
        return await asyncio.to_thread(self._stat, bucket, key)

    def pinned(self, bucket: str, key: str, source: Source) -> PinnedObject:
        """Returns a reader of exactly that content."""
        return PinnedObject(self._client, bucket, key, source)

    async def put_thumbnails(self, thumbnails: dict[str, bytes]) -> None:
        """Stores JPEGs under their keys."""
        await asyncio.to_thread(self._put_thumbnails, thumbnails)

    async def remove_thumbnails(self, keys: list[str]) -> None:
        """Removes thumbnails; those that are gone already do no harm."""
        await asyncio.to_thread(self._remove_thumbnails, keys)

    def _stat(self, bucket: str, key: str) -> Source | None:
        subject = f"{bucket}/{key}"
        with _outages(subject):
            try:
                found = self._client.stat_object(bucket, key)
            except S3Error as error:
                if error.code in _ABSENT and self._client.bucket_exists(bucket):
                    return None
                if error.code in {"NoSuchBucket", "AccessDenied", *_ABSENT}:
                    raise BucketUnavailable(f"the bucket of {subject} is missing or forbidden: {error.code}") from error
                raise
        if found.etag is None or found.size is None or found.last_modified is None:
            raise TransientError(f"the object store did not say what {subject} is")
        modified = found.last_modified.isoformat(timespec="milliseconds")
        return Source(found.etag.strip('"'), found.version_id, modified, found.size)

    def _put_thumbnails(self, thumbnails: dict[str, bytes]) -> None:
        for key, jpeg in thumbnails.items():
            with _outages(f"the thumbnail {key}"):
                self._client.put_object(self._thumbnails, key, io.BytesIO(jpeg), len(jpeg), content_type="image/jpeg")

    def _remove_thumbnails(self, keys: list[str]) -> None:
        for key in keys:
            with _outages(f"the thumbnail {key}"):
                self._client.remove_object(self._thumbnails, key)
