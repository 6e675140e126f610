"""Every sample of sound stands at its own time, whatever the file does between."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from stream.media.container import open_media
from stream.media.sampling import SamplingBounds
from stream.media.span_decoder import DecodedSpan, decode_span

RATE = 48_000
BOUNDS = SamplingBounds(max_frames=10, max_pixels=1_000_000)


def _write(path: Path, pieces: list[tuple[float, float]], frequency: float = 440.0) -> Path:
    """Write a tone that is only there in the given (start, stop) pieces; between them there are no packets at all."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.layout = "mono"
        for start, stop in pieces:
            for begin in np.arange(start, stop - 1e-6, 0.1):
                times = begin + np.arange(RATE // 10) / RATE
                wave = (0.5 * np.sin(2 * np.pi * frequency * times) * 32767).astype(np.int16)
                frame = AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
                frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), round(begin * RATE)
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _decode(path: Path, start_seconds: float, stop_seconds: float) -> DecodedSpan:
    with path.open("rb") as source:
        media = open_media(source, max_streams=8, max_pixels=1_000_000, threads=1)
        return decode_span(media, start_seconds, stop_seconds, PICTURE, BOUNDS, sound_padding_seconds=1.0)


PICTURE = None  # There is no picture in these files.


def test_a_gap_is_silence_and_moves_nothing(tmp_path: Path) -> None:
    sound, start = _decode(_write(tmp_path / "a.mka", [(0.0, 2.0), (5.0, 8.0)]), 0.0, 8.0).sound or pytest.fail()
    assert start == 0.0 and len(sound) == pytest.approx(8 * 16_000, abs=200)
    loud = [np.abs(sound[second * 16_000 + 3000 : second * 16_000 + 13_000]).max() > 0.3 for second in range(8)]
    assert loud == [True, True, False, False, False, True, True, True]


def test_a_span_is_padded_by_a_second_within_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.mka", [(0.0, 10.0)])
    sound, start = _decode(path, 4.0, 6.0).sound or pytest.fail()
    assert start == pytest.approx(3.0) and len(sound) == pytest.approx(4 * 16_000, abs=2)
    sound, start = _decode(path, 8.0, 10.0).sound or pytest.fail()
    assert start == pytest.approx(7.0) and len(sound) == pytest.approx(3 * 16_000, abs=200)


def test_a_tone_keeps_its_phase_over_spans(tmp_path: Path) -> None:
    sound, start = _decode(_write(tmp_path / "a.mka", [(0.0, 10.0)], 100.0), 4.0, 6.0).sound or pytest.fail()
    times = start + np.arange(len(sound)) / 16_000
    expected = 0.5 * np.sin(2 * np.pi * 100.0 * times)
    assert np.abs(sound - expected)[800:-800].max() < 0.02


def test_where_there_is_no_sound_there_is_none(tmp_path: Path) -> None:
    assert _decode(_write(tmp_path / "a.mka", [(0.0, 2.0), (50.0, 52.0)]), 20.0, 30.0).sound is None


@pytest.mark.parametrize(("channels", "width"), [(12, 2), (32, 2), (32, 1), (5, 4)])
def test_channels_of_no_known_layout_are_mixed_by_their_mean(tmp_path: Path, channels: int, width: int) -> None:
    kind = {1: np.uint8, 2: np.int16, 4: np.int32}[width]
    full = 2.0 ** (8 * width - 1)
    samples = np.full((RATE, channels), 128 if width == 1 else 0, kind)
    samples[:, 1] += kind(0.8 * full - 1)
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setparams((channels, width, RATE, 0, "NONE", ""))
        out.writeframes(samples.tobytes())
    sound, start = _decode(tmp_path / "a.wav", 0.0, 1.0).sound or pytest.fail()
    assert start == 0.0 and len(sound) == pytest.approx(16_000, abs=20)
    assert sound[2000:-2000] == pytest.approx(0.8 / channels, abs=2e-3)
