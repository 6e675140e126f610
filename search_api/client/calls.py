"""What is sent for each call, and how its answer is read: the same for both clients. Nothing here sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypedDict, TypeVar
from urllib.parse import quote

import httpx

from search_api.answer import SearchAnswer
from search_api.client.errors import ApiUnavailable
from search_api.filter_request import FilterRequest
from search_api.match_routes import MatchesAnswer
from search_api.suggest import SuggestAnswer
from search_api.video_answer import DeletionAnswer, MomentsAnswer, UploadAnswer, VideoDetail

Result = TypeVar("Result")
FilterFields = FilterRequest | Mapping[str, Any]
TranscriptKind = Literal["srt", "vtt", "txt"]


class LikeOptions(TypedDict, total=False):
    """How to search, whatever one starts from; see the API's own description of each."""

    limit: int
    moments_per_video: int
    group_by: Literal["video", "moment"]
    sort: Literal["relevance", "newest", "oldest"]
    filters: FilterFields
    min_confidence: float
    collapse: bool
    explain: bool
    page: str


class SearchOptions(LikeOptions, total=False):
    """How to search by words."""

    legs: Mapping[str, float]
    fusion: Literal["calibrated", "rrf", "normalised"]
    depth: int
    facets: Sequence[str]
    then: str | Mapping[str, Any]
    vectors: Mapping[str, Sequence[float]]


class UploadFields(TypedDict, total=False):
    """What a publisher says of a video."""

    title: str
    description: str
    external_id: str
    language: str
    published_at: str
    categories: Sequence[str]
    attributes: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Call(Generic[Result]):
    """A request, and the reader of its answer."""

    method: str
    path: str
    read: Callable[[httpx.Response], Result]
    request: Mapping[str, Any] = field(default_factory=dict)

    def result(self, response: httpx.Response) -> Result:
        """Read an answer.

        Raises:
            ApiUnavailable: it is not what kadr answers.
        """
        try:
            return self.read(response)
        except (ValueError, KeyError, TypeError) as error:
            raise ApiUnavailable(f"{response.request.url} answers, but not as kadr does: {error}") from error


def search(query: str, options: SearchOptions) -> Call[SearchAnswer]:
    """`POST /search`."""
    body: dict[str, Any] = {"query": query, **options}
    if isinstance(then := body.get("then"), str):
        body["then"] = {"text": then}
    if "filters" in body:
        body["filters"] = _filters(body["filters"])
    return Call("POST", "/search", _search_answer, {"json": body})


def search_image(picture: bytes | Path, options: LikeOptions) -> Call[SearchAnswer]:
    """`POST /search/image`."""
    content = picture.read_bytes() if isinstance(picture, Path) else picture
    files = {"file": ("picture", content, "application/octet-stream")}
    return Call("POST", "/search/image", _search_answer, {"files": files, "params": _like(options)})


def similar(moment_id: str, options: LikeOptions) -> Call[SearchAnswer]:
    """`GET /moments/{id}/similar`."""
    return Call("GET", f"/moments/{_part(moment_id)}/similar", _search_answer, {"params": _like(options)})


def matches(video_id: str, start: float, end: float | None, limit: int, min_score: float) -> Call[MatchesAnswer]:
    """`GET /videos/{id}/matches`."""
    wish = {"start": start, "limit": limit, "min_score": min_score} | ({} if end is None else {"end": end})
    return Call("GET", f"{_video(video_id)}/matches", _reader(MatchesAnswer.model_validate_json), {"params": wish})


def video(video_id: str) -> Call[VideoDetail]:
    """`GET /videos/{id}`."""
    return Call("GET", _video(video_id), _reader(VideoDetail.model_validate_json))


def moments(video_id: str, start_seconds: float, limit: int) -> Call[MomentsAnswer]:
    """`GET /videos/{id}/moments`."""
    wish = {"start_seconds": start_seconds, "limit": limit}
    return Call("GET", f"{_video(video_id)}/moments", _reader(MomentsAnswer.model_validate_json), {"params": wish})


def transcript(video_id: str, kind: TranscriptKind) -> Call[str]:
    """`GET /videos/{id}/transcript.{kind}`."""
    return Call("GET", f"{_video(video_id)}/transcript.{kind}", lambda response: response.text)


def delete(video_id: str) -> Call[DeletionAnswer]:
    """`DELETE /videos/{id}`."""
    return Call("DELETE", _video(video_id), _reader(DeletionAnswer.model_validate_json))


def upload(name: str, content: Any, fields: UploadFields) -> Call[UploadAnswer]:
    """`POST /videos`; `content` is bytes or an open file, which is sent piece by piece."""
    said: dict[str, Any] = dict(fields)
    if "attributes" in said:
        said["attributes"] = json.dumps(said["attributes"])
    request = {"data": said, "files": {"file": (name, content, "application/octet-stream")}}
    return Call("POST", "/videos", _reader(UploadAnswer.model_validate_json), request)


def suggest(text: str, limit: int) -> Call[SuggestAnswer]:
    """`GET /suggest`."""
    return Call("GET", "/suggest", _reader(SuggestAnswer.model_validate_json), {"params": {"q": text, "limit": limit}})


def thumbnail(key: str) -> Call[bytes]:
    """`GET /thumbnails/{key}`."""
    return Call("GET", f"/thumbnails/{quote(key)}", lambda response: response.content)


def stream_path(video_id: str, start_seconds: float, *, original: bool) -> str:
    """`GET /videos/{id}/stream`."""
    wish = httpx.QueryParams({"start": start_seconds, "original": "true" if original else "false"})
    return f"{_video(video_id)}/stream?{wish}"


def events_path(video_id: str) -> str:
    """`GET /videos/{id}/events`."""
    return f"{_video(video_id)}/events"


def _like(options: LikeOptions) -> dict[str, Any]:
    wish: dict[str, Any] = dict(options)
    if "filters" in wish:
        wish["filters"] = json.dumps(_filters(wish["filters"]), ensure_ascii=False)
    return wish


def _filters(filters: FilterFields) -> Mapping[str, Any]:
    return filters.model_dump(mode="json", exclude_unset=True) if isinstance(filters, FilterRequest) else dict(filters)


def _reader(read: Callable[[bytes], Result]) -> Callable[[httpx.Response], Result]:
    return lambda response: read(response.content)


_search_answer = _reader(SearchAnswer.model_validate_json)


def _video(video_id: str) -> str:
    return f"/videos/{_part(video_id)}"


def _part(value: str) -> str:
    return quote(value, safe=":")
