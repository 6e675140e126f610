"""The demo's plan: what it uploads, when a video counts as done, what it asks."""

from pathlib import Path
from typing import Any

import pytest

from infra.answers import clock, console, hits_table, legs_text, moment_text
from infra.demo import check_names, event_of, key_of, own_uploads
from infra.demo_catalogue import films, notices, questions
from infra.demo_index import trouble_of
from infra.errors import KadrError
from infra.ledger_view import Awaited, Counts, LedgerView, counts, is_final
from infra.settings import StackSettings
from infra.uploads import Upload
from stream.events import VideoUploaded


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(home=tmp_path)


def awaited(key: str = "a.mp4", *, title: str | None = None) -> Awaited:
    event = VideoUploaded(bucket="videos", key=key, title=title) if title else None
    return Awaited(Upload(Path(key), "videos", key, event), etag="abc")


def entry(status: str, *, etag: str = "abc", done: int = 0, total: int = 2, **more: Any) -> dict[str, Any]:
    return {"status": status, "source": {"etag": etag}, "spans_total": total, "spans_done": done, **more}


class FakeLedger(LedgerView):
    """Answers with one state after the other."""

    def __init__(self, *states: dict[str, dict[str, Any]]) -> None:
        self._states = list(states)

    def entries(self, ids: Any) -> dict[str, dict[str, Any]]:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


def test_two_videos_of_one_name_are_refused() -> None:
    check_names((Path("a/x.mp4"), Path("b/y.mp4")))
    with pytest.raises(KadrError, match=r"called x\.mp4"):
        check_names((Path("a/x.mp4"), Path("b/x.mp4")))


def test_two_videos_have_an_event_of_their_publisher_one_title_in_russian(settings: StackSettings) -> None:
    uploads = own_uploads(settings, tuple(Path(film.name) for film in films()))
    events = [upload.event for upload in uploads if upload.event]
    assert len(events) == len(notices()) == 2
    assert all(event.title and event.description and event.external_id for event in events)
    russian = [event for event in events if any("а" <= letter <= "я" for letter in (event.title or "").lower())]
    assert len(russian) == 1
    assert event_of("videos", None) is None


def test_every_question_expects_a_video_of_the_catalogue(settings: StackSettings) -> None:
    names = {film.name for film in films()}
    assert len(questions()) >= 6
    assert {question.film for question in questions()} <= names
    assert {notice.film for notice in notices()} <= names
    kinds = " ".join(question.kind for question in questions())
    assert all(kind in kinds for kind in ("spoken in English", "titled in English", "titled in Russian", "mixed"))
    assert key_of("a.mp4") == "demo/a.mp4"


def test_a_video_is_done_only_with_the_content_and_the_metadata_that_were_uploaded() -> None:
    assert is_final(awaited(), entry("ready"))
    assert not is_final(awaited(), None)
    assert not is_final(awaited(), entry("indexing"))
    assert not is_final(awaited(), entry("ready", etag="older content"))
    assert not is_final(awaited(title="A cat"), entry("ready", title="A dog"))
    assert is_final(awaited(title="A cat"), entry("ready", title="A cat"))
    assert is_final(awaited(), entry("failed"))


def test_a_tombstone_without_a_source_is_not_done() -> None:
    assert not is_final(awaited(title="A cat"), {"status": "deleted", "source": None, "title": "A cat"})


def test_progress_counts_planned_videos_and_spans() -> None:
    both = [awaited("a.mp4"), awaited("b.mp4")]
    first, second = (one.upload.video_id for one in both)
    assert counts(both, {}) == Counts(2, 0, 0, 0, 0)
    present = {first: entry("ready", done=2), second: entry("indexing", done=1, total=4, spans_failed=1)}
    assert counts(both, present) == Counts(videos=2, planned=2, ready=1, spans=6, spans_done=4)


def test_waiting_shows_each_change_once_and_ends_when_all_is_done() -> None:
    one = awaited()
    name, shown = one.upload.video_id, []
    ledger = FakeLedger({}, {}, {name: entry("indexing")}, {name: entry("ready", done=2)})
    entries = ledger.wait([one], show=shown.append, pause_seconds=0.001)
    assert entries[name]["status"] == "ready"
    assert [now.ready for now in shown] == [0, 0, 1]


def test_waiting_gives_up_when_nothing_moves() -> None:
    with pytest.raises(KadrError, match=r"a\.mp4 is not done: `kadr doctor`"):
        FakeLedger({}).wait([awaited()], show=lambda _: None, patience_seconds=0.01, pause_seconds=0.001)


def test_what_is_wrong_with_a_video_is_said() -> None:
    assert trouble_of(awaited(), entry("ready")) == ""
    assert trouble_of(awaited(), entry("failed", reason="it is a text")) == "videos/a.mp4 is failed: it is a text"


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0:00.0"), (9.96, "0:10.0"), (59.97, "1:00.0"), (75.25, "1:15.2"), (3600, "60:00.0")]
)
def test_times_are_written_in_minutes_seconds_and_tenths(seconds: float, written: str) -> None:
    assert clock(seconds) == written


def test_legs_are_named_with_their_rank_the_most_important_first() -> None:
    legs = {"speech_text": {"rank": 3, "share": 0.1}, "speech_vector": {"rank": 1, "share": 0.2}}
    assert legs_text(legs) == "speech_vector 1, speech_text 3"


def test_the_words_of_the_query_are_bold_and_brackets_are_text() -> None:
    pieces = [{"text": "[red]", "match": False}, {"text": "car", "match": True}]
    assert moment_text({"highlight": pieces, "speech": "x"}) == r"\[red][bold]car[/bold]"
    assert moment_text({"highlight": None, "speech": None}) == ""


def test_the_table_has_a_row_per_moment_and_one_for_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    leg = {"rank": 1, "score": 1.0, "share": 0.004}
    moment = {
        "start_seconds": 61.0,
        "stop_seconds": 66.5,
        "score": 0.012,
        "speech": "the old train",
        "highlight": None,
        "legs": {"speech_text": leg},
    }
    hits = [
        {"key": "train.mkv", "title": None, "score": 0.016, "legs": {}, "moments": [moment, moment]},
        {"key": "fish.mp4", "title": "Тихий аквариум", "score": 0.005, "legs": {"metadata_text": leg}, "moments": []},
    ]
    console().print(hits_table({"hits": hits}))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == ["train.mkv", "1:01.0–1:06.5", "the", "old", "train", "0.0160", "speech_text", "1"]
    assert lines[2][0] == "1:01.0–1:06.5"
    assert lines[3] == ["fish.mp4", "0.0050", "metadata_text", "1"]
    assert lines[4] == ["Тихий", "аквариум"]
