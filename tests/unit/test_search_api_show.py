from typing import Any

import pytest

from search_api.show import Claim, LedgerVideo, shows_moment, shows_video

SPANS = [
    {"state": "d", "run": "winner", "lost": 0, "record": None, "reason": None},
    {"state": "p", "run": "trying", "lost": 0, "record": None, "reason": None},
    {"state": "f", "run": "failed", "lost": 0, "record": None, "reason": "broken"},
]


def ledger(**changes: Any) -> dict[str, LedgerVideo]:
    document = {"bucket": "videos", "key": "a.mp4", "revision": 3, "status": "indexing", "spans": SPANS, **changes}
    return {"v": LedgerVideo.from_document("v", document)}


def test_shows_a_moment_of_the_winning_run_of_the_current_revision() -> None:
    assert shows_moment(ledger(), Claim("v", revision=3, span=0, run="winner"))


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (Claim("v", revision=2, span=0, run="winner"), "old revision"),
        (Claim("v", revision=4, span=0, run="winner"), "revision that the ledger does not know"),
        (Claim("v", revision=3, span=0, run="loser"), "run that did not win"),
        (Claim("v", revision=3, span=1, run="trying"), "span not done"),
        (Claim("v", revision=3, span=2, run="failed"), "failed span"),
        (Claim("v", revision=3, span=3, run="winner"), "span that does not exist"),
        (Claim("v", revision=3, span=-1, run="winner"), "negative span"),
        (Claim("w", revision=3, span=0, run="winner"), "video without a ledger document"),
    ],
)
def test_hides_every_other_moment(claim: Claim, why: str) -> None:
    assert not shows_moment(ledger(), claim), why


def test_hides_all_of_a_deleted_video() -> None:
    tombstone = ledger(status="deleted")

    assert not shows_moment(tombstone, Claim("v", revision=3, span=0, run="winner"))
    assert not shows_video(tombstone, "v")


@pytest.mark.parametrize("status", ["indexing", "ready", "partial", "failed"])
def test_shows_a_video_that_is_not_deleted(status: str) -> None:
    assert shows_video(ledger(status=status), "v")


def test_hides_a_video_that_the_ledger_does_not_know() -> None:
    assert not shows_video(ledger(), "w")


def test_reads_a_tombstone_without_spans() -> None:
    video = ledger(status="deleted", spans=None)["v"]

    assert video.winners == ()
    assert video.title is None
