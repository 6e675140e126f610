"""`GET /videos/{id}/stream` and `GET /thumbnails/{key}`: the bytes, pinned to what the ledger vouches for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from search_api.media_types import media_type
from search_api.object_store import Content, ObjectStore
from search_api.played_stream import headers_of, played, plays_as_it_is
from search_api.problems import Refusal, described_problems
from search_api.ranges import ByteRange, Unsatisfiable, is_known, range_applies, wanted_range
from search_api.show import Claim, shows_moment
from search_api.video_routes import PROBLEMS, inline
from search_api.video_services import VideoId, VideoServices, VideosNow
from search_api.videos import Video

FIRST_BLOCK_BYTES, BLOCK_BYTES = 256 << 10, 1 << 20
_THUMBNAIL = re.compile(r"([A-Za-z0-9_-]{1,64})/(\d{1,9})/(\d{1,9})/([A-Za-z0-9_-]{1,64})/\d{1,9}\.jpg", re.ASCII)
_ANY_BYTES: dict[str, Any] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_STREAM_RESPONSES: dict[int | str, dict[str, Any]] = {
    **PROBLEMS,
    200: {"description": "All bytes.", "content": _ANY_BYTES},
    206: {"description": "The bytes of the range.", "content": _ANY_BYTES},
    304: {"description": "The client has this content already."},
    **described_problems(
        {
            409: "The file was replaced since it was indexed.",
            416: "No byte lies in the range that was asked for, or nothing is played from `start` on.",
        }
    ),
}
RangeHeader = Annotated[str | None, Header(examples=["bytes=0-1023"])]
TagHeader = Annotated[str | None, Header()]
Start = Annotated[
    float,
    Query(
        ge=0,
        le=1e6,
        allow_inf_nan=False,
        description="From which second a converted video is played; one that is sent as it is is sought in by ranges.",
    ),
]
Original = Annotated[bool, Query(description="Send the file as it is, whether browsers play it or not.")]
router = APIRouter(tags=["videos"])


@router.get("/videos/{video_id}/stream", response_class=StreamingResponse, responses=_STREAM_RESPONSES)
async def stream_video(
    video_id: VideoId,
    videos: VideosNow,
    range: RangeHeader = None,
    if_range: TagHeader = None,
    if_none_match: TagHeader = None,
    start: Start = 0.0,
    original: Original = False,
) -> Response:
    """The video for players, and only the content that was indexed.

    A file that browsers play is sent as it is, whole or a range of it. Any other is converted on the way, to fragmented
    MP4 without ranges that begins at `start`; `Kadr-Start-Seconds` says where exactly.
    """
    video = await videos.ledger.find(video_id)
    if not original and not await plays_as_it_is(video, videos.store, videos.playability):
        return await played(videos.player, video, videos.store, start)
    prepared = prepare(video, range, if_range, if_none_match)
    if prepared.body is None:
        return Response(status_code=prepared.status, headers=prepared.headers)
    blocks = blocks_of(videos.store, video.content, prepared.body)
    # What can go wrong goes wrong before the answer starts: then it can still say so.
    first = await anext(blocks)
    return StreamingResponse(_with_first(first, blocks), status_code=prepared.status, headers=prepared.headers)


@router.head("/videos/{video_id}/stream", responses=_STREAM_RESPONSES)
async def stream_video_head(
    video_id: VideoId,
    videos: VideosNow,
    range: RangeHeader = None,
    if_range: TagHeader = None,
    if_none_match: TagHeader = None,
    original: Original = False,
) -> Response:
    """The same without the bytes; `Kadr-Playback: converted` says that the file is not sent as it is."""
    video = await videos.ledger.find(video_id)
    if not original and not await plays_as_it_is(video, videos.store, videos.playability):
        return Response(headers=headers_of(video))
    prepared = prepare(video, range, if_range, if_none_match)
    return Response(status_code=prepared.status, headers=prepared.headers)


@router.get(
    "/thumbnails/{key:path}",
    response_class=Response,
    responses={
        200: {"description": "The picture.", "content": {"image/jpeg": {}}},
        304: {"description": "The client has it already."},
        **described_problems({404: "No moment that is shown has this picture.", 503: "A service does not answer."}),
    },
)
async def thumbnail(
    key: Annotated[str, Path(description="As searches and moments name it.")],
    videos: VideosNow,
    if_none_match: TagHeader = None,
) -> Response:
    """A picture of a moment, as long as the moment is shown. A key's picture never changes."""
    claim = read_thumbnail_key(key)
    if claim is None or not await _shows(videos, claim):
        raise _no_thumbnail()
    headers = {"Cache-Control": "private, max-age=3600", "ETag": f'"{claim.run}"'}
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    picture = await videos.store.read_whole(videos.settings.thumbnail_bucket, key)
    if picture is None:
        raise _no_thumbnail()
    return Response(picture, media_type="image/jpeg", headers=headers)


class Prepared:
    """The start of an answer; `body` is None where it has none."""

    def __init__(self, status: int, headers: dict[str, str], body: ByteRange | None) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def prepare(video: Video, range_header: str | None, if_range: str | None, if_none_match: str | None) -> Prepared:
    """Decide what is sent of a video's file.

    Raises:
        Refusal: no byte lies in the range.
    """
    content = video.content
    etag = f'"{content.etag}"'
    stored = datetime.fromisoformat(video.document["source"]["last_modified"]).astimezone(UTC)
    modified = format_datetime(stored, usegmt=True)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": modified,
        "Cache-Control": "private, no-cache",
    }
    if is_known(if_none_match, etag):
        return Prepared(304, headers, None)
    headers["Content-Type"] = media_type(content.key, video.container)
    headers["Content-Disposition"] = inline(content.key)
    if not range_applies(if_range, etag=etag, last_modified=modified):
        range_header = None
    try:
        wanted = wanted_range(range_header, content.size)
    except Unsatisfiable as error:
        raise Refusal(
            416,
            "range",
            f"The file has {content.size} bytes; none of them lies in that range.",
            headers={"Content-Range": f"bytes */{content.size}"},
        ) from error
    headers["Content-Length"] = str(wanted.length if wanted else content.size)
    if wanted is None:
        return Prepared(200, headers, ByteRange(0, content.size) if content.size else None)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{content.size}"
    return Prepared(206, headers, wanted)


async def blocks_of(store: ObjectStore, content: Content, wanted: ByteRange) -> AsyncIterator[bytes]:
    """Read a range block by block: each is pinned to the content, and nothing stays open while the client waits."""
    start, block = wanted.start, FIRST_BLOCK_BYTES
    while start < wanted.stop:
        length = min(block, wanted.stop - start)
        yield await store.read(content, start, length)
        start, block = start + length, BLOCK_BYTES


def read_thumbnail_key(key: str) -> Claim | None:
    """Read which moment a thumbnail shows; None if the key is no thumbnail's."""
    matched = _THUMBNAIL.fullmatch(key)
    if matched is None:
        return None
    video_id, revision, span, run = matched.groups()
    return Claim(video_id, int(revision), int(span), run)


async def _shows(videos: VideoServices, claim: Claim) -> bool:
    try:
        video = await videos.ledger.find(claim.video_id)
    except Refusal:
        return False
    return shows_moment({claim.video_id: video.ledger}, claim)


async def _with_first(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in others:
        yield block


def _no_thumbnail() -> Refusal:
    return Refusal(404, "unknown-thumbnail", "No moment that is shown has this picture.")
