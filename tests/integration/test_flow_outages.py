"""A service that is away costs time only: nothing is given up, and nothing counts as lost."""

import signal
import time
from pathlib import Path

import pytest
from flow import Flow
from media import Video, make
from services import Scope

from infra.stack import LocalStack


@pytest.fixture
def video_file(tmp_path: Path) -> Path:
    return make(tmp_path / "a.mp4", Video(shot_seconds=(3.0, 4.0)))


@pytest.mark.parametrize("service", ["encoder", "opensearch"])
def test_a_service_that_dies_is_waited_for(
    stack: LocalStack, ready_scope: Scope, video_file: Path, service: str
) -> None:
    flow = Flow(ready_scope)
    with flow.worker():
        flow.wait_final(flow.put("before.mp4", video_file))
        pid = stack.kill(service)
        video = flow.put("during.mp4", video_file)
        stack.wait_restarted(service, pid)
        entry = flow.wait_final(video, seconds=120)
        letters = flow.dead_letters(1, seconds=3)
    assert (entry["status"], [span["lost"] for span in entry["spans"]]) == ("ready", [0])
    assert letters == []


def test_a_deletion_does_not_wait_for_the_encoders(stack: LocalStack, ready_scope: Scope, video_file: Path) -> None:
    flow = Flow(ready_scope)
    with flow.worker():
        gone = flow.put("gone.mp4", video_file)
        flow.wait_final(gone)
        pid = stack.kill("encoder")
        waiting = flow.put("waiting.mp4", video_file)
        flow.wait_for(waiting, lambda entry: entry["status"] == "indexing")
        flow.delete("gone.mp4")
        flow.wait_for(gone, lambda entry: entry["status"] == "deleted", seconds=15)
        stack.wait_restarted("encoder", pid)
        assert flow.wait_final(waiting, seconds=120)["status"] == "ready"


def test_a_worker_stops_although_the_broker_is_away(stack: LocalStack, ready_scope: Scope, video_file: Path) -> None:
    flow = Flow(ready_scope)
    with flow.worker(KADR_STOP_SECONDS="5") as worker:
        flow.wait_final(flow.put("a.mp4", video_file))
        stack.kill("kafka", signal.SIGSTOP)
        try:
            worker.terminate()
            started = time.monotonic()
            worker.wait(15)
        finally:
            stack.kill("kafka", signal.SIGCONT)
    assert time.monotonic() - started < 15
