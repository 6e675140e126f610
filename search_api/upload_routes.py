"""`POST /videos`: a video comes in with what its publisher says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.requests import ClientDisconnect

from search_api.form import form_with_file
from search_api.problems import Refusal, described_problems
from search_api.video_answer import UploadAnswer
from search_api.video_services import VideosNow

_DRAINED_BYTES, _DRAINED_SECONDS = 32 << 20, 3.0
_FORM = form_with_file(
    "The video.",
    {
        "title": {"type": "string", "maxLength": 1000},
        "description": {"type": "string", "maxLength": 20_000},
        "external_id": {"type": "string", "description": "Your own name of the video."},
        "language": {"type": "string", "description": "Spoken language, ISO 639-1."},
        "published_at": {"type": "string", "format": "date-time"},
        "categories": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The field once for each category.",
        },
        "attributes": {"type": "string", "description": "A JSON object of texts and numbers."},
    },
    example={"title": "A talk", "language": "en", "attributes": '{"year": 2026}'},
)
router = APIRouter(tags=["videos"])


@router.post(
    "/videos",
    status_code=202,
    openapi_extra=_FORM,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "The video."}}},
        **described_problems(
            {
                403: "Another site's page sent this.",
                408: "The upload fell silent.",
                413: "The video is too large.",
                415: "The file is no video or sound.",
                422: "The form is wrong; `detail` says what.",
                503: "Too many uploads run, or a service does not answer.",
            }
        ),
    },
)
async def upload_video(
    request: Request,
    response: Response,
    videos: VideosNow,
    sec_fetch_site: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> UploadAnswer:
    """Store a video and have it indexed; `events` tells how far that is. A failed upload leaves nothing."""
    if sec_fetch_site == "cross-site":
        raise Refusal(403, "cross-site", "Videos are taken from this site's own pages and from programs only.")
    body = request.stream()
    length = request.headers.get("content-length", "")
    try:
        stored = await videos.uploader.take(
            body, request.headers.get("content-type"), int(length) if length.isdecimal() else None
        )
    except Refusal:
        await _drain(body)
        raise
    except ClientDisconnect as error:
        raise Refusal(400, "cut-off", "The upload was cut off.") from error
    response.headers["Location"] = f"/videos/{stored.video_id}"
    return UploadAnswer(
        video_id=stored.video_id,
        bucket=stored.bucket,
        key=stored.key,
        size=stored.size,
        events=f"/videos/{stored.video_id}/events",
    )


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Read a little on: a client that is cut off while it writes may never read why."""
    drained = 0
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(_DRAINED_SECONDS):
            async for data in body:
                drained += len(data)
                if drained > _DRAINED_BYTES:
                    break
