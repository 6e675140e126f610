"""Exactly N frames a second, over spans without a seam; otherwise nothing is looked at twice."""

from pathlib import Path

import numpy as np
import pytest
from decoding import BOUNDS, decoded
from media import Video, make, scene
from PIL import Image

from stream.errors import InvalidMedia
from stream.media.sampling import SamplingBounds

TWO = SamplingBounds(max_frames=400, max_pixels=10_000_000, frames_per_second=2.5)


def _shot(pixels: np.ndarray, seconds: float) -> int:
    """Which of two shots a sample shows."""
    shots = [Image.fromarray(scene(shot, seconds, 160, 90)).resize((32, 32)) for shot in (0, 1)]
    return int(np.argmin([np.abs(pixels.astype(float) - np.asarray(shot)).mean() for shot in shots]))


@pytest.mark.parametrize("start_seconds", [0.0, 11.0])
def test_so_many_frames_a_second_as_are_asked_for(tmp_path: Path, start_seconds: float) -> None:
    video = Video((4.0, 3.0), rate=10, width=160, height=90, gop=250, start_seconds=start_seconds, sound_codec=None)
    path = make(tmp_path / "a.mkv", video)
    spans = [decoded(path, start, start + 3.5, TWO) for start in (0.0, 3.5)]
    samples = [sample for span in spans for sample in span.samples]
    assert [sample.seconds for sample in samples] == pytest.approx([n / 2.5 for n in range(18)])
    assert [_shot(sample.pixels, sample.seconds) for sample in samples] == [0] * 10 + [1] * 8
    assert [cut for span in spans for cut in span.cut_seconds] == pytest.approx([4.0], abs=0.05)


def test_a_slow_video_repeats_its_frames(tmp_path: Path) -> None:
    video = Video((3.0,), frame_seconds=[0.0, 2.0, 2.9], width=160, height=90, sound_codec=None)
    samples = decoded(make(tmp_path / "a.mkv", video), 0.0, 2.8, TWO).samples
    assert [sample.seconds for sample in samples] == pytest.approx([0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4])
    assert np.array_equal(samples[0].pixels, samples[4].pixels)
    assert not np.array_equal(samples[4].pixels, samples[5].pixels)


def test_a_picture_that_stands_still_is_looked_at_once(tmp_path: Path) -> None:
    # The square that wanders through the picture is back where it was.
    still = Video((8.0,), frame_seconds=[0.0, 2.8, 5.6], width=64, height=64, gop=1, sound_codec=None)
    assert [sample.seconds for sample in decoded(make(tmp_path / "a.mkv", still), 0.0, 8.0, BOUNDS).samples] == [0.0]


def test_more_frames_a_second_than_are_allowed_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mkv", Video((8.0,), rate=25, width=64, height=64, gop=250, sound_codec=None))
    few = SamplingBounds(max_frames=400, max_pixels=10_000_000, frames_per_second=2.0, max_frames_per_second=5.0)
    with pytest.raises(InvalidMedia, match="more than 5 frames a second") as refusal:
        decoded(path, 0.0, 8.0, few)
    assert refusal.value.reason == "too_large"
