"""Single videos over HTTP, on the real services: uploaded, followed, read, played and deleted."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from flow import Flow, until
from services import Scope

from infra.demo_catalogue import films
from infra.demo_film import render
from search_api.app import create_app
from search_api.settings import SearchSettings


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    return Flow(ready_scope)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = next(film for film in films() if "football" in film.name)
    return render(film, tmp_path_factory.mktemp("media"))


@pytest.fixture
def api(flow: Flow) -> Iterator[httpx.Client]:
    """The API on a port, as users reach it."""
    settings = flow.scope.read(SearchSettings, upload_limit_mb=64, deadline_seconds=30.0)
    config = uvicorn.Config(
        create_app(settings), host=settings.listen_host, port=settings.listen_port, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the API to start")
    with httpx.Client(base_url=settings.api_url, timeout=120) as client:
        yield client
    server.should_exit = True
    thread.join(20)


def follow(api: httpx.Client, address: str) -> list[dict[str, Any]]:
    """Read a video's events until the stream ends."""
    events = []
    with api.stream("GET", address, timeout=120) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line.startswith("data:")]
    return events


def objects(flow: Flow) -> list[str]:
    return [str(found.object_name) for found in flow.store.list_objects(flow.scope.bucket, recursive=True)]


def test_a_video_from_upload_to_deletion(flow: Flow, api: httpx.Client, spoken: Path) -> None:
    with flow.worker():
        with spoken.open("rb") as file:
            answer = api.post(
                "/videos",
                data={"title": "Футбол на пляже", "external_id": "42", "categories": ["sport", "sea"]},
                files={"file": ("игра.mp4", file)},
            )
        assert answer.status_code == 202, answer.text
        uploaded = answer.json()
        video = answer.headers["location"]

        events = follow(api, uploaded["events"])
        assert events[-1]["stage"] == "ready" and events[-1]["final"]
        assert events[-1]["spans_done"] == events[-1]["spans_total"] >= 1

        detail = api.get(video).json()
        assert (detail["title"], detail["external_id"], detail["status"]) == ("Футбол на пляже", "42", "ready")
        assert detail["categories"] == ["sport", "sea"]
        assert detail["size"] == uploaded["size"] == spoken.stat().st_size

        moments = api.get(f"{video}/moments").json()["moments"]
        assert len(moments) == len(flow.moments(uploaded["video_id"]))
        starts = [moment["start_seconds"] for moment in moments]
        assert starts == sorted(starts)
        pages, start = [], 0.0
        while start is not None:
            page = api.get(f"{video}/moments", params={"start_seconds": start, "limit": 1}).json()
            pages += page["moments"]
            start = page["next_start_seconds"]
        assert pages == moments

        picture = api.get(f"/thumbnails/{moments[0]['thumbnail']}")
        assert picture.headers["content-type"] == "image/jpeg" and picture.content.startswith(b"\xff\xd8")

        captions = api.get(f"{video}/transcript.vtt").text
        assert captions.startswith("WEBVTT\n\n00:00:")
        assert "football" in captions.lower()
        cues = api.get(f"{video}/transcript.json").json()["cues"]
        assert 0 <= cues[0]["start_seconds"] < cues[-1]["stop_seconds"] <= detail["duration_seconds"] + 1
        assert "football" in api.get(f"{video}/transcript.txt").text.lower()

        typed = api.get("/suggest", params={"q": "footb"}).json()["suggestions"]
        assert any(one["text"].startswith("football") and one["kind"] == "word" for one in typed)
        titled = api.get("/suggest", params={"q": "на пл"}).json()["suggestions"]
        assert titled == [{"text": "Футбол на пляже", "kind": "title"}]

        content = spoken.read_bytes()
        whole = api.get(f"{video}/stream")
        assert whole.content == content and whole.headers["content-type"] == "video/mp4"
        part = api.get(f"{video}/stream", headers={"range": "bytes=1000-", "if-range": whole.headers["etag"]})
        assert (part.status_code, part.content) == (206, content[1000:])
        assert api.get(f"{video}/stream", headers={"range": f"bytes={len(content)}-"}).status_code == 416

        assert api.delete(video).status_code == 202
        flow.wait_for(uploaded["video_id"], lambda entry: entry["status"] == "deleted", 240)
        for gone in ("", "/moments", "/transcript.srt", "/stream"):
            assert api.get(f"{video}{gone}").status_code == 410
        assert api.get("/suggest", params={"q": "footb"}).json()["suggestions"] == []
        assert api.get(f"/thumbnails/{moments[0]['thumbnail']}").status_code == 404
        assert follow(api, uploaded["events"])[-1]["stage"] == "deleted"


def test_a_replaced_file_is_not_played_as_the_one_that_was_indexed(flow: Flow, api: httpx.Client, spoken: Path) -> None:
    with flow.worker():
        video = flow.put("a.mp4", spoken)
        flow.wait_final(video, 240)
    flow.put("a.mp4", b"another content")

    answer = api.get(f"/videos/{video}/stream")

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:kadr:problem:content-changed"


def test_a_failed_upload_leaves_nothing(flow: Flow, api: httpx.Client) -> None:
    head = b"\x00\x00\x00\x20ftypisom"
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + head

    def cut() -> Iterator[bytes]:
        yield form
        for _ in range(20):
            yield bytes(1 << 20)
        raise ConnectionError("the browser was closed")

    with pytest.raises(ConnectionError):
        api.post("/videos", content=cut(), headers={"content-type": "multipart/form-data; boundary=b"})
    large = api.post("/videos", files={"file": ("a.mp4", head + bytes(65 * 10**6))})
    assert large.status_code == 413, large.text
    text = api.post("/videos", files={"file": ("a.mp4", b"a letter")})

    assert text.status_code == 415
    assert objects(flow) == []
    until(lambda: not unfinished(flow), "parts to be removed", lambda: unfinished(flow))


def unfinished(flow: Flow) -> list[Path]:
    """The parts of objects that MinIO holds; its API lists them only by the objects' exact names."""
    parts = flow.scope.settings.data / "minio" / "objects" / ".minio.sys" / "multipart"
    assert parts.exists()
    return [path for path in parts.rglob("*") if path.is_file()]


def test_a_file_of_many_parts_arrives_whole(flow: Flow, api: httpx.Client) -> None:
    content = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 100_000

    answer = api.post("/videos", files={"file": ("long.mp4", content)}, data={"attributes": '{"year": 2026}'})

    assert answer.status_code == 202, answer.text
    stored = flow.store.get_object(flow.scope.bucket, answer.json()["key"])
    assert stored.read() == content
    stored.close()
