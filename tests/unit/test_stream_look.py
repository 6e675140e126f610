"""Every row of LOOK, step 4: what the ledger says, what the bucket holds, what the event says."""

from dataclasses import replace
from typing import Any

import pytest

from stream.entry import Entry, Received, Source, Withdrawal, blank
from stream.events import Look, Metadata
from stream.look import (
    Plan,
    Verdict,
    divide,
    fields_of_absence,
    fields_of_failure,
    fields_of_metadata,
    fields_of_revision,
    fields_of_same,
    fields_of_withdrawal,
    verdict,
)

OLD = Source("e1", None, "2026-01-01T00:00:00.000+00:00", 10)
AGAIN = replace(OLD, last_modified="2026-02-01T00:00:00.000+00:00")
OTHER = replace(OLD, etag="e2")
EARLY, LATE, LATEST = Received(1, 0), Received(2, 0), Received(2, 1)

NOTICE = Look("videos", "a")
UPLOADED = Look("videos", "a", metadata=Metadata(title="New"))
WITHDRAW = Look("videos", "a", withdraw=True)


def entry(**changes: Any) -> Entry:
    return replace(Entry.of(blank("videos", "a", "id")), **changes)


UNKNOWN = entry()
LIVE = entry(status="ready", source=OLD, revision=3)
GONE = entry(status="deleted", revision=4)
WITHDRAWN = entry(status="deleted", revision=4, withdrawn=Withdrawal(OLD, LATE), metadata_at=LATE)


@pytest.mark.parametrize(
    ("before", "source", "look", "at", "expected"),
    [
        (UNKNOWN, None, NOTICE, LATE, Verdict.STAYS_ABSENT),
        (UNKNOWN, None, UPLOADED, LATE, Verdict.STAYS_ABSENT),
        (UNKNOWN, OLD, NOTICE, LATE, Verdict.NEW),
        (LIVE, None, NOTICE, LATE, Verdict.VANISHED),
        (LIVE, OLD, NOTICE, LATE, Verdict.SAME),
        (LIVE, AGAIN, NOTICE, LATE, Verdict.SAME),
        (LIVE, OTHER, NOTICE, LATE, Verdict.NEW),
        (LIVE, OLD, WITHDRAW, LATE, Verdict.WITHDRAWN),
        (entry(status="ready", source=OLD, metadata_at=LATE), OLD, WITHDRAW, EARLY, Verdict.SAME),
        (GONE, None, NOTICE, LATE, Verdict.STAYS_ABSENT),
        (GONE, OLD, NOTICE, LATE, Verdict.NEW),
        (WITHDRAWN, OLD, NOTICE, LATEST, Verdict.STAYS_WITHDRAWN),
        (WITHDRAWN, OLD, UPLOADED, EARLY, Verdict.STAYS_WITHDRAWN),
        (WITHDRAWN, OLD, UPLOADED, LATE, Verdict.STAYS_WITHDRAWN),
        (WITHDRAWN, OLD, UPLOADED, LATEST, Verdict.NEW),
        (WITHDRAWN, OLD, WITHDRAW, LATEST, Verdict.STAYS_WITHDRAWN),
        (WITHDRAWN, AGAIN, NOTICE, LATEST, Verdict.NEW),
        (WITHDRAWN, OTHER, NOTICE, LATEST, Verdict.NEW),
        (WITHDRAWN, None, NOTICE, LATEST, Verdict.STAYS_ABSENT),
        (entry(status="failed", source=OLD, revision=1), OLD, NOTICE, LATE, Verdict.SAME),
    ],
)
def test_verdict(before: Entry, source: Source | None, look: Look, at: Received, expected: Verdict) -> None:
    assert verdict(before, source, look, at) is expected


def test_nothing_old_shows_from_a_tombstone_or_a_new_revision_on() -> None:
    plan = Plan(130.0, divide(130.0, 60.0), {"has_picture": True})
    for fields in (
        fields_of_absence(LIVE, Verdict.VANISHED),
        fields_of_withdrawal(LIVE, OLD, LATE),
        fields_of_revision(LIVE, OTHER, plan),
        fields_of_failure(LIVE, OTHER, "broken"),
    ):
        assert fields["revision"] == LIVE.revision + 1


def test_a_new_revision_has_its_spans_pending_and_not_emitted() -> None:
    fields = fields_of_revision(LIVE, OTHER, Plan(130.0, divide(130.0, 60.0), {}))
    assert fields["status"] == "indexing"
    assert fields["emitted"] is False
    assert [span["state"] for span in fields["spans"]] == ["p", "p", "p"]
    assert fields["spans"][0] is not fields["spans"][1]


def test_an_unchanged_video_keeps_its_spans() -> None:
    assert fields_of_same(AGAIN) == {"source": AGAIN.body()}


def test_the_latest_own_event_replaces_metadata_whole() -> None:
    fields = fields_of_metadata(entry(metadata_at=EARLY, metadata_version=2), UPLOADED, LATE, Verdict.SAME)
    assert (fields["title"], fields["description"], fields["metadata_version"]) == ("New", None, 3)
    assert fields["metadata_at"] == LATE.body()


def test_an_older_own_event_and_a_bare_notification_change_no_metadata() -> None:
    assert fields_of_metadata(entry(metadata_at=LATE), UPLOADED, EARLY, Verdict.SAME) == {}
    assert fields_of_metadata(entry(metadata_at=LATE), UPLOADED, LATE, Verdict.SAME) == {}
    assert fields_of_metadata(LIVE, NOTICE, LATE, Verdict.NEW) == {}


def test_going_away_clears_metadata_but_not_when_an_upload_announced_it() -> None:
    assert fields_of_metadata(LIVE, NOTICE, LATE, Verdict.VANISHED)["title"] is None
    assert fields_of_metadata(LIVE, UPLOADED, LATE, Verdict.VANISHED)["title"] == "New"


def test_a_withdrawal_outdates_the_events_before_it() -> None:
    assert fields_of_metadata(LIVE, WITHDRAW, LATE, Verdict.WITHDRAWN)["metadata_at"] == LATE.body()


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0.4, ((0.0, 0.4),)),
        (60.0, ((0.0, 60.0),)),
        (61.9, ((0.0, 61.9),)),
        (62.0, ((0.0, 60.0), (60.0, 62.0))),
        (150.0, ((0.0, 60.0), (60.0, 120.0), (120.0, 150.0))),
    ],
)
def test_spans_cover_the_video_without_crumbs(duration: float, expected: tuple[tuple[float, float], ...]) -> None:
    assert divide(duration, 60.0) == expected
