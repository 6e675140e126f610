"""Which files are sent to browsers as they are: real files of many containers and codecs."""

from dataclasses import replace
from pathlib import Path

import av
import pytest
from media import MemoryReader, Video, made

from search_api.playable import Playability, is_playable

FILM = Video(shot_seconds=(1.0,))
HEVC = replace(FILM, codec="libx265", options={"preset": "ultrafast", "x265-params": "log-level=none"})
VP9 = replace(FILM, codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}, sound_codec="libopus")
PLAYED = {
    "h264.mp4": FILM,
    "h264.mov": FILM,
    "vp9.webm": VP9,
    "vp9.mkv": VP9,
    "talk.mp4": replace(FILM, codec=None),
    "talk.mp3": replace(FILM, codec=None, sound_codec="libmp3lame"),
    "talk.flac": replace(FILM, codec=None, sound_codec="flac"),
}
CONVERTED = {
    "xvid.avi": replace(FILM, codec="mpeg4", sound_codec="libmp3lame"),
    "h264.flv": FILM,
    "h264.ts": FILM,
    "old.mpg": replace(FILM, codec="mpeg2video", sound_codec="mp2"),
    "windows.wmv": replace(FILM, codec="wmv2", sound_codec="libmp3lame"),
    "hevc.mkv": HEVC,
    "hevc.mp4": HEVC,
    "h264.mkv": FILM,
    "part2.mp4": replace(FILM, codec="mpeg4"),
    "pcm.mov": replace(FILM, sound_codec="pcm_s16le"),
}


def container(reader: MemoryReader, folder: Path, name: str) -> str:
    with av.open(str(folder / name)) as opened:
        return str(opened.format.name)


@pytest.mark.parametrize(("name", "plays"), [*((n, True) for n in PLAYED), *((n, False) for n in CONVERTED)])
async def test_what_browsers_play_is_told_from_what_they_do_not(name: str, plays: bool, tmp_path: Path) -> None:
    reader = made(tmp_path, name, (PLAYED | CONVERTED)[name])

    found = await is_playable(container(reader, tmp_path, name), reader.size, reader.read)

    assert found is plays
    assert reader.bytes_read <= reader.size + (64 << 10)


async def test_a_header_at_the_end_of_a_large_file_is_found() -> None:
    entry = b"stsd" + bytes(12) + b"hvc1"
    movie = (8 + len(entry)).to_bytes(4) + b"moov" + entry
    head = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"
    data = head + (8 + 5_000_000).to_bytes(4) + b"mdat" + bytes(5_000_000) + movie
    reader = MemoryReader(data)

    assert not await is_playable("mov,mp4,m4a,3gp,3g2,mj2", reader.size, reader.read)
    assert reader.bytes_read < 100_000


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"\xff" * 70_000, b"\x00\x00\x00\x00moov", b"\x00\x00\x00\x01mdat" + b"\xff" * 8]
)
async def test_what_is_not_understood_is_left_to_the_browser(data: bytes) -> None:
    reader = MemoryReader(data)

    assert await is_playable("mov,mp4,m4a,3gp,3g2,mj2", reader.size, reader.read)
    assert await is_playable(None, reader.size, reader.read)


async def test_a_content_is_looked_at_once() -> None:
    reader = MemoryReader(bytes(1000))
    known = Playability(capacity=1)

    assert await known.find_out("a", "matroska,webm", 1000, reader.read)
    read = reader.bytes_read
    assert await known.find_out("a", "matroska,webm", 1000, reader.read)
    assert reader.bytes_read == read
    await known.find_out("b", "matroska,webm", 1000, reader.read)
    await known.find_out("a", "matroska,webm", 1000, reader.read)
    assert reader.bytes_read > read
