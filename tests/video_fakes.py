"""Stand-ins for what the routes about videos ask: a ledger, an object store and a publisher."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, BinaryIO, cast

import httpx
from fastapi import FastAPI
from minio import Minio
from minio.error import S3Error
from opensearchpy import AsyncOpenSearch

from search_api.app import create_app
from search_api.problems import Refusal
from search_api.publishing import Events
from search_api.settings import SearchSettings
from search_api.video_services import VideoServices
from stream.events import OwnEvent

ETAG = "d41d8cd98f00b204e9800998ecf8427e"
NOWHERE = "http://127.0.0.1:9"


def ledger_document(video_id: str = "v1", size: int = 1000, **changes: Any) -> dict[str, Any]:
    """A ready video of two spans."""
    return {
        "video_id": video_id,
        "bucket": "videos",
        "key": "dir/Мой фильм.mp4",
        "status": "ready",
        "revision": 2,
        "spans": [{"state": "d", "run": "one"}, {"state": "d", "run": "two"}],
        "spans_total": 2,
        "spans_done": 2,
        "spans_failed": 0,
        "title": "Мой фильм",
        "language": "ru",
        "duration_seconds": 100.0,
        "media": {"container": "mov,mp4,m4a,3gp,3g2,mj2", "width": 320, "height": 180, "language": "en"},
        "source": {"etag": ETAG, "version_id": None, "last_modified": "2026-11-21T12:00:00.000+00:00", "size": size},
        "created_at": "2026-11-21T12:00:00.000+00:00",
        **changes,
    }


def moment(start: float, text: str = "", *, run: str = "one", span: int = 0, **changes: Any) -> dict[str, Any]:
    """A moment of 5 s of the current revision."""
    spoken = {"speech": text} if text else {}
    claim = {"video_id": "v1", "revision": 2, "span": span, "run": run}
    return {**claim, "start_seconds": start, "stop_seconds": start + 5.0, **spoken, **changes}


class Engine:
    """Answers as OpenSearch does what the routes about videos ask of it."""

    def __init__(self) -> None:
        self.videos: dict[str, dict[str, Any]] = {}
        self.moments: list[dict[str, Any]] = []
        self.reads = 0

    async def mget(self, *, body: dict[str, Any], index: str, **options: Any) -> dict[str, Any]:
        self.reads += 1
        return {
            "docs": [
                {"_id": name, "found": name in self.videos, "_source": self.videos.get(name)} for name in body["ids"]
            ]
        }

    async def search(self, *, index: str, body: dict[str, Any]) -> dict[str, Any]:
        """Filters by start and sorts; what the ledger vouches for is left to the caller."""
        start = body["query"]["bool"]["filter"][3]["range"]["start_seconds"]["gte"]
        found = sorted((m for m in self.moments if m["start_seconds"] >= start), key=lambda m: m["start_seconds"])
        hits = [{"_id": f"m{moment['start_seconds']:g}", "_source": moment} for moment in found[: body["size"]]]
        return {"hits": {"hits": hits}}

    async def close(self) -> None:
        """Nothing to close."""


class _Bytes(io.BytesIO):
    def release_conn(self) -> None:
        """Nothing to release."""


class Bucket:
    """An object store in memory; `broken` makes it refuse uploads, after they came."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.media_types: dict[str, str] = {}
        self.etag = ETAG
        self.broken = False
        self.largest_part = 0
        self.ranges: list[tuple[int, int]] = []

    def get_object(
        self, bucket: str, key: str, offset: int = 0, length: int = 0, request_headers: dict[str, str] | None = None
    ) -> _Bytes:
        if key not in self.objects:
            raise _s3_error("NoSuchKey")
        if request_headers and request_headers["If-Match"] != f'"{self.etag}"':
            raise _s3_error("PreconditionFailed")
        self.ranges.append((offset, length))
        return _Bytes(self.objects[key][offset : offset + length] if length else self.objects[key])

    def put_object(
        self, bucket: str, key: str, data: BinaryIO, length: int, content_type: str, part_size: int, **_: Any
    ) -> None:
        parts = []
        while part := data.read(part_size):
            parts.append(part)
            self.largest_part = max(self.largest_part, len(part))
        if self.broken:
            raise _s3_error("SlowDown")
        self.objects[key] = b"".join(parts)
        self.media_types[key] = content_type

    def remove_object(self, bucket: str, key: str) -> None:
        self.objects.pop(key, None)


class Said(Events):
    """Remembers what was published; `down` refuses it."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:9", topic="uploads")
        self.events: list[OwnEvent] = []
        self.down = False

    async def connect(self) -> None:
        if self.down:
            raise Refusal(503, "events-unavailable", "Kafka is down")

    async def publish(self, event: OwnEvent) -> None:
        await self.connect()
        self.events.append(event)


class VideoWorld:
    """The API with stand-ins behind it."""

    def __init__(self, **settings: Any) -> None:
        self.engine = Engine()
        self.bucket = Bucket()
        self.said = Said()
        self.settings = SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE, **settings)
        self.services = VideoServices(cast(AsyncOpenSearch, self.engine), cast(Minio, self.bucket), self.settings)
        self.services.events = self.said
        self.services.uploader._events = self.said

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        app = _app()
        app.state.videos = self.services
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kadr") as client:
            yield client


@cache
def _app() -> FastAPI:
    return create_app(SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE))


def _s3_error(code: str) -> S3Error:
    return S3Error(cast(Any, None), code, code, "key", None, None)
