"""What browsers cannot play becomes MP4 that decodes and begins at the second that is asked for."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from media import MemoryReader, Video, made, scene

from stream.errors import InvalidMedia
from stream.media.player import Player, PlayerBusy, PlayerLimits

FILM = Video(shot_seconds=(3.0, 4.0, 3.0), gop=25, width=320, height=180)
FILES = {
    "h264.ts": FILM,
    "h264.flv": FILM,
    "h264.mkv": FILM,
    "xvid.avi": replace(FILM, codec="mpeg4", sound_codec="libmp3lame"),
    "old.mpg": replace(FILM, codec="mpeg2video", sound_codec="mp2"),
    "windows.wmv": replace(FILM, codec="wmv2", sound_codec="libmp3lame"),
    "hevc.mkv": replace(FILM, codec="libx265", options={"preset": "ultrafast", "x265-params": "log-level=none"}),
    "flash.flv": replace(FILM, codec="flv", sound_codec="libmp3lame"),
    "silent.avi": replace(FILM, codec="mjpeg", pixel_format="yuvj420p", sound_codec=None),
    "talk.avi": replace(FILM, codec=None, sound_codec="pcm_s16le"),
    "late.ts": replace(FILM, start_seconds=7.0),
}


@pytest.fixture
def player() -> Player:
    return Player(PlayerLimits())


async def played(player: Player, source: MemoryReader, start: float) -> tuple[bytes, float]:
    playing = await player.play(source, start)
    try:
        return b"".join([piece async for piece in playing.pieces()]), playing.begin_seconds
    finally:
        await playing.close()


def decoded(content: bytes) -> tuple[list[tuple[float, np.ndarray]], float]:
    """Frames with their times, and how long the sound is."""
    with av.open(io.BytesIO(content)) as container:
        frames, sound = [], 0.0
        for frame in container.decode(*container.streams.video, *container.streams.audio):
            if isinstance(frame, av.VideoFrame):
                frames.append(((frame.time or 0.0), frame.to_ndarray(format="rgb24")))
            else:
                sound += frame.samples / frame.sample_rate
        return frames, sound


def shot_of(frame: np.ndarray) -> int:
    """Which shot of the film a frame shows."""
    height, width = frame.shape[:2]
    distances = [np.abs(frame.astype(int) - scene(shot, 0.0, width, height)).mean() for shot in range(3)]
    return int(np.argmin(distances))


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_browsers_cannot_play_becomes_one_that_they_can(
    name: str, player: Player, tmp_path: Path
) -> None:
    video = FILES[name]
    content, begin = await played(player, made(tmp_path, name, video), 0.0)

    assert begin == pytest.approx(0.0, abs=0.1)
    with av.open(io.BytesIO(content)) as container:
        assert "mp4" in container.format.name
        codecs = {stream.codec_context.name for stream in container.streams}
    assert codecs <= {"h264", "aac", "mp3", "mp3float", "opus"}
    frames, sound = decoded(content)
    if video.codec:
        assert [shot_of(frame) for at, frame in frames if at in (frames[0][0], frames[-1][0])] == [0, 2]
        assert frames[-1][0] == pytest.approx(10.0, abs=0.2)
    if video.sound_codec:
        assert sound == pytest.approx(10.0, abs=0.25)
    assert player.running == 0


@pytest.mark.parametrize("name", ["h264.ts", "xvid.avi", "old.mpg", "windows.wmv", "hevc.mkv", "late.ts"])
@pytest.mark.parametrize("start", [3.0, 5.3, 8.0])
async def test_it_begins_at_the_second_that_is_asked_for(
    name: str, start: float, player: Player, tmp_path: Path
) -> None:
    content, begin = await played(player, made(tmp_path, name, FILES[name]), start)

    frames, sound = decoded(content)
    assert begin == pytest.approx(start, abs=0.5)
    assert frames[0][0] == pytest.approx(0.0, abs=0.1)
    for at, frame in frames[:: len(frames) // 20 or 1]:
        seconds = at + begin
        if min(abs(seconds - cut) for cut in (3.0, 7.0)) > 0.15:
            assert shot_of(frame) == sum(cut <= seconds for cut in (3.0, 7.0)), seconds
    assert frames[-1][0] == pytest.approx(10.0 - begin, abs=0.2)
    assert sound == pytest.approx(10.0 - begin, abs=0.3)


async def test_what_browsers_know_is_copied(player: Player, tmp_path: Path) -> None:
    copied = await player.play(made(tmp_path, "h264.ts", FILM), 3.0)
    encoded = await player.play(made(tmp_path, "xvid.avi", FILES["xvid.avi"]), 3.0)
    try:
        assert copied.copies_picture and not encoded.copies_picture
    finally:
        await copied.close()
        await encoded.close()


async def test_sound_and_picture_stay_together(player: Player, tmp_path: Path) -> None:
    video = replace(FILES["old.mpg"], flash_seconds=(4.5,))
    content, begin = await played(player, made(tmp_path, "flash.mpg", video), 3.5)

    with av.open(io.BytesIO(content)) as container:
        flash = next((f.time or 0.0) for f in container.decode(video=0) if f.to_ndarray(format="gray").mean() > 230)
    with av.open(io.BytesIO(content)) as container:
        beep = next((f.time or 0.0) for f in container.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.4)
    assert flash + begin == pytest.approx(4.5, abs=0.1)
    assert beep == pytest.approx(flash, abs=0.12)


async def test_a_picture_that_lies_on_its_side_is_turned(player: Player, tmp_path: Path) -> None:
    video = replace(FILM, codec="libx265", options=FILES["hevc.mkv"].options, rotation=90)
    content, _ = await played(player, made(tmp_path, "phone.mp4", video), 0.0)

    with av.open(io.BytesIO(content)) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (180, 320, 0)


async def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    video = replace(FILES["xvid.avi"], shot_seconds=(1.0,), width=640, height=360)
    content, _ = await played(Player(PlayerLimits(most_height=180)), made(tmp_path, "large.avi", video), 0.0)

    with av.open(io.BytesIO(content)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (320, 180)


async def test_the_child_ends_when_nobody_listens(player: Player, tmp_path: Path) -> None:
    playing = await player.play(made(tmp_path, "xvid.avi", FILES["xvid.avi"]), 0.0)
    pieces = playing.pieces()
    assert await anext(pieces)
    pid = playing.pid

    await playing.close()

    assert player.running == 0
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_only_so_many_play_at_once(tmp_path: Path) -> None:
    player = Player(PlayerLimits(at_once=1))
    source = made(tmp_path, "xvid.avi", FILES["xvid.avi"])
    playing = await player.play(source, 0.0)
    with pytest.raises(PlayerBusy):
        await player.play(source, 0.0)
    await playing.close()

    assert (await played(player, source, 9.0))[0]


async def test_a_client_that_takes_nothing_gives_its_place_back(tmp_path: Path) -> None:
    player = Player(PlayerLimits(at_once=1, idle_seconds=3.0))
    video = replace(FILM, shot_seconds=(30.0,), codec="mjpeg", pixel_format="yuvj420p", sound_codec=None)
    playing = await player.play(made(tmp_path, "long.avi", video), 0.0)
    pieces = playing.pieces()
    await anext(pieces)

    async with asyncio.timeout(60):
        while player.running:
            await asyncio.sleep(0.05)

    with pytest.raises(InvalidMedia, match="too early"):
        async for _ in pieces:
            pass
    await playing.close()
    assert player.running == 0


@pytest.mark.parametrize(
    "content", [b"", b"#EXTM3U\nfile:///etc/passwd\n", b"\x00" * 5000, b"RIFF\x00\x00\x00\x00AVI "]
)
async def test_what_is_no_media_is_refused(content: bytes, player: Player) -> None:
    with pytest.raises(InvalidMedia):
        await played(player, MemoryReader(content), 0.0)
    assert player.running == 0


async def test_after_the_end_nothing_is_played(player: Player, tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia):
        await played(player, made(tmp_path, "a.avi", replace(FILES["talk.avi"])), 500.0)


async def test_a_damaged_file_plays_up_to_the_damage(player: Player, tmp_path: Path) -> None:
    whole = made(tmp_path, "xvid.avi", FILES["xvid.avi"]).data
    content, _ = await played(player, MemoryReader(whole[: len(whole) // 2]), 0.0)

    frames, _ = decoded(content)
    assert shot_of(frames[0][1]) == 0 and 2.0 < frames[-1][0] < 9.0
