"""The asynchronous client: the same calls as the synchronous one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, Unpack

import httpx

from search_api.answer import SearchAnswer, VideoAnswer
from search_api.client import calls
from search_api.client.calls import Call, LikeOptions, SearchOptions, TranscriptKind, UploadFields
from search_api.client.errors import ApiUnavailable, problem_of
from search_api.client.events import ProgressEvent, read_events_async
from search_api.client.synchronous import TIMEOUT_SECONDS
from search_api.match_routes import MatchesAnswer
from search_api.suggest import SuggestAnswer
from search_api.video_answer import DeletionAnswer, MomentDetail, UploadAnswer, VideoDetail

Result = TypeVar("Result")


class AsyncKadrClient:
    """Asks one search API; see KadrClient."""

    def __init__(
        self, base_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, http: httpx.AsyncClient | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._http = http or httpx.AsyncClient()
        self._owns_http = http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> SearchAnswer:
        """Find the moments in which something is said or shown; `then` says what must follow."""
        return await self._ask(calls.search(query, options))

    async def hits(self, query: str, **options: Unpack[SearchOptions]) -> AsyncIterator[VideoAnswer]:
        """All hits of a search, page after page, `limit` at a time."""
        answer = await self.search(query, **options)
        for hit in answer.hits:
            yield hit
        while answer.next is not None:
            options["page"] = answer.next
            answer = await self.search(query, **options)
            for hit in answer.hits:
                yield hit

    async def search_image(self, picture: bytes | Path, **options: Unpack[LikeOptions]) -> SearchAnswer:
        """Find moments that look like a picture file."""
        return await self._ask(calls.search_image(picture, options))

    async def similar(self, moment_id: str, **options: Unpack[LikeOptions]) -> SearchAnswer:
        """Find moments that are like one."""
        return await self._ask(calls.similar(moment_id, options))

    async def matches(
        self, video_id: str, start: float = 0.0, end: float | None = None, *, limit: int = 20, min_score: float = 0.1
    ) -> MatchesAnswer:
        """Find other videos that have a piece of one."""
        return await self._ask(calls.matches(video_id, start, end, limit, min_score))

    async def video(self, video_id: str) -> VideoDetail:
        """What is known of a video."""
        return await self._ask(calls.video(video_id))

    async def moments(self, video_id: str, *, page: int = 500) -> AsyncIterator[MomentDetail]:
        """The moments of a video, in the order of time."""
        start: float | None = 0.0
        while start is not None:
            answer = await self._ask(calls.moments(video_id, start, page))
            for moment in answer.moments:
                yield moment
            start = answer.next_start_seconds

    async def transcript(self, video_id: str, kind: TranscriptKind = "txt") -> str:
        """What is said in a video."""
        return await self._ask(calls.transcript(video_id, kind))

    async def delete(self, video_id: str) -> DeletionAnswer:
        """Have a video withdrawn."""
        return await self._ask(calls.delete(video_id))

    async def suggest(self, text: str, *, limit: int = 8) -> SuggestAnswer:
        """What a query that is being typed may become."""
        return await self._ask(calls.suggest(text, limit))

    async def thumbnail(self, key: str) -> bytes:
        """The picture of a moment, JPEG."""
        return await self._ask(calls.thumbnail(key))

    async def upload(
        self, video: Path | BinaryIO, *, name: str | None = None, **fields: Unpack[UploadFields]
    ) -> UploadAnswer:
        """Store a video and have it indexed; an open file needs a name."""
        if isinstance(video, Path):
            with video.open("rb") as file:
                return await self._ask(calls.upload(name or video.name, file, fields))
        return await self._ask(calls.upload(name or Path(getattr(video, "name", "video")).name, video, fields))

    async def events(self, video_id: str) -> AsyncIterator[ProgressEvent]:
        """Follow a video's progress until it is final, or for half an hour."""
        async with self._stream(calls.events_path(video_id)) as response:
            async for event in read_events_async(response.aiter_lines()):
                yield event

    @asynccontextmanager
    async def stream(
        self, video_id: str, *, start_seconds: float = 0.0, original: bool = False
    ) -> AsyncIterator[httpx.Response]:
        """The bytes of a video: read `aiter_bytes()` of what this gives."""
        async with self._stream(calls.stream_path(video_id, start_seconds, original=original)) as response:
            yield response

    async def _ask(self, call: Call[Result]) -> Result:
        request = {"timeout": self._timeout_seconds, **call.request}
        response = await self._send(lambda: self._http.request(call.method, self._url(call.path), **request))
        if not response.is_success:
            raise problem_of(response)
        return call.result(response)

    @asynccontextmanager
    async def _stream(self, path: str) -> AsyncIterator[httpx.Response]:
        request = self._http.build_request("GET", self._url(path), timeout=self._timeout_seconds)
        response = await self._send(lambda: self._http.send(request, stream=True))
        try:
            if not response.is_success:
                await response.aread()
                raise problem_of(response)
            yield response
        except httpx.TransportError as error:
            raise ApiUnavailable(f"{self._base_url} broke off: {error}") from error
        finally:
            await response.aclose()

    async def _send(self, send: Callable[[], Awaitable[Any]]) -> httpx.Response:
        try:
            response: httpx.Response = await send()
        except httpx.TransportError as error:
            raise ApiUnavailable(f"{self._base_url} does not answer: {error or type(error).__name__}") from error
        return response

    def _url(self, path: str) -> str:
        return f"{self._base_url}{path}"
