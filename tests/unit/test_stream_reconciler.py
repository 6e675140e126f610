import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stream import reconciler as module
from stream.entry import Received, Source, Withdrawal
from stream.errors import TransientError
from stream.events import video_id
from stream.listing import Row
from stream.reconciler import Difference, Reconciler, UnorderedListing, difference, merge, wait_seconds
from stream.store import BucketUnavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLD = Source("e1", None, "2025-01-01T00:00:00.000+00:00", 10)
AGAIN = replace(OLD, last_modified="2025-02-01T00:00:00.000+00:00")
OTHER = replace(OLD, etag="e2")


def row(key: str = "a", **changes: Any) -> Row:
    live = Row(video_id("videos", key), key, "ready", OLD, None, True, 1, NOW - timedelta(seconds=100))
    return replace(live, **changes)


WITHDRAWN = row(status="deleted", source=None, withdrawn=Withdrawal(OLD, Received(1, 0)))


@pytest.mark.parametrize(
    ("source", "known", "expected"),
    [
        (OLD, None, Difference.UNKNOWN),
        (OLD, row(status="deleted", source=None), Difference.UNKNOWN),
        (OLD, WITHDRAWN, None),
        (AGAIN, WITHDRAWN, Difference.UNKNOWN),
        (OTHER, WITHDRAWN, Difference.UNKNOWN),
        (None, row(), Difference.VANISHED),
        (None, row(status="failed"), Difference.VANISHED),
        (None, row(status="deleted", source=None), None),
        (None, WITHDRAWN, None),
        (OLD, row(), None),
        (AGAIN, row(), None),
        (OTHER, row(), Difference.CHANGED),
        (replace(OLD, size=11), row(), Difference.CHANGED),
        (OLD, row(status="failed"), None),
        (OTHER, row(status="failed"), Difference.CHANGED),
        (OLD, row(status="partial"), None),
        (OLD, row(status="indexing", emitted=False, emissions=0), Difference.UNSENT),
        (OLD, row(status="indexing", emitted=False, emissions=0, updated_at=NOW), None),
        (OLD, row(status="indexing"), Difference.STUCK),
        (OLD, row(status="indexing", updated_at=NOW - timedelta(seconds=59)), None),
        (OLD, row(status="indexing", emissions=2), None),
        (OLD, row(status="indexing", emissions=2, updated_at=NOW - timedelta(seconds=120)), Difference.STUCK),
    ],
)
def test_difference(source: Source | None, known: Row | None, expected: Difference | None) -> None:
    assert difference(source, known, NOW, 60.0) is expected


def test_the_wait_doubles_with_each_emission_and_stays_within_a_day() -> None:
    assert [wait_seconds(emissions, 60.0) for emissions in (0, 1, 2, 3, 4)] == [60.0, 60.0, 120.0, 240.0, 480.0]
    assert wait_seconds(1000, 60.0) == 86400.0


async def each(items: Iterable[Any]) -> AsyncGenerator[Any]:
    for item in items:
        yield item


# In the order of UTF-8 bytes: "/" sorts before letters, Cyrillic after ASCII, what UTF-16 writes as pairs last.
KEYS = ["a", "a b", "a-b", "a.mp4", "a/b", "a0", "ab", "b", "é", "Ж", "ж", "жж", "кино/1", "\uffff", "😀", "😀a"]


async def test_listings_are_joined_by_key() -> None:
    assert sorted(KEYS, key=str.encode) == KEYS
    objects = each((key, OLD) for key in KEYS[::2])
    rows = each(row(key) for key in KEYS if KEYS.index(key) % 3 == 0)
    joined = [(key, source is not None, known is not None) async for key, source, known in merge(objects, rows)]
    expected = [(key, n % 2 == 0, n % 3 == 0) for n, key in enumerate(KEYS) if n % 2 == 0 or n % 3 == 0]
    assert joined == expected


@pytest.mark.parametrize("keys", [["b", "a"], ["a", "a"], ["a", "c", "b"]])
async def test_a_listing_out_of_order_is_refused(keys: list[str]) -> None:
    with pytest.raises(UnorderedListing):
        async for _ in merge(each((key, OLD) for key in keys), each([row("b0")])):
            pass


async def test_long_listings_are_compared_without_holding_them() -> None:
    count, taken = 200_000, 0

    async def objects() -> AsyncIterator[tuple[str, Source]]:
        nonlocal taken
        for number in range(count):
            taken += 1
            yield f"k{number:06d}", Source(f"e{number}", None, "", number)

    async def rows() -> AsyncIterator[Row]:
        for number in range(count):
            assert taken - number in (0, 1), "one listing runs ahead of the other"
            yield Row("id", f"k{number:06d}", "ready", OLD, None, True, 1, NOW)

    joined = peak = 0
    async for _, source, known in merge(objects(), rows()):
        assert source is not None and known is not None
        joined += 1
        if joined == count // 2:
            tracemalloc.start()
        if joined == count // 2 + 20_000:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert joined == count
    assert 0 < peak < 100_000


class Store:
    def __init__(self, objects: dict[str, dict[str, Source]], missing: str = "") -> None:
        self._objects = objects
        self._missing = missing

    async def objects(self, bucket: str) -> AsyncGenerator[tuple[str, Source]]:
        if bucket == self._missing:
            raise BucketUnavailable("gone")
        for item in self._objects[bucket].items():
            yield item


