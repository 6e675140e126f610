from typing import Any

import pytest
from video_fakes import ETAG, VideoWorld, ledger_document, moment

FILE = bytes(range(256)) * 20_000
THUMBNAIL = "v1/2/0/one/3.jpg"


@pytest.fixture
def world() -> VideoWorld:
    """A ready video with words, a file and a thumbnail."""
    world = VideoWorld()
    world.engine.videos["v1"] = ledger_document(size=len(FILE))
    world.engine.moments = [
        moment(5.0, "Второй <b>момент</b>.", run="two", span=1),
        moment(0.0, "First & foremost, frogs.", thumbnail=THUMBNAIL, language="en"),
        moment(10.0, "Never shown.", run="lost"),
        moment(15.0, "Old.", revision=1),
    ]
    world.bucket.objects = {"dir/Мой фильм.mp4": FILE, THUMBNAIL: b"\xff\xd8jpeg"}
    return world


async def test_says_what_the_ledger_says(world: VideoWorld) -> None:
    world.engine.videos["v1"] |= {"spans": [{"state": "d", "run": "one"}, {"state": "f", "run": "two"}]}
    world.engine.videos["v1"] |= {"status": "partial", "reason": "damaged", "spans_failed": 1}
    async with world.client() as client:
        detail = (await client.get("/videos/v1")).json()

    assert (detail["status"], detail["reason"], detail["title"]) == ("partial", "damaged", "Мой фильм")
    assert detail["spans"] == {"total": 2, "done": 1, "failed": 1}
    assert detail["languages"] == ["ru", "en"]
    assert (detail["width"], detail["size"], detail["revision"]) == (320, len(FILE), 2)


@pytest.mark.parametrize(
    "path", ["", "/moments", "/transcript.srt", "/transcript.json", "/stream"], ids=lambda path: path or "detail"
)
@pytest.mark.parametrize(
    ("document", "status"),
    [
        (None, 404),
        (ledger_document(status="deleted", revision=0, source=None, spans=[]), 404),
        (ledger_document(status="deleted", revision=3, source=None, spans=[]), 410),
    ],
)
async def test_a_video_that_is_not_there_is_a_problem(
    world: VideoWorld, path: str, document: dict[str, Any] | None, status: int
) -> None:
    world.engine.videos = {"v1": document} if document else {}
    async with world.client() as client:
        response = await client.get(f"/videos/v1{path}")

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "v1" in response.json()["detail"]


@pytest.mark.parametrize("path", ["a b", "é", "x" * 65, "%00", "a%2Fb"])
async def test_an_id_that_is_none_is_refused(world: VideoWorld, path: str) -> None:
    async with world.client() as client:
        assert (await client.get(f"/videos/{path}")).status_code in (404, 422)


async def test_a_deletion_is_published(world: VideoWorld) -> None:
    async with world.client() as client:
        response = await client.delete("/videos/v1")
        unknown = await client.delete("/videos/v2")

    assert (response.status_code, unknown.status_code) == (202, 404)
    (event,) = world.said.events
    assert (event.type, event.bucket, event.key) == ("video.deleted", "videos", "dir/Мой фильм.mp4")


async def test_only_moments_that_the_ledger_vouches_for_are_shown(world: VideoWorld) -> None:
    async with world.client() as client:
        answer = (await client.get("/videos/v1/moments")).json()

    assert [moment["start_seconds"] for moment in answer["moments"]] == [0.0, 5.0]
    assert answer["moments"][0]["thumbnail"] == THUMBNAIL
    assert answer["next_start_seconds"] is None


async def test_moments_come_in_pages(world: VideoWorld) -> None:
    world.engine.moments = [moment(0.1 * n, f"{n}") for n in range(25)]
    found: list[str] = []
    start: float | None = 0.0
    async with world.client() as client:
        while start is not None:
            page = (await client.get("/videos/v1/moments", params={"start_seconds": start, "limit": 10})).json()
            found += [moment["speech"] for moment in page["moments"]]
            start = page["next_start_seconds"]

    assert found == [str(n) for n in range(25)]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "start_seconds=-1", "start_seconds=nan", "start_seconds=x"])
async def test_a_page_that_cannot_be_is_refused(world: VideoWorld, query: str) -> None:
    async with world.client() as client:
        assert (await client.get(f"/videos/v1/moments?{query}")).status_code == 422


async def test_transcripts(world: VideoWorld) -> None:
    async with world.client() as client:
        answers = {kind: await client.get(f"/videos/v1/transcript.{kind}") for kind in ("srt", "vtt", "txt", "json")}
        other = await client.get("/videos/v1/transcript.doc")

    assert answers["vtt"].headers["content-type"] == "text/vtt; charset=utf-8"
    assert "filename*=UTF-8''%D0%9C%D0%BE%D0%B9%20" in answers["srt"].headers["content-disposition"]
    assert "First &amp; foremost, frogs.\n" in answers["vtt"].text
    assert "&lt;b&gt;" in answers["vtt"].text
    assert answers["srt"].text.startswith("1\n00:00:00,000 --> ")
    assert answers["txt"].text == "First & foremost, frogs. Второй <b>момент</b>.\n"
    assert answers["json"].json()["complete"] is True
    assert answers["json"].json()["cues"][0]["words"][0]["text"] == "First"
    assert other.status_code == 422


