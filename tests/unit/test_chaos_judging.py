"""The judgements of the chaos runs notice what they are there for."""

from collections.abc import Mapping
from typing import Any

import pytest
from chaos.contents import Content, vector_of
from chaos.judging import Origin, fits, judge_video

CONTENT = Content(0, b"data", ((20, 63, 106), (235, 20, 20)))


def entry(revision: int, run: str | None = "won", status: str = "ready", **more: Any) -> dict[str, Any]:
    span = {"state": "d" if run else "p", "run": run}
    source = {"etag": CONTENT.etag}
    said = {"external_id": None, "metadata_version": 0, **more}
    return {"revision": revision, "status": status, "spans": [span], "source": source, **said}


def moment(shot: int, **changes: Any) -> dict[str, Any]:
    return {
        "revision": 1,
        "span": 0,
        "run": "won",
        "video_id": "v",
        "metadata_version": 0,
        "start_seconds": 2.5 * shot,
        "stop_seconds": 2.5 * shot + 2.5,
        "visual": vector_of(CONTENT.colours[shot]),
        **changes,
    }


WHOLE = [moment(0), moment(1)]
TOMBSTONE = entry(2, None, "deleted", spans=[])
MOMENT = Origin("v", 1, 0, "won")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (entry(1), entry(1), True),
        (entry(1, None), entry(1), True),
        (entry(1), entry(2), True),
        (None, entry(1), True),
        (entry(1, None), entry(2), True),
        (entry(0), entry(2), True),
        (entry(1, "other"), entry(1, "other"), False),
        (entry(1, None), entry(1, "other"), False),
        (entry(1, None), entry(1, None), False),
        (entry(2), entry(2), False),
        (TOMBSTONE, TOMBSTONE, False),
        (None, None, False),
        (entry(1, "other"), entry(2), False),
    ],
)
def test_an_answer_must_fit_the_ledger_before_or_after_it(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, expected: bool
) -> None:
    assert fits(MOMENT, before, after) is expected


def judge(moments: list[dict[str, Any]], found: dict[str, Any] | None = None) -> tuple[int, int, int]:
    wrongs = judge_video("a", CONTENT, {None}, entry(1) if found is None else found, moments)
    return len(wrongs.lost), len(wrongs.duplicates), len(wrongs.stale)


def test_the_whole_video_is_nothing_wrong() -> None:
    assert judge(WHOLE) == (0, 0, 0)


@pytest.mark.parametrize(
    ("moments", "kind"),
    [
        ([moment(1)], "lost"),
        ([moment(0)], "lost"),
        ([*WHOLE, moment(1, start_seconds=3.0)], "duplicates"),
        ([*WHOLE, moment(0, run="lost")], "stale"),
        ([*WHOLE, moment(0, revision=0)], "stale"),
        ([moment(0), moment(1, visual=vector_of((20, 20, 20)))], "stale"),
        ([moment(0), moment(1, metadata_version=1)], "stale"),
    ],
)
def test_each_wrong_is_noticed(moments: list[dict[str, Any]], kind: str) -> None:
    found = dict(zip(("lost", "duplicates", "stale"), judge(moments), strict=True))
    assert [name for name, count in found.items() if count] == [kind]


def test_a_video_that_is_not_ready_is_lost() -> None:
    assert judge([], entry(1, None, "indexing"))[0] == 1
    assert len(judge_video("a", CONTENT, {None}, None, []).lost) == 1


def test_what_is_gone_must_leave_nothing() -> None:
    assert judge_video("a", None, {None}, TOMBSTONE, []).none
    assert len(judge_video("a", None, {None}, TOMBSTONE, [moment(0)]).stale) == 1
    assert len(judge_video("a", None, {None}, entry(1), []).stale) == 1


def test_other_metadata_than_was_said_is_stale() -> None:
    assert judge(WHOLE, entry(1, external_id="stranger"))[2] == 1
