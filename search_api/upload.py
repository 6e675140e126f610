"""An upload on its way into the object store: nothing is held whole, and a failed one leaves nothing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from pydantic import ValidationError

from search_api.form import FILE_FIELD, FileData, FileStart, FormField, FormPiece, FormReader, InvalidForm
from search_api.media_types import HEAD_BYTES, media_type, safe_name, why_no_video
from search_api.object_store import ObjectStore
from search_api.pipe import Pipe, PipeBroken
from search_api.problems import Refusal
from search_api.publishing import Events
from stream.events import Metadata, VideoDeleted, VideoUploaded, video_id

_FORM_BYTES = 1 << 20
_SILENCE_SECONDS = 60.0
_TEXTS = ("title", "description", "external_id", "language", "published_at")
_ATTRIBUTES = 'attributes: write a JSON object, such as {"year": 2026, "studio": "own"}.'
# As far as JSON's readers agree on numbers.
_LARGEST_NUMBER = 2**53
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A video that is stored now, and that the worker has been told of."""

    video_id: str
    bucket: str
    key: str
    size: int


class Uploader:
    """Takes uploads in, a bounded number at once."""

    def __init__(self, store: ObjectStore, events: Events, *, bucket: str, most_bytes: int, at_once: int) -> None:
        self._store = store
        self._events = events
        self._bucket = bucket
        self._most_bytes = most_bytes
        self._at_once = at_once
        self._running = 0

    async def take(self, body: AsyncIterator[bytes], content_type: str | None, content_length: int | None) -> Uploaded:
        """Store the file of a form and tell the worker of it.

        Raises:
            Refusal: the form is wrong, the file too large or no video, or a service does not answer.
        """
        if content_length is not None and content_length > self._most_bytes + _FORM_BYTES:
            raise self._too_large()
        if self._running >= self._at_once:
            detail = f"{self._at_once} uploads are running already. Try again when one is done."
            raise Refusal(503, "too-many-uploads", detail, headers={"Retry-After": "10"})
        self._running += 1
        try:
            return await self._take(body, content_type)
        except InvalidForm as error:
            raise Refusal(422, "invalid-form", str(error)) from error
        finally:
            self._running -= 1

    async def _take(self, body: AsyncIterator[bytes], content_type: str | None) -> Uploaded:
        reader = FormReader(content_type)
        await self._events.connect()
        fields: list[FormField] = []
        transfer: _Transfer | None = None
        try:
            async for piece in _pieces(reader, body):
                match piece:
                    case FormField():
                        fields.append(piece)
                    case FileStart():
                        _check_file_field(piece, first=transfer is None)
                        read_metadata(fields)  # What is wrong with it is better said before the file than after it.
                        transfer = _Transfer(self._store, self._bucket, piece.name, self._most_bytes)
                    case FileData(data) if transfer is not None:
                        if transfer.size + len(data) > self._most_bytes:
                            raise self._too_large()
                        await transfer.write(data)
            if transfer is None:
                raise InvalidForm(f"The form has no file: send the video in the field `{FILE_FIELD}`.")
            await self._complete(transfer, read_metadata(fields))
        finally:
            if transfer is not None:
                await transfer.close()
        return Uploaded(video_id(self._bucket, transfer.key), self._bucket, transfer.key, transfer.size)

    async def _complete(self, transfer: _Transfer, metadata: Metadata) -> None:
        """Publish the event, then let the object appear: the worker's first look knows the metadata."""
        await transfer.start()
        said = VideoUploaded(bucket=self._bucket, key=transfer.key, **metadata.model_dump())
        await self._events.publish(said)
        try:
            await transfer.complete()
        except BaseException:
            await transfer.close()
            with suppress(Refusal):
                await self._store.remove(self._bucket, transfer.key)
            with suppress(Refusal):
                await self._events.publish(VideoDeleted(bucket=self._bucket, key=transfer.key))
            raise

    def _too_large(self) -> Refusal:
        detail = f"A video may have {self._most_bytes // 10**6:,} MB at most (KADR_UPLOAD_LIMIT_MB)."
        return Refusal(413, "too-large", detail)


