"""Our way from a decoded frame to the model's numbers, beside open_clip's own transform of the same frame."""

from __future__ import annotations

import statistics
import time
from fractions import Fraction

import numpy as np
import open_clip
import torch
from av.video.frame import VideoFrame
from PIL import Image

from encoders.openclip import OpenClipEncoder
from stream.media.picture import Lens

_SIZES = {"": (640, 360), "_hd": (1280, 720)}


def measure_preprocessing(model: str, frames: int) -> dict[str, float]:
    """The worker's resizing and the encoder's normalisation beside the transform that comes with the model.

    The difference is of values between 0 and 1, before mean and deviation of the model are applied. Both sides start
    from the same frame in RGB, once as FFmpeg and once as Pillow holds it; ours goes through bytes, as it travels.
    Time is that of the processor, in one thread.
    """
    encoder = OpenClipEncoder(model, device="cpu", batch=1)
    theirs = open_clip.create_model_from_pretrained(f"local-dir:{model}")[1]
    figures: dict[str, float] = {}
    differences: list[float] = []
    for suffix, size in _SIZES.items():
        lens = Lens(Fraction(1), encoder.picture_input)
        ours_seconds, their_seconds = [], []
        for seed in range(frames):
            image = _picture(seed, size)
            frame = VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            start = time.thread_time()
            mine = _normalised(encoder, lens.model_input(frame))
            ours_seconds.append(time.thread_time() - start)
            start = time.thread_time()
            own = theirs(image)[None]
            their_seconds.append(time.thread_time() - start)
            differences.append(float(((mine - own) / (255.0 * encoder._scale)).abs().mean()))
        figures[f"preprocess_speedup{suffix}"] = statistics.median(their_seconds) / statistics.median(ours_seconds)
    return {"preprocess_mean_diff": statistics.mean(differences), **figures}


def _normalised(encoder: OpenClipEncoder, pixels: np.ndarray) -> torch.Tensor:
    uploaded = encoder._upload(pixels[None]).permute(0, 3, 1, 2)
    return torch.addcmul(encoder._shift, uploaded.float(), encoder._scale)


def _picture(seed: int, size: tuple[int, int]) -> Image.Image:
    """Something like a frame: large shapes of smooth colour with hard edges and fine grain."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (9, 16, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    for _ in range(12):
        left, top = (int(random.integers(0, side)) for side in size)
        width, height = (int(random.integers(8, side // 3)) for side in size)
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        coarse.paste(colour, (left, top, left + width, top + height))
    grain = random.normal(0, 8, (size[1], size[0], 3))
    return Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8))
