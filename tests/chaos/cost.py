"""What the protocol costs: a minute of video with and without the ledger, and the ledger of ten hours of video."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.media_files import Film, repeat_film, shots, write_film
from opensearchpy import AsyncOpenSearch
from services import Scope

from chaos.fleet import Worker
from chaos.scenarios import WRAPPED, staged
from infra.stack import LocalStack
from stream.entry import Source, blank
from stream.ledger import Ledger
from stream.look import Plan, divide, fields_of_revision
from stream.settings import StreamSettings

SPAN_SECONDS = 60.0
TEN_HOURS = 36_000.0
_AT_ONCE = 8
_FIRST_AND_LAST = 50


async def cost_of_the_protocol(stack: LocalStack, scope: Scope, logs: Path, *, spans: int) -> dict[str, Any]:
    """Indexes one film of so many minutes with the models of the scope, every other minute without the ledger.

    One span at a time, in turns, so that whatever else the machine does meets both. The film is silent: recognising
    speech takes longer than all the rest, so that the share of a film in which somebody speaks is smaller.
    """
    figures, film = logs / "figures.json", logs / "film.mp4"
    assert spans % 2 == 0, "the last span must be one whose end is not measured"
    minute = Film(shots(SPAN_SECONDS, seed=1), width=640, height=360, gop=50, bit_rate=800_000)
    await asyncio.to_thread(repeat_film, write_film(logs / "minute.mp4", minute), film, spans)
    settings = {"KADR_SPAN_SECONDS": f"{SPAN_SECONDS:g}", "KADR_CONCURRENT_SPANS": "1"}
    async with staged(stack, scope, logs, contents=0, **settings) as stage:
        await stage.world.put("film.mp4", film.read_bytes())
        async with stage.fleet.running(Worker("worker", program=(WRAPPED, "measure", str(figures)))):
            await stage.until_status("ready", "film.mp4", seconds=600)
    return share_of(json.loads(figures.read_text()))


def share_of(seconds: dict[str, list[float]]) -> dict[str, Any]:
    """Compares each span with the one after it, which went without the ledger; the first pair only warms up.

    The share is that of the ledger's calls, for which a span waits; the difference of neighbours, which nothing
    escapes, must be about the same, but is lost in the noise where others use the machine.
    """
    pairs = list(zip(seconds["with"], seconds["without"], strict=True))[1:]
    without = statistics.median(bare for _, bare in pairs)
    more = statistics.median(whole - bare for whole, bare in pairs)
    calls = statistics.median(seconds["calls"][1:])
    return {
        "pairs_of_spans": len(pairs),
        "seconds_a_span_without_ledger": round(without, 4),
        "seconds_a_span_more_with_ledger": round(more, 4),
        "seconds_a_span_in_ledger_calls": round(calls, 4),
        "share": round(calls / without, 4),
        "share_by_difference": round(more / without, 4),
    }


async def ledger_of_ten_hours(scope: Scope) -> dict[str, Any]:
    """Claims and marks 600 spans, eight at once, and delivers every record a second time once its span is done."""
    settings = scope.read(StreamSettings)
    async with AsyncOpenSearch(settings.opensearch_url) as client:
        ledger = Ledger(client, index=settings.videos_index, script_prefix=settings.index_prefix)
        number = await _plan(ledger)
        spans, seconds = iter(range(number)), dict[int, float]()

        async def work() -> None:
            for span in spans:
                claim, started = {"record": f"r{span}", "run": f"run{span}"}, time.monotonic()
                assert await ledger.claim("id", 1, span, **claim) is not None
                assert await ledger.done("id", 1, span, run=claim["run"], timings={"decode_seconds": 1.5}) is not None
                seconds[span] = time.monotonic() - started
                assert await ledger.claim("id", 1, span, record=f"r{span}", run="again") is None

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        found = await client.get(index=settings.videos_index, id="id")
    times = [seconds[span] for span in range(number)]
    return {
        "spans": number,
        "updates": found["_version"],
        "updates_a_span": round(found["_version"] / number, 3),
        "document_bytes": len(json.dumps(found["_source"])),
        "milliseconds_a_span_of_the_first": round(1000 * statistics.median(times[:_FIRST_AND_LAST])),
        "milliseconds_a_span_of_the_last": round(1000 * statistics.median(times[-_FIRST_AND_LAST:])),
    }


async def _plan(ledger: Ledger) -> int:
    await ledger.create(blank("videos", "ten hours.mp4", "id"))
    entry = await ledger.read("id")
    assert entry is not None
    plan = Plan(TEN_HOURS, divide(TEN_HOURS, SPAN_SECONDS), {})
    source = Source("etag", None, "2026-01-01T00:00:00.000+00:00", 1)
    planned = await ledger.look(entry, fields_of_revision(entry, source, plan))
    assert planned is not None
    return len(planned.spans)
