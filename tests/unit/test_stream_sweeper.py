from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from stream.entry import Entry, Span, blank
from stream.sweeper import IndexSweeper, Lot, Sweeper, is_leftover, is_outdated, is_stray, leftovers_query


def entry(status: str, *spans: Span) -> Entry:
    return replace(Entry.of(blank("videos", "a", "id")), revision=3, status=status, spans=spans)


def test_a_live_video_keeps_its_revision_and_its_winners() -> None:
    query = leftovers_query(entry("indexing", Span("d", "won", 0, None), Span("p", "busy", 0, "r")))
    older, lost = query["bool"]["should"]
    assert older == {"range": {"revision": {"lt": 3}}}
    assert lost["bool"]["filter"] == [{"term": {"revision": 3}}, {"terms": {"span": [0]}}]
    assert lost["bool"]["must_not"] == [{"terms": {"run": ["won"]}}]


def test_a_tombstone_keeps_nothing_but_never_touches_a_later_revision() -> None:
    query = leftovers_query(entry("deleted"))
    assert query["bool"]["should"] == [{"range": {"revision": {"lte": 3}}}]


def test_only_this_video() -> None:
    assert leftovers_query(entry("deleted"))["bool"]["filter"] == [{"term": {"video_id": "id"}}]


LIVE = entry("partial", Span("d", "won", 0, None), Span("p", "busy", 0, "r"), Span("f", "tried", 5, "r"))


@pytest.mark.parametrize(
    ("of", "revision", "span", "run", "leftover"),
    [
        (LIVE, 3, 0, "won", False),
        (LIVE, 3, 0, "lost", True),
        (LIVE, 3, 1, "busy", False),
        (LIVE, 3, 1, "other", False),
        (LIVE, 3, 2, "tried", False),
        (LIVE, 2, 0, "won", True),
        (LIVE, 2, 7, "won", True),
        (LIVE, 3, 7, "won", False),
        (LIVE, 4, 0, "lost", False),
        (entry("deleted"), 3, 0, "won", True),
        (entry("deleted"), 2, 0, "won", True),
        (entry("deleted"), 4, 0, "won", False),
    ],
)
def test_what_is_left_over(of: Entry, revision: int, span: int, run: str, leftover: bool) -> None:
    assert is_leftover(Lot("id", revision, span, run, 0, 1), of) is leftover


@pytest.mark.parametrize(
    ("thumbnail", "stray"),
    [("id/3/0/won/4.jpg", False), ("id/3/0/lost/4.jpg", True), ("id/2/0/won/4.jpg", True), ("id/x.jpg", False)],
)
def test_thumbnails_are_left_over_as_their_moments_are(thumbnail: str, stray: bool) -> None:
    assert is_stray(thumbnail, LIVE) is stray


async def test_a_sweep_removes_thumbnails_that_no_moment_has() -> None:
    class Empty:
        def __init__(self) -> None:
            self.indices = self

        async def refresh(self, index: str) -> None: ...

        async def search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
            return {"hits": {"hits": []}}

        async def update_by_query(self, **_: Any) -> None: ...

    class Thumbnails:
        def __init__(self) -> None:
            names = ("3/0/won", "3/0/died", "3/1/busy", "4/0/newer", "1/0/old")
            self.kept = [f"id/{name}/0.jpg" for name in names]

        async def thumbnails(self, _: str) -> list[str]:
            return self.kept

        async def remove_thumbnails(self, keys: list[str]) -> None:
            self.kept = [key for key in self.kept if key not in keys]

    store = Thumbnails()
    await Sweeper(Empty(), store, index="moments").sweep(LIVE)  # type: ignore[arg-type]
    assert store.kept == ["id/3/0/won/0.jpg", "id/3/1/busy/0.jpg", "id/4/0/newer/0.jpg"]


def test_what_is_outdated() -> None:
    renamed = replace(LIVE, metadata_version=2)
    assert is_outdated(Lot("id", 3, 0, "won", 1, 1), renamed)
    assert not is_outdated(Lot("id", 3, 0, "won", 2, 1), renamed)
    assert not is_outdated(Lot("id", 2, 0, "won", 1, 1), renamed)


class Search:
    """Pages of lots of an index: `run` of each lot, by video."""

    def __init__(self, videos: int, runs: dict[str, str]) -> None:
        lots = [(f"v{number:05d}", runs.get(f"v{number:05d}", "won")) for number in range(videos)]
        self._buckets = [
            {
                "key": {"video_id": id_, "revision": 3, "span": 0, "run": run, "metadata_version": 0},
                "doc_count": 2,
            }
            for id_, run in lots
        ]
        self.requests = 0
        self.indices = self

    async def refresh(self, index: str) -> None:
        pass

    async def search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        self.requests += 1
        lots = body["aggs"]["lots"]["composite"]
        start = next((n + 1 for n, b in enumerate(self._buckets) if b["key"] == lots.get("after")), 0)
        found = self._buckets[start : start + lots["size"]]
        return {"aggregations": {"lots": {"buckets": found, "after_key": found[-1]["key"] if found else None}}}


class Ledger:
    def __init__(self, unknown: set[str]) -> None:
        self._unknown = unknown
        self.requests = 0

    async def read_entries(self, ids: Sequence[str]) -> dict[str, Entry]:
        self.requests += 1
        return {id_: replace(LIVE, video_id=id_) for id_ in ids if id_ not in self._unknown}


class OneVideo:
    def __init__(self) -> None:
        self.swept: list[str] = []

    async def sweep(self, of: Entry) -> int:
        self.swept.append(of.video_id)
        return 1


@pytest.mark.parametrize("dry_run", [False, True])
async def test_only_videos_with_leftovers_cost_a_request_of_their_own(dry_run: bool) -> None:
    search, ledger, one = Search(5000, {"v00007": "lost", "v04999": "lost"}), Ledger({"v03000"}), OneVideo()
    sweeper = IndexSweeper(search, one, ledger, index="moments")  # type: ignore[arg-type]
    report = await sweeper.sweep(dry_run=dry_run)
    assert one.swept == ([] if dry_run else ["v00007", "v04999"])
    assert search.requests + ledger.requests < 15
    assert report.body() == {
        "moments": 10_000,
        "leftovers": 4,
        "outdated": 0,
        "orphans": 2,
        "examples": {"leftovers": ["videos/a"], "orphans": ["v03000"]},
    }
