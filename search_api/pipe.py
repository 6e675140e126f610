"""Bytes on their way from the event loop to a thread, with a bound on how many wait."""

from __future__ import annotations

import asyncio
import threading

_MOST_BYTES = 4 << 20


class PipeBroken(Exception):
    """The other side gave up."""


class Pipe:
    """The loop writes, one thread reads; whoever is ahead waits.

    Whoever makes a pipe calls `finish` or `break_off` in the end: the reader waits until then.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._loop = asyncio.get_running_loop()
        self._most_bytes = most_bytes
        self._waiting = bytearray()
        self._changed = threading.Condition()
        self._room = asyncio.Event()
        self._finished = False
        self._broken = False

    async def write(self, data: bytes) -> None:
        """Add bytes; waits while too many of them wait.

        Raises:
            PipeBroken: the reader is gone.
        """
        while True:
            with self._changed:
                if self._broken:
                    raise PipeBroken
                if not self._waiting or len(self._waiting) + len(data) <= self._most_bytes:
                    self._waiting += data
                    self._changed.notify()
                    return
                self._room.clear()
            await self._room.wait()

    def finish(self) -> None:
        """Say that this was all."""
        with self._changed:
            self._finished = True
            self._changed.notify()

    def break_off(self) -> None:
        """Give up; the other side is told when it reads or writes next. Any thread may call it."""
        with self._changed:
            self._broken = True
            self._changed.notify()
        self._loop.call_soon_threadsafe(self._room.set)

    def read(self, size: int = -1, /) -> bytes:
        """Wait for `size` bytes; fewer are the last ones. In the reader's thread.

        Raises:
            PipeBroken: the writer gave up.
        """
        taken = bytearray()
        while size < 0 or len(taken) < size:
            with self._changed:
                while not (self._waiting or self._finished or self._broken):
                    self._changed.wait()
                if self._broken:
                    raise PipeBroken
                if not self._waiting:
                    break
                room = len(self._waiting) if size < 0 else size - len(taken)
                taken += self._waiting[:room]
                del self._waiting[:room]
            self._loop.call_soon_threadsafe(self._room.set)
        return bytes(taken)
