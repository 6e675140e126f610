"""Puts files into the object store, but only those that are not there already with the same content."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minio import Minio
from minio.error import S3Error

from infra.clients import STORE_ERRORS, reason_of
from infra.errors import KadrError
from stream.events import VideoUploaded, video_id

PART_BYTES = 64 * 1024 * 1024
READ_BYTES = 1024 * 1024
MEDIA_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska", ".mov": "video/quicktime"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the object that it becomes.

    Attributes:
        event: What the publisher says of the video; published before the file is stored.
    """

    path: Path
    bucket: str
    key: str
    event: VideoUploaded | None = None

    def __post_init__(self) -> None:
        if self.event is not None and (self.event.bucket, self.event.key) != (self.bucket, self.key):
            raise ValueError(f"the event is of another object: {self.event.key = }, {self.key = }")

    @property
    def video_id(self) -> str:
        """kadr's name of the video."""
        return video_id(self.bucket, self.key)


def check_files(paths: Iterable[Path]) -> None:
    """Checks that every path is a file that can be read.

    Raises:
        KadrError: One is not.
    """
    for path in paths:
        if not path.exists():
            raise KadrError(f"There is no file {path}.")
        if not path.is_file():
            raise KadrError(f"{path} is not a file.")
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise KadrError(f"{path} cannot be read: {error.strerror}.") from error


def expected_etag(path: Path) -> str:
    """Computes the ETag that S3 gives to a file stored in parts of PART_BYTES.

    One part: its MD5. Several: the MD5 of their MD5s, a hyphen and their number.
    """
    digests = list(_part_digests(path))
    if len(digests) == 1:
        return digests[0].hex()
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def _part_digests(path: Path) -> Iterator[bytes]:
    left = path.stat().st_size
    with path.open("rb") as file:
        while True:
            digest, room = hashlib.md5(usedforsecurity=False), min(PART_BYTES, left)
            left -= room
            while room > 0 and (block := file.read(min(READ_BYTES, room))):
                digest.update(block)
                room -= len(block)
            yield digest.digest()
            if left <= 0:
                return


def is_stored(store: Minio, upload: Upload, etag: str) -> bool:
    """Says whether the object is there with this content.

    Raises:
        KadrError: The object store does not answer or refuses.
    """
    try:
        found = store.stat_object(upload.bucket, upload.key)
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchObject"):
            return False
        raise store_trouble(upload, error) from error
    except STORE_ERRORS as error:
        raise store_trouble(upload, error) from error
    return (found.etag or "").strip('"') == etag and found.size == upload.path.stat().st_size


def put(store: Minio, upload: Upload) -> str:
    """Stores a file; returns its ETag.

    Raises:
        KadrError: The object store does not answer or refuses, or the file cannot be read.
    """
    try:
        with upload.path.open("rb") as file:
            result = store.put_object(
                upload.bucket,
                upload.key,
                file,
                upload.path.stat().st_size,
                content_type=MEDIA_TYPES.get(upload.path.suffix.lower(), "application/octet-stream"),
                part_size=PART_BYTES,
            )
    except STORE_ERRORS as error:
        raise store_trouble(upload, error) from error
    return (result.etag or "").strip('"')


def store_trouble(upload: Upload, error: BaseException) -> KadrError:
    """Says in one sentence why a file could not be stored."""
    if isinstance(error, S3Error):
        if error.code == "NoSuchBucket":
            return KadrError(f"There is no bucket {upload.bucket}: `kadr init` makes those of KADR_BUCKETS.")
        return KadrError(f"The object store refuses {upload.bucket}/{upload.key}: {reason_of(error)}.")
    return KadrError(
        f"The object store does not answer ({reason_of(error)}): start it with `kadr up`, or set KADR_MINIO_URL to "
        "where it runs."
    )


def lacks_metadata(upload: Upload, ledger: Mapping[str, Any] | None) -> bool:
    """Says whether the ledger does not have what the upload's event says."""
    if upload.event is None:
        return False
    said = upload.event.fields()
    return ledger is None or any(ledger.get(name) != value for name, value in said.items() if value)
