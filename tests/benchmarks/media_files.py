"""Films for measuring: large enough to cost something, with cuts that are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

RATE = 25
_TICKS = 90_000
_Planes = list[NDArray[np.uint8]]
_GRAIN_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Film:
    """A film of shots.

    Args:
        fade_seconds: how long each shot passes into the next; 0 for hard cuts.
        keyframes_at_cuts: whether keyframes stand at hard cuts, as encoders place them unless told not to. The
            encoder is told where they are: it would overlook half of the cuts between pictures as plain as these.
        preset: of x264.
    """

    shot_seconds: Sequence[float]
    width: int
    height: int
    gop: int
    seed: int = 0
    fade_seconds: float = 0.0
    keyframes_at_cuts: bool = True
    bit_rate: int = 0
    sound: bool = False
    preset: str = "veryfast"

    @property
    def seconds(self) -> float:
        return float(sum(self.shot_seconds))

    @property
    def cut_seconds(self) -> list[float]:
        return list(accumulate(self.shot_seconds))[:-1]


def shots(seconds: float, seed: int, *, shortest: float = 1.5, longest: float = 14.0) -> list[float]:
    """Lengths of shots that fill a time, in whole frames."""
    chance, lengths, left = np.random.default_rng(seed), [], seconds
    while left > longest:
        length = round(float(chance.uniform(shortest, longest)) * RATE) / RATE
        lengths.append(length)
        left -= length
    return [*lengths, left]


def write_film(path: Path, film: Film) -> Path:
    """Encode a film with x264 (and a humming AAC track)."""
    options = {"preset": film.preset, "sc_threshold": "40" if film.keyframes_at_cuts else "0", "threads": "2"}
    are_marked = film.keyframes_at_cuts and not film.fade_seconds
    marked = {round(cut * RATE) for cut in film.cut_seconds} if are_marked else set()
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=RATE, options=options)
        picture.width, picture.height, picture.pix_fmt = film.width, film.height, "yuv420p"
        picture.codec_context.gop_size = film.gop
        picture.codec_context.bit_rate = film.bit_rate
        picture.codec_context.time_base = Fraction(1, _TICKS)
        sound = container.add_stream("aac", rate=16_000, layout="mono") if film.sound else None
        for number, frame in enumerate(_frames(film)):
            frame.pts, frame.time_base = number * _TICKS // RATE, Fraction(1, _TICKS)
            frame.pict_type = PictureType.I if number in marked else PictureType.NONE
            container.mux(picture.encode(frame))
            if sound is not None and number % RATE == 0:
                container.mux(sound.encode(_hum(number // RATE)))
        container.mux(picture.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return path


def repeat_film(source: Path, path: Path, times: int) -> Path:
    """Copy the packets of a film so many times one after the other, without encoding anything."""
    with av.open(str(path), "w") as new:
        copies: list[av.stream.Stream] = []
        last: dict[int, int] = {}
        for turn in range(times):
            with av.open(str(source)) as old:
                copies = copies or [new.add_stream_from_template(stream) for stream in old.streams]
                length = Fraction(old.duration or 0, av.time_base)
                for packet in old.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(length * turn / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    # Sound is a little longer than its picture, and begins a little before it.
                    if packet.dts <= last.get(packet.stream_index, packet.dts - 1):
                        continue
                    last[packet.stream_index] = packet.dts
                    packet.stream = copies[packet.stream_index]
                    new.mux(packet)
    return path


def _frames(film: Film) -> Iterator[VideoFrame]:
    """Frames as yuv420p: a picture that pans, of its shot's own colours and forms, with a little grain."""
    # No colour is so dark or so bright that grain would wrap it around.
    grain = np.random.default_rng(9).integers(-6, 7, (_GRAIN_FRAMES, film.height, film.width)).astype(np.uint8)
    cuts = [0.0, *film.cut_seconds, film.seconds]
    pictures: dict[int, _Planes] = {}
    for number in range(round(film.seconds * RATE)):
        seconds = number / RATE
        shot = int(np.searchsorted(cuts, seconds + 1e-6, side="right")) - 1
        pictures = {n: pictures[n] if n in pictures else _picture(film, n) for n in (shot, shot + 1)}
        planes = _pan(pictures[shot], seconds - cuts[shot])
        until = cuts[shot + 1] - seconds
        if until < film.fade_seconds and shot + 2 < len(cuts):
            share = 1 - until / film.fade_seconds
            planes = [
                ((1 - share) * old + share * new).astype(np.uint8)
                for old, new in zip(planes, pictures[shot + 1], strict=True)
            ]
        flat = np.concatenate([(planes[0] + grain[number % _GRAIN_FRAMES]).ravel(), *(p.ravel() for p in planes[1:])])
        yield VideoFrame.from_ndarray(flat.reshape(film.height * 3 // 2, film.width), format="yuv420p")


def _pan(picture: _Planes, seconds: float) -> _Planes:
    step = int(seconds * 12)
    return [np.roll(plane, step * (2 if number == 0 else 1), axis=1) for number, plane in enumerate(picture)]


def _picture(film: Film, shot: int) -> _Planes:
    """Y, Cb and Cr of a shot: fields of colour, and shapes on them."""
    chance = np.random.default_rng((film.seed, shot))
    height, width = film.height, film.width
    small = chance.integers(30, 226, (3, 5, 8)).astype(np.uint8)
    fields = small.repeat(-(-height // 5), axis=1).repeat(-(-width // 8), axis=2)[:, :height, :width].copy()
    for _ in range(12):
        top, left = int(chance.integers(0, height * 4 // 5)), int(chance.integers(0, width * 4 // 5))
        patch = fields[:, top : top + height // 6, left : left + width // 8]
        patch[:] = chance.integers(30, 226, (3, 1, 1))
    return [fields[0], np.ascontiguousarray(fields[1, ::2, ::2]), np.ascontiguousarray(fields[2, ::2, ::2])]


def _hum(second: int) -> av.AudioFrame:
    times = second + np.arange(16_000) / 16_000
    frame = av.AudioFrame.from_ndarray(
        (0.1 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)[None], format="fltp", layout="mono"
    )
    frame.sample_rate, frame.pts, frame.time_base = 16_000, second * 16_000, Fraction(1, 16_000)
    return frame
