"""Decoder children between requests: one goes on only with the content that it has seen already."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Hashable

from stream.media.child import DecoderChild, start_child

_IDLE_SECONDS = 20.0


class ChildPool:
    """Lends children. What one file may have done to a child never meets another file."""

    def __init__(self, *, most_requests: int, most_idle: int = 2) -> None:
        """Replace a child after `most_requests`, keep at most `most_idle` that wait."""
        self._most_requests = most_requests
        self._most_idle = most_idle
        self._idle: list[tuple[Hashable, DecoderChild, asyncio.TimerHandle]] = []
        self._stopping: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def child(self, identity: Hashable) -> AsyncIterator[DecoderChild]:
        """Lend a child for one request about a content; a failure of any kind is its end.

        Args:
            identity: of the content; None for a child of its own.

        Raises:
            TransientError: the machine has no process or memory left for a new one.
        """
        child = self._take(identity) or await start_child()
        keep = False
        try:
            yield child
            keep = identity is not None and child.served < self._most_requests and child.lives
        finally:
            if keep:
                self._keep(identity, child)
            else:
                child.kill()
                await asyncio.shield(child.stop())

    async def close(self) -> None:
        """End the children that wait."""
        while self._idle:
            await self._discard(*self._idle.pop())
        await asyncio.gather(*self._stopping)

    def _take(self, identity: Hashable) -> DecoderChild | None:
        for number, (known, child, timer) in enumerate(self._idle):
            if identity is not None and known == identity and child.lives:
                del self._idle[number]
                timer.cancel()
                return child
        return None

    def _keep(self, identity: Hashable, child: DecoderChild) -> None:
        timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._expire, child)
        self._idle.append((identity, child, timer))
        if len(self._idle) > self._most_idle:
            self._expire(self._idle[0][1])

    def _expire(self, child: DecoderChild) -> None:
        for waiting in [entry for entry in self._idle if entry[1] is child]:
            self._idle.remove(waiting)
            task = asyncio.create_task(self._discard(*waiting), name="ending a decoder")
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

    async def _discard(self, _: Hashable, child: DecoderChild, timer: asyncio.TimerHandle) -> None:
        timer.cancel()
        child.kill()
        await child.stop()
