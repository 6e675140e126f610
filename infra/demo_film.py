"""One of the demo's videos: what is in it, and how it is written to a file with PyAV."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from encoders.training.voices import Voice, Voices
from encoders.training.world.canvas import Scene, Size
from encoders.training.world.matrix import turn_upright

SAMPLES_PER_SECOND = 48_000
LEAD_SECONDS, GAP_SECONDS, TAIL_SECONDS = 0.5, 0.6, 0.7
HISS = 30.0
ORDINARY = Size(640, 360)
LUMA_RANGE = [round(16 + value * 219 / 255) for value in range(256)]
CHROMA_RANGE = [round(128 + (value - 128) * 224 / 255) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the narration and who says it."""

    text: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class Take:
    """What is seen and said between two cuts; as long as its narration, but at least `least_seconds`."""

    scene: Callable[[float], Scene]
    lines: tuple[Line, ...] = ()
    least_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Film:
    """A video of the demo.

    Attributes:
        name: File name; its ending names the container.
        takes: What is seen and said, in order.
        language: ISO 639-2 tag of the sound; None for a film without sound.
        size: Frame as it is shown.
        picture_codec: FFmpeg's encoder; None for sound alone.
        upright: Stored lying on its side with a display matrix, as telephones do.
        start_seconds: Time stamp of the first frame.
    """

    name: str
    takes: tuple[Take, ...]
    language: str | None
    size: Size = ORDINARY
    frames_per_second: int = 15
    picture_codec: str | None = "libx264"
    sound_codec: str = "aac"
    upright: bool = False
    start_seconds: float = 0.0

    def __post_init__(self) -> None:
        if not self.takes:
            raise ValueError(f"a film needs a take: {self.name = }")
        if self.language is None and self.picture_codec is None:
            raise ValueError(f"a film has a picture or sound: {self.name = }")
        if self.start_seconds < 0:
            raise ValueError(f"a film starts at 0 or later: {self.start_seconds = }")


def narrate(film: Film, voices: Voices) -> tuple[NDArray[np.int16], tuple[float, ...]]:
    """Speaks the whole narration, with the quiet hiss of a room.

    Returns:
        int16 samples at 48 kHz, mono, and how long each take is in seconds.
    """
    pieces: list[NDArray[np.int16]] = []
    lengths: list[float] = []
    for take in film.takes:
        spoken = [silence(LEAD_SECONDS)]
        for line in take.lines:
            spoken += [resample(voices.speak(line.text, line.voice), voices.samples_per_second), silence(GAP_SECONDS)]
        seconds = max(take.least_seconds, sum(map(len, spoken)) / SAMPLES_PER_SECOND + TAIL_SECONDS - GAP_SECONDS)
        # Whole frames, so that picture and sound are cut at the same time.
        seconds = round(seconds * film.frames_per_second) / film.frames_per_second
        whole = np.zeros(round(seconds * SAMPLES_PER_SECOND), np.int16)
        talk = np.concatenate(spoken)[: len(whole)]
        whole[: len(talk)] = talk
        pieces.append(whole)
        lengths.append(seconds)
    sound = np.concatenate(pieces)
    # Recognisers are made for microphones: digital silence and clean formants are strange to them.
    hiss = np.random.default_rng(11).normal(0.0, HISS, len(sound))
    return np.clip(sound + hiss, -32768, 32767).astype(np.int16), tuple(lengths)


def silence(seconds: float) -> NDArray[np.int16]:
    """Returns int16 zeros at 48 kHz."""
    return np.zeros(round(seconds * SAMPLES_PER_SECOND), np.int16)