async def test_the_whole_file_is_streamed_in_bounded_blocks(world: VideoWorld) -> None:
    async with world.client() as client:
        response = await client.get("/videos/v1/stream")

    assert response.status_code == 200
    assert response.content == FILE
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["content-length"] == str(len(FILE))
    assert max(length for _, length in world.bucket.ranges) <= 1 << 20


async def test_a_range_of_it(world: VideoWorld) -> None:
    async with world.client() as client:
        response = await client.get("/videos/v1/stream", headers={"range": "bytes=1000-300999"})
        tail = await client.get("/videos/v1/stream", headers={"range": "bytes=-10"})

    assert (response.status_code, response.content) == (206, FILE[1000:301_000])
    assert response.headers["content-range"] == f"bytes 1000-300999/{len(FILE)}"
    assert tail.content == FILE[-10:]


async def test_a_range_outside_it(world: VideoWorld) -> None:
    async with world.client() as client:
        response = await client.get("/videos/v1/stream", headers={"range": f"bytes={len(FILE)}-"})

    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(FILE)}"


async def test_a_range_of_another_content_is_the_whole_file(world: VideoWorld) -> None:
    async with world.client() as client:
        headers = {"range": "bytes=0-9"}
        same = await client.get("/videos/v1/stream", headers=headers | {"if-range": f'"{ETAG}"'})
        dated = await client.get("/videos/v1/stream", headers=headers | {"if-range": same.headers["last-modified"]})
        other = await client.get("/videos/v1/stream", headers=headers | {"if-range": '"other"'})
        known = await client.get("/videos/v1/stream", headers={"if-none-match": f'"{ETAG}"'})

    assert [response.status_code for response in (same, dated, other, known)] == [206, 206, 200, 304]


async def test_the_head_alone(world: VideoWorld) -> None:
    async with world.client() as client:
        whole = await client.head("/videos/v1/stream")
        part = await client.head("/videos/v1/stream", headers={"range": "bytes=0-9"})

    assert (whole.status_code, whole.headers["content-length"], whole.content) == (200, str(len(FILE)), b"")
    assert (part.status_code, part.headers["content-length"]) == (206, "10")
    assert sum(length for _, length in world.bucket.ranges) < len(FILE) / 10, "only its codecs are looked for"


async def test_other_content_than_was_indexed_is_never_sent(world: VideoWorld) -> None:
    world.bucket.etag = "other"
    async with world.client() as client:
        changed = await client.get("/videos/v1/stream")
        world.bucket.objects = {}
        gone = await client.get("/videos/v1/stream")

    assert (changed.status_code, gone.status_code) == (409, 409)
    assert changed.json()["type"] == "urn:kadr:problem:content-changed"


async def test_a_page_of_markup_is_never_sent_as_one(world: VideoWorld) -> None:
    world.engine.videos["v1"] |= {"key": "evil.html", "media": None}
    world.bucket.objects["evil.html"] = FILE
    async with world.client() as client:
        response = await client.get("/videos/v1/stream")

    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "media-src 'self'" in response.headers["content-security-policy"]


async def test_thumbnails_of_shown_moments(world: VideoWorld) -> None:
    async with world.client() as client:
        response = await client.get(f"/thumbnails/{THUMBNAIL}")
        again = await client.get(f"/thumbnails/{THUMBNAIL}", headers={"if-none-match": response.headers["etag"]})

    assert (response.status_code, response.content) == (200, b"\xff\xd8jpeg")
    assert response.headers["content-type"] == "image/jpeg"
    assert "max-age" in response.headers["cache-control"]
    assert again.status_code == 304


@pytest.mark.parametrize(
    "key",
    [
        "v1/1/0/one/3.jpg",
        "v1/2/0/lost/3.jpg",
        "v1/2/9/one/3.jpg",
        "v2/2/0/one/3.jpg",
        "v1/2/0/one/4.jpg",
        "dir/Мой фильм.mp4",
        "v1/2/0/one/3.jpg/more",
        "",
    ],
)
async def test_no_other_object_of_the_bucket_is_shown(world: VideoWorld, key: str) -> None:
    async with world.client() as client:
        assert (await client.get(f"/thumbnails/{key}")).status_code == 404


async def test_every_route_has_an_example_and_its_problems(world: VideoWorld) -> None:
    async with world.client() as client:
        document = (await client.get("/openapi.json")).json()

    paths = {path: operations for path, operations in document["paths"].items() if path.startswith("/videos")}
    assert len(paths) == 7
    for operations in paths.values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["503"]["content"]
    for model in ("VideoDetail", "MomentsAnswer", "UploadAnswer", "DeletionAnswer"):
        assert document["components"]["schemas"][model]["examples"]
