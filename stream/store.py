"""The object store: what an object is now, and reads that are pinned to exactly that."""

import asyncio
import io
from collections.abc import AsyncGenerator, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from minio import Minio
from minio.datatypes import Object
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from stream.entry import Source
from stream.errors import SourceChanged, TransientError

_ABSENT = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed"}
_PAGE = 1000
_CHANGED = {"PreconditionFailed", *_ABSENT}
_DOWN = {429, 500, 502, 503, 504}


class BucketUnavailable(TransientError):
    """The bucket is missing or forbidden: that says nothing of its objects."""


@contextmanager
def _outages(subject: str) -> Iterator[None]:
    try:
        yield
    except (HTTPError, ServerError, InvalidResponseError, OSError) as error:
        raise TransientError(
            f"the object store does not answer for {subject}: {error}", dependency="object store"
        ) from error
    except S3Error as error:
        raise TransientError(
            f"the object store refuses {subject}: {error.code} {error.message}",
            dependency="object store" if error.response.status in _DOWN else None,
        ) from error


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

    @property
    def identity(self) -> Hashable:
        """What tells this content from any other."""
        return self.bucket, self.key, self.source.etag, self.source.size

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

    async def objects(self, bucket: str) -> AsyncGenerator[tuple[str, Source]]:
        """Lists a bucket by key in the order of UTF-8 bytes, with what `stat` says; holds one page.

        Raises:
            BucketUnavailable: The bucket is missing or forbidden.
            TransientError: The store does not answer.
        """
        listing = self._client.list_objects(bucket, recursive=True)
        while page := await asyncio.to_thread(self._page, bucket, listing):
            for found in page:
                yield str(found.object_name), _source(f"{bucket}/{found.object_name}", found)

    def pinned(self, bucket: str, key: str, source: Source) -> PinnedObject:
        """Returns a reader of exactly that content."""
        return PinnedObject(self._client, bucket, key, source)

    async def put_thumbnails(self, thumbnails: dict[str, bytes]) -> None:
        """Stores JPEGs under their keys."""
        await asyncio.to_thread(self._put_thumbnails, thumbnails)

    async def thumbnails(self, video_id: str) -> list[str]:
        """Lists the keys of all thumbnails of a video."""
        return await asyncio.to_thread(self._list_thumbnails, f"{video_id}/")

    async def remove_thumbnails(self, keys: list[str]) -> None:
        """Removes thumbnails; those that are gone already do no harm."""
        await asyncio.to_thread(self._remove_thumbnails, keys)

    async def ping(self) -> None:
        """Asks for a sign of life.

        Raises:
            TransientError: The store does not answer, or is in trouble; `dependency` is None for a mere refusal.
        """
        with _outages("a sign of life"):
            await asyncio.to_thread(self._client.bucket_exists, self._thumbnails)

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
        return _source(subject, found)

    def _page(self, bucket: str, listing: Iterator[Object]) -> list[Object]:
        with _outages(bucket):
            try:
                return list(islice(listing, _PAGE))
            except S3Error as error:
                if error.code in {"NoSuchBucket", "AccessDenied"}:
                    raise BucketUnavailable(f"the bucket {bucket} is missing or forbidden: {error.code}") from error
                raise

    def _put_thumbnails(self, thumbnails: dict[str, bytes]) -> None:
        for key, jpeg in thumbnails.items():
            with _outages(f"the thumbnail {key}"):
                self._client.put_object(self._thumbnails, key, io.BytesIO(jpeg), len(jpeg), content_type="image/jpeg")

    def _list_thumbnails(self, prefix: str) -> list[str]:
        with _outages(f"the thumbnails {prefix}"):
            return [str(f.object_name) for f in self._client.list_objects(self._thumbnails, prefix, recursive=True)]

    def _remove_thumbnails(self, keys: list[str]) -> None:
        for key in keys:
            with _outages(f"the thumbnail {key}"):
                self._client.remove_object(self._thumbnails, key)


def _source(subject: str, found: Object) -> Source:
    """Says what content an object has. Listings know milliseconds of its time, `stat` does not: they are left out."""
    if found.etag is None or found.size is None or found.last_modified is None:
        raise TransientError(f"the object store did not say what {subject} is")
    modified = found.last_modified.replace(microsecond=0).isoformat(timespec="milliseconds")
    return Source(found.etag.strip('"'), found.version_id, modified, found.size)
