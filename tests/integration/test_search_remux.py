"""What browsers cannot play is converted on its way from the real object store; the rest keeps its ranges."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import httpx
import psutil
import pytest
from flow import Flow, until
from media import Video, make, scene
from numpy import abs, argmin
from services import Scope
from serving import served

from search_api.settings import SearchSettings

FILM = Video(shot_seconds=(3.0, 4.0, 3.0), gop=25)
AVI = replace(FILM, codec="mpeg4", sound_codec="libmp3lame")


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    return Flow(ready_scope)


@pytest.fixture
def api(flow: Flow) -> Iterator[httpx.Client]:
    settings = flow.scope.read(SearchSettings, concurrent_players=1, deadline_seconds=30.0)
    with served(settings) as address, httpx.Client(base_url=address, timeout=120) as client:
        yield client


def store(flow: Flow, path: Path) -> str:
    """Put a video into the store and into the ledger, as far as playing needs it."""
    video = flow.put(path.name, path)
    found = flow.store.stat_object(flow.scope.bucket, path.name)
    with av.open(str(path)) as container:
        kind = container.format.name
    source = {
        "etag": found.etag,
        "version_id": None,
        "last_modified": "2026-11-21T12:00:00.000Z",
        "size": found.size,
    }
    body = {
        "video_id": video,
        "bucket": flow.scope.bucket,
        "key": path.name,
        "revision": 1,
        "status": "ready",
        "spans": [],
        "source": source,
        "media": {"container": kind},
    }
    flow.client.index(index=flow.stream.videos_index, id=video, body=body, params={"refresh": "true"})
    return video


def children() -> list[psutil.Process]:
    """The players that run now."""
    return [child for child in psutil.Process(os.getpid()).children(recursive=True) if _plays(child)]


def _plays(process: psutil.Process) -> bool:
    try:
        return "stream.media.player_child" in process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return False


def test_an_avi_plays_in_browsers_from_the_second_that_is_asked_for(
    flow: Flow, api: httpx.Client, tmp_path: Path
) -> None:
    video = store(flow, make(tmp_path / "film.avi", AVI))

    head = api.head(f"/videos/{video}/stream")
    answer = api.get(f"/videos/{video}/stream", params={"start": 3.5}, headers={"range": "bytes=0-"})
    original = api.get(f"/videos/{video}/stream", params={"original": "true"})

    assert (head.status_code, head.headers["kadr-playback"]) == (200, "converted")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["accept-ranges"] == "none"
    assert float(answer.headers["kadr-start-seconds"]) == pytest.approx(3.5, abs=0.5)
    with av.open(io.BytesIO(answer.content)) as container:
        frames = list(container.decode(video=0))
    picture = frames[0].to_ndarray(format="rgb24").astype(int)
    distances = [abs(picture - scene(shot, 3.5, 320, 180)).mean() for shot in range(3)]
    assert argmin(distances) == 1
    assert (frames[-1].time or 0.0) == pytest.approx(6.5, abs=0.3)
    assert original.content == (tmp_path / "film.avi").read_bytes()
    assert children() == []


def test_what_browsers_play_keeps_its_ranges(flow: Flow, api: httpx.Client, tmp_path: Path) -> None:
    path = make(tmp_path / "film.mp4", FILM)
    video = store(flow, path)

    part = api.get(f"/videos/{video}/stream", params={"start": 3}, headers={"range": "bytes=100-199"})

    assert (part.status_code, part.content) == (206, path.read_bytes()[100:200])
    assert "kadr-playback" not in part.headers


def test_the_child_ends_when_the_client_goes_away_and_so_many_play_at_once(
    flow: Flow, api: httpx.Client, tmp_path: Path
) -> None:
    long = replace(AVI, shot_seconds=(60.0,), width=640, height=360, codec="mjpeg", pixel_format="yuvj420p")
    video = store(flow, make(tmp_path / "long.avi", long))
    address = f"/videos/{video}/stream"

    with api.stream("GET", address) as response:
        # Kept: the connection is closed as soon as nobody holds the iterator.
        pieces = response.iter_bytes(1000)
        assert next(pieces)
        assert len(children()) == 1
        busy = api.get(address)
        assert busy.status_code == 503 and busy.json()["type"] == "urn:kadr:problem:too-many-players"
        assert "retry-after" in busy.headers

    until(lambda: not children(), "the child to end")
    until(lambda: api.get(address, params={"start": 59}).status_code == 200, "the place to be free")


def test_what_cannot_be_played_is_a_problem(flow: Flow, api: httpx.Client, tmp_path: Path) -> None:
    path = make(tmp_path / "film.avi", AVI)
    video = store(flow, path)

    late = api.get(f"/videos/{video}/stream", params={"start": 100})
    flow.put("film.avi", b"RIFF another content")
    changed = api.get(f"/videos/{video}/stream")

    assert (late.status_code, changed.status_code) == (416, 409)
    for answer in (late, changed):
        assert answer.headers["content-type"] == "application/problem+json"
    assert children() == []
