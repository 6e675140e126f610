"""How far videos are: the ledger is read for all watched videos at once, however many watch each."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Self

from search_api.found import SearchUnavailable
from search_api.problems import Refusal

Stage = Literal["waiting", "planned", "indexing", "ready", "partial", "failed", "deleted"]
FINAL: frozenset[str] = frozenset(("ready", "partial", "failed", "deleted"))
ReadLedger = Callable[[Iterable[str]], Awaitable[Mapping[str, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a video is; `waiting` while the ledger knows no content of it."""

    stage: Stage = "waiting"
    revision: int = 0
    spans_total: int = 0
    spans_done: int = 0
    spans_failed: int = 0
    reason: str | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.stage in FINAL

    @property
    def name(self) -> str:
        """Names this state, for clients that come back."""
        return f"{self.revision}-{self.stage}-{self.spans_done}-{self.spans_failed}"

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> Self:
        """Read a ledger document."""
        if document is None:
            return cls()
        done, failed = document.get("spans_done") or 0, document.get("spans_failed") or 0
        status = document["status"]
        if status == "indexing":
            status = "indexing" if done + failed else "planned"
        total = document.get("spans_total") or 0
        return cls(status, document["revision"], total, done, failed, document.get("reason"))


class ProgressBoard:
    """Tells watchers when the videos that they watch move on. One reader serves them all."""

    def __init__(self, read: ReadLedger, *, most_watchers: int, every_seconds: float = 0.5) -> None:
        self._read = read
        self._most_watchers = most_watchers
        self._every_seconds = every_seconds
        self._watchers: Counter[str] = Counter()
        self._latest: dict[str, Progress] = {}
        self._news = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None

    async def now(self, video_id: str) -> Progress:
        """Read how far a video is.

        Raises:
            SearchUnavailable: OpenSearch does not answer.
        """
        return Progress.of((await self._read([video_id])).get(video_id))

    def _check_room(self) -> None:
        if self._watchers.total() >= self._most_watchers:
            detail = f"{self._most_watchers} clients follow the progress of videos already. Ask GET /videos/ID instead."
            raise Refusal(503, "too-many-watchers", detail, headers={"Retry-After": "10"})

    async def watch(
        self, video_id: str, now: Progress, *, deadline_seconds: float, silence_seconds: float
    ) -> AsyncIterator[Progress | None]:
        """Give out the state of now and every new one until a final one or the deadline; None after each silence.

        States that follow each other faster than the ledger is read are skipped.

        Raises:
            Refusal: too many watch already.
        """
        self._check_room()
        self._watchers[video_id] += 1
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._keep_reading())
        stop = time.monotonic() + deadline_seconds
        try:
            yield now
            while not now.final and (left := stop - time.monotonic()) > 0:
                news = await self._newer(video_id, now, min(left, silence_seconds))
                now = news or now
                yield news
        finally:
            self._leave(video_id)

    def close(self) -> None:
        """Stop to read."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def _newer(self, video_id: str, last: Progress, seconds: float) -> Progress | None:
        async with self._news:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait_for(lambda: self._latest.get(video_id, last) != last)
                    return self._latest[video_id]
        return None

    async def _keep_reading(self) -> None:
        while True:
            # An outage only delays the news.
            with suppress(SearchUnavailable):
                watched = list(self._watchers)
                documents = await self._read(watched)
                async with self._news:
                    self._latest = {name: Progress.of(documents.get(name)) for name in watched}
                    self._news.notify_all()
            await asyncio.sleep(self._every_seconds)

    def _leave(self, video_id: str) -> None:
        self._watchers[video_id] -= 1
        if not self._watchers[video_id]:
            del self._watchers[video_id]
            self._latest.pop(video_id, None)
        if not self._watchers:
            self.close()
