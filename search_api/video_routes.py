"""The routes of single videos: what is known of one, its moments, what is said in it, and its deletion."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from search_api.problems import described_problems
from search_api.transcript import Word, cues_of, plain, srt, vtt, words_of
from search_api.video_answer import CueAnswer, DeletionAnswer, MomentsAnswer, TranscriptAnswer, VideoDetail
from search_api.video_services import VideoId, VideoServices, VideosNow
from search_api.videos import CLAIM_FIELDS, Video
from stream.events import VideoDeleted

_PAGE_OF_WORDS = 500
_WORD_FIELDS = (*CLAIM_FIELDS, "start_seconds", "stop_seconds", "speech", "words")
PROBLEMS = described_problems(
    {
        404: "There is no such video.",
        410: "The video was deleted.",
        422: "The request is wrong; `detail` says what.",
        503: "A service does not answer; `detail` says which.",
    }
)
router = APIRouter(tags=["videos"])


class TranscriptKind(StrEnum):
    """How a transcript is written."""

    SRT = "srt"
    VTT = "vtt"
    TXT = "txt"
    JSON = "json"


_TRANSCRIPT_TYPES = {
    TranscriptKind.SRT: "application/x-subrip",
    TranscriptKind.VTT: "text/vtt",
    TranscriptKind.TXT: "text/plain",
}


@router.get("/videos/{video_id}", responses=PROBLEMS)
async def video_detail(video_id: VideoId, videos: VideosNow) -> VideoDetail:
    """What the ledger says of a video."""
    return VideoDetail.of(await videos.ledger.find(video_id))


@router.delete("/videos/{video_id}", status_code=202, responses=PROBLEMS)
async def delete_video(video_id: VideoId, videos: VideosNow) -> DeletionAnswer:
    """Withdraw a video: it is found no more as soon as the worker has read that. Its file stays in the bucket."""
    ledger = (await videos.ledger.find(video_id)).ledger
    await videos.events.publish(VideoDeleted(bucket=ledger.bucket, key=ledger.key))
    return DeletionAnswer(video_id=video_id, events=f"/videos/{video_id}/events")


@router.get("/videos/{video_id}/moments", responses=PROBLEMS)
async def video_moments(
    video_id: VideoId,
    videos: VideosNow,
    start_seconds: Annotated[
        float, Query(ge=0, allow_inf_nan=False, description="Moments that start earlier are left out.")
    ] = 0.0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most moments of a page.")] = 100,
) -> MomentsAnswer:
    """The moments of a video, in the order of time, as far as it is indexed."""
    video = await videos.ledger.find(video_id)
    return MomentsAnswer.of(await videos.ledger.moments(video.ledger, start_seconds=start_seconds, limit=limit))


@router.get(
    "/videos/{video_id}/transcript.{kind}",
    response_model=None,
    responses=PROBLEMS
    | {
        200: {
            "description": "The transcript.",
            "model": TranscriptAnswer,
            "content": {
                "text/vtt": {"example": "WEBVTT\n\n00:00:05.200 --> 00:00:06.200\nAsk.\n"},
                "application/x-subrip": {"example": "1\n00:00:05,200 --> 00:00:06,200\nAsk.\n"},
                "text/plain": {"example": "Ask.\n"},
            },
        }
    },
)
async def video_transcript(video_id: VideoId, kind: TranscriptKind, videos: VideosNow) -> Response:
    """What is said in a video, as subtitles (srt, vtt), to read (txt) or with the times of words (json)."""
    video = await videos.ledger.find(video_id)
    words = await _words(videos, video)
    headers = {"Cache-Control": "no-cache", "Content-Disposition": inline(video.ledger.key, f".{kind}")}
    if kind is TranscriptKind.JSON:
        return JSONResponse(_transcript(video, words).model_dump(mode="json"), headers=headers)
    text = plain(words) if kind is TranscriptKind.TXT else (srt if kind is TranscriptKind.SRT else vtt)(cues_of(words))
    return Response(text, media_type=f"{_TRANSCRIPT_TYPES[kind]}; charset=utf-8", headers=headers)


def inline(key: str, ending: str | None = None) -> str:
    """A `Content-Disposition` (RFC 6266): shown where it is, saved under the name of the object."""
    name = PurePosixPath(key).name if ending is None else f"{PurePosixPath(key).stem}{ending}"
    return f"inline; filename*=UTF-8''{quote(name, safe='')}"


async def _words(videos: VideoServices, video: Video) -> list[Word]:
    start_seconds: float | None = 0.0
    words: list[Word] = []
    while start_seconds is not None:
        page = await videos.ledger.moments(
            video.ledger, start_seconds=start_seconds, limit=_PAGE_OF_WORDS, fields=_WORD_FIELDS
        )
        words += words_of(page.moments)
        start_seconds = page.next_start_seconds
    return words


def _transcript(video: Video, words: list[Word]) -> TranscriptAnswer:
    return TranscriptAnswer(
        video_id=video.ledger.video_id,
        title=video.ledger.title,
        languages=video.languages,
        complete=all(winner is not None for winner in video.ledger.winners),
        cues=[CueAnswer.of(cue) for cue in cues_of(words)],
    )
