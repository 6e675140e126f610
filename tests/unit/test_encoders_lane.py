"""One call at a time, and only so many that wait."""

import asyncio
import threading

import pytest

from encoders.batching.lane import Lane, LaneBlocked, LaneFull


async def _until_running(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 5)


async def test_calls_run_one_after_the_other_in_one_thread() -> None:
    lane, threads = Lane("text", max_waiting=8, max_wait_seconds=5), set()
    results = await asyncio.gather(
        *(lane.run(lambda n=n: (threads.add(threading.get_ident()), n)[1]) for n in range(6))  # type: ignore[misc]
    )
    assert results == list(range(6))
    assert len(threads) == 1
    lane.close()


async def test_more_than_may_wait_are_refused_and_waiting_ends_in_time() -> None:
    lane = Lane("text", max_waiting=1, max_wait_seconds=0.2)
    running, release = threading.Event(), threading.Event()
    first = asyncio.create_task(lane.run(lambda: (running.set(), release.wait(5))))
    await _until_running(running)
    second = asyncio.create_task(lane.run(lambda: None))
    await asyncio.sleep(0)
    with pytest.raises(LaneFull, match="1 requests wait for the text model"):
        await lane.run(lambda: None)
    with pytest.raises(LaneBlocked, match=r"busy for 0\.2 s"):
        await second
    release.set()
    await first
    assert await lane.run(lambda: "free again") == "free again"
    lane.close()


async def test_a_call_whose_caller_is_gone_never_runs() -> None:
    lane, ran = Lane("text", max_waiting=2, max_wait_seconds=5), []
    running, release = threading.Event(), threading.Event()
    first = asyncio.create_task(lane.run(lambda: (running.set(), release.wait(5))))
    await _until_running(running)
    gone = asyncio.create_task(lane.run(lambda: ran.append("gone")))
    await asyncio.sleep(0)
    gone.cancel()
    release.set()
    await first
    await lane.run(lambda: ran.append("next"))
    assert ran == ["next"]
    lane.close()


async def test_an_error_reaches_its_caller_only() -> None:
    lane = Lane("text", max_waiting=2, max_wait_seconds=5)
    with pytest.raises(ZeroDivisionError):
        await lane.run(lambda: 1 // 0)
    assert await lane.run(lambda: 1) == 1
    lane.close()
