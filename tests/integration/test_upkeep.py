"""What was lost on the way is found by comparing: `kadr reconcile`, `kadr sweep`, and both in the workers."""

import asyncio
import io
import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flow import Flow, until
from media import Video, make
from opensearchpy import AsyncOpenSearch
from opensearchpy.helpers import bulk
from services import Scope

from infra.clients import object_store
from infra.stack import LocalStack
from stream.entry import Source, blank
from stream.events import VideoDeleted, VideoLook, VideoUploaded, video_id
from stream.ledger import Ledger
from stream.listing import LedgerListing
from stream.look import Plan, fields_of_revision
from stream.reconciler import merge
from stream.store import Store


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    """A bucket whose notifications are cut off."""
    flow = Flow(ready_scope)
    flow.store.delete_bucket_notification(ready_scope.bucket)
    return flow


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("media") / "short.mp4", Video(shot_seconds=(3.0, 4.0), sound_codec=None))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("media") / "other.mp4", Video(shot_seconds=(5.0,), sound_codec=None))


def kadr(flow: Flow, *arguments: str, **environment: str) -> dict[str, Any]:
    """Runs a command and reads its report."""
    answer = subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments, "--json"],
        env={**flow.scope.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def kinds(report: dict[str, Any]) -> dict[str, list[str]]:
    """Returns which objects differ, by kind and without their bucket."""
    differences = report["differences"].items()
    return {kind: [name.partition("/")[2] for name in found["examples"]] for kind, found in differences}


def settle(flow: Flow) -> None:
    until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)


def test_what_no_notification_told_of_is_found_and_only_once(flow: Flow, short: Path, other: Path) -> None:
    bucket = flow.scope.bucket
    with flow.worker():
        gone, changed, withdrawn = (flow.put(name, short) for name in ("gone.mp4", "changed.mp4", "withdrawn.mp4"))
        text = flow.put("text.mp4", b"not a video")
        assert kinds(kadr(flow, "reconcile")) == {"unknown": ["changed.mp4", "gone.mp4", "text.mp4", "withdrawn.mp4"]}
        for video in (gone, changed, withdrawn):
            assert flow.wait_final(video)["status"] == "ready"
        assert flow.wait_final(text)["status"] == "failed"
        flow.publish(VideoDeleted(bucket=bucket, key="withdrawn.mp4"))
        flow.wait_for(withdrawn, lambda entry: entry["status"] == "deleted")
        settle(flow)

        flow.delete("gone.mp4")
        flow.put("changed.mp4", other)
        flow.put("new.mp4", short)
        expected = {"unknown": ["new.mp4"], "changed": ["changed.mp4"], "vanished": ["gone.mp4"]}
        dry = kadr(flow, "reconcile", "--dry-run")
        assert (kinds(dry), dry["sent"], flow.lag()) == (expected, 0, 0)
        report = kadr(flow, "reconcile")
        assert (kinds(report), report["sent"]) == (expected, 3)
        assert (report["objects"], report["videos"]) == (4, 3)
        flow.wait_for(gone, lambda entry: entry["status"] == "deleted")
        assert flow.wait_for(changed, lambda e: e["revision"] == 2 and e["status"] == "ready")["spans_total"] == 1
        assert flow.wait_final(video_id(bucket, "new.mp4"))["status"] == "ready"
        settle(flow)

        again = kadr(flow, "reconcile")
    assert (kinds(again), again["sent"], again["objects"]) == ({}, 0, 4)


