"""Pictures a second of the `gpu` profile's picture model, through our path and in a bare loop, where there is a GPU."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from random_models import SO400M, write_random_model

from encoders.batching.batcher import Batcher
from encoders.device import choose_precision
from encoders.openclip import OpenClipEncoder
from encoders.values import Frames

CALLERS = 8
BATCHES = (64, 128, 256)
_ROUNDS = 7
_FRAMES_OF_CALLER = 512


def measure_gpu(architecture: str = SO400M, device: str = "cuda") -> dict[str, float]:
    """The figures, and the device's name on stdout; nothing where there is no CUDA."""
    if not torch.cuda.is_available():
        return {}
    print(f"gpu: {torch.cuda.get_device_name()}, {choose_precision('auto', 'cuda')}")
    with tempfile.TemporaryDirectory() as folder:
        model = str(write_random_model(architecture, Path(folder)))
        encoder = OpenClipEncoder(model, device=device, batch=max(BATCHES), precision=choose_precision("auto", "cuda"))
    return _measure(encoder)


def _measure(encoder: OpenClipEncoder) -> dict[str, float]:
    bare = {batch: _bare_loop(encoder, batch) for batch in BATCHES}
    best = max(BATCHES, key=lambda batch: statistics.median(_rates(bare[batch], 3)))
    torch.cuda.reset_peak_memory_stats()
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        theirs += _rates(bare[best], 1)
        ours.append(asyncio.run(_through_batcher(encoder, best)))
    return {
        "gpu_images_per_second": statistics.median(ours),
        "gpu_picture_ratio": statistics.median(ours) / statistics.median(theirs),
        "gpu_peak_bytes": float(torch.cuda.max_memory_allocated()),
        "gpu_batch": float(best),
    }


def _bare_loop(encoder: OpenClipEncoder, batch: int) -> Callable[[], int]:
    """A loop over pictures that are on the device already, in the model's own numbers."""
    size = encoder.picture_input.size
    pixels = torch.randn(batch, 3, size, size, device=encoder._device, dtype=encoder._type)
    times = CALLERS * _FRAMES_OF_CALLER // batch

    def run() -> int:
        with torch.inference_mode():
            for _ in range(times):
                encoder._encode_image(pixels)
            torch.cuda.synchronize()
        return times * batch

    return run


def _rates(run: Callable[[], int], times: int) -> list[float]:
    rates = []
    run()
    for _ in range(times):
        start = time.perf_counter()
        count = run()
        rates.append(count / (time.perf_counter() - start))
    return rates


async def _through_batcher(encoder: OpenClipEncoder, batch: int) -> float:
    frames = _noise(_FRAMES_OF_CALLER // 8, encoder.picture_input.size)
    batcher = Batcher(
        "picture", encoder, batch=batch, max_waiting_items=100_000, max_wait_seconds=600, linger_seconds=0.002
    )

    async def call() -> None:
        for _ in range(8):
            await batcher.embed_frames(frames)

    await batcher.embed_frames(frames)
    start = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(CALLERS)))
    seconds = time.perf_counter() - start
    await asyncio.to_thread(batcher.close)
    return CALLERS * 8 * len(frames) / seconds


def _noise(count: int, size: int) -> Frames:
    return np.random.default_rng(7).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
