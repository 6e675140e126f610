"""Dead letters as their keepers see them: listed, shown, replayed as often as one likes, discarded."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from flow import Flow, until
from media import Video, make
from opensearchpy import AsyncOpenSearch
from services import Scope

from stream.entry import Entry, Source, blank
from stream.events import VideoUploaded, video_id
from stream.ledger import Ledger
from stream.look import Plan, divide, fields_of_revision
from stream.outbox import Outbox, Topics, pending_spans
from stream.record import Record

OVERDUE = {"KADR_DECODE_TIMEOUT_SECONDS": "0.0001"}


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    return Flow(ready_scope)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("media") / "silent.mp4", Video(shot_seconds=(4.0, 3.0), sound_codec=None))


def kadr(flow: Flow, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, "-m", "infra.cli", *arguments]
    done = subprocess.run(command, env=flow.scope.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def listed(flow: Flow, *options: str) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = json.loads(kadr(flow, "dead-letters", "list", "--json", *options))
    return letters


def wait_letters(flow: Flow, count: int) -> list[dict[str, Any]]:
    until(lambda: len(flow.dead_letters(count, seconds=1)) >= count, f"{count} dead letters")
    return listed(flow)


def send(flow: Flow, value: bytes, **headers: bytes) -> None:
    async def work() -> None:
        async with AIOKafkaProducer(bootstrap_servers=flow.stream.kafka_brokers) as producer:
            await producer.send_and_wait(flow.stream.uploads_topic, value, headers=list(headers.items()))

    asyncio.run(work())


def one_run(flow: Flow, video: str, entry: dict[str, Any]) -> None:
    """Checks that the index holds the winners' moments and no others."""
    winners = {(entry["revision"], number, span["run"]) for number, span in enumerate(entry["spans"])}
    moments = flow.moments(video).values()
    assert {(moment["revision"], moment["span"], moment["run"]) for moment in moments} == winners
    assert len(moments) == 2


def test_content_that_failed_is_replayed_twice_and_found_once(flow: Flow, silent: Path) -> None:
    with flow.worker(**OVERDUE):
        video = flow.put("a.mp4", silent)
        failed = flow.wait_final(video)
        until(lambda: flow.lag() == 0, "the look to be committed", flow.lag)
    (letter,) = listed(flow)
    assert (failed["status"], letter["stage"], letter["state"]) == ("failed", "probe", "open")
    assert (letter["subject"], letter["attempts"]) == (f"{flow.scope.bucket}/a.mp4", 1)
    assert letter["origin"] == letter["trace"] != ""

    assert "would be replayed" in kadr(flow, "dead-letters", "replay", letter["id"], "--dry-run")
    assert (flow.ledger(video), listed(flow), flow.lag()) == (failed, [letter], 0)

    for _ in range(2):
        assert "0:0 replayed" in kadr(flow, "dead-letters", "replay", letter["id"])
    assert listed(flow) == []
    with flow.worker():
        entry = flow.wait_for(video, lambda entry: entry["status"] == "ready")
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
        entry = flow.ledger(video)
    assert (entry["status"], entry["revision"], entry["spans"][0]["lost"]) == ("ready", 2, 0)
    one_run(flow, video, entry)

    assert "moved on: it is ready with revision 2" in kadr(flow, "dead-letters", "replay", letter["id"])
    assert (flow.ledger(video), flow.lag()) == (entry, 0)
    assert [(one["id"], one["state"]) for one in listed(flow, "--all")] == [("0:0", "replayed")]


def test_a_letter_whose_file_was_replaced_is_only_closed_and_a_discarded_one_is_hidden(
    flow: Flow, silent: Path
) -> None:
    with flow.worker():
        broken = [flow.put(key, b"ffconcat version 1.0\n" + key.encode()) for key in ("a.mp4", "b.mp4")]
        before = [flow.wait_final(video) for video in broken]
        flow.put("a.mp4", silent)
        ready = flow.wait_for(broken[0], lambda entry: entry["status"] == "ready")
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
    assert [entry["status"] for entry in before] == ["failed", "failed"]
    of = {letter["subject"].split("/")[1]: letter["id"] for letter in wait_letters(flow, 2)}

    assert "is closed: the video has moved on" in kadr(flow, "dead-letters", "replay", of["a.mp4"])
    assert "would be discarded" in kadr(flow, "dead-letters", "discard", "--stage", "probe", "--dry-run")
    assert [letter["id"] for letter in listed(flow, "--since", "1h")] == [of["b.mp4"]]
    assert "discarded" in kadr(flow, "dead-letters", "discard", "--stage", "probe", "--since", "1h")
    assert "is discarded already" in kadr(flow, "dead-letters", "discard", of["b.mp4"])
    assert kadr(flow, "dead-letters", "list") == "There is no such dead letter.\n"
    assert {one["id"]: one["state"] for one in listed(flow, "--all")} == {
        of["a.mp4"]: "replayed",
        of["b.mp4"]: "discarded",
    }
    assert listed(flow, "--all", "--until", "1h") == []
    assert [flow.ledger(video) for video in broken] == [ready, before[1]]
    assert "No dead letter" in kadr(flow, "dead-letters", "show", "0:99", status=1)
    one_run(flow, broken[0], ready)


