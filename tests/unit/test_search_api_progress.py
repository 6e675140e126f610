import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pytest
from video_fakes import VideoWorld, ledger_document

from search_api.problems import Refusal
from search_api.progress import Progress, ProgressBoard
from search_api.progress_events import event_stream, written
from search_api.search import SearchUnavailable


class Ledger:
    """A ledger that tests write, and that counts how often it is read."""

    def __init__(self) -> None:
        self.videos: dict[str, dict[str, Any]] = {}
        self.reads: list[list[str]] = []
        self.down = False

    async def read(self, video_ids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        self.reads.append(list(video_ids))
        if self.down:
            raise SearchUnavailable("OpenSearch is down")
        return {name: self.videos[name] for name in self.reads[-1] if name in self.videos}


def document(status: str, done: int = 0, failed: int = 0, total: int = 3) -> dict[str, Any]:
    return {"status": status, "revision": 1, "spans_total": total, "spans_done": done, "spans_failed": failed}


def board(ledger: Ledger, most: int = 10) -> ProgressBoard:
    return ProgressBoard(ledger.read, most_watchers=most, every_seconds=0.01)


async def events(board: ProgressBoard, video: str = "v", deadline: float = 5, silence: float = 5) -> list[bytes]:
    now = Progress()
    return [e async for e in event_stream(board, video, now, deadline_seconds=deadline, silence_seconds=silence)]


@pytest.mark.parametrize(
    ("read", "stage", "final"),
    [
        (None, "waiting", False),
        (document("indexing"), "planned", False),
        (document("indexing", done=1), "indexing", False),
        (document("indexing", failed=1), "indexing", False),
        (document("ready", done=3), "ready", True),
        (document("partial", done=2, failed=1), "partial", True),
        (document("failed", failed=3), "failed", True),
        (document("deleted", total=0), "deleted", True),
    ],
)
def test_reads_how_far_a_video_is(read: dict[str, Any] | None, stage: str, final: bool) -> None:
    progress = Progress.of(read)

    assert (progress.stage, progress.final) == (stage, final)


async def test_tells_every_step_and_ends_with_the_last() -> None:
    ledger = Ledger()
    told = asyncio.create_task(events(board(ledger)))
    steps = [
        document("indexing"),
        document("indexing", done=1),
        document("indexing", done=2),
        document("ready", done=3),
    ]
    for step in steps:
        await asyncio.sleep(0.05)
        ledger.videos["v"] = step

    found = [event.split(b"\n") for event in await asyncio.wait_for(told, 5)]

    assert [event[1] for event in found] == [b"event: progress"] * 4 + [b"event: final"]
    data = [orjson.loads(event[2].removeprefix(b"data: ")) for event in found]
    assert [(one["stage"], one["spans_done"]) for one in data] == [
        ("waiting", 0),
        ("planned", 0),
        ("indexing", 1),
        ("indexing", 2),
        ("ready", 3),
    ]
    assert data[1]["spans_total"] == 3


async def test_one_read_serves_all_watchers() -> None:
    ledger = Ledger()
    shared = board(ledger)
    watching = [asyncio.create_task(events(shared, video)) for video in ("v", "v", "v", "w")]
    await asyncio.sleep(0.2)
    before = len(ledger.reads)

    assert before <= 25
    assert all(sorted(read) == ["v", "w"] for read in ledger.reads)
    ledger.videos = {"v": document("ready"), "w": document("failed")}
    assert [len(found) for found in await asyncio.gather(*watching)] == [2, 2, 2, 2]
    after = len(ledger.reads)
    await asyncio.sleep(0.1)
    assert len(ledger.reads) == after, "nobody watches: nothing is read"


async def test_silence_is_filled_and_ends_at_the_deadline() -> None:
    found = await asyncio.wait_for(events(board(Ledger()), deadline=0.3, silence=0.1), 5)

    assert b"waiting" in found[0]
    assert found[1:] and set(found[1:]) == {b": still here\n\n"}


async def test_an_outage_only_delays_the_news() -> None:
    ledger = Ledger()
    ledger.down = True
    told = asyncio.create_task(events(board(ledger)))
    await asyncio.sleep(0.05)
    ledger.down, ledger.videos = False, {"v": document("ready", done=3)}

    assert b"event: final" in (await asyncio.wait_for(told, 5))[-1]


async def test_watchers_are_bounded_and_leave() -> None:
    ledger = Ledger()
    small = board(ledger, most=1)
    watching = asyncio.create_task(events(small))
    await asyncio.sleep(0.05)

    with pytest.raises(Refusal, match="1 clients"):
        await events(small, "w")
    watching.cancel()
    await asyncio.wait([watching])
    ledger.videos = {"w": document("ready")}
    assert await asyncio.wait_for(events(small, "w"), 5)


def test_no_text_ends_an_event() -> None:
    event = written("v", Progress("failed", reason="a\n\ndata: b"))

    assert event.count(b"\n\n") == 1
    assert event.endswith(b"\n\n")


async def test_the_route_streams_and_sends_no_one_back_for_more() -> None:
    world = VideoWorld()
    world.engine.videos["v1"] = ledger_document()
    async with world.client() as client:
        response = await client.get("/videos/v1/events")
        name = response.text.splitlines()[0].removeprefix("id: ")
        again = await client.get("/videos/v1/events", headers={"last-event-id": name})
        other = await client.get("/videos/v1/events", headers={"last-event-id": "nonsense"})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "event: final" in response.text
    assert again.status_code == 204
    assert other.status_code == 200


async def test_too_many_watchers_are_told_so() -> None:
    world = VideoWorld(concurrent_watchers=1)
    async with world.client() as client:
        watching = asyncio.create_task(client.get("/videos/nobody/events"))
        while world.services.board._reader is None:
            await asyncio.sleep(0.01)
        response = await client.get("/videos/v1/events")
        world.engine.videos["nobody"] = ledger_document("nobody")
        await asyncio.wait_for(watching, 5)

    assert response.status_code == 503
    assert response.json()["type"] == "urn:kadr:problem:too-many-watchers"
