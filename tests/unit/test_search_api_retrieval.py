from typing import Any

import orjson
from opensearchpy import AsyncOpenSearch

from search_api.fusion import LegName
from search_api.retrieval import retrieve

TEXT, SPEECH, PICTURE = LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR
HIT = {"_id": "a", "_score": 1.0}


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Answers an msearch with what it was given."""

    def __init__(self, *responses: dict[str, Any]) -> None:
        self.responses = responses

    async def msearch(self, *, body: bytes, **_: Any) -> dict[str, Any]:
        """The answer."""
        self.asked = [orjson.loads(line) for line in body.splitlines()]
        return {"responses": list(self.responses)}


async def test_a_leg_that_fails_or_runs_out_of_time_leaves_the_others_whole() -> None:
    engine = Engine(
        {"timed_out": False, "hits": {"hits": [HIT]}},
        {"timed_out": True, "hits": {"hits": [HIT, HIT]}},
        {"error": {"root_cause": [{"type": "task_cancelled", "reason": "too slow"}]}},
    )

    found = await retrieve(engine, {TEXT: {}, SPEECH: {}, PICTURE: {}}, dict.fromkeys(LegName, "moments"))

    assert {leg: len(hits) for leg, hits in found.hits.items()} == {TEXT: 1, SPEECH: 2}
    assert found.cut_short == (SPEECH,)
    assert found.failures == {PICTURE: "task_cancelled: too slow"}


async def test_a_leg_that_does_not_end_is_cancelled_alone_and_the_others_are_timed() -> None:
    cancelled = {"type": "task_cancelled_exception", "reason": "cancelled task with reason: timeout"}
    engine = Engine(
        {"took": 7, "timed_out": False, "hits": {"hits": [HIT]}}, {"error": {"root_cause": [cancelled], **cancelled}}
    )

    legs: dict[LegName, dict[str, Any]] = {TEXT: {}, SPEECH: {}}
    found = await retrieve(engine, legs, dict.fromkeys(LegName, "moments"), cancel_after_seconds=1.5)

    assert [line.get("cancel_after_time_interval") for line in engine.asked] == ["1500ms", None, "1500ms", None]
    assert found.failures == {SPEECH: "it ran out of time"}
    assert found.took_ms == {TEXT: 7.0}
