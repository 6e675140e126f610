"""What the ledger costs: the time of its calls beside the time of everything that a worker does for a span."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services import Scope

from chaos.contents import SHOT_SECONDS, render
from chaos.fleet import Worker
from chaos.scenarios import WRAPPED, staged
from infra.stack import LocalStack

SPAN_SECONDS = 60.0


async def cost_of_the_protocol(stack: LocalStack, scope: Scope, logs: Path, *, videos: int) -> dict[str, Any]:
    """Indexes videos of one span of 60 s, one after the other, with vectors that cost nothing.

    Real models take many times as long for a span, so that the true share is smaller.
    """
    figures = logs / "figures.json"
    shots = [((40 * number) % 256, (70 * number) % 256, (110 * number) % 256) for number in range(24)]
    assert len(shots) * SHOT_SECONDS == SPAN_SECONDS
    names = [f"{number}.mp4" for number in range(videos)]
    length = f"{SPAN_SECONDS:g}"
    async with staged(stack, scope, logs, KADR_SPAN_SECONDS=length, KADR_CONCURRENT_SPANS="1") as stage:
        for number, name in enumerate(names):
            await stage.world.put(name, render(shots[number:] + shots[:number]))
        async with stage.fleet.running(Worker("worker", program=(WRAPPED, "measure", str(figures)))):
            await stage.until_status("ready", *names, seconds=240)
    found: dict[str, Any] = json.loads(figures.read_text())
    spent, ledger = found["span_seconds"], found["ledger_seconds"]
    return {
        "spans": found["spans"],
        "with_ledger_seconds_a_span": round(spent / found["spans"], 3),
        "without_ledger_seconds_a_span": round((spent - ledger) / found["spans"], 3),
        "ledger_calls_a_span": round(found["ledger_calls"] / found["spans"], 1),
        "share": round(ledger / spent, 4),
    }
