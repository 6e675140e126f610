"""What batching, HTTP and resizing cost beside the bare model: `make bench` prints it and writes `build/bench.json`.

Both sides of every ratio run in the same process run, in turns, and medians are compared, so that a machine whose speed
changes by the minute still gives a fair ratio. The picture model has the shape of the `cpu` profile's and random
weights: what a batch costs does not depend on them. Figures that end in `_small` are of a model that costs next to
nothing: they show what batching and HTTP cost. With a GPU, the `gpu` profile's picture model is measured too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from bench_gpu import measure_gpu
from bench_preprocessing import measure_preprocessing
from random_models import VIT_B_32, write_random_model

from encoders.batching.batcher import Batcher
from encoders.client import EncoderClient, EncoderUnavailable
from encoders.device import thread_count
from encoders.openclip import OpenClipEncoder
from encoders.settings import EncoderSettings
from encoders.untrained import write_untrained_model
from encoders.values import Frames, Vectors

RESULTS = Path("build/bench.json")
CALLERS = 8
LOOP_BATCHES = (16, 32, 64)
_START_SECONDS = 300.0

Embed = Callable[[Frames], Awaitable[Vectors]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: of each side of a ratio.
        requests: of each caller in a round.
        frames: in a request.
        batch: what the server gives the model at once.
        queries: among bulk work.
        pictures: of each size, for the preprocessing.
    """

    rounds: int
    requests: int
    frames: int
    batch: int
    queries: int
    pictures: int


LARGE = Effort(rounds=3, requests=1, frames=8, batch=32, queries=10, pictures=24)
SMALL = Effort(rounds=7, requests=4, frames=32, batch=64, queries=60, pictures=24)
SHORT = Effort(rounds=1, requests=1, frames=4, batch=16, queries=2, pictures=2)


def measure(large: Effort | None, small: Effort, folder: Path) -> dict[str, float]:
    """Measures everything with models written into a folder; without the large one, the small one stands in."""
    torch.set_num_threads(thread_count(0))
    little = str(write_untrained_model(folder))
    figures = _named(measure_model(small, little, folder), "_small" if large else "")
    model = little
    if large:
        model = str(write_random_model(VIT_B_32, folder))
        figures |= measure_model(large, model, folder) | measure_gpu()
    return figures | measure_preprocessing(model, small.pictures)


def measure_model(effort: Effort, model: str, folder: Path) -> dict[str, float]:
    """Batcher, server and queries with one picture model."""
    settings = EncoderSettings(encoder_batch=effort.batch)
    loop = BareLoop(model, effort)
    figures = asyncio.run(measure_batcher(effort, model, loop, settings))
    with serving(model, folder, settings) as url:
        return figures | asyncio.run(measure_server(effort, loop, url))


async def measure_batcher(effort: Effort, model: str, loop: BareLoop, settings: EncoderSettings) -> dict[str, float]:
    """Frames a second through the batcher beside the best loop, and how long a query waits for a bulk batch."""
    with batching(model, settings) as batcher:
        ratio = await _compare(loop, batcher.embed_frames, effort)
        waits = await _query_wait_ratio(batcher, loop, effort, settings.encoder_batch)
    return {"batcher_vs_loop": ratio, "loop_frames_per_second": loop.best_rate, **waits}


async def measure_server(effort: Effort, loop: BareLoop, url: str) -> dict[str, float]:
    """Frames a second through HTTP with raw arrays, from a server in a process of its own, beside the best loop."""
    async with EncoderClient(url, timeout_seconds=600) as client:
        return {"server_vs_loop": await _compare(loop, client.embed_frames, effort)}


class BareLoop:
    """The model alone, on the same frames, in batches of whichever size of some is fastest."""

    def __init__(self, model: str, effort: Effort) -> None:
        self._encoder = OpenClipEncoder(model, device="cpu", batch=max(LOOP_BATCHES))
        self._frames = _noise(CALLERS * effort.requests * effort.frames, self.size)
        self._rates: dict[int, list[float]] = {batch: [] for batch in LOOP_BATCHES}
        for _ in range(2):
            self.run(LOOP_BATCHES, len(self._frames))
        # The two best may differ by chance only: both go on.
        self._best = sorted(LOOP_BATCHES, key=self._rate)[-2:]

    @property
    def size(self) -> int:
        """Width and height of the model's frames."""
        return self._encoder.picture_input.size

    @property
    def best_rate(self) -> float:
        """Frames a second of the fastest batch size: the best of the medians."""
        return max(map(self._rate, self._best))

    def start(self) -> None:
        """Forgets what was measured."""
        self._rates = {batch: [] for batch in LOOP_BATCHES}

    def run(self, batches: Sequence[int] = (), count: int = 0) -> None:
        """One round of each batch size."""
        for batch in batches or self._best:
            start = time.perf_counter()
            self._embed(batch, count or len(self._frames))
            self._rates[batch].append((count or len(self._frames)) / (time.perf_counter() - start))

    def time_batch(self, size: int) -> float:
        """Seconds of one batch."""
        frames = _noise(size, self.size)
        start = time.perf_counter()
        self._encoder.embed_frames(frames)
        return time.perf_counter() - start

    def _embed(self, batch: int, count: int) -> None:
        for at in range(0, count, batch):
            self._encoder.embed_frames(self._frames[at : min(count, at + batch)])

    def _rate(self, batch: int) -> float:
        return statistics.median(self._rates[batch])


