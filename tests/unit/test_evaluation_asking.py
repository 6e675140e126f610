import json
from typing import Any

import httpx
import pytest

from evaluation.asking import Names, NotAsked, ask_all
from evaluation.values import RUNS, Judged, Question

JUDGED = Judged(
    (Question("said", "frozen river"), Question("film", "holidays")),
    {"said": {"talk@12.5": 1, "talk@2": -1}, "film": {"videos/b.mp4": 1}},
)


def hit(key: str, start: float | None = None, *, external_id: str | None = None) -> dict[str, Any]:
    moments = [] if start is None else [{"start_seconds": start, "stop_seconds": start + 5}]
    return {"key": key, "bucket": "videos", "video_id": f"id-{key}", "external_id": external_id, "moments": moments}


def client(handler: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://kadr")


async def test_every_leg_is_asked_and_hits_get_the_names_that_were_judged() -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append(body)
        if body["group_by"] == "moment":
            hits = [hit("a.mp4", 10.0, external_id="talk"), hit("a.mp4", 11.0, external_id="talk"), hit("c.mp4", 3.5)]
        else:
            hits = [hit("b.mp4"), hit("c.mp4")]
        return httpx.Response(200, json={"hits": hits, "warnings": [{"code": "leg_failed", "message": "w"}]})

    async with client(answer) as api:
        answers = await ask_all(api, JUDGED)

    assert answers["hybrid"]["said"].names == ("talk@12.5", "c.mp4@3.5")
    assert answers["hybrid"]["film"].names == ("videos/b.mp4", "c.mp4")
    assert answers["speech_text"]["said"].warnings == ("w",)
    assert len(asked) == len(RUNS) * 2
    assert {tuple(body.get("legs", {"all": 1})) for body in asked} == {("all",), *((run,) for run in RUNS[1:])}
    assert {body["group_by"] for body in asked if body["query"] == "holidays"} == {"video"}


def test_a_second_belongs_to_the_moment_that_holds_it() -> None:
    names = Names(["talk@5"])
    talk = hit("a.mp4", external_id="talk")

    assert names.of_moment(talk, {"start_seconds": 5.0, "stop_seconds": 9.0}) == "talk@5"
    assert names.of_moment(talk, {"start_seconds": 1.0, "stop_seconds": 5.0}) == "talk@1"


@pytest.mark.parametrize("by", ["talk", "a.mp4", "videos/a.mp4", "id-a.mp4"])
def test_a_video_can_be_judged_by_any_of_its_names(by: str) -> None:
    assert Names([by]).of_video(hit("a.mp4", external_id="talk")) == by


async def test_a_refusal_is_told() -> None:
    async with client(lambda request: httpx.Response(422, text="too long")) as api:
        with pytest.raises(NotAsked, match="refuses the question said: too long"):
            await ask_all(api, JUDGED)
