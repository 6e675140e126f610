"""A word's time in a transcript is its time in the file, whenever the file's sound starts."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from encoders.speech.sound_file import NoSound, decode_sound
from encoders.values import PictureInput, Sound
from stream.media.container import open_media
from stream.media.sampling import SamplingBounds
from stream.media.span_decoder import decode_span

RATE = 48_000


def _write(
    path: Path, codec: str, pieces: list[tuple[float, float]], *, picture: bool = True, start: float = 0
) -> Path:
    """A tone in the given pieces only, and no packets between them; a grey picture from `start` on."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"}) if picture else None
        sound = container.add_stream(codec, rate=RATE)
        sound.layout = "mono"
        packets = [packet for piece in pieces for packet in _tone(sound, start + piece[0], start + piece[1])]
        packets += sound.encode(None)
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
            video.codec_context.time_base = Fraction(1, 1000)
            for index in range(30):
                frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 99, np.uint8), format="rgb24")
                frame.pts, frame.time_base = round((start + index / 10) * 1000), Fraction(1, 1000)
                packets += video.encode(frame.reformat(format="yuv420p"))
            packets += video.encode(None)
        packets.sort(key=lambda packet: float((packet.dts or 0) * packet.time_base))
        container.mux(packets)
    return path


def _tone(stream: av.AudioStream, start: float, stop: float) -> list[av.Packet]:
    packets = []
    for begin in np.arange(round(start * RATE), round(stop * RATE), 960):
        wave = 0.5 * np.sin(2 * np.pi * 440 * (begin + np.arange(960)) / RATE)
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), int(begin)
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=RATE)
        packets += [packet for one in resampler.resample(frame) for packet in stream.encode(one)]
    return packets


def _onset_seconds(sound: Sound) -> float:
    return int(np.argmax(np.abs(sound) > 0.1)) / 16_000


def _uploaded(path: Path) -> float:
    with path.open("rb") as file:
        return _onset_seconds(decode_sound(file, max_seconds=60))


def _in_a_span(path: Path) -> float:
    with path.open("rb") as file:
        media = open_media(file, max_streams=8, max_pixels=1_000_000, threads=1)
        bounds = SamplingBounds(max_frames=1, max_pixels=1_000_000)
        heard = decode_span(
            media, 0.0, 3.0, PictureInput(32, "squash", "bilinear", 0), bounds, sound_padding_seconds=0.0
        ).sound
    assert heard is not None
    return heard[1] + _onset_seconds(heard[0])


@pytest.mark.parametrize("place", [_uploaded, _in_a_span])
@pytest.mark.parametrize(
    ("name", "codec", "start"),
    [("a.mp4", "aac", 0), ("a.mkv", "flac", 0), ("a.mkv", "aac", 7), ("a.mov", "pcm_s16le", 0)],
)
def test_sound_that_starts_later_than_the_picture_is_heard_then(
    tmp_path: Path, place: object, name: str, codec: str, start: float
) -> None:
    path = _write(tmp_path / name, codec, [(1.5, 3.0)], start=start)
    assert callable(place)
    assert place(path) == pytest.approx(1.5, abs=0.03)


def test_a_file_of_sound_begins_with_its_sound(tmp_path: Path) -> None:
    assert _uploaded(_write(tmp_path / "a.mka", "flac", [(5.0, 6.0)], picture=False)) < 0.03


def test_a_gap_moves_nothing_behind_it(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.mka", "flac", [(0.0, 0.5), (2.0, 3.0)], picture=False)
    with path.open("rb") as file:
        sound = decode_sound(file, max_seconds=60)
    assert len(sound) / 16_000 == pytest.approx(3.0, abs=0.03)
    assert [np.abs(sound[round(at * 16_000) :][:1600]).max() > 0.1 for at in (0.2, 1.0, 1.8, 2.2, 2.8)] == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_a_gap_of_years_is_not_filled(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.mka", "flac", [(0.0, 0.5), (30_000.0, 30_000.5)], picture=False)
    with path.open("rb") as file:
        assert 10.0 < len(decode_sound(file, max_seconds=10)) / 16_000 < 13.0


def test_what_is_no_sound_is_one_sentence() -> None:
    with pytest.raises(NoSound, match="cannot be read as sound"):
        decode_sound(io.BytesIO(b"no sound"), max_seconds=1)
