"""What batching, HTTP and resizing cost beside the bare model: `make bench` prints it and writes `build/bench.json`.

Both sides of every ratio run in the same process run, in turns, and medians are compared, so that a machine whose speed
changes by the minute still gives a fair ratio. The picture model has random weights: what a batch costs does not depend
on them.
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
import open_clip
import torch
from PIL import Image

from encoders.batcher import Batcher
from encoders.client import EncoderClient, EncoderUnavailable
from encoders.device import thread_count
from encoders.openclip import OpenClipEncoder
from encoders.settings import EncoderSettings
from encoders.untrained import write_untrained_model
from encoders.values import Frames, Vectors
from stream.picture import model_input

RESULTS = Path("build/bench.json")
CALLERS = 8
LOOP_BATCHES = (16, 32, 64, 128)
_START_SECONDS = 180.0
_HD = (1280, 720)

Embed = Callable[[Frames], Awaitable[Vectors]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: rounds of each side, requests of each caller in a round, frames in a request."""

    rounds: int
    requests: int
    frames: int
    queries: int
    pictures: int


THOROUGH = Effort(rounds=7, requests=4, frames=32, queries=60, pictures=24)
SHORT = Effort(rounds=1, requests=1, frames=8, queries=2, pictures=2)


def measure(effort: Effort, folder: Path) -> dict[str, float]:
    """Measures everything with a model written into a folder."""
    settings = EncoderSettings(models_dir=folder)
    torch.set_num_threads(thread_count(settings.torch_threads))
    model = str(write_untrained_model(folder))
    figures = measure_preprocessing(effort, model)
    figures |= asyncio.run(measure_batcher(effort, model, settings))
    with serving(folder) as url:
        figures |= asyncio.run(measure_server(effort, model, settings, url))
    return figures


async def measure_batcher(effort: Effort, model: str, settings: EncoderSettings) -> dict[str, float]:
    """Frames a second through the batcher beside the best loop, and how long a query waits for a bulk batch."""
    loop = BareLoop(model, effort)
    with batching(model, settings) as batcher:
        ratio = await _compare(loop, batcher.embed_frames, effort)
        waits = await _query_wait_ratio(batcher, loop, effort, settings.encoder_batch)
    return {"batcher_vs_loop": ratio, "loop_frames_per_second": loop.best, **waits}


async def measure_server(effort: Effort, model: str, settings: EncoderSettings, url: str) -> dict[str, float]:
    """Frames a second through HTTP with raw arrays, from a server in a process of its own, beside the best loop."""
    async with EncoderClient(url) as client:
        return {"server_vs_loop": await _compare(BareLoop(model, effort), client.embed_frames, effort)}


class BareLoop:
    """The model alone, on the same frames, by whichever of some batch sizes is fastest."""

    def __init__(self, model: str, effort: Effort) -> None:
        self._encoders = [OpenClipEncoder(model, device="cpu", batch=batch) for batch in LOOP_BATCHES]
        self._frames = _noise(CALLERS * effort.requests * effort.frames)
        self._rates: dict[int, list[float]] = {batch: [] for batch in LOOP_BATCHES}
        self.seconds_of_batch: list[float] = []

    @property
    def best(self) -> float:
        """Frames a second of the fastest batch size: the best of the medians."""
        return max(statistics.median(rates) for rates in self._rates.values())

    def run(self) -> None:
        """One round of each batch size."""
        for batch, encoder in zip(LOOP_BATCHES, self._encoders, strict=True):
            start = time.perf_counter()
            encoder.embed_frames(self._frames)
            self._rates[batch].append(len(self._frames) / (time.perf_counter() - start))

    def time_batch(self, size: int) -> float:
        """Seconds of one batch."""
        frames = self._frames[:size] if len(self._frames) >= size else _noise(size)
        start = time.perf_counter()
        self._encoders[LOOP_BATCHES.index(size)].embed_frames(frames)
        return time.perf_counter() - start


async def _compare(loop: BareLoop, embed: Embed, effort: Effort) -> float:
    """Rounds in turns, A B A B; returns the callers' median rate by that of the best loop."""
    frames, rates = _noise(effort.frames), []
    await embed(frames)
    for _ in range(effort.rounds):
        await asyncio.to_thread(loop.run)
        start = time.perf_counter()
        await asyncio.gather(*(_call_often(embed, frames, effort.requests) for _ in range(CALLERS)))
        rates.append(CALLERS * effort.requests * len(frames) / (time.perf_counter() - start))
    return statistics.median(rates) / loop.best


async def _call_often(embed: Embed, frames: Frames, times: int) -> None:
    for _ in range(times):
        await embed(frames)


async def _query_wait_ratio(batcher: Batcher, loop: BareLoop, effort: Effort, batch: int) -> dict[str, float]:
    """A text's time to its vector while callers keep the model busy with full batches, by the time of one such batch.

    Texts come at random moments. The median and the 95th percentile, its own encoding included.
    """
    seconds_of_batch = statistics.median([await asyncio.to_thread(loop.time_batch, batch) for _ in range(9)])
    pauses = np.random.default_rng(5).uniform(0, 2 * seconds_of_batch, effort.queries)
    frames, waits = _noise(batch), []
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


def measure_preprocessing(effort: Effort, model: str) -> dict[str, float]:
    """The worker's resizing and the encoder's normalisation beside open_clip's own transform of the same pictures.

    The difference is of values between 0 and 1, before mean and deviation of the model are applied. A worker's frame
    is resized once and travels as bytes; both sides start from the decoded picture.
    """
    encoder = OpenClipEncoder(model, device="cpu", batch=64)
    _, theirs = open_clip.create_model_from_pretrained(f"local-dir:{model}")
    pictures = [_picture(seed) for seed in range(effort.pictures)]
    deviation = 1.0 / (255.0 * encoder._scale)
    differences, ours_seconds, their_seconds = [], [], []
    for picture in pictures * (3 if effort.pictures > 2 else 1):
        start = time.perf_counter()
        pixels = torch.from_numpy(model_input(picture, picture.size, encoder.picture_input).copy()).permute(2, 0, 1)
        mine = torch.addcmul(encoder._shift, pixels[None].float(), encoder._scale)
        ours_seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
        own = theirs(picture)[None]
        their_seconds.append(time.perf_counter() - start)
        differences.append(float(((mine - own) * deviation).abs().mean()))
    return {
        "preprocess_mean_diff": statistics.mean(differences),
        "preprocess_speedup": statistics.median(their_seconds) / statistics.median(ours_seconds),
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
def serving(models_dir: Path) -> Iterator[str]:
    """An encoder server in a process of its own; gives its address once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    own = {"KADR_ENCODER_URL": url, "KADR_MODELS_DIR": str(models_dir), "KADR_SPEECH_MODEL": "pocketsphinx"}
    process = subprocess.Popen([sys.executable, "-m", "encoders.server"], env=os.environ | own)
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
        figures = measure(SHORT if chosen.short else THOROUGH, Path(folder))
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    for name, value in figures.items():
        print(f"{name:<26} {value:g}")
    write_figures(figures, chosen.out)


def _noise(count: int) -> Frames:
    return np.random.default_rng(7).integers(0, 256, (count, 128, 128, 3), dtype=np.uint8)


def _picture(seed: int) -> Image.Image:
    """Something like a frame: large shapes of smooth colour with fine grain."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (9, 16, 3), dtype=np.uint8)).resize(_HD, Image.Resampling.BICUBIC)
    grain = random.normal(0, 8, (_HD[1], _HD[0], 3))
    return Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
