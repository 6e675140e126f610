"""What it takes to compare a bucket of a million objects with the ledger: peak memory must not grow with it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minio import Minio
from opensearchpy import AsyncOpenSearch

from chaos.crowd import BUCKET
from chaos.setting import python_path
from stream.settings import StreamSettings
from stream.upkeep import build_reconciler

SIZES = (100_000, 1_000_000)
MOST_GROWTH_MB = 8.0
_SECONDS = 900


def compared(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Reconciles made-up buckets of these sizes, each in a process of its own."""
    found = {str(size): _one(size) for size in sizes}
    peaks = [found[str(size)]["peak_mb"] for size in sizes]
    return {"sizes": found, "peak_growth_mb": round(peaks[-1] - peaks[0], 1)}


def failures(found: dict[str, Any]) -> list[str]:
    """Says what must not be: memory that grows, or a comparison that overlooks something."""
    wrong = [] if found["peak_growth_mb"] <= MOST_GROWTH_MB else [f"memory grows by {found['peak_growth_mb']} MB"]
    for size, one in found["sizes"].items():
        each = int(size) // 1000
        seen = (one["objects"], one["videos"], one["unknown"], one["vanished"], one["sent"])
        if seen != (int(size) - each, int(size) - each, each, each, 2 * each):
            wrong.append(f"of {size} keys were found {seen}")
    return wrong


def _one(size: int) -> dict[str, Any]:
    environment = {"PYTHONPATH": python_path()}
    crowd = subprocess.Popen(
        [sys.executable, "-m", "chaos.crowd", str(size)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin is not None and crowd.stdout is not None
    try:
        url = crowd.stdout.readline().strip()
        program = [sys.executable, "-m", "chaos.listing", url]
        done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, timeout=_SECONDS, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    finally:
        crowd.stdin.close()
        crowd.wait(20)


class _Counting:
    """A producer that only counts, for a planner that keeps up."""

    def __init__(self) -> None:
        self.sent = 0

    async def send_and_wait(self, *_: Any, **__: Any) -> None:
        self.sent += 1


class _NothingWaits:
    async def lag(self, topic: str) -> int:
        return 0

    async def passed(self, topic: str, at_seconds: float) -> bool:
        return True


async def reconcile(url: str) -> dict[str, Any]:
    """Reconciles with the real clients of both sides."""
    settings = StreamSettings(buckets=(BUCKET,))
    opensearch, producer, started = AsyncOpenSearch(url), _Counting(), time.monotonic()
    minio = Minio(urlsplit(url).netloc, "key", "secret", secure=False)
    try:
        reconciler = build_reconciler(
            settings,
            opensearch=opensearch,
            minio=minio,
            producer=producer,  # type: ignore[arg-type]
            progress=_NothingWaits(),
        )
        report = await reconciler.reconcile()
    finally:
        await opensearch.close()
    counts = {str(kind): count for kind, count in report.counts.items()}
    return {
        "objects": report.objects,
        "videos": report.videos,
        "unknown": counts.get("unknown", 0),
        "vanished": counts.get("vanished", 0),
        "sent": producer.sent,
        "seconds": round(time.monotonic() - started, 1),
        "peak_mb": round(_peak_mb(), 1),
    }


def _peak_mb() -> float:
    """Peak resident memory of this program; `getrusage` may tell that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(reconcile(sys.argv[1]))))
