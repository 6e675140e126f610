"""The synchronous client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, Unpack

import httpx

from search_api.answer import SearchAnswer, VideoAnswer
from search_api.client import calls
from search_api.client.calls import Call, LikeOptions, SearchOptions, TranscriptKind, UploadFields
from search_api.client.errors import ApiUnavailable, problem_of
from search_api.client.events import ProgressEvent, read_events
from search_api.match_routes import MatchesAnswer
from search_api.suggest import SuggestAnswer
from search_api.video_answer import DeletionAnswer, MomentDetail, UploadAnswer, VideoDetail

Result = TypeVar("Result")
TIMEOUT_SECONDS = 60.0


class KadrClient:
    """Asks one search API. Every call raises ApiProblem where the API refuses it, ApiUnavailable where it is away.

    Args:
        base_url: Address of the API, such as `http://127.0.0.1:8800`.
        timeout_seconds: Longest silence of the API.
        http: A client to use instead of an own one; it is not closed here.
    """

    def __init__(
        self, base_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, http: httpx.Client | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._http = http or httpx.Client()
        self._owns_http = http is None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            self._http.close()

    def search(self, query: str, **options: Unpack[SearchOptions]) -> SearchAnswer:
        """Find the moments in which something is said or shown; `then` says what must follow."""
        return self._ask(calls.search(query, options))

    def hits(self, query: str, **options: Unpack[SearchOptions]) -> Iterator[VideoAnswer]:
        """All hits of a search, page after page, `limit` at a time."""
        answer = self.search(query, **options)
        yield from answer.hits
        while answer.next is not None:
            options["page"] = answer.next
            answer = self.search(query, **options)
            yield from answer.hits

    def search_image(self, picture: bytes | Path, **options: Unpack[LikeOptions]) -> SearchAnswer:
        """Find moments that look like a picture file."""
        return self._ask(calls.search_image(picture, options))

    def similar(self, moment_id: str, **options: Unpack[LikeOptions]) -> SearchAnswer:
        """Find moments that are like one."""
        return self._ask(calls.similar(moment_id, options))

    def matches(
        self, video_id: str, start: float = 0.0, end: float | None = None, *, limit: int = 20, min_score: float = 0.1
    ) -> MatchesAnswer:
        """Find other videos that have a piece of one."""
        return self._ask(calls.matches(video_id, start, end, limit, min_score))

    def video(self, video_id: str) -> VideoDetail:
        """What is known of a video."""
        return self._ask(calls.video(video_id))

    def moments(self, video_id: str, *, page: int = 500) -> Iterator[MomentDetail]:
        """The moments of a video, in the order of time."""
        start: float | None = 0.0
        while start is not None:
            answer = self._ask(calls.moments(video_id, start, page))
            yield from answer.moments
            start = answer.next_start_seconds

    def transcript(self, video_id: str, kind: TranscriptKind = "txt") -> str:
        """What is said in a video."""
        return self._ask(calls.transcript(video_id, kind))

    def delete(self, video_id: str) -> DeletionAnswer:
        """Have a video withdrawn."""
        return self._ask(calls.delete(video_id))

    def suggest(self, text: str, *, limit: int = 8) -> SuggestAnswer:
        """What a query that is being typed may become."""
        return self._ask(calls.suggest(text, limit))

    def thumbnail(self, key: str) -> bytes:
        """The picture of a moment, JPEG."""
        return self._ask(calls.thumbnail(key))

    def upload(
        self, video: Path | BinaryIO, *, name: str | None = None, **fields: Unpack[UploadFields]
    ) -> UploadAnswer:
        """Store a video and have it indexed; an open file needs a name."""
        if isinstance(video, Path):
            with video.open("rb") as file:
                return self._ask(calls.upload(name or video.name, file, fields))
        return self._ask(calls.upload(name or Path(getattr(video, "name", "video")).name, video, fields))

    def events(self, video_id: str) -> Iterator[ProgressEvent]:
        """Follow a video's progress until it is final, or for half an hour."""
        with self._stream(calls.events_path(video_id)) as response:
            yield from read_events(response.iter_lines())

    @contextmanager
    def stream(self, video_id: str, *, start_seconds: float = 0.0, original: bool = False) -> Iterator[httpx.Response]:
        """The bytes of a video: read `iter_bytes()` of what this gives."""
        with self._stream(calls.stream_path(video_id, start_seconds, original=original)) as response:
            yield response

    def _ask(self, call: Call[Result]) -> Result:
        response = self._send(lambda: self._http.request(call.method, self._url(call.path), **self._with(call.request)))
        if not response.is_success:
            raise problem_of(response)
        return call.result(response)

    @contextmanager
    def _stream(self, path: str) -> Iterator[httpx.Response]:
        request = self._http.build_request("GET", self._url(path), timeout=self._timeout_seconds)
        response = self._send(lambda: self._http.send(request, stream=True))
        try:
            if not response.is_success:
                response.read()
                raise problem_of(response)
            yield response
        except httpx.TransportError as error:
            raise ApiUnavailable(f"{self._base_url} broke off: {error}") from error
        finally:
            response.close()

    def _send(self, send: Any) -> httpx.Response:
        try:
            response: httpx.Response = send()
        except httpx.TransportError as error:
            raise ApiUnavailable(f"{self._base_url} does not answer: {error or type(error).__name__}") from error
        return response

    def _url(self, path: str) -> str:
        return f"{self._base_url}{path}"

    def _with(self, request: Any) -> dict[str, Any]:
        return {"timeout": self._timeout_seconds, **request}