class Listing:
    """A ledger whose search view may be older than what a read by id gives."""

    def __init__(self, rows: list[Row], now: list[Row] | None = None) -> None:
        self._rows = rows
        self._now = {known.video_id: known for known in (rows if now is None else now)}
        self.most = 0

    async def rows(self, bucket: str) -> AsyncGenerator[Row]:
        for known in self._rows:
            yield known

    async def read_rows(self, ids: Sequence[str]) -> dict[str, Row]:
        self.most = max(self.most, len(ids))
        return {id_: self._now[id_] for id_ in ids if id_ in self._now}


class Outbox:
    def __init__(self) -> None:
        self.looks: list[tuple[str, str, bool]] = []

    async def send_look(self, bucket: str, key: str, *, resend: bool = False) -> None:
        self.looks.append((bucket, key, resend))


class Progress:
    def __init__(self, outbox: Outbox, *, lag: int = 0, passed: bool = True, drains: bool = True) -> None:
        self._outbox, self._lag, self._passed, self._drains = outbox, lag, passed, drains
        self.most = 0

    async def lag(self, topic: str) -> int:
        assert topic == "uploads"
        waiting = self._lag + (0 if self._drains else len(self._outbox.looks))
        self.most = max(self.most, waiting)
        return waiting

    async def passed(self, topic: str, at_seconds: float) -> bool:
        assert topic == "spans"
        return self._passed


def reconciler(
    store: Store, listing: Listing, outbox: Outbox, buckets: tuple[str, ...] = ("videos",), **how: Any
) -> Any:
    return Reconciler(
        listing=listing,  # type: ignore[arg-type]
        store=store,  # type: ignore[arg-type]
        outbox=outbox,  # type: ignore[arg-type]
        progress=Progress(outbox, **how),
        buckets=buckets,
        uploads_topic="uploads",
        spans_topic="spans",
        resend_after_seconds=60.0,
        patience_seconds=0.0,
    )


async def test_every_difference_becomes_a_look() -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    store = Store({"videos": {key: OLD for key in ("changed", "new", "same", "stuck")}})
    rows = [
        row("changed", source=OTHER),
        row("gone"),
        row("same"),
        row("stuck", status="indexing", updated_at=long_ago),
    ]
    outbox = Outbox()
    report = await reconciler(store, Listing(rows), outbox).reconcile()
    assert outbox.looks == [
        ("videos", "changed", False),
        ("videos", "gone", False),
        ("videos", "new", False),
        ("videos", "stuck", True),
    ]
    assert report.body() == {
        "objects": 4,
        "videos": 4,
        "differences": {
            kind: {"count": 1, "examples": [f"videos/{key}"]}
            for kind, key in [("unknown", "new"), ("changed", "changed"), ("vanished", "gone"), ("stuck", "stuck")]
        },
        "sent": 4,
        "unavailable": {},
    }


async def test_a_dry_run_sends_nothing() -> None:
    outbox = Outbox()
    report = await reconciler(Store({"videos": {"new": OLD}}), Listing([]), outbox).reconcile(dry_run=True)
    assert (report.counts[Difference.UNKNOWN], report.sent, outbox.looks) == (1, 0, [])


async def test_what_the_search_view_does_not_show_yet_is_no_difference() -> None:
    outbox = Outbox()
    listing = Listing([row("gone")], now=[row("new"), row("gone", status="deleted", source=None)])
    report = await reconciler(Store({"videos": {"new": OLD}}), listing, outbox).reconcile()
    assert (report.body()["differences"], outbox.looks) == ({}, [])


async def test_a_stuck_video_waits_while_the_group_has_a_backlog() -> None:
    outbox = Outbox()
    stuck = row("a", status="indexing", updated_at=datetime.now(UTC) - timedelta(hours=1))
    report = await reconciler(Store({"videos": {"a": OLD}}), Listing([stuck]), outbox, passed=False).reconcile()
    assert (report.counts[Difference.STUCK], report.sent, outbox.looks) == (1, 0, [])


@pytest.mark.parametrize(
    ("lag", "drains", "sent"), [(0, True, 2500), (0, False, 1000), (400, False, 600), (1000, True, 0)]
)
async def test_looks_in_flight_are_bounded(lag: int, drains: bool, sent: int) -> None:
    outbox, listing = Outbox(), Listing([])
    store = Store({"videos": {f"k{number:04d}": OLD for number in range(2500)}})
    report = await reconciler(store, listing, outbox, lag=lag, drains=drains).reconcile()
    assert report.counts[Difference.UNKNOWN] == 2500
    assert (report.sent, len(outbox.looks)) == (sent, sent)
    assert len(report.examples[Difference.UNKNOWN]) == 10
    assert listing.most <= module._SUSPECTS


async def test_a_bucket_that_cannot_be_listed_keeps_only_itself_out() -> None:
    outbox = Outbox()
    store = Store({"videos": {"new": OLD}}, missing="gone")
    report = await reconciler(store, Listing([]), outbox, buckets=("gone", "videos")).reconcile()
    assert report.unavailable == {"gone": "gone"}
    assert outbox.looks == [("videos", "new", False)]


async def test_an_outage_ends_the_comparison() -> None:
    class Broken(Store):
        async def objects(self, bucket: str) -> AsyncGenerator[tuple[str, Source]]:
            yield "a", OLD
            raise TransientError("away")

    with pytest.raises(TransientError):
        await reconciler(Broken({}), Listing([row("z")]), Outbox()).reconcile()
