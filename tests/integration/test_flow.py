"""Events in, exact documents out: the whole way on real Kafka, MinIO, OpenSearch and encoders."""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow import Flow, until
from media import Video, make
from services import Scope

from infra.demo_catalogue import films
from infra.demo_film import render
from stream.events import VideoDeleted, VideoUploaded, video_id


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    return Flow(ready_scope)


@pytest.fixture(scope="session")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("media") / "silent.mp4", Video(shot_seconds=(4.0, 3.0), sound_codec=None))


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    folder = tmp_path_factory.mktemp("media")
    lengths = [(3.0 + number, 4.0) for number in range(4)]
    yield [make(folder / f"other{n}.mp4", Video(shot_seconds=shots)) for n, shots in enumerate(lengths)]


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = next(film for film in films() if "football" in film.name)
    return render(film, tmp_path_factory.mktemp("media"))


def test_a_notification_becomes_exact_documents(flow: Flow, silent: Path) -> None:
    with flow.worker():
        video = flow.put("dir/my silent.mp4", silent)
        entry = flow.wait_final(video)
        moments = flow.moments(video)
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
    assert (entry["status"], entry["revision"], entry["spans_total"], entry["spans_done"]) == ("ready", 1, 1, 1)
    assert entry["duration_seconds"] == pytest.approx(7.0, abs=0.1)
    assert [span["state"] for span in entry["spans"]] == ["d"]
    run = entry["spans"][0]["run"]
    assert list(moments) == [f"{video}:1:0:{run}:{n}" for n in range(2)]
    first, second = moments.values()
    assert first["start_seconds"] == 0.0
    assert first["stop_seconds"] == second["start_seconds"] == pytest.approx(4.0, abs=0.1)
    assert second["stop_seconds"] == pytest.approx(7.0, abs=0.1)
    for moment in moments.values():
        assert (moment["bucket"], moment["key"]) == (flow.scope.bucket, "dir/my silent.mp4")
        assert (moment["revision"], moment["span"], moment["run"], moment["metadata_version"]) == (1, 0, run, 0)
        assert sum(x * x for x in moment["visual"]) == pytest.approx(1.0, abs=1e-3)
        assert not {"speech", "words", "speech_vector"} & set(moment)
        assert flow.store.stat_object(flow.scope.thumbnail_bucket, moment["thumbnail"]).size > 100


def test_what_is_said_and_what_the_publisher_says_are_found(flow: Flow, spoken: Path, silent: Path) -> None:
    with flow.worker():
        event = VideoUploaded(
            bucket=flow.scope.bucket, key="game.mp4", external_id="42", title="Футбол на пляже", categories=("sport",)
        )
        flow.publish(event)
        game, other = flow.put("game.mp4", spoken), flow.put("other.mp4", silent)
        entry = flow.wait_final(game)
        flow.wait_final(other)
        said = flow.search("playing football on the beach")["hits"][0]
        titled = flow.search("футболы пляжа")["hits"][0]
        filtered = flow.search("football beach", filters={"categories": ["cooking"]})["hits"]
    assert entry["title"] == "Футбол на пляже"
    assert (said["key"], said["external_id"], said["title"]) == ("game.mp4", "42", "Футбол на пляже")
    assert "speech_text" in said["moments"][0]["legs"]
    assert titled["key"] == "game.mp4"
    assert "metadata_text" in titled["legs"]
    assert filtered == []


def test_late_metadata_reaches_the_moments_and_a_bare_notification_keeps_it(flow: Flow, silent: Path) -> None:
    with flow.worker():
        video = flow.put("a.mp4", silent)
        flow.wait_final(video)
        flow.publish(VideoUploaded(bucket=flow.scope.bucket, key="a.mp4", title="Lighthouse", categories=("sea",)))
        until(
            lambda: all(m.get("categories") == ["sea"] for m in flow.moments(video).values()), "the moments' metadata"
        )
        looks = flow.ledger(video)["looks"]
        flow.put("a.mp4", silent)
        entry = flow.wait_for(video, lambda now: now["looks"] > looks)
    assert (entry["title"], entry["revision"], entry["metadata_version"]) == ("Lighthouse", 1, 1)


def test_the_same_file_again_changes_nothing(flow: Flow, silent: Path) -> None:
    with flow.worker():
        video = flow.put("a.mp4", silent)
        before = flow.wait_final(video)
        moments = flow.moments(video)
        flow.put("a.mp4", silent)
        after = flow.wait_for(video, lambda entry: entry["looks"] > before["looks"])
    assert after["spans"] == before["spans"]
    assert after["revision"] == before["revision"]
    assert flow.moments(video) == moments