async def _compare(loop: BareLoop, embed: Embed, effort: Effort) -> float:
    """Rounds in turns, A B A B; returns the callers' median rate by that of the best loop."""
    frames, rates = _noise(effort.frames, loop.size), []
    loop.start()
    await embed(frames)
    for _ in range(effort.rounds):
        await asyncio.to_thread(loop.run)
        start = time.perf_counter()
        await asyncio.gather(*(_call_often(embed, frames, effort.requests) for _ in range(CALLERS)))
        rates.append(CALLERS * effort.requests * len(frames) / (time.perf_counter() - start))
    return statistics.median(rates) / loop.best_rate


async def _call_often(embed: Embed, frames: Frames, times: int) -> None:
    for _ in range(times):
        await embed(frames)


async def _query_wait_ratio(batcher: Batcher, loop: BareLoop, effort: Effort, batch: int) -> dict[str, float]:
    """A text's time to its vector while callers keep the model busy with full batches, by the time of one such batch.

    Texts come at random moments. The median and the 95th percentile, its own encoding included.
    """
    seconds_of_batch = statistics.median([await asyncio.to_thread(loop.time_batch, batch) for _ in range(5)])
    pauses = np.random.default_rng(5).uniform(0, 2 * seconds_of_batch, effort.queries)
    frames, waits = _noise(batch, loop.size), []
    bulk = [asyncio.create_task(_call_often(batcher.embed_frames, frames, 1_000_000)) for _ in range(CALLERS)]
    for pause in pauses:
        await asyncio.sleep(pause)
        start = time.perf_counter()
        await batcher.embed_texts(["a red car in the rain"], "query")
        waits.append(time.perf_counter() - start)
    for task in bulk:
        task.cancel()
    await asyncio.wait(bulk)
    return {
        "query_wait_ratio": float(np.percentile(waits, 95)) / seconds_of_batch,
        "query_wait_ratio_median": statistics.median(waits) / seconds_of_batch,
    }


@contextmanager
def batching(model: str, settings: EncoderSettings) -> Iterator[Batcher]:
    """A batcher as the server has it."""
    batcher = Batcher(
        "picture",
        OpenClipEncoder(model, device="cpu", batch=settings.encoder_batch),
        batch=settings.encoder_batch,
        max_waiting_items=settings.max_waiting_items,
        max_wait_seconds=settings.max_wait_seconds,
        linger_seconds=settings.linger_seconds,
    )
    try:
        yield batcher
    finally:
        batcher.close()


@contextmanager
def serving(model: str, models_dir: Path, settings: EncoderSettings) -> Iterator[str]:
    """An encoder server in a process of its own; gives its address once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    own = {
        "KADR_ENCODER_URL": url,
        "KADR_MODELS_DIR": str(models_dir),
        "KADR_PICTURE_MODEL": model,
        "KADR_SPEECH_MODEL": "pocketsphinx",
        "KADR_ENCODER_BATCH": str(settings.encoder_batch),
        "KADR_DEVICE": "cpu",
        "KADR_PRECISION": "fp32",
    }
    process = subprocess.Popen([sys.executable, "-m", "encoders.serving.server"], env=os.environ | own)
    try:
        asyncio.run(_ready(url, process))
        yield url
    finally:
        process.terminate()
        process.wait(30)


async def _ready(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    async with EncoderClient(url) as client:
        while True:
            try:
                await client.model_set()
                return
            except EncoderUnavailable:
                if process.poll() is not None or time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.2)


def write_figures(figures: dict[str, float], path: Path) -> None:
    """Puts the figures into a flat JSON object, beside those that are there."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known | figures, indent=2, sort_keys=True) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="only show that it runs; the figures mean nothing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file that the figures are put into")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(None if chosen.short else LARGE, SHORT if chosen.short else SMALL, Path(folder))
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    for name, value in figures.items():
        print(f"{name:<26} {value:g}")
    write_figures(figures, chosen.out)


def _named(figures: dict[str, float], suffix: str) -> dict[str, float]:
    return {f"{name}{suffix}": value for name, value in figures.items()}


def _noise(count: int, size: int) -> Frames:
    return np.random.default_rng(7).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


if __name__ == "__main__":
    main()
