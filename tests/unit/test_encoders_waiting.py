"""Whose turn it is among those that wait for one model."""

import asyncio

import pytest

from encoders.batching.waiting import BULK_PATIENCE_SECONDS, QUERY_BATCHES_IN_A_ROW, Waiting, WaitingLine


@pytest.mark.parametrize(("waited", "first"), [(0.9, "query"), (1.1, "passage")])
async def test_bulk_work_passes_queries_only_when_it_waited_long(waited: float, first: str) -> None:
    now, loop = 0.0, asyncio.get_running_loop()
    line = WaitingLine("text", max_items=999, clock=lambda: now)
    for number in range(QUERY_BATCHES_IN_A_ROW + 3):
        line.add(Waiting("query", [str(number)], loop.create_future(), came=now))
    line.add(Waiting("passage", ["a", "b", "c"], loop.create_future(), came=now))
    for _ in range(QUERY_BATCHES_IN_A_ROW):
        assert line.take(1)[0].request.kind == "query"
    now = waited * BULK_PATIENCE_SECONDS
    kinds = [line.take(1)[0].request.kind for _ in range(3)]
    assert kinds == [first, "query", "query"], "one batch, then queries first again"
