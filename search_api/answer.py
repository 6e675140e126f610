"""What a client is told: the HTTP models of an answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from search_api.facets.values import Facets
from search_api.found import Found, FoundVideo
from search_api.fusion import FusedMoment, LegName
from search_api.question import Query
from search_api.reasons import (
    LegExplanation,
    PieceAnswer,
    ShareAnswer,
    TermAnswer,
    leg_explanations,
    piece_answers,
    share_answers,
    term_answers,
)
from search_api.show import LedgerVideo
from search_api.syntax import Wanted
from search_api.terms import metadata_terms, speech_terms
from search_api.warned import WarningAnswer, warning_answer

_EXAMPLE: dict[str, Any] = {
    "hits": [
        {
            "video_id": "5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11",
            "bucket": "videos",
            "key": "speeches/inauguration.mp4",
            "external_id": "speech-1961",
            "title": "Inaugural address",
            "duration_seconds": 11.0,
            "published_at": "1961-01-20T17:00:00Z",
            "score": 0.3295,
            "legs": {
                "speech_text": {"rank": 1, "score": 11.3, "share": 0.08, "confidence": 1.0},
                "speech_vector": {"rank": 1, "score": 1.83, "share": 0.2495, "confidence": 0.998},
            },
            "moments": [
                {
                    "moment_id": "5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11:1:0:0f3b0a9c110f3b0a:1",
                    "start_seconds": 5.2,
                    "stop_seconds": 10.9,
                    "score": 0.3295,
                    "speech": "ask what you can do for your country",
                    "thumbnail": None,
                    "highlight": [
                        {"text": "ask", "match": True},
                        {"text": " what you can do for your ", "match": False},
                        {"text": "country", "match": True},
                    ],
                    "terms": [
                        {
                            **{"text": "ask", "field": "speech", "precision": "word"},
                            **{"start_seconds": 5.36, "stop_seconds": 5.74},
                        },
                        {
                            **{"text": "country", "field": "speech", "precision": "word"},
                            **{"start_seconds": 10.1, "stop_seconds": 10.62},
                        },
                    ],
                    "legs": {
                        "speech_text": {"rank": 1, "score": 11.3, "share": 0.08, "confidence": 1.0},
                        "speech_vector": {"rank": 1, "score": 1.83, "share": 0.2495, "confidence": 0.998},
                    },
                }
            ],
        }
    ],
    "took_ms": 21.4,
    "query": "ask what you can do for your country",
    "understood": {"text": "ask what you can do for your country", "phrases": [], "without": []},
    "warnings": [
        {
            "code": "leg_timed_out",
            "message": "The leg picture_vector ran out of time; some of its hits may be missing.",
            "legs": ["picture_vector"],
        }
    ],
    "next": "k3vV0mT1c0pXb2hZAAAK",
    "collapsed": 0,
    "facets": {"videos": 3, "approximate": False, "fields": {"language": [{"value": "en", "videos": 3}]}},
}


class ThenMomentAnswer(BaseModel):
    """The moment that follows, found by what the query says after its arrow or in `then`."""

    moment_id: str
    start_seconds: float
    stop_seconds: float
    after_seconds: float = Field(description="So long after the end of the moment before it begins.")
    score: float
    speech: str | None
    thumbnail: str | None
    highlight: list[PieceAnswer] | None
    terms: list[TermAnswer] = []
    legs: dict[LegName, ShareAnswer]


class MomentAnswer(BaseModel):
    """A moment, `[start_seconds, stop_seconds)` in video time."""

    moment_id: str = Field(description="Names it: GET /moments/ID/similar.")
    start_seconds: float
    stop_seconds: float
    score: float
    speech: str | None = Field(description="What is said, if anything is.")
    speech_source: str | None = Field(
        default=None, description="Where it is from: `recognised`, or the file's own `subtitles`."
    )
    thumbnail: str | None = Field(description="Key of a picture in the thumbnail bucket.")
    highlight: list[PieceAnswer] | None = Field(description="The speech in pieces, if the query's words are in it.")
    terms: list[TermAnswer] = Field(
        default=[], description="The words of the speech that match the query, each time that they are said."
    )
    legs: dict[LegName, ShareAnswer]
    collapsed: int = Field(default=0, description="Near-duplicates of it, of the same video, that are not shown.")
    then: ThenMomentAnswer | None = Field(
        default=None, description="With `then`: the moment that follows; score and legs above are of both together."
    )


class VideoHead(BaseModel):
    """Which video it is, and what its publisher says of it."""

    video_id: str
    bucket: str
    key: str
    external_id: str | None
    title: str | None
    duration_seconds: float | None
    published_at: str | None = Field(description="When the publisher published it, ISO 8601.")


def head_of(ledger: LedgerVideo) -> dict[str, Any]:
    """The fields of a VideoHead."""
    return {name: getattr(ledger, name) for name in VideoHead.model_fields}


class VideoAnswer(VideoHead):
    """A video with its best moments, best first; none where only its title, description or tags match.

    Grouped by moment, each hit has one moment.
    """

    score: float = Field(
        description=(
            "Score of the best moment, a tenth of the next one's, a hundredth of the one's after it and so on, plus "
            "the share of the metadata leg."
        )
    )
    legs: dict[LegName, ShareAnswer]
    terms: list[TermAnswer] = Field(
        default=[], description="The words of title, description and tags that match the query."
    )
    moments: list[MomentAnswer]
    copies: list[str] = Field(
        default=[],
        description="Videos of the same film that were found, too, and are not shown for themselves: the same file, or "
        "the film in another encoding.",
    )


class UnderstoodThen(BaseModel):
    """How the part of a query was read that says what follows."""

    text: str
    phrases: list[str]
    without: list[str]
    within_seconds: float = Field(description="So late it may begin, after the end of what comes first.")


class UnderstoodQuery(BaseModel):
    """How the query was read."""

    text: str = Field(description="What is looked for, in plain words.")
    phrases: list[str] = Field(description="What must be there word for word.")
    without: list[str] = Field(description="What must not be there.")
    then: UnderstoodThen | None = Field(default=None, description="What must follow, if the query says so.")


class FacetValueAnswer(BaseModel):
    """A value of a field, or a range of them, and how many of the videos that match have it."""

    value: str | None = Field(default=None, description="The value; null where it is a range.")
    gte: float | str | None = Field(default=None, description="From here: seconds, or a date.")
    lt: float | str | None = Field(default=None, description="To before here; null: without end.")
    videos: int


class FacetsAnswer(BaseModel):
    """How many videos match, and how many of them have which value."""

    videos: int = Field(description="Videos that match by any leg, vector legs as far as they are sure.")
    approximate: bool = Field(
        description="Whether the counts may be off: what was deleted or replaced still waits to be swept, or too much "
        "matches to be counted one by one."
    )
    fields: dict[str, list[FacetValueAnswer]] = Field(description="By field, most videos first; ranges in their order.")


class SearchAnswer(BaseModel):
    """The videos, or moments, that a search found, best first unless another order was asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    hits: list[VideoAnswer]
    took_ms: float
    query: str
    understood: UnderstoodQuery
    warnings: list[WarningAnswer] = Field(description="What is missing from this answer, and why.")
    next: str | None = Field(
        default=None, description="Send it as `page` with the same search for the hits that follow; null: no more."
    )
    collapsed: int = Field(
        default=0, description="Near-duplicates that no page of this search shows, because another hit stands for them."
    )
    facets: FacetsAnswer | None = Field(default=None, description="The counts, if some were asked for.")
    explanation: dict[LegName, LegExplanation] | None = Field(
        default=None, description="How each leg did, if `explain` was asked for."
    )