def resample(samples: NDArray[np.int16], samples_per_second: int) -> NDArray[np.int16]:
    """Resamples int16 mono to 48 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLES_PER_SECOND)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = samples_per_second
    parts = [part.to_ndarray().reshape(-1) for part in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(parts).astype(np.int16)


def render(film: Film, folder: Path) -> Path:
    """Renders a film into a folder; a file appears there only when it is complete.

    Raises:
        VoiceError: espeak-ng cannot speak.
        OSError: The folder cannot be written.
    """
    target = folder / film.name
    unfinished = folder / f".{os.getpid()}-{film.name}"
    with Voices() as voices:
        sound, lengths = narrate(film, voices)
    try:
        with av.open(str(unfinished), "w", options={"fflags": "+bitexact"}) as container:
            write(film, container, sound, lengths)
        if film.upright:
            turn_upright(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def write(film: Film, container: OutputContainer, sound: NDArray[np.int16], lengths: tuple[float, ...]) -> None:
    """Encodes picture and sound, interleaved by time."""
    picture = add_picture(film, container) if film.picture_codec else None
    talk = add_sound(film, container) if film.language else None
    written = 0
    if picture is not None:
        for number, frame in enumerate(picture_frames(film, lengths)):
            container.mux(picture.encode(frame))
            if talk is not None:
                until = round((number + 1) * SAMPLES_PER_SECOND / film.frames_per_second)
                written = mux_sound(film, container, talk, sound, written, until)
    if talk is not None:
        mux_sound(film, container, talk, sound, written, len(sound))
        container.mux(talk.encode(None))
    if picture is not None:
        container.mux(picture.encode(None))


def add_picture(film: Film, container: OutputContainer) -> VideoStream:
    """Adds the picture's stream; one thread, so that the same film gives the same bytes."""
    options = {
        "libx264": {"preset": "veryfast", "crf": "26", "x264-params": "keyint=120:scenecut=0"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "34", "b": "0", "g": "120"},
    }[film.picture_codec or "libx264"]
    stream = container.add_stream(film.picture_codec or "libx264", rate=film.frames_per_second, options=options)
    assert isinstance(stream, VideoStream)
    width, height = (film.size.height, film.size.width) if film.upright else (film.size.width, film.size.height)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.thread_count = 1
    stream.codec_context.time_base = Fraction(1, film.frames_per_second)
    return stream


def add_sound(film: Film, container: OutputContainer) -> AudioStream:
    """Adds the sound's stream with its language."""
    stream = container.add_stream(film.sound_codec, rate=SAMPLES_PER_SECOND, layout="mono")
    assert isinstance(stream, AudioStream)
    stream.bit_rate = 64_000
    tagged: Stream = stream
    tagged.metadata["language"] = film.language or "und"
    return stream


def picture_frames(film: Film, lengths: tuple[float, ...]) -> Iterator[av.VideoFrame]:
    """Draws every frame; the first one after a cut is a keyframe."""
    number = round(film.start_seconds * film.frames_per_second)
    for take, seconds in zip(film.takes, lengths, strict=True):
        scene = take.scene(film.size.unit)
        for first, pixels in enumerate(scene.frames(film.size, seconds, film.frames_per_second)):
            frame = as_yuv(np.rot90(pixels) if film.upright else pixels)
            frame.pts, frame.time_base = number, Fraction(1, film.frames_per_second)
            if first == 0:
                frame.pict_type = av.video.frame.PictureType.I
            number += 1
            yield frame


def as_yuv(pixels: NDArray[np.uint8]) -> av.VideoFrame:
    """Converts uint8 RGB, height × width × 3, both even, to a yuv420p frame of BT.601 in video range.

    FFmpeg's own conversion was seen to differ in the last bit of some pixels from one run to the next.
    """
    full = Image.fromarray(np.ascontiguousarray(pixels)).convert("YCbCr")
    luma, blue, red = full.point([*LUMA_RANGE, *CHROMA_RANGE, *CHROMA_RANGE]).split()
    planes = [np.asarray(plane).reshape(-1) for plane in (luma, blue.reduce(2), red.reduce(2))]
    height, width = pixels.shape[:2]
    return av.VideoFrame.from_ndarray(np.concatenate(planes).reshape(height * 3 // 2, width), format="yuv420p")


def mux_sound(
    film: Film, container: OutputContainer, stream: AudioStream, sound: NDArray[np.int16], start: int, stop: int
) -> int:
    """Encodes samples `[start, stop)`; returns where the next ones begin."""
    piece = sound[start:stop]
    if len(piece):
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.time_base = SAMPLES_PER_SECOND, Fraction(1, SAMPLES_PER_SECOND)
        frame.pts = start + round(film.start_seconds * SAMPLES_PER_SECOND)
        container.mux(stream.encode(frame))
    return start + len(piece)
