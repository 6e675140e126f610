"""How long a file is follows from its packets, whatever its header says."""

import struct
from pathlib import Path

import av
import pytest
from media import MemoryReader, Video, make

from encoders.values import PictureInput
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits

PICTURE = PictureInput(size=32, resize_mode="squash", interpolation="bicubic", fill=0)


@pytest.fixture
def decoder() -> MediaDecoder:
    return MediaDecoder(MediaLimits())


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.flv"])
async def test_a_file_that_was_cut_off_is_as_long_as_what_is_left(
    decoder: MediaDecoder, tmp_path: Path, name: str
) -> None:
    options = {"crf": "1"}
    path = make(tmp_path / name, Video((4.0,) * 5, sound_codec=None, options=options))
    data = path.read_bytes()
    if name == "a.mp4":
        data = moov_first(path)
    source = MemoryReader(data[: len(data) * 6 // 10])
    info = await decoder.probe(source)
    assert 4.0 < info.duration_seconds < 18.0
    span = await decoder.decode_span(source, 0.0, info.duration_seconds, PICTURE)
    assert len(span.frames) >= 3


def moov_first(path: Path) -> bytes:
    """The same mp4 with its index before its data."""
    out = path.with_name("faststart.mp4")
    with av.open(str(path)) as old, av.open(str(out), "w", options={"movflags": "faststart"}) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return out.read_bytes()


async def test_a_header_that_lies_about_the_duration_is_not_believed(decoder: MediaDecoder, tmp_path: Path) -> None:
    data = bytearray(make(tmp_path / "a.mkv", Video(sound_codec=None)).read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack("!d", 36_000_000.0)
    assert (await decoder.probe(MemoryReader(bytes(data)))).duration_seconds == pytest.approx(7.0, abs=0.1)


async def test_a_video_without_a_duration_is_measured(decoder: MediaDecoder, tmp_path: Path) -> None:
    path = make(tmp_path / "a.h264", Video(sound_codec=None))
    assert (await decoder.probe(MemoryReader(path.read_bytes()))).has_picture