def test_an_event_is_replayed_with_its_headers_and_overtakes_nothing(flow: Flow) -> None:
    other = f"{flow.scope.bucket}-other"
    flow.store.make_bucket(other)
    old = json.dumps({"bucket": other, "key": "a.mp4", "title": "Old"}).encode()
    with flow.worker():
        send(flow, old, ce_specversion=b"1.0", ce_type=b"video.uploaded", ce_id=b"event-7", ce_source=b"/cms")
        send(flow, b"not json")
        send(flow, b"x" * 1_040_000)
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
    letters = {letter["reason"]: letter for letter in wait_letters(flow, 3) if letter["origin"]}
    assert {letter["stage"] for letter in letters.values()} == {"event"}
    assert set(letters) == {"foreign_bucket", "not_json"}
    foreign = letters["foreign_bucket"]
    shown = json.loads(kadr(flow, "dead-letters", "show", foreign["id"]))
    assert shown["trace"] == "event-7"
    assert shown["record"]["value"]["title"] == "Old"
    assert shown["record"]["headers"]["ce_type"] == "video.uploaded"

    video = video_id(other, "a.mp4")
    with flow.worker(KADR_BUCKETS=f"{flow.scope.bucket},{other}"):
        said = kadr(flow, "dead-letters", "replay", "--stage", "event")
        assert said.count(" replayed: ") == 1
        assert said.count(" stays: ") == 2
        flow.wait_for(video, lambda entry: entry["title"] == "Old")
        flow.publish(VideoUploaded(bucket=other, key="a.mp4", title="New"))
        newer = flow.wait_for(video, lambda entry: entry["title"] == "New")
        kadr(flow, "dead-letters", "replay", foreign["id"])
        again = flow.wait_for(video, lambda entry: entry["looks"] > newer["looks"])
    assert (again["title"], again["metadata_version"]) == (newer["title"], newer["metadata_version"]) == ("New", 2)
    assert {letter["reason"] for letter in listed(flow)} == {"not_json"}
    checks = json.loads(
        subprocess.run(
            [sys.executable, "-m", "infra.cli", "doctor", "--json"],
            env=flow.scope.environment,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
    )["checks"]
    assert next(check["text"] for check in checks if check["name"] == "dead letters") == "open: 2"


def test_a_failed_span_is_replayed_twice_and_done_once(flow: Flow, silent: Path) -> None:
    video = flow.put("a.mp4", silent)
    asyncio.run(fail_the_span(flow, video))
    failed = flow.ledger(video)
    assert (failed["status"], failed["spans_failed"], failed["spans"][0]["lost"]) == ("failed", 1, 1)
    (letter,) = listed(flow, "--stage", "span", "--reason", "kills_workers")

    said = kadr(flow, "dead-letters", "replay", "--reason", "kills_workers", "--dry-run")
    assert "would be replayed: span 0 of" in said
    assert flow.ledger(video) == failed

    assert "is pending and sent again" in kadr(flow, "dead-letters", "replay", letter["id"])
    pending = flow.ledger(video)
    nothing = {"state": "p", "run": None, "lost": 0, "record": None, "reason": None}
    assert (pending["status"], pending["spans_failed"], pending["reason"]) == ("indexing", 0, None)
    assert pending["spans"] == [nothing]
    assert "is pending already" in kadr(flow, "dead-letters", "replay", letter["id"])
    with flow.worker():
        flow.wait_for(video, lambda entry: entry["status"] == "ready")
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
    entry = flow.ledger(video)
    assert (entry["status"], entry["revision"], entry["spans_done"], entry["spans_failed"]) == ("ready", 1, 1, 0)
    one_run(flow, video, entry)
    assert "a.mp4 is done" in kadr(flow, "dead-letters", "replay", letter["id"])
    assert (flow.ledger(video), listed(flow)) == (entry, [])


async def fail_the_span(flow: Flow, video: str) -> None:
    """Brings the ledger and the dead letters where a file that kills every worker brings them."""
    settings = flow.stream
    found = flow.store.stat_object(flow.scope.bucket, "a.mp4")
    assert found.etag is not None and found.size is not None and found.last_modified is not None
    source = Source(found.etag.strip('"'), None, found.last_modified.isoformat(timespec="milliseconds"), found.size)
    topics = Topics(settings.uploads_topic, settings.spans_topic, settings.status_topic, settings.dead_letters_topic)
    async with (
        AsyncOpenSearch(settings.opensearch_url) as client,
        AIOKafkaProducer(bootstrap_servers=settings.kafka_brokers) as producer,
    ):
        ledger = Ledger(client, index=settings.videos_index, script_prefix=settings.index_prefix)
        body = blank(flow.scope.bucket, "a.mp4", video)
        assert await ledger.create(body)
        planned = fields_of_revision(Entry.of(body), source, Plan(7.0, divide(7.0, 60.0), {"span_seconds": 60.0}))
        entry = await ledger.look(Entry.of(body), planned | {"emitted": True})
        assert entry is not None
        (message,) = pending_spans(entry)
        record = Record(settings.spans_topic, 0, 0, 1, message.kafka_key(), message.kafka_value())
        for run in ("a", "b"):
            assert await ledger.claim(video, 1, 0, record=record.name, run=run) is not None
        await Outbox(producer, topics).send_dead_letter(
            record, stage="span", reason="kills_workers", message="the worker died"
        )
        assert await ledger.fail(video, 1, 0, reason="the worker died") is not None
