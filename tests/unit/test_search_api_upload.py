from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from video_fakes import VideoWorld

from search_api.problems import Refusal
from stream.events import VideoDeleted, VideoUploaded, video_id

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 4000


async def send(world: VideoWorld, upload: tuple[str, bytes] | None = ("talk.mp4", MP4), **data: Any) -> httpx.Response:
    """Upload as a browser does."""
    async with world.client() as client:
        files = {"file": upload} if upload else {"other": (None, b"text")}
        return await client.post("/videos", data=data, files=files)


async def test_a_video_is_stored_and_told_of() -> None:
    world = VideoWorld()
    said = {"title": "Доклад", "external_id": "7", "language": "ru", "description": "", "attributes": '{"year": 2026}'}

    response = await send(world, ("Мой доклад.mp4", MP4), **said, categories=["talks", "2026"])

    assert response.status_code == 202, response.text
    answer = response.json()
    ((key, stored),) = world.bucket.objects.items()
    assert stored == MP4
    assert world.bucket.media_types[key] == "video/mp4"
    assert key.startswith("uploads/") and key.endswith("/Мой доклад.mp4")
    assert answer["video_id"] == video_id("videos", key)
    assert (answer["key"], answer["size"], answer["bucket"]) == (key, len(MP4), "videos")
    assert response.headers["location"] == f"/videos/{answer['video_id']}"
    (event,) = world.said.events
    assert event == VideoUploaded(
        bucket="videos",
        key=key,
        title="Доклад",
        external_id="7",
        language="ru",
        categories=("talks", "2026"),
        attributes={"year": 2026},
    )


async def test_the_same_name_never_collides() -> None:
    world = VideoWorld()

    assert (await send(world)).json()["key"] != (await send(world)).json()["key"]
    assert len(world.bucket.objects) == 2


async def test_the_event_is_published_before_the_object_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    world = VideoWorld()
    there: list[int] = []
    publish = world.said.publish

    async def watched(event: Any) -> None:
        there.append(len(world.bucket.objects))
        await publish(event)

    monkeypatch.setattr(world.said, "publish", watched)

    assert (await send(world)).status_code == 202
    assert there == [0]


@pytest.mark.parametrize(
    ("file", "data", "status", "said"),
    [
        (None, {}, 422, "no file"),
        (("a.mp4", b""), {}, 415, "empty"),
        (("a.pdf", b"%PDF-1.7" + bytes(1000)), {}, 415, "PDF"),
        (("a.mp4", b"short text"), {}, 415, "text"),
        (("a.mp4", MP4), {"language": "english"}, 422, "language"),
        (("a.mp4", MP4), {"published_at": "yesterday"}, 422, "published_at"),
        (("a.mp4", MP4), {"attributes": "[1]"}, 422, "JSON object"),
        (("a.mp4", MP4), {"attributes": '{"a": NaN}'}, 422, "JSON object"),
        (("a.mp4", MP4), {"attributes": '{"a": 1e300}'}, 422, "too large"),
        (("a.mp4", MP4), {"attributes": '{"a": {"b": 1}}'}, 422, "attributes"),
        (("a.mp4", MP4), {"colour": "red"}, 422, "colour"),
        (("a.mp4", MP4), {"title": ["a", "b"]}, 422, "twice"),
        (("a.mp4", MP4), {"title": "x" * 1001}, 422, "title"),
        (("a.mp4", MP4), {"file": "text"}, 422, "must be a file"),
    ],
)
async def test_what_is_wrong_is_said_and_leaves_nothing(
    file: tuple[str, bytes] | None, data: dict[str, Any], status: int, said: str
) -> None:
    world = VideoWorld()

    response = await send(world, file, **data)

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.json()["detail"]
    assert world.bucket.objects == {}
    assert world.said.events == []


async def test_a_file_in_another_field_or_a_second_one_is_refused() -> None:
    world = VideoWorld()
    async with world.client() as client:
        elsewhere = await client.post("/videos", files={"video": ("a.mp4", MP4)})
        two = await client.post("/videos", files=[("file", ("a.mp4", MP4)), ("file", ("b.mp4", MP4))])
        no_form = await client.post("/videos", content=MP4)

    assert [response.status_code for response in (elsewhere, two, no_form)] == [422, 422, 422]
    assert world.bucket.objects == {}


async def test_a_video_that_is_too_large_is_refused_however_it_comes() -> None:
    world = VideoWorld(upload_limit_mb=1)
    large = ("a.mp4", MP4 + bytes(10**6))

    async def unannounced() -> AsyncIterator[bytes]:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        yield head + MP4
        for _ in range(100):
            yield bytes(10_000)

    announced = await send(world, ("a.mp4", MP4 + bytes(3 * 10**6)))
    counted = await send(world, large)
    async with world.client() as client:
        kind = {"content-type": "multipart/form-data; boundary=b"}
        streamed = await client.post("/videos", content=unannounced(), headers=kind)

    assert [response.status_code for response in (announced, counted, streamed)] == [413, 413, 413]
    assert "1 MB" in counted.json()["detail"]
    assert world.bucket.objects == {}
    assert world.said.events == []


async def test_an_upload_that_is_cut_off_leaves_nothing() -> None:
    world = VideoWorld()

    async def cut() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + MP4
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        await world.services.uploader.take(cut(), "multipart/form-data; boundary=b", None)

    assert world.bucket.objects == {}
    assert world.said.events == []


async def test_kafka_down_is_said_before_the_file_is_taken() -> None:
    world = VideoWorld()
    world.said.down = True

    response = await send(world)

    assert response.status_code == 503
    assert world.bucket.objects == {}


async def test_a_store_that_refuses_takes_the_event_back() -> None:
    world = VideoWorld()
    world.bucket.broken = True

    response = await send(world)

    assert response.status_code == 503
    assert response.json()["type"] == "urn:kadr:problem:store-unavailable"
    uploaded, deleted = world.said.events
    assert isinstance(uploaded, VideoUploaded)
    assert deleted == VideoDeleted(bucket="videos", key=uploaded.key)
    assert world.bucket.objects == {}


async def test_no_more_uploads_at_once_than_are_allowed() -> None:
    world = VideoWorld(concurrent_uploads=1)
    refused: list[Refusal] = []

    async def slow() -> AsyncIterator[bytes]:
        try:
            await world.services.uploader.take(slow(), "multipart/form-data; boundary=b", None)
        except Refusal as error:
            refused.append(error)
        yield b"--b--\r\n"

    with pytest.raises(Refusal):
        await world.services.uploader.take(slow(), "multipart/form-data; boundary=b", None)

    assert [(error.status, error.kind) for error in refused] == [(503, "too-many-uploads")]
    assert (await send(world)).status_code == 202, "the place is free again"


async def test_a_long_video_is_never_held_whole() -> None:
    world = VideoWorld()

    async def long() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + MP4
        for _ in range(40):
            yield bytes(1 << 20)
        yield b"\r\n--b--\r\n"

    stored = await world.services.uploader.take(long(), "multipart/form-data; boundary=b", None)

    assert stored.size == len(MP4) + (40 << 20)
    assert len(world.bucket.objects[stored.key]) == stored.size
    assert world.bucket.largest_part <= 8 << 20


async def test_another_sites_page_may_not_upload() -> None:
    world = VideoWorld()
    async with world.client() as client:
        response = await client.post(
            "/videos", files={"file": ("a.mp4", MP4)}, headers={"sec-fetch-site": "cross-site"}
        )

    assert response.status_code == 403
    assert world.bucket.objects == {}
