"""A video's progress, as its server-sent events tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from pydantic import BaseModel, Field


class ProgressEvent(BaseModel):
    """How far a video is; the last one is `final`."""

    video_id: str
    stage: str = Field(description="waiting, planned, indexing, ready, partial, failed or deleted.")
    revision: int | None
    spans_total: int | None
    spans_done: int | None
    spans_failed: int | None
    reason: str | None
    final: bool


def read_events(lines: Iterable[str]) -> Iterator[ProgressEvent]:
    """The events of a stream, line by line."""
    for line in lines:
        if (event := _event(line)) is not None:
            yield event


async def read_events_async(lines: AsyncIterator[str]) -> AsyncIterator[ProgressEvent]:
    """The same of an asynchronous stream."""
    async for line in lines:
        if (event := _event(line)) is not None:
            yield event


def _event(line: str) -> ProgressEvent | None:
    # An event of this API has one line of data; the rest repeats what is in it.
    return ProgressEvent.model_validate_json(line.removeprefix("data:")) if line.startswith("data:") else None
