"""Slots for spans: how many a worker handles at once, and one alone where a span may be what kills workers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """A bound on concurrent work that can also be taken whole."""

    def __init__(self, number: int) -> None:
        if number < 1:
            raise ValueError(f"at least one slot is needed: {number = }")
        self._number = number
        self._free = asyncio.Semaphore(number)
        self._whole = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Waits for a slot and holds it."""
        async with self._whole:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    @asynccontextmanager
    async def all(self) -> AsyncIterator[None]:
        """Waits until nothing else runs, and keeps it so."""
        async with self._whole:
            taken = 0
            try:
                while taken < self._number:
                    await self._free.acquire()
                    taken += 1
                yield
            finally:
                for _ in range(taken):
                    self._free.release()
