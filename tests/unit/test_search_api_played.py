"""`/videos/{id}/stream` of what browsers cannot play: converted, bounded, and the file itself if that is wished."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from media import Video, make
from video_fakes import VideoWorld, ledger_document

from stream.media.player import Player, PlayerLimits

FILM = Video(shot_seconds=(2.0, 2.0), codec="mpeg4", sound_codec="libmp3lame", width=160, height=96)


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return make(tmp_path / "film.avi", FILM).read_bytes()


@pytest.fixture
def world(content: bytes) -> VideoWorld:
    """A ready video in an AVI."""
    world = VideoWorld()
    document = ledger_document(size=len(content), key="dir/film.avi")
    world.engine.videos["v1"] = replace_media(document, "avi")
    world.bucket.objects = {"dir/film.avi": content}
    return world


def replace_media(document: dict[str, Any], container: str) -> dict[str, Any]:
    return {**document, "media": {"container": container}}


async def test_it_is_converted_and_begins_where_it_is_asked_to(world: VideoWorld) -> None:
    async with world.client() as client:
        head = await client.head("/videos/v1/stream")
        answer = await client.get("/videos/v1/stream", params={"start": 1.5}, headers={"range": "bytes=0-99"})

    assert (head.status_code, head.headers["kadr-playback"], head.content) == (200, "converted", b"")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["accept-ranges"] == "none" and "content-range" not in answer.headers
    assert answer.headers["content-disposition"].endswith("film.mp4")
    assert float(answer.headers["kadr-start-seconds"]) == pytest.approx(1.5, abs=0.5)
    with av.open(io.BytesIO(answer.content)) as container:
        assert [stream.codec_context.name for stream in container.streams.video] == ["h264"]
        last = [(frame.time or 0.0) for frame in container.decode(video=0)][-1]
    assert last == pytest.approx(2.5, abs=0.5)
    assert world.services.player.running == 0


async def test_the_file_itself_is_sent_if_that_is_wished(world: VideoWorld, content: bytes) -> None:
    async with world.client() as client:
        whole = await client.get("/videos/v1/stream?original=true")
        part = await client.get("/videos/v1/stream?original=true", headers={"range": "bytes=10-19"})
        wrong = await client.get("/videos/v1/stream?start=-1")

    assert (whole.content, whole.headers["content-type"]) == (content, "video/x-msvideo")
    assert (part.status_code, part.content) == (206, content[10:20])
    assert wrong.status_code == 422


async def test_so_many_play_at_once(world: VideoWorld) -> None:
    world.services.player = Player(PlayerLimits(at_once=1))
    world.services.player._running = 1
    async with world.client() as client:
        answer = await client.get("/videos/v1/stream")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:kadr:problem:too-many-players"
    assert "retry-after" in answer.headers


async def test_what_cannot_be_played_says_why(world: VideoWorld, content: bytes) -> None:
    async with world.client() as client:
        late = await client.get("/videos/v1/stream?start=60")
        world.bucket.objects["dir/film.avi"] = b"no media at all".ljust(len(content))
        broken = await client.get("/videos/v1/stream")
        world.bucket.etag = "another"
        changed = await client.get("/videos/v1/stream")

    assert [answer.status_code for answer in (late, broken, changed)] == [416, 422, 409]
    assert "text" in broken.json()["detail"]
    assert world.services.player.running == 0


async def test_a_playable_file_is_sent_as_it_is(tmp_path: Path) -> None:
    content = make(tmp_path / "film.mp4", replace(FILM, codec="libx264", sound_codec="aac")).read_bytes()
    world = VideoWorld()
    world.engine.videos["v1"] = ledger_document(size=len(content))
    world.bucket.objects = {"dir/Мой фильм.mp4": content}
    async with world.client() as client:
        part = await client.get("/videos/v1/stream?start=1", headers={"range": "bytes=5-9"})

    assert (part.status_code, part.content) == (206, content[5:10])
    assert "kadr-playback" not in part.headers