def answer_of(found: Found, query: Query, *, explain: bool) -> SearchAnswer:
    """Put into HTTP models what a search found."""
    return SearchAnswer(
        hits=[_video(video, found, query.moments_per_video) for video in found.videos],
        took_ms=round(found.took_ms, 1),
        query=query.wanted.typed,
        understood=_understood(query.wanted),
        warnings=[warning_answer(warning) for warning in found.warnings],
        next=found.next,
        collapsed=found.left_out,
        facets=_facets(found.facets) if found.facets else None,
        explanation=leg_explanations(found.legs) if explain else None,
    )


def _facets(facets: Facets) -> FacetsAnswer:
    return FacetsAnswer(
        videos=facets.videos,
        approximate=facets.approximate,
        fields={
            field: [FacetValueAnswer(value=each.value, gte=each.gte, lt=each.lt, videos=each.videos) for each in values]
            for field, values in facets.fields.items()
        },
    )


def _understood(wanted: Wanted) -> UnderstoodQuery:
    return UnderstoodQuery(
        text=wanted.text, phrases=list(wanted.phrases), without=[excluded.text for excluded in wanted.excluded]
    )


def _video(video: FoundVideo, found: Found, most_moments: int) -> VideoAnswer:
    ledger, fused = video.ledger, video.fused
    return VideoAnswer(
        **head_of(ledger),
        score=fused.score,
        legs=share_answers(fused.legs),
        terms=term_answers(metadata_terms(found.metadata.get(ledger.video_id, {}))),
        moments=[_moment(moment, found) for moment in fused.moments[:most_moments]],
        copies=list(video.copies),
    )


def _moment(fused: FusedMoment, found: Found) -> MomentAnswer:
    moment = found.moments[fused.moment_id]
    marked = found.highlights.get(fused.moment_id)
    return MomentAnswer(
        moment_id=moment.moment_id,
        start_seconds=moment.start_seconds,
        stop_seconds=moment.stop_seconds,
        score=fused.score,
        speech=moment.speech,
        speech_source=moment.speech_source,
        thumbnail=moment.thumbnail,
        highlight=piece_answers(marked),
        terms=term_answers(speech_terms(moment, marked)) if marked else [],
        legs=share_answers(fused.legs),
        collapsed=found.collapsed.get(fused.moment_id, 0),
    )
