"""`GET /videos/{id}/events`: a video's progress as server-sent events (https://html.spec.whatwg.org/#server-sent-events)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from search_api.problems import described_problems
from search_api.progress import Progress, ProgressBoard
from search_api.video_services import VideoId, VideosNow

DEADLINE_SECONDS = 30 * 60.0
SILENCE_SECONDS = 15.0
_EXAMPLE = (
    "id: 1-planned-0-0\nevent: progress\n"
    'data: {"video_id":"5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11","stage":"planned","revision":1,"spans_total":2,'
    '"spans_done":0,"spans_failed":0,"reason":null,"final":false}\n\n'
    "id: 1-ready-2-0\nevent: final\n"
    'data: {"video_id":"5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11","stage":"ready","revision":1,"spans_total":2,'
    '"spans_done":2,"spans_failed":0,"reason":null,"final":true}\n\n'
)
router = APIRouter(tags=["videos"])


@router.get(
    "/videos/{video_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"description": "The events.", "content": {"text/event-stream": {"example": _EXAMPLE}}},
        204: {"description": "The client saw the final state already; it need not come back."},
        **described_problems({422: "The id is wrong.", 503: "Too many clients watch, or OpenSearch does not answer."}),
    },
)
async def video_events(
    video_id: VideoId, videos: VideosNow, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Follow a video: `progress` events while it is waiting, planned or indexing, one `final` event at the end.

    `stage` is `waiting` (the worker has not looked at the file yet; also for an id that nobody uploads), `planned`
    (divided into `spans_total` spans), `indexing`, and in the end `ready`, `partial`, `failed` or `deleted`. The
    stream ends after the final event, or after 30 minutes; a client that comes back with the final event's id as
    `Last-Event-ID`, as browsers do, is answered 204 and stays away.
    """
    now = await videos.board.now(video_id)
    if now.final and last_event_id == now.name:
        return Response(status_code=204)
    events = event_stream(videos.board, video_id, now)
    # The first event takes a watcher's place, or is refused one while the answer can still say so.
    first = await anext(events)
    return StreamingResponse(
        _with_first(first, events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def event_stream(
    board: ProgressBoard,
    video_id: str,
    now: Progress,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    silence_seconds: float = SILENCE_SECONDS,
) -> AsyncIterator[bytes]:
    """Write events as they travel; a comment after each silence keeps the connection open."""
    async for news in board.watch(video_id, now, deadline_seconds=deadline_seconds, silence_seconds=silence_seconds):
        yield b": still here\n\n" if news is None else written(video_id, news)


async def _with_first(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for event in others:
        yield event


def written(video_id: str, progress: Progress) -> bytes:
    """One event as it travels; JSON has no line breaks, so nothing in it can end the event."""
    data = {
        "video_id": video_id,
        "stage": progress.stage,
        "revision": progress.revision,
        "spans_total": progress.spans_total,
        "spans_done": progress.spans_done,
        "spans_failed": progress.spans_failed,
        "reason": progress.reason,
        "final": progress.final,
    }
    kind = "final" if progress.final else "progress"
    return f"id: {progress.name}\nevent: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
