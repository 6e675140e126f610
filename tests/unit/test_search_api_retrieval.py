from typing import Any

from opensearchpy import AsyncOpenSearch

from search_api.fusion import LegName
from search_api.retrieval import retrieve

TEXT, SPEECH, PICTURE = LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR
HIT = {"_id": "a", "_score": 1.0}


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Answers an msearch with what it was given."""

    def __init__(self, *responses: dict[str, Any]) -> None:
        self.responses = responses

    async def msearch(self, **_: Any) -> dict[str, Any]:
        """The answer."""
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
