"""A worker in which something is left out or done wrong, to show that the harness notices. The product has no switch.

The arguments name what: `plain-offsets` commits as Faust does; `hold FILE` keeps spans of keys that begin with `slow`
waiting while the file exists; `killer` dies of every span of a key that begins with `killer`; `measure FILE` writes
what spans and their ledger calls cost.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from stream import app, transport
from stream.ledger import Ledger
from stream.outbox import SpanMessage
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


def measure(file: Path) -> None:
    """Adds up how long spans take, and how much of that their ledger calls do."""
    work, run = SpanWorker._try, Ledger._run
    found = {"spans": 0, "span_seconds": 0.0, "ledger_calls": 0, "ledger_seconds": 0.0}

    async def working(self: SpanWorker, *arguments: Any) -> bool:
        ledger, started = found["ledger_seconds"], time.monotonic()
        calls = found["ledger_calls"]
        done = await work(self, *arguments)
        if found["ledger_seconds"] > ledger and found["ledger_calls"] > calls:
            found["spans"] += 1
            found["span_seconds"] += time.monotonic() - started
        file.write_text(json.dumps(found))
        return done

    async def running(self: Ledger, script: str, *arguments: Any) -> Any:
        started = time.monotonic()
        try:
            return await run(self, script, *arguments)
        finally:
            if script in ("claim", "done", "release"):
                found["ledger_calls"] += 1
                found["ledger_seconds"] += time.monotonic() - started

    SpanWorker._try = working  # type: ignore[method-assign, assignment]
    Ledger._run = running  # type: ignore[method-assign, assignment]


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
            case "measure":
                measure(Path(next(wishes)))
    app.main()