class _Transfer:
    """One file on its way: its first bytes are looked at, then it goes through a pipe into the store."""

    def __init__(self, store: ObjectStore, bucket: str, name: str, most_bytes: int) -> None:
        self._store = store
        self._bucket = bucket
        self._name = safe_name(name)
        self._most_bytes = most_bytes
        self._head = bytearray()
        self._pipe = Pipe()
        self._storing: asyncio.Task[None] | None = None
        self.key = f"uploads/{uuid.uuid4().hex}/{self._name}"
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Send the next bytes on their way."""
        self.size += len(data)
        if self._storing is None:
            self._head += data
            if len(self._head) >= HEAD_BYTES:
                await self.start()
        else:
            await self._send(data)

    async def start(self) -> None:
        """Look at the first bytes, and start to store the file.

        Raises:
            Refusal: it is no video.
        """
        if self._storing is not None:
            return
        if (why := why_no_video(self._name, bytes(self._head[:HEAD_BYTES]))) is not None:
            raise Refusal(415, "no-video", why)
        self._storing = asyncio.create_task(self._store_all())
        await self._send(bytes(self._head))

    async def complete(self) -> None:
        """Wait until the object is there."""
        assert self._storing is not None, "start() comes first"
        self._pipe.finish()
        await asyncio.shield(self._storing)

    async def close(self) -> None:
        """End whatever still runs; what was not completed leaves no object."""
        if self._storing is not None and not self._storing.done():
            self._pipe.break_off()
            # The thread takes a moment to give back what it stored; a client that went away does not hurry it.
            await asyncio.wait([self._storing])
        if self._storing is not None and not self._storing.cancelled() and (error := self._storing.exception()):
            _log.info("upload not stored", key=self.key, error=repr(error))

    async def _store_all(self) -> None:
        try:
            await self._store.write(
                self._bucket, self.key, self._pipe, media_type=media_type(self._name), most_bytes=self._most_bytes
            )
        finally:
            self._pipe.break_off()

    async def _send(self, data: bytes) -> None:
        assert self._storing is not None
        try:
            await self._pipe.write(data)
        except PipeBroken:
            await asyncio.shield(self._storing)  # Says what is wrong.
            raise


def read_metadata(fields: list[FormField]) -> Metadata:
    """Read what the publisher says of the video; empty fields say nothing.

    Raises:
        InvalidForm: a field is unknown, comes twice or holds something wrong.
    """
    said: dict[str, Any] = {}
    categories: list[str] = []
    for field in fields:
        if field.name == FILE_FIELD:
            raise InvalidForm(f"The field `{FILE_FIELD}` must be a file, not a text.")
        if field.name not in (*_TEXTS, "categories", "attributes"):
            known = ", ".join((FILE_FIELD, *_TEXTS, "categories", "attributes"))
            raise InvalidForm(f"There is no field {field.name[:100]!r}; there are {known}.")
        value = field.value.strip()
        if not value:
            continue
        if field.name == "categories":
            categories.append(value)
        elif field.name in said:
            raise InvalidForm(f"The field {field.name} comes twice.")
        else:
            said[field.name] = _attributes(value) if field.name == "attributes" else value
    try:
        return Metadata.model_validate({**said, "categories": categories})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InvalidForm(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from error


def _attributes(value: str) -> Mapping[str, Any]:
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidForm(_ATTRIBUTES) from error
    if not isinstance(read, dict):
        raise InvalidForm(_ATTRIBUTES)
    if any(isinstance(number, int | float) and abs(number) > _LARGEST_NUMBER for number in read.values()):
        raise InvalidForm("attributes: a number is too large.")
    return read


def _check_file_field(piece: FileStart, *, first: bool) -> None:
    if not first:
        raise InvalidForm("The form has more than one file; send each video by itself.")
    if piece.field != FILE_FIELD:
        raise InvalidForm(f"The video belongs into the field `{FILE_FIELD}`, not into {piece.field[:100]!r}.")


async def _pieces(reader: FormReader, body: AsyncIterator[bytes]) -> AsyncIterator[FormPiece]:
    """Read a form to its end; a client that falls silent is not waited for."""
    while True:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                data = await anext(body, None)
        except TimeoutError as error:
            detail = f"Nothing came for {_SILENCE_SECONDS:.0f} s. Send the video again."
            raise Refusal(408, "upload-silent", detail) from error
        if data is None:
            break
        for piece in reader.feed(data):
            yield piece
    reader.finish()
