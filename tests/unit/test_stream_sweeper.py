from dataclasses import replace

from stream.entry import Entry, Span, blank
from stream.sweeper import leftovers_query


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
