"""Every row of LOOK, step 4: what the ledger says, what the bucket holds, what the event says."""

from dataclasses import replace
from typing import Any

import pytest

from stream.entry import Entry, Received, Source, Span, Withdrawal, blank
from stream.events import Look, Metadata
from stream.look import (
    Plan,
    Verdict,
    asks_to_resend,
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
NEW_YEAR_MS = 1_767_225_600_000
EARLY, LATE, LATEST = Received(NEW_YEAR_MS + 1, 0), Received(NEW_YEAR_MS + 2, 0), Received(NEW_YEAR_MS + 2, 1)

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
        (LIVE, AGAIN, WITHDRAW, LATE, Verdict.SAME),
        (LIVE, replace(OTHER, last_modified=AGAIN.last_modified), WITHDRAW, LATE, Verdict.NEW),
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


RESEND = Look("videos", "a", resend=True)
PENDING, DONE = Span("p", None, 0, None), Span("d", "run", 0, "r")
WAITING = entry(status="indexing", source=OLD, emitted=True, spans=(DONE, PENDING))


@pytest.mark.parametrize(
    ("before", "look", "expected"),
    [
        (WAITING, RESEND, True),
        (WAITING, NOTICE, False),
        (WAITING, UPLOADED, False),
        (replace(WAITING, emitted=False), RESEND, False),
        (replace(WAITING, spans=(DONE,)), RESEND, False),
        (replace(WAITING, status="ready", spans=(DONE, DONE)), RESEND, False),
        (replace(WAITING, status="failed", spans=()), RESEND, False),
        (replace(WAITING, status="deleted", spans=()), RESEND, False),
    ],
)
def test_only_a_look_that_asks_for_it_sends_spans_again_that_were_sent(
    before: Entry, look: Look, expected: bool
) -> None:
    assert asks_to_resend(before, look) is expected


def test_a_new_revision_starts_to_count_its_emissions() -> None:
    assert fields_of_revision(LIVE, OTHER, Plan(5.0, ((0.0, 5.0),), {}))["emissions"] == 0


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


def test_a_withdrawal_does_not_touch_what_was_stored_after_it_but_clears_the_metadata_before_it() -> None:
    said = entry(status="ready", source=AGAIN, metadata_at=EARLY, metadata_version=1)
    assert verdict(said, AGAIN, WITHDRAW, LATE) is Verdict.SAME
    fields = fields_of_metadata(said, WITHDRAW, LATE, Verdict.SAME)
    assert (fields["title"], fields["metadata_at"], fields["metadata_version"]) == (None, LATE.body(), 2)


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
