"""`GET /videos/{id}/matches`: which other videos have a piece of one, and where."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from search_api.alignment import Interval, Piece
from search_api.answer import VideoHead, head_of
from search_api.matching import Matched, Matcher, Matches
from search_api.problems import Refusal
from search_api.routes import ServicesNow
from search_api.video_routes import PROBLEMS
from search_api.video_services import VideoId, VideosNow

_ID, _OTHER = "5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11", "9a7c4a51b8d9a1f7a1c0ffee0b6f6f0e"
router = APIRouter(tags=["videos"])


class IntervalAnswer(BaseModel):
    """A piece that both videos have: `[start_seconds, stop_seconds)` here, the same there."""

    start_seconds: float
    stop_seconds: float
    other_start_seconds: float
    other_stop_seconds: float
    offset_seconds: float = Field(description="How much later it stands in the other video.")
    likeness: float = Field(description="1: as good as the same; 0: no more alike than unrelated moments.")

    @classmethod
    def of(cls, interval: Interval) -> IntervalAnswer:
        """Put an interval into words."""
        return cls(
            start_seconds=round(interval.here.start_seconds, 3),
            stop_seconds=round(interval.here.stop_seconds, 3),
            other_start_seconds=round(interval.there.start_seconds, 3),
            other_stop_seconds=round(interval.there.stop_seconds, 3),
            offset_seconds=round(interval.offset_seconds, 3),
            likeness=round(interval.likeness, 4),
        )


class MatchAnswer(VideoHead):
    """Another video that has something of this one."""

    score: float = Field(description="How much of the shorter of both is found in the other, 0 to 1, by likeness.")
    offset_seconds: float = Field(description="How much later most of it stands there; negative: earlier.")
    matched_seconds: float
    intervals: list[IntervalAnswer] = Field(description="In the order of time here.")

    @classmethod
    def of(cls, match: Matched) -> MatchAnswer:
        """Put a match into words."""
        return cls(
            **head_of(match.ledger),
            score=round(match.score, 4),
            offset_seconds=round(match.offset_seconds, 3),
            matched_seconds=round(sum(interval.here.seconds for interval in match.intervals), 3),
            intervals=[IntervalAnswer.of(interval) for interval in match.intervals],
        )


_EXAMPLE: dict[str, Any] = {
    "video_id": _ID,
    "start_seconds": 0.0,
    "stop_seconds": 61.0,
    "matches": [
        {
            "video_id": _OTHER,
            "bucket": "videos",
            "key": "trailers/short.mp4",
            "external_id": None,
            "title": "The short version",
            "duration_seconds": 12.0,
            "published_at": None,
            "score": 0.97,
            "offset_seconds": -20.5,
            "matched_seconds": 12.0,
            "intervals": [
                {
                    "start_seconds": 20.5,
                    "stop_seconds": 32.5,
                    "other_start_seconds": 0.0,
                    "other_stop_seconds": 12.0,
                    "offset_seconds": -20.5,
                    "likeness": 0.97,
                }
            ],
        }
    ],
    "moments": 9,
    "compared": 9,
    "took_ms": 18.2,
}


class MatchesAnswer(BaseModel):
    """The videos that have a piece of this one, those with most of it first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    video_id: str
    start_seconds: float
    stop_seconds: float
    matches: list[MatchAnswer]
    moments: int = Field(description="Moments of the piece that is asked for.")
    compared: int = Field(description="Those of them that were compared; fewer where the piece is very long.")
    took_ms: float

    @classmethod
    def of(cls, video_id: str, found: Matches, *, limit: int, min_score: float) -> MatchesAnswer:
        """Put what was found into words."""
        shown = [match for match in found.videos if match.score >= min_score][:limit]
        return cls(
            video_id=video_id,
            start_seconds=round(found.piece.start_seconds, 3),
            stop_seconds=round(found.piece.stop_seconds, 3),
            matches=[MatchAnswer.of(match) for match in shown],
            moments=found.moments,
            compared=found.compared,
            took_ms=round(found.took_ms, 1),
        )


def _matcher(request: Request, services: ServicesNow, videos: VideosNow) -> Matcher:
    """One for the life of the app: it keeps a sample of the index."""
    state = request.app.state
    if getattr(state, "matcher", None) is None:
        state.matcher = Matcher(services.client, videos.ledger, services.settings, services.searcher.background)
    return cast(Matcher, state.matcher)


Second = Annotated[float, Query(ge=0, le=1e6, allow_inf_nan=False)]


@router.get("/videos/{video_id}/matches", responses=PROBLEMS)
async def video_matches(
    video_id: VideoId,
    videos: VideosNow,
    matcher: Annotated[Matcher, Depends(_matcher)],
    start: Annotated[Second, Query(description="Where the piece begins, in seconds.")] = 0.0,
    end: Annotated[Second | None, Query(description="Where it ends; the end of the video if not said.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Most videos in the answer.")] = 20,
    min_score: Annotated[
        float, Query(ge=0, le=1, allow_inf_nan=False, description="Leave out videos of a lower score.")
    ] = 0.1,
) -> MatchesAnswer:
    """Find re-cuts and copies: other videos that have a piece of this one, with the offset between them."""
    video = await videos.ledger.find(video_id)
    stop = video.ledger.duration_seconds if end is None else end
    if stop is None or stop <= start:
        detail = f"The piece begins at {start:g} s and ends at {stop or 0:g} s: it must begin before it ends."
        raise Refusal(422, "invalid-piece", detail)
    found = await matcher.match(video.ledger, Piece(start, stop))
    return MatchesAnswer.of(video_id, found, limit=limit, min_score=min_score)
