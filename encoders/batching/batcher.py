"""One vector model for many callers: what waits when the model becomes free runs as one batch."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import numpy as np

from encoders.batching.batch_size import BatchSize
from encoders.batching.lane import LaneBlocked
from encoders.batching.waiting import Kind, Part, Waiting, WaitingLine
from encoders.ports import ImageTextEncoder, TextEncoder
from encoders.serving.metrics import Meter, Metrics
from encoders.values import Frames, Purpose, Vectors


class Batcher:
    """Runs one model in one thread of its own, on batches made of what callers wait for.

    While the model is busy nothing is timed: the next batch is what waits when it becomes free. Queries go before
    frames and passages, so a query waits for one batch of those at most; only now and then, where queries never end,
    a batch of the rest goes between. A caller that is gone is left out.

    Args:
        name: The model's part, for messages.
        encoder: The model; only this object's thread uses it.
        batch: Items that it encodes at once, while its memory lasts.
        max_waiting_items: Items that may wait, of queries and of the rest each.
        max_wait_seconds: Longest wait before a request's first items run.
        linger_seconds: How long a model that has nothing to do waits for more than the first request.
        meter: Counts what happens.
    """

    def __init__(
        self,
        name: str,
        encoder: TextEncoder,
        *,
        batch: int,
        max_waiting_items: int,
        max_wait_seconds: float,
        linger_seconds: float,
        meter: Meter | None = None,
    ) -> None:
        self._name = name
        self._encoder = encoder
        self._size = BatchSize(batch)
        self._line = WaitingLine(name, max_items=max_waiting_items)
        self._max_wait_seconds = max_wait_seconds
        self._linger_seconds = linger_seconds
        self._changed = threading.Condition()
        self._closed = False
        self._meter = meter or Metrics().meter("text")
        self._meter.watch("query", lambda: self._line.waiting_queries)
        self._meter.watch("bulk", lambda: self._line.waiting_bulk)
        self._meter.watch_limit(lambda: self._size.items)
        self._thread = threading.Thread(target=self._work, name=f"{name}-batcher", daemon=True)
        self._thread.start()

    async def embed_frames(self, frames: Frames, purpose: Purpose = "passage") -> Vectors:
        """Encodes frames as the picture model does, in batches shared with others of the same purpose.

        Raises:
            LaneFull: As many items wait as may.
            LaneBlocked: The model did not become free in time.
        """
        return await self._embed("picture" if purpose == "query" else "frames", frames)

    async def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts as the model does, in batches shared with others of the same purpose.

        Raises:
            LaneFull, LaneBlocked: See `embed_frames`.
        """
        return await self._embed(purpose, texts)

    def close(self) -> None:
        """Ends the thread once its batch is done; whoever still waits is cancelled."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        for request in self._line.clear():
            _on_its_loop(request, request.answer.cancel)

    async def _embed(self, kind: Kind, items: Sequence[str] | Frames) -> Vectors:
        loop = asyncio.get_running_loop()
        request = Waiting(kind, items, loop.create_future())
        with self._changed:
            if self._closed:
                raise LaneBlocked(self._name, 0.0)
            self._line.add(request)
            self._changed.notify_all()
        timer = loop.call_later(self._max_wait_seconds, self._give_up, request)
        try:
            rows = await request.answer
            return rows[0] if len(rows) == 1 else np.concatenate(rows)
        finally:
            timer.cancel()
            with self._changed:
                self._line.remove(request)

    def _give_up(self, request: Waiting) -> None:
        with self._changed:
            if not request.taken:
                self._line.remove(request)
                _refuse(request, LaneBlocked(self._name, self._max_wait_seconds))

    def _work(self) -> None:
        while (parts := self._next_batch()) is not None:
            self._note_waits(parts)
            self._run(parts)

    def _next_batch(self) -> list[Part] | None:
        """Waits for work; None when there will be none."""
        with self._changed:
            if not self._line:
                self._changed.wait_for(lambda: self._closed or self._line)
                self._changed.wait_for(lambda: self._closed or self._line.fills(self._size.items), self._linger_seconds)
            return None if self._closed else self._line.take(self._size.items)

    def _note_waits(self, parts: Sequence[Part]) -> None:
        now = time.monotonic()
        for part in parts:
            if part.start == 0:
                self._meter.waited(part.request.kind, now - part.request.came)

    def _run(self, parts: Sequence[Part]) -> None:
        wanted = [part for part in parts if not part.request.answer.done()]
        if not wanted:
            return
        started = time.perf_counter()
        try:
            vectors = self._encode(wanted)
        except MemoryError as error:
            # The traceback keeps what the failed batch had allocated; it goes before the next attempt.
            failure: Exception = error.with_traceback(None)
        except Exception as error:
            failure = error
        else:
            self._size.worked(len(vectors))
            self._meter.ran(wanted[0].request.kind, len(vectors), time.perf_counter() - started)
            _hand_out(wanted, vectors)
            return
        self._recover(wanted, failure)

    def _recover(self, parts: Sequence[Part], failure: Exception) -> None:
        items = sum(map(len, parts))
        if isinstance(failure, MemoryError) and items > 1:
            self._size.shrink(items)
            self._meter.halved()
            for half in _halves(parts, items // 2):
                self._run(half)
        elif len(parts) > 1:
            for part in parts:
                self._run([part])
        else:
            request = parts[0].request
            with self._changed:
                self._line.remove(request)
            _on_its_loop(request, _refuse, request, failure)

    def _encode(self, parts: Sequence[Part]) -> Vectors:
        kind, items = parts[0].request.kind, sum(map(len, parts))
        if kind == "frames" or kind == "picture":
            frames = cast(list[Frames], [part.items for part in parts])
            # Only the picture model is ever given frames.
            encoder = cast(ImageTextEncoder, self._encoder)
            vectors = encoder.embed_frames(frames[0] if len(frames) == 1 else np.concatenate(frames))
        else:
            vectors = self._encoder.embed_texts([str(text) for part in parts for text in part.items], kind)
        if len(vectors) != items:
            raise ValueError(f"The {self._name} model gave {len(vectors)} vectors for {items} items.")
        return vectors


def _hand_out(parts: Sequence[Part], vectors: Vectors) -> None:
    start = 0
    for part in parts:
        request = part.request
        request.rows.append(vectors[start : start + len(part)])
        start += len(part)
        if part.stop == len(request.items):
            _on_its_loop(request, _answer, request)


def _halves(parts: Sequence[Part], first: int) -> tuple[list[Part], list[Part]]:
    """Splits a batch after its first items."""
    halves: tuple[list[Part], list[Part]] = ([], [])
    for part in parts:
        middle = min(part.stop, part.start + first)
        first -= middle - part.start
        if middle > part.start:
            halves[0].append(Part(part.request, part.start, middle))
        if middle < part.stop:
            halves[1].append(Part(part.request, middle, part.stop))
    return halves


def _on_its_loop(request: Waiting, call: object, *arguments: object) -> None:
    # A loop that is closed has nobody left who waits.
    with suppress(RuntimeError):
        request.answer.get_loop().call_soon_threadsafe(call, *arguments)  # type: ignore[arg-type]


def _answer(request: Waiting) -> None:
    if not request.answer.done():
        request.answer.set_result(request.rows)


def _refuse(request: Waiting, error: Exception) -> None:
    if not request.answer.done():
        request.answer.set_exception(error)
