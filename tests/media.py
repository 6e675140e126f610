"""Media made for tests: small, with known cuts, times, turns and damages."""

from __future__ import annotations

import struct
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container.output import OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

SOUND_RATE = 48_000
_TICKS = 90_000
_SOUND_STEP = 960


@dataclass(frozen=True, slots=True)
class Video:
    """What a made video looks and sounds like.

    Args:
        shot_seconds: length of each shot; every shot has colours of its own.
        frame_seconds: when frames are shown, from the video's start, instead of `rate` frames a second.
        start_seconds: the container's timestamp of the first frame and of the sound's first sample.
        flash_seconds: when one tenth of a second is white, and beeps.
        rotation: counter-clockwise degrees by which players turn the picture (mp4 and mov only).
        keyframes_at_cuts: whether the encoder may place keyframes where shots change.
    """

    shot_seconds: Sequence[float] = (4.0, 3.0)
    rate: int = 25
    width: int = 320
    height: int = 180
    gop: int = 50
    codec: str | None = "libx264"
    pixel_format: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    frame_seconds: Sequence[float] | None = None
    start_seconds: float = 0.0
    flash_seconds: Sequence[float] = ()
    rotation: int = 0
    aspect: Fraction = Fraction(1)
    keyframes_at_cuts: bool = True
    sound_codec: str | None = "aac"
    sound_layout: str = "stereo"
    sound_seconds: float | None = None
    language: str | None = None

    @property
    def duration_seconds(self) -> float:
        return float(sum(self.shot_seconds))

    @property
    def cut_seconds(self) -> list[float]:
        return list(accumulate(self.shot_seconds))[:-1]

    def times(self) -> Sequence[float]:
        if self.frame_seconds is not None:
            return self.frame_seconds
        return [index / self.rate for index in range(round(self.duration_seconds * self.rate))]

    def is_flash(self, seconds: float) -> bool:
        return any(flash <= seconds + 1e-6 < flash + 0.1 for flash in self.flash_seconds)


def scene(shot: int, seconds: float, width: int, height: int) -> NDArray[np.uint8]:
    """A frame of one shot: large fields of the shot's own colours, and a square that wanders."""
    colours = np.random.default_rng(1000 + shot).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    frame = colours.repeat(-(-height // 3), axis=0).repeat(-(-width // 4), axis=1)[:height, :width].copy()
    edge = max(2, height // 8)
    left = int(seconds * 20) % max(1, width - edge)
    frame[height // 2 : height // 2 + edge, left : left + edge] = 255 - frame[0, 0]
    return frame


def tone(video: Video, seconds: float) -> NDArray[np.float32]:
    """Mono sound: a quiet hum, and a loud beep at each flash."""
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    sound = 0.02 * np.sin(2 * np.pi * 220 * times)
    for flash in video.flash_seconds:
        beep = (times >= flash) & (times < flash + 0.1)
        sound[beep] = 0.8 * np.sin(2 * np.pi * 1000 * times[beep])
    return sound.astype(np.float32)


def make(path: Path, video: Video) -> Path:
    """Write a video; the container is chosen by the name's ending."""
    with av.open(str(path), "w") as container:
        picture = _add_picture(container, video) if video.codec else None
        sound = container.add_stream(video.sound_codec, rate=SOUND_RATE) if video.sound_codec else None
        if sound is not None:
            sound.layout = video.sound_layout
            if video.language:
                sound.metadata["language"] = video.language
        packets = []
        if picture is not None:
            for frame in _frames(video):
                packets += picture.encode(frame)
            packets += picture.encode(None)
        if sound is not None:
            seconds = video.duration_seconds if video.sound_seconds is None else video.sound_seconds
            for frame in _sound_frames(video, tone(video, seconds), sound.format.name):
                packets += sound.encode(frame)
            packets += sound.encode(None)
        packets.sort(key=lambda packet: float((packet.dts or 0) * packet.time_base))
        container.mux(packets)
    if video.rotation:
        turn(path, video.rotation)
    return path


def _add_picture(container: OutputContainer, video: Video) -> av.VideoStream:
    options = dict(video.options)
    if video.codec == "libx264":
        options.setdefault("preset", "ultrafast")
        options.setdefault("sc_threshold", "40" if video.keyframes_at_cuts else "0")
    stream = container.add_stream(video.codec, rate=video.rate, options=options)
    stream.width, stream.height = video.width, video.height
    stream.pix_fmt = video.pixel_format
    stream.codec_context.gop_size = video.gop
    # Old codecs know no times but frame numbers.
    old = video.codec in ("gif", "mpeg2video", "mpeg4", "mjpeg")
    stream.codec_context.time_base = Fraction(1, video.rate) if old else Fraction(1, _TICKS)
    if video.aspect != 1:
        stream.codec_context.sample_aspect_ratio = video.aspect
    return stream


def _frames(video: Video) -> list[VideoFrame]:
    frames = []
    cuts = video.cut_seconds
    for seconds in video.times():
        shot = sum(cut <= seconds + 1e-6 for cut in cuts)
        pixels = scene(shot, seconds, video.width, video.height)
        if video.is_flash(seconds):
            pixels[:] = 255
        frame = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=video.pixel_format)
        frame.time_base = Fraction(1, _TICKS)
        frame.pts = round((seconds + video.start_seconds) * _TICKS)
        frames.append(frame)
    return frames


def _sound_frames(video: Video, mono: NDArray[np.float32], sample_format: str) -> list[AudioFrame]:
    resampler = av.AudioResampler(format=sample_format, layout=video.sound_layout, rate=SOUND_RATE)
    frames = []
    for begin in range(0, len(mono), _SOUND_STEP):
        frame = AudioFrame.from_ndarray(mono[None, begin : begin + _SOUND_STEP], format="fltp", layout="mono")
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = begin + round(video.start_seconds * SOUND_RATE)
        frames += resampler.resample(frame)
    return frames


def turn(path: Path, rotation: int) -> None:
    """Write a rotation (counter-clockwise degrees, a multiple of 90) into the track header of an mp4's picture."""
    matrices = {90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
    a, b, c, d = matrices[rotation % 360]
    matrix = struct.pack("!9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + len(matrix)] = matrix
    path.write_bytes(data)


def disguised_texts(address: str, neighbour: str) -> dict[str, bytes]:
    """Texts that FFmpeg would follow to an address or to a neighbouring file, by name."""
    hls = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT1S" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT10S"><Period>'
        f'<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>{address}/d.mp4'
        "</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    sdp = (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/x.png"/></svg>'
    texts = {
        "hls_http": hls.format(f"{address}/seg.ts"),
        "hls_file": hls.format(f"file://{neighbour}"),
        "ffconcat": f"ffconcat version 1.0\nfile '{neighbour}'\n",
        "dash": dash,
        "sdp": sdp,
        "svg": svg,
        "letter": "Dear reader,\nthis is not a video.\n",
    }
    return {name: text.encode() for name, text in texts.items()}


class MemoryReader:
    """An object in memory, as storage would give it out."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bytes_read = 0
        self.identity: Hashable = None

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, offset: int, length: int) -> bytes:
        self.bytes_read += length
        return self.data[offset : offset + length]


def made(folder: Path, name: str, video: Video) -> MemoryReader:
    """Make a video and open it."""
    return MemoryReader(make(folder / name, video).read_bytes())
