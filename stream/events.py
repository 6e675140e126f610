"""Events on `kadr.uploads`: what publishers and object stores say, read into looks.

Every event means the same thing: look at this object. Its own fields are only metadata and a wish to withdraw.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote_plus

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from stream import cloud_events
from stream.errors import InvalidEvent

NO_HEADERS: Mapping[str, bytes] = MappingProxyType({})

Bucket = Annotated[str, StringConstraints(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=256)]


def video_id(bucket: str, key: str) -> str:
    """Names the video of an object: 32 hexadecimal digits, the same for ever."""
    return hashlib.blake2b(f"{bucket}/{key}".encode(), digest_size=16).hexdigest()


class Metadata(BaseModel):
    """What a publisher says of a video; the latest event replaces it whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_id: Label | None = Field(None, description="The publisher's own name of the video.")
    title: str | None = Field(None, max_length=1000)
    description: str | None = Field(None, max_length=20_000)
    language: Language | None = Field(None, description="Spoken language, ISO 639-1.")
    published_at: datetime | None = Field(None, description="RFC 3339.")
    categories: tuple[Label, ...] = Field((), max_length=100)
    attributes: dict[Label, str | int | float] = Field(default_factory=dict, max_length=100)

    def fields(self) -> dict[str, Any]:
        """Returns the metadata as the ledger's fields (JSON values)."""
        named: dict[str, Any] = self.model_dump(mode="json", include=set(Metadata.model_fields))
        return named


class VideoUploaded(Metadata):
    """An object was stored, with its metadata. Lifts a withdrawal."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="video.uploaded")

    type: Literal["video.uploaded"] = "video.uploaded"
    bucket: Bucket
    key: Key


class VideoDeleted(BaseModel):
    """The publisher withdraws a video; the object itself may stay in the bucket."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="video.deleted")

    type: Literal["video.deleted"] = "video.deleted"
    bucket: Bucket
    key: Key


class VideoLook(BaseModel):
    """Asks for one more look at an object. Carries no metadata and lifts no withdrawal."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="video.look")

    type: Literal["video.look"] = "video.look"
    bucket: Bucket
    key: Key
    resend: Literal["revision"] | None = Field(None, description="Send the unfinished spans of the revision again.")


OwnEvent = VideoUploaded | VideoDeleted | VideoLook
_OWN: TypeAdapter[OwnEvent] = TypeAdapter(Annotated[OwnEvent, Field(discriminator="type")])


class _S3Bucket(BaseModel):
    name: Bucket


class _S3Object(BaseModel):
    key: Key


class _S3Entity(BaseModel):
    bucket: _S3Bucket
    object: _S3Object


class _S3Record(BaseModel):
    s3: _S3Entity


class S3Notification(BaseModel):
    """A bucket notification of MinIO, AWS or Ceph; keys are form-quoted."""

    records: list[_S3Record] = Field(alias="Records", min_length=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One object to look at, and what the event said of it.

    Attributes:
        metadata: Set exactly when the event was `video.uploaded`.
        withdraw: True exactly when the event was `video.deleted`.
    """

    bucket: str
    key: str
    metadata: Metadata | None = None
    withdraw: bool = False
    resend: bool = False

    @property
    def video_id(self) -> str:
        return video_id(self.bucket, self.key)

    @classmethod
    def of(cls, event: OwnEvent) -> Self:
        match event:
            case VideoUploaded():
                said = Metadata.model_validate(event.model_dump(include=set(Metadata.model_fields)))
                return cls(event.bucket, event.key, metadata=said)
            case VideoDeleted():
                return cls(event.bucket, event.key, withdraw=True)
            case VideoLook():
                return cls(event.bucket, event.key, resend=event.resend is not None)


def parse_event(value: bytes | None, headers: Mapping[str, bytes] = NO_HEADERS) -> tuple[Look, ...]:
    """Reads a record of `kadr.uploads`: an own event, a CloudEvent around one, or a bucket notification.

    Raises:
        InvalidEvent: The record is none of the known shapes; says what is wrong with it.
    """
    body = _parse_object(value)
    wrapped = cloud_events.own_event(body, headers)
    try:
        if wrapped is not None:
            return (Look.of(_OWN.validate_python(wrapped)),)
        if "Records" in body:
            return _s3_looks(S3Notification.model_validate(body))
        if "type" in body:
            return (Look.of(_OWN.validate_python(body)),)
    except ValidationError as error:
        raise InvalidEvent("invalid_event", _first_complaint(error)) from error
    raise InvalidEvent("unknown_shape", "the event has neither a `type` nor `Records`")


def event_key(event: OwnEvent) -> bytes:
    """Returns the Kafka key of an event: one object's events stay in order."""
    return f"{event.bucket}/{event.key}".encode()


def event_value(event: OwnEvent) -> bytes:
    """Returns an event as it travels: JSON without empty fields."""
    return orjson.dumps(event.model_dump(mode="json", exclude_defaults=True) | {"type": event.type})


def _parse_object(value: bytes | None) -> dict[str, Any]:
    if not value:
        raise InvalidEvent("empty", "the record has no value")
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidEvent("not_json", f"the record is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidEvent("not_an_object", f"the record is JSON, but not an object: {type(body).__name__}")
    return body


def _s3_looks(notification: S3Notification) -> tuple[Look, ...]:
    return tuple(Look(r.s3.bucket.name, unquote_plus(r.s3.object.key)) for r in notification.records)


def _first_complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "event"
    return f"{where}: {first['msg']}"
