"""The ledger's guarded scripts on real OpenSearch: each transition, and each refusal."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
from opensearchpy import AsyncOpenSearch
from services import Scope

from stream.entry import Entry, Source, blank
from stream.errors import TransientError
from stream.ledger import Ledger
from stream.look import Plan, Verdict, divide, fields_of_absence, fields_of_failure, fields_of_revision
from stream.settings import StreamSettings

SOURCE = Source("e", None, "2026-01-01T00:00:00.000+00:00", 10)


@pytest.fixture
async def ledger(ready_scope: Scope) -> AsyncIterator[Ledger]:
    settings = ready_scope.read(StreamSettings)
    async with AsyncOpenSearch(settings.opensearch_url) as client:
        yield Ledger(client, index=settings.videos_index, script_prefix=settings.index_prefix)


async def planned(ledger: Ledger, duration_seconds: float = 130.0) -> Entry:
    """A video of which every span is pending."""
    assert await ledger.create(blank("videos", "a", "id"))
    before = await ledger.read("id")
    assert before is not None
    plan = Plan(duration_seconds, divide(duration_seconds, 60.0), {"span_seconds": 60.0})
    entry = await ledger.look(before, fields_of_revision(before, SOURCE, plan))
    assert entry is not None
    return entry


async def test_of_two_looks_that_read_the_same_only_one_writes(ledger: Ledger) -> None:
    assert await ledger.create(blank("videos", "a", "id"))
    assert not await ledger.create(blank("videos", "a", "id"))
    before = await ledger.read("id")
    assert before is not None
    assert await ledger.look(before, {}) is not None
    assert await ledger.look(before, {}) is None
    assert not await ledger.attempt(before)
    after = await ledger.read("id")
    assert after is not None
    assert (before.looks, after.looks) == (0, 1)


async def test_span_updates_do_not_stand_in_the_way_of_a_look(ledger: Ledger) -> None:
    entry = await planned(ledger)
    assert await ledger.claim("id", 1, 0, record="r", run="a") is not None
    assert await ledger.look(entry, {}) is not None


async def test_a_record_claimed_again_was_lost_once_more_unless_it_was_given_back(ledger: Ledger) -> None:
    await planned(ledger)
    lost = []
    for run in ("a", "b", "c"):
        entry = await ledger.claim("id", 1, 0, record="r", run=run)
        assert entry is not None
        lost.append(entry.spans[0].lost)
    await ledger.release("id", 1, 0, run="a")
    await ledger.release("id", 1, 0, run="c")
    entry = await ledger.claim("id", 1, 0, record="r", run="d")
    assert entry is not None
    assert (lost, entry.spans[0].lost) == ([0, 1, 2], 2)


async def test_the_first_run_that_is_done_wins(ledger: Ledger) -> None:
    await planned(ledger)
    for run in ("slow", "quick"):
        await ledger.claim("id", 1, 0, record="r", run=run)
    entry = await ledger.done("id", 1, 0, run="quick", tags=("cat",), timings={"decode_seconds": 2.0})
    assert entry is not None
    assert await ledger.done("id", 1, 0, run="slow") is None
    assert (entry.spans[0].state, entry.spans[0].run, entry.status) == ("d", "quick", "indexing")
    assert (entry.body["tags"], entry.body["timings"]) == (["cat"], {"decode_seconds": 2.0})
    assert await ledger.claim("id", 1, 0, record="r", run="late") is None


async def test_ready_when_all_are_done_and_partial_when_some_failed(ledger: Ledger) -> None:
    await planned(ledger)
    assert (await ledger.fail("id", 1, 1, reason="broken")) is not None
    await ledger.done("id", 1, 0, run="a")
    entry = await ledger.done("id", 1, 2, run="c")
    assert entry is not None
    assert (entry.status, entry.body["spans_done"], entry.body["spans_failed"]) == ("partial", 2, 1)
    entry = await ledger.done("id", 1, 1, run="b")
    assert entry is not None
    assert (entry.status, entry.body["reason"]) == ("ready", None)
    assert await ledger.fail("id", 1, 1, reason="too late") is None


async def test_nothing_of_an_older_revision_or_a_tombstone_changes_the_ledger(ledger: Ledger) -> None:
    entry = await planned(ledger)
    await ledger.claim("id", 1, 0, record="r", run="a")
    gone = await ledger.look(entry, fields_of_absence(entry, Verdict.VANISHED))
    assert gone is not None
    assert (gone.revision, gone.status) == (2, "deleted")
    for revision in (1, 2):
        assert await ledger.claim("id", revision, 0, record="r", run="b") is None
        assert await ledger.done("id", revision, 0, run="a") is None
        assert await ledger.fail("id", revision, 0, reason="x") is None
        # That the deletion was announced is noted, too.
        assert bool(await ledger.emitted("id", revision)) == (revision == 2)


async def test_concurrent_spans_lose_no_update(ledger: Ledger) -> None:
    entry = await planned(ledger, duration_seconds=60.0 * 24)
    await asyncio.gather(*(ledger.done("id", 1, number, run=f"run{number}") for number in range(24)))
    after = await ledger.read("id")
    assert after is not None
    assert len(entry.spans) == 24
    assert [span.run for span in after.spans] == [f"run{number}" for number in range(24)]
    assert after.status == "ready"


async def test_a_failed_span_is_pending_again_as_if_it_had_never_been_tried(ledger: Ledger) -> None:
    await planned(ledger)
    for run in ("a", "b"):
        await ledger.claim("id", 1, 1, record="r", run=run)
    assert await ledger.replay("id", 1, 1) is None, "it is pending"
    await ledger.done("id", 1, 0, run="a")
    for span in (1, 2):
        await ledger.fail("id", 1, span, reason="broken")
    entry = await ledger.replay("id", 1, 1)
    assert entry is not None
    assert (entry.status, entry.body["reason"]) == ("indexing", "broken")
    assert (entry.body["spans_done"], entry.body["spans_failed"]) == (1, 1)
    assert entry.body["spans"][1] == {"state": "p", "run": None, "lost": 0, "record": None, "reason": None}
    assert entry.spans[0].run == "a", "what is done stays shown"
    for revision, span in ((1, 0), (1, 1), (1, 9), (2, 2)):
        assert await ledger.replay("id", revision, span) is None
    entry = await ledger.replay("id", 1, 2)
    assert entry is not None
    assert (entry.body["reason"], entry.body["spans_failed"]) == (None, 0)


async def test_failed_content_is_forgotten_and_a_look_under_way_begins_again(ledger: Ledger) -> None:
    assert await ledger.create(blank("videos", "a", "id"))
    before = await ledger.read("id")
    assert before is not None
    assert await ledger.attempt(before)
    failed = await ledger.look(before, fields_of_failure(before, SOURCE, "broken"))
    assert failed is not None
    assert await ledger.replan("id", 2) is None
    entry = await ledger.replan("id", 1)
    assert entry is not None
    assert (entry.status, entry.source, entry.plan_attempts, entry.revision) == ("failed", None, 0, 1)
    assert await ledger.look(failed, {"source": SOURCE.body()}) is None, "it would undo the replay"
    assert await ledger.look(entry, fields_of_revision(entry, SOURCE, Plan(1.0, ((0.0, 1.0),), {}))) is not None
    assert await ledger.replan("id", 2) is None, "it is indexing"
    await ledger.fail("id", 2, 0, reason="broken")
    assert await ledger.replan("id", 2) is None, "its spans failed, not the whole"


async def test_an_unknown_video_has_no_entry(ledger: Ledger) -> None:
    assert await ledger.read("nobody") is None


async def test_opensearch_that_is_away_is_an_outage() -> None:
    async with AsyncOpenSearch("http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(TransientError, match="does not answer"):
            await Ledger(client, index="videos").read("id")


async def test_ten_hours_of_video_cost_two_updates_a_span(ledger: Ledger, ready_scope: Scope) -> None:
    """600 spans, eight at once: nothing is lost among the conflicts, and no update is made without need."""
    entry = await planned(ledger, 36_000.0)
    spans = iter(range(len(entry.spans)))

    async def work() -> None:
        for span in spans:
            claim = {"record": f"r{span}", "run": f"run{span}"}
            assert await ledger.claim("id", 1, span, **claim) is not None
            assert await ledger.done("id", 1, span, run=claim["run"], timings={"decode_seconds": 1.5}) is not None

    started = time.monotonic()
    await asyncio.gather(*(work() for _ in range(8)))
    seconds = time.monotonic() - started
    settings = ready_scope.read(StreamSettings)
    async with AsyncOpenSearch(settings.opensearch_url) as client:
        found = await client.get(index=settings.videos_index, id="id")
    assert (found["_source"]["status"], found["_source"]["spans_done"]) == ("ready", 600)
    assert {span["run"] for span in found["_source"]["spans"]} == {f"run{span}" for span in range(600)}
    assert found["_version"] == 2 + 2 * 600
    assert len(json.dumps(found["_source"])) < 150_000
    # A tenth of a second for an update is nothing beside a minute of video, also on a slow machine.
    assert seconds / 1200 < 0.1