def test_overwriting_shows_only_the_new_and_deleting_shows_nothing(flow: Flow, spoken: Path, silent: Path) -> None:
    with flow.worker():
        video = flow.put("a.mp4", spoken)
        flow.wait_final(video)
        assert flow.found("playing football on the beach") == ["a.mp4"]
        flow.put("a.mp4", silent)
        flow.wait_for(video, lambda entry: entry["revision"] == 2)
        # What is shown by now is the new film, which is silent.
        hits = flow.search("playing football on the beach")["hits"]
        assert not any(moment["speech"] for hit in hits for moment in hit["moments"])
        flow.wait_for(video, lambda entry: entry["status"] == "ready")
        assert {moment["revision"] for moment in flow.moments(video).values()} == {2}
        flow.delete("a.mp4")
        entry = flow.wait_for(video, lambda entry: entry["status"] == "deleted", seconds=15)
        assert flow.search("anything")["hits"] == []
        until(lambda: not flow.moments(video), "the sweep")
    assert (entry["revision"], entry["source"], entry["spans"]) == (3, None, [])
    assert list(flow.store.list_objects(flow.scope.thumbnail_bucket, recursive=True)) == []


def test_a_withdrawn_video_stays_away_until_it_is_announced_again(flow: Flow, silent: Path) -> None:
    bucket = flow.scope.bucket
    with flow.worker():
        video = flow.put("a.mp4", silent)
        flow.wait_final(video)
        flow.publish(VideoDeleted(bucket=bucket, key="a.mp4"))
        flow.wait_for(video, lambda entry: entry["status"] == "deleted")
        flow.publish(VideoUploaded(bucket=bucket, key="a.mp4", title="Back"))
        entry = flow.wait_final(video)
    assert (entry["status"], entry["title"], entry["withdrawn"]) == ("ready", "Back", None)


def test_garbage_ends_with_reasons_and_later_events_are_handled(flow: Flow, silent: Path) -> None:
    bucket = flow.scope.bucket
    with flow.worker():
        flow.publish_raw(
            b"not json",
            b'{"type":"video.uploaded","bucket":"%s"}' % bucket.encode(),
            b'{"type":"video.exploded","bucket":"%s","key":"a"}' % bucket.encode(),
            b'{"type":"video.uploaded","bucket":"somebody-elses","key":"a"}',
            b'{"type":"video.uploaded","bucket":"%s","key":"nowhere.mp4"}' % bucket.encode(),
        )
        text = flow.put("text.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n")
        good = flow.put("good.mp4", silent)
        assert flow.wait_final(good)["status"] == "ready"
        failed = flow.wait_final(text)
        absent = flow.wait_for(video_id(bucket, "nowhere.mp4"), lambda entry: entry["looks"] > 0)
        letters = flow.dead_letters(5)
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
    assert absent["status"] == "deleted"
    assert failed["status"] == "failed"
    assert "ffconcat" in failed["reason"]
    reasons = Counter(letter["kadr-reason"] for letter in letters)
    assert reasons == {"not_json": 1, "invalid_event": 2, "foreign_bucket": 1, failed_reason(letters): 1}
    assert all(letter["kadr-message"] for letter in letters)


def failed_reason(letters: list[dict[str, str]]) -> str:
    return next(letter["kadr-reason"] for letter in letters if letter["kadr-stage"] == "probe")


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(flow: Flow, others: list[Path], spoken: Path) -> None:
    quick = {"KADR_SESSION_TIMEOUT_SECONDS": "6"}
    with flow.worker(**quick) as first:
        videos = [flow.put(path.name, path) for path in [spoken, *others]]
        until(lambda: in_work(flow.ledger(videos[0])), "the spoken video in work", lambda: flow.ledger(videos[0]))
        first.send_signal(signal.SIGKILL)
    with flow.worker(**quick):
        entries = [flow.wait_final(video, seconds=120) for video in videos]
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
        found = flow.search("playing football on the beach", limit=50, moments_per_video=20)["hits"]
    assert [entry["status"] for entry in entries] == ["ready"] * len(videos)
    assert entries[0]["spans"][0]["lost"] == 1, "the kill came too late to count"
    for video, entry in zip(videos, entries, strict=True):
        winners = {f"{number}:{span['run']}" for number, span in enumerate(entry["spans"])}
        assert {f"{m['span']}:{m['run']}" for m in flow.moments(video).values()} == winners
    for hit in found:
        ranges = [(moment["start_seconds"], moment["stop_seconds"]) for moment in hit["moments"]]
        assert len(ranges) == len(set(ranges))


def in_work(entry: dict[str, Any]) -> bool:
    """Says whether the first span is claimed and not done, and the planner through with it."""
    first = next(iter(entry.get("spans", [])), {"record": None})
    return entry.get("emitted", False) and first["record"] is not None and first["state"] == "p"
