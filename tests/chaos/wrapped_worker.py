"""A worker in which something is left out or done wrong, to show that the harness notices. The product has no switch.

The arguments name what: `plain-offsets` commits as Faust does; `hold FILE` keeps spans of keys that begin with `slow`
waiting while the file exists; `killer` dies of every span of a key that begins with `killer`; `broken` can decode no
span of a key that begins with `broken`; `measure FILE` works on every other span without the ledger, and writes how
long each took.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from stream import app, transport
from stream.claims import Claim, Claims
from stream.entry import Entry
from stream.errors import InvalidMedia
from stream.ledger import Ledger
from stream.outbox import SpanMessage
from stream.record import Record
from stream.spans import SpanWorker


class PlainConsumer(Consumer):
    """Faust's own consumer, with the two names that the worker asks for."""

    in_group = False

    def finish(self, message: Any) -> bool:
        return bool(self.ack(message))

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self.in_group = False
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        await super().on_partitions_assigned(assigned, generation_id)
        self.in_group = True


def commit_as_faust_does() -> None:
    transport.StrictTransport.Consumer = PlainConsumer  # type: ignore[assignment]


def hold(file: Path) -> None:
    decode = SpanWorker._decode

    async def waiting(self: SpanWorker, message: SpanMessage, *more: Any) -> Any:
        while message.key.startswith("slow") and file.exists():
            await asyncio.sleep(0.1)
        return await decode(self, message, *more)

    SpanWorker._decode = waiting  # type: ignore[method-assign, assignment]


def die() -> None:
    decode = SpanWorker._decode

    async def dying(self: SpanWorker, message: SpanMessage, *more: Any) -> Any:
        if message.key.startswith("killer"):
            await asyncio.sleep(0.5)  # Innocents beside it have begun by then.
            os.kill(os.getpid(), signal.SIGKILL)
        return await decode(self, message, *more)

    SpanWorker._decode = dying  # type: ignore[method-assign, assignment]


def break_spans() -> None:
    decode = SpanWorker._decode

    async def breaking(self: SpanWorker, message: SpanMessage, *more: Any) -> Any:
        if message.key.startswith("broken"):
            raise InvalidMedia("broken", "nothing of it can be decoded")
        return await decode(self, message, *more)

    SpanWorker._decode = breaking  # type: ignore[method-assign, assignment]


def measure(file: Path) -> None:
    """Works on every other span without the ledger, in turns, and writes how many seconds each took.

    Of a span without it the claim is taken before its time begins, and the span is marked done after it ended.
    Only the planner's and the sweeper's part is left out: it belongs to a video, not to a span.
    """
    take, index, done = Claims.take, SpanWorker._index_span, Ledger.done
    taken: dict[str, float] = {}
    seconds: dict[str, list[float]] = {"with": [], "without": [], "calls": []}

    async def taking(self: Claims, record: Record, message: SpanMessage) -> Claim | None:
        started = time.monotonic()
        claim = await take(self, record, message)
        taken[record.name] = time.monotonic() - started
        return claim

    async def indexing(self: SpanWorker, claim: Claim) -> None:
        bare = (len(seconds["with"]) + len(seconds["without"])) % 2 == 1
        later: list[Callable[[], Awaitable[Entry | None]]] = []

        async def put_off(ledger: Ledger, *names: Any, **more: Any) -> Entry:
            later.append(lambda: done(ledger, *names, **more))
            return claim.entry

        async def timed(ledger: Ledger, *names: Any, **more: Any) -> Entry | None:
            began = time.monotonic()
            entry = await done(ledger, *names, **more)
            seconds["calls"].append(taken[claim.record.name] + time.monotonic() - began)
            return entry

        Ledger.done = put_off if bare else timed  # type: ignore[assignment, method-assign]
        started = time.monotonic()
        await index(self, claim)
        spent = time.monotonic() - started
        seconds["without" if bare else "with"].append(spent if bare else spent + taken[claim.record.name])
        file.write_text(json.dumps(seconds))  # Before the last span is marked done: then it is read.
        for mark in later:
            if (entry := await mark()) is not None:
                await self._complete(entry)

    Claims.take, SpanWorker._index_span = taking, indexing  # type: ignore[method-assign]


if __name__ == "__main__":
    wishes = iter(sys.argv[1:])
    for wish in wishes:
        match wish:
            case "plain-offsets":
                commit_as_faust_does()
            case "hold":
                hold(Path(next(wishes)))
            case "killer":
                die()
            case "broken":
                break_spans()
            case "measure":
                measure(Path(next(wishes)))
    app.main()
