"""What a client is told of a video: the HTTP models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from search_api.transcript import Cue
from search_api.videos import MomentPage, Video

_ID = "5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11"


class SpanCounts(BaseModel):
    """The video's time is divided into spans, the units of work."""

    total: int
    done: int
    failed: int


class VideoDetail(BaseModel):
    """What the ledger says of a video."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "video_id": _ID,
                    "bucket": "videos",
                    "key": "speeches/inauguration.mp4",
                    "status": "ready",
                    "reason": None,
                    "revision": 1,
                    "spans": {"total": 1, "done": 1, "failed": 0},
                    "external_id": "speech-1961",
                    "title": "Inaugural address",
                    "description": None,
                    "languages": ["en"],
                    "published_at": "1961-01-20T12:00:00Z",
                    "categories": ["politics"],
                    "attributes": {"year": 1961},
                    "tags": [],
                    "duration_seconds": 11.0,
                    "width": 1280,
                    "height": 720,
                    "has_sound": True,
                    "size": 1048576,
                    "timings": {"decode_seconds": 0.8},
                    "created_at": "2026-11-21T12:00:00.000Z",
                    "updated_at": "2026-11-21T12:00:09.000Z",
                }
            ]
        }
    )

    video_id: str
    bucket: str
    key: str
    status: str = Field(description="indexing, ready, partial (some spans failed) or failed.")
    reason: str | None = Field(description="Why something failed, if anything did.")
    revision: int = Field(description="Counts the contents that this object has had.")
    spans: SpanCounts
    external_id: str | None
    title: str | None
    description: str | None
    languages: list[str] = Field(description="As the publisher and the file say, ISO 639-1.")
    published_at: datetime | None
    categories: list[str]
    attributes: dict[str, Any]
    tags: list[str]
    duration_seconds: float | None
    width: int | None = Field(description="As shown, in pixels; 0 without a picture.")
    height: int | None
    has_sound: bool | None
    size: int = Field(description="Bytes of the file.")
    timings: dict[str, float] = Field(description="What the work took so far, by stage, in seconds.")
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, video: Video) -> VideoDetail:
        """Put a video into words."""
        document, ledger = video.document, video.ledger
        media = document.get("media") or {}
        return cls(
            video_id=ledger.video_id,
            bucket=ledger.bucket,
            key=ledger.key,
            status=ledger.status,
            reason=document.get("reason"),
            revision=ledger.revision,
            spans=SpanCounts(
                total=len(ledger.winners),
                done=sum(winner is not None for winner in ledger.winners),
                failed=document.get("spans_failed") or 0,
            ),
            external_id=ledger.external_id,
            title=ledger.title,
            description=document.get("description"),
            languages=video.languages,
            published_at=document.get("published_at"),
            categories=document.get("categories") or [],
            attributes=document.get("attributes") or {},
            tags=document.get("tags") or [],
            duration_seconds=ledger.duration_seconds,
            width=media.get("width"),
            height=media.get("height"),
            has_sound=media.get("has_sound"),
            size=(document.get("source") or {}).get("size", 0),
            timings=document.get("timings") or {},
            created_at=document.get("created_at"),
            updated_at=document.get("updated_at"),
        )


class MomentDetail(BaseModel):
    """A moment, `[start_seconds, stop_seconds)` in video time."""

    moment_id: str = Field(description="Names it: GET /moments/ID/similar.")
    start_seconds: float
    stop_seconds: float
    speech: str | None = Field(description="What is said, if anything is.")
    speech_source: str | None = Field(
        default=None, description="Where it is from: `recognised`, or the file's own `subtitles`."
    )
    language: str | None
    tags: list[str]
    thumbnail: str | None = Field(description="Key of a picture: GET /thumbnails/KEY.")


class MomentsAnswer(BaseModel):
    """A page of a video's moments, in the order of time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "moments": [
                        {
                            "moment_id": f"{_ID}:1:0:0f3b0a9c110f3b0a:1",
                            "start_seconds": 5.2,
                            "stop_seconds": 10.9,
                            "speech": "ask what you can do for your country",
                            "language": "en",
                            "tags": [],
                            "thumbnail": f"{_ID}/1/0/0f3b0a9c110f3b0a/1.jpg",
                        }
                    ],
                    "next_start_seconds": None,
                }
            ]
        }
    )

    moments: list[MomentDetail]
    next_start_seconds: float | None = Field(description="`start_seconds` of the next page; null after the last.")

    @classmethod
    def of(cls, page: MomentPage) -> MomentsAnswer:
        """Put a page into words."""
        return cls(moments=list(map(_moment, page.moments)), next_start_seconds=page.next_start_seconds)


class WordAnswer(BaseModel):
    """A word that is said in `[start_seconds, stop_seconds)`."""

    text: str
    start_seconds: float
    stop_seconds: float


class CueAnswer(BaseModel):
    """A subtitle."""

    start_seconds: float
    stop_seconds: float
    text: str
    words: list[WordAnswer]

    @classmethod
    def of(cls, cue: Cue) -> CueAnswer:
        """Put a subtitle into words."""
        words = [
            WordAnswer(text=word.text, start_seconds=word.start_seconds, stop_seconds=word.stop_seconds)
            for word in cue.words
        ]
        return cls(start_seconds=cue.start_seconds, stop_seconds=cue.stop_seconds, text=cue.text, words=words)


class TranscriptAnswer(BaseModel):
    """What is said in a video."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "video_id": _ID,
                    "title": "Inaugural address",
                    "languages": ["en"],
                    "complete": True,
                    "cues": [
                        {
                            "start_seconds": 5.2,
                            "stop_seconds": 6.2,
                            "text": "Ask.",
                            "words": [{"text": "Ask.", "start_seconds": 5.2, "stop_seconds": 5.6}],
                        }
                    ],
                }
            ]
        }
    )

    video_id: str
    title: str | None
    languages: list[str]
    complete: bool = Field(description="Whether every span of the video is done.")
    cues: list[CueAnswer]


class UploadAnswer(BaseModel):
    """A video that is stored and will be indexed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "video_id": _ID,
                    "bucket": "videos",
                    "key": "uploads/0b6f6f0e9a7c4a51b8d9a1f7a1c0ffee/talk.mp4",
                    "size": 1048576,
                    "events": f"/videos/{_ID}/events",
                }
            ]
        }
    )

    video_id: str
    bucket: str
    key: str
    size: int = Field(description="Bytes of the file.")
    events: str = Field(description="Where its progress is told.")


class DeletionAnswer(BaseModel):
    """A deletion that the worker has been told of."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"video_id": _ID, "events": f"/videos/{_ID}/events"}]})

    video_id: str
    events: str = Field(description="Where it is told when it is done.")


def _moment(source: Mapping[str, Any]) -> MomentDetail:
    return MomentDetail(
        moment_id=source["moment_id"],
        start_seconds=source["start_seconds"],
        stop_seconds=source["stop_seconds"],
        speech=source.get("speech"),
        speech_source=source.get("speech_source"),
        language=source.get("language"),
        tags=source.get("tags") or [],
        thumbnail=source.get("thumbnail"),
    )