def test_a_report_in_words(flow: Flow, short: Path) -> None:
    flow.put("new.mp4", short)
    command = [sys.executable, "-m", "infra.cli", "reconcile", "--dry-run"]
    answer = subprocess.run(command, env=flow.scope.environment, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == [
        "compared 1 objects with 0 videos of the ledger",
        "1 objects that the ledger does not know",
        f"  {flow.scope.bucket}/new.mp4",
    ]


def test_leftovers_are_swept_and_orphans_only_reported(flow: Flow, short: Path, other: Path) -> None:
    with flow.worker():
        flow.put("live.mp4", short)
        flow.put("deleted.mp4", other)
        kadr(flow, "reconcile")
        live, deleted = (video_id(flow.scope.bucket, name) for name in ("live.mp4", "deleted.mp4"))
        flow.wait_final(live)
        flow.wait_final(deleted)
        kept = flow.moments(live)
        leave_behind(flow, live, revision=0)
        leave_behind(flow, live, run="lost", thumbnail=True)
        orphan = leave_behind(flow, live, video_id="0" * 32)
        leave_behind(flow, deleted)
        flow.delete("deleted.mp4")
        flow.publish(VideoLook(bucket=flow.scope.bucket, key="deleted.mp4"))
        flow.wait_for(deleted, lambda entry: entry["status"] == "deleted")
        until(lambda: not flow.moments(deleted), "the sweep of the deletion")
        leave_behind(flow, live, video_id=deleted)
        settle(flow)
    found = {"moments": len(kept) + 4, "leftovers": 3, "outdated": 0, "orphans": 1}
    dry = kadr(flow, "sweep", "--dry-run")
    assert {name: dry[name] for name in found} == found
    assert len(flow.moments(live)) == len(kept) + 2
    swept = kadr(flow, "sweep")
    assert {name: swept[name] for name in found} == found
    assert flow.moments(live) == kept
    assert flow.moments(deleted) == {}
    assert list(flow.moments("0" * 32)) == [orphan]
    thumbnails = {found.object_name for found in flow.store.list_objects(flow.scope.thumbnail_bucket, recursive=True)}
    assert thumbnails == {moment["thumbnail"] for moment in kept.values()}
    again = kadr(flow, "sweep")
    assert (again["leftovers"], again["orphans"]) == (0, 1)
    assert again["examples"] == {"orphans": ["0" * 32]}


def leave_behind(flow: Flow, video: str, *, thumbnail: bool = False, **changes: Any) -> str:
    """Copies a video's first moment with changes; returns the copy's id."""
    body = {**next(iter(flow.moments(video).values())), **changes}
    if thumbnail:
        body["thumbnail"] = f"{video}/left-behind.jpg"
        flow.store.put_object(flow.scope.thumbnail_bucket, body["thumbnail"], io.BytesIO(b"jpeg"), 4)
    else:
        body.pop("thumbnail", None)
    id_ = f"{body['video_id']}:{body['revision']}:{body['span']}:{body['run']}:99"
    flow.client.index(index=flow.stream.moments_index, id=id_, body=body)
    return id_


def test_older_metadata_in_moments_is_brought_up_to_date(flow: Flow, short: Path) -> None:
    with flow.worker():
        video = flow.put("a.mp4", short)
        flow.publish(VideoUploaded(bucket=flow.scope.bucket, key="a.mp4", title="Sea", categories=("sea",)))
        flow.wait_final(video)
        settle(flow)
    first = next(iter(flow.moments(video)))
    older = {"doc": {"metadata_version": 0, "categories": []}}
    flow.client.update(index=flow.stream.moments_index, id=first, body=older)
    assert kadr(flow, "sweep")["outdated"] == 1
    assert [moment["categories"] for moment in flow.moments(video).values()] == [["sea"]] * 2


def test_spans_that_were_lost_are_sent_again_but_not_too_soon(flow: Flow, short: Path) -> None:
    video = flow.put("a.mp4", short)
    asyncio.run(with_ledger(flow, lambda ledger: pretend_to_emit(flow, ledger, "a.mp4")))
    late, soon = {"KADR_RESEND_AFTER_SECONDS": "3600"}, {"KADR_RESEND_AFTER_SECONDS": "0.1"}
    with flow.worker():
        early = kadr(flow, "reconcile", **late)
        assert (kinds(early), early["sent"]) == ({}, 0)
        flow.publish(VideoLook(bucket=flow.scope.bucket, key="a.mp4"))
        untouched = flow.wait_for(video, lambda entry: entry["looks"] == 2)
        assert (untouched["status"], untouched["emissions"]) == ("indexing", 1)
        settle(flow)
        report = kadr(flow, "reconcile", **soon)
        assert (kinds(report), report["sent"]) == ({"stuck": ["a.mp4"]}, 1)
        entry = flow.wait_final(video)
        settle(flow)
        assert kadr(flow, "reconcile", **soon)["sent"] == 0
    assert (entry["status"], entry["revision"], entry["emissions"]) == ("ready", 1, 2)
    assert len(flow.moments(video)) == 2


async def with_ledger(flow: Flow, work: Callable[[Ledger], Awaitable[None]]) -> None:
    async with AsyncOpenSearch(flow.stream.opensearch_url) as client:
        await work(Ledger(client, index=flow.stream.videos_index, script_prefix=flow.stream.index_prefix))


async def pretend_to_emit(flow: Flow, ledger: Ledger, key: str) -> None:
    """Plans a video and marks its span as sent, without sending it."""
    bucket = flow.scope.bucket
    source = await Store(flow.store, thumbnail_bucket=flow.scope.thumbnail_bucket).stat(bucket, key)
    assert source is not None
    await ledger.create(blank(bucket, key, video_id(bucket, key)))
    before = await ledger.read(video_id(bucket, key))
    assert before is not None
    plan = Plan(7.0, ((0.0, 7.0),), {"span_seconds": 60.0, "language": None})
    assert await ledger.look(before, fields_of_revision(before, source, plan)) is not None
    assert await ledger.emitted(before.video_id, 1)


def test_spans_that_only_wait_are_not_sent_again(stack: LocalStack, flow: Flow, short: Path) -> None:
    bucket = flow.scope.bucket
    with flow.worker():
        flow.put("before.mp4", short)
        flow.publish(VideoLook(bucket=bucket, key="before.mp4"))
        flow.wait_final(video_id(bucket, "before.mp4"))
        stack.kill("encoder", signal.SIGSTOP)
        try:
            video = flow.put("a.mp4", short)
            flow.publish(VideoLook(bucket=bucket, key="a.mp4"))
            planned = flow.wait_for(video, lambda entry: entry["emissions"] == 1)
            report = kadr(flow, "reconcile", KADR_RESEND_AFTER_SECONDS="0.1")
            assert (kinds(report), report["sent"]) == ({"stuck": ["a.mp4"]}, 0)
            flow.publish(*[VideoLook(bucket=bucket, key="a.mp4", resend="revision")] * 3)
            flow.wait_for(video, lambda entry: entry["looks"] == planned["looks"] + 3)
        finally:
            stack.kill("encoder", signal.SIGCONT)
        entry = flow.wait_final(video)
    assert (entry["status"], entry["emissions"]) == ("ready", 1)


def test_the_workers_do_both_by_themselves(flow: Flow, short: Path) -> None:
    often = {"KADR_RECONCILE_EVERY_SECONDS": "1", "KADR_SWEEP_EVERY_SECONDS": "1"}
    with flow.worker(**often), flow.worker(**often):
        video = flow.put("a.mp4", short)
        assert flow.wait_final(video)["status"] == "ready"
        kept = flow.moments(video)
        leave_behind(flow, video, revision=0)
        until(lambda: flow.moments(video) == kept, "the sweep", lambda: list(flow.moments(video)))
        flow.delete("a.mp4")
        flow.wait_for(video, lambda entry: entry["status"] == "deleted")


# More than a page of each, and every kind of character whose order one could get wrong.
TRICKY = [
    "a b",
    "a-b",
    "a.mp4",
    "a/b",
    "a/b c",
    "a0",
    "Ab",
    "b+c",
    "b%20c",
    "é",
    "Ж/ж.mp4",
    "ж",
    "кино/1",
    "\uffee",
    "😀",
    "😀a",
]


def test_bucket_and_ledger_are_listed_in_the_same_order(flow: Flow) -> None:
    keys = TRICKY + [f"many/{number}" for number in range(1010)]
    store = object_store(flow.scope.settings)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put_object(flow.scope.bucket, key, io.BytesIO(b"x"), 1), keys))
    source = Source("9dd4e461268c8034f5c8564e155c67a6", None, "2026-01-01T00:00:00.000+00:00", 1)
    bodies = [blank(flow.scope.bucket, key, video_id(flow.scope.bucket, key)) for key in keys]
    live = [{**body, "status": "ready", "revision": 1, "source": source.body()} for body in bodies]
    bulk(flow.client, [{"_index": flow.stream.videos_index, "_id": b["video_id"], "_source": b} for b in live])
    assert asyncio.run(joined(flow)) == [(key, True, True) for key in sorted(keys, key=str.encode)]
    assert kinds(kadr(flow, "reconcile", "--dry-run")) == {}


async def joined(flow: Flow) -> list[tuple[str, bool, bool]]:
    store = Store(flow.store, thumbnail_bucket=flow.stream.thumbnail_bucket)
    async with AsyncOpenSearch(flow.stream.opensearch_url) as client:
        rows = LedgerListing(client, index=flow.stream.videos_index).rows(flow.scope.bucket)
        return [(k, o is not None, r is not None) async for k, o, r in merge(store.objects(flow.scope.bucket), rows)]


def test_a_listing_says_of_an_object_what_looking_at_it_says(flow: Flow) -> None:
    flow.put("a.mp4", b"content")

    async def both() -> tuple[list[tuple[str, Source]], Source | None]:
        store = Store(flow.store, thumbnail_bucket=flow.scope.thumbnail_bucket)
        return [item async for item in store.objects(flow.scope.bucket)], await store.stat(flow.scope.bucket, "a.mp4")

    listed, stat = asyncio.run(both())
    assert stat is not None
    assert listed == [("a.mp4", replace(stat, version_id=None))]
