"""The way to one model: one call at a time, and only so many that wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from encoders.serving.metrics import Meter, Metrics

Result = TypeVar("Result")


class LaneFull(Exception):
    """Too much waits for a model already (`retry_after_seconds` says when to come again)."""

    def __init__(self, name: str, waiting: int, what: str = "requests") -> None:
        super().__init__(f"{waiting} {what} wait for the {name} model already: try again later.")
        self.retry_after_seconds = 2


class LaneBlocked(Exception):
    """The model was busy for longer than a request may wait (`retry_after_seconds` says when to come again)."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"The {name} model was busy for {seconds:g} s: try again later.")
        self.retry_after_seconds = 5


class Lane:
    """Runs calls on one model in one thread of its own, first come, first served.

    Args:
        name: The model's part, for messages.
        max_waiting: Calls that may wait while one runs.
        max_wait_seconds: Longest wait before a call starts.
        meter: Counts what happens.
    """

    def __init__(self, name: str, *, max_waiting: int, max_wait_seconds: float, meter: Meter | None = None) -> None:
        self._name = name
        self._max_waiting = max_waiting
        self._max_wait_seconds = max_wait_seconds
        self._waiting = 0
        self._meter = meter or Metrics().meter("speech")
        self._meter.watch("bulk", lambda: self._waiting)
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-model")

    async def run(self, call: Callable[[], Result]) -> Result:
        """Runs the call when it is its turn; a call whose caller is gone before that never runs.

        Raises:
            LaneFull: As many calls wait as may.
            LaneBlocked: It was not its turn in time.
        """
        came = time.monotonic()
        await self._take_turn()
        started = time.monotonic()
        self._meter.waited("sound", started - came)
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, call)
            self._meter.ran("sound", 1, time.monotonic() - started)
            return result
        finally:
            self._turn.release()

    def close(self) -> None:
        """Ends the thread once its call is done."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _take_turn(self) -> None:
        if self._waiting >= self._max_waiting:
            raise LaneFull(self._name, self._waiting)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                await self._turn.acquire()
        except TimeoutError as error:
            raise LaneBlocked(self._name, self._max_wait_seconds) from error
        finally:
            self._waiting -= 1
