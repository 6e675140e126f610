"""The Python client against the real thing: a film from upload to deletion, with both clients."""

import asyncio
from pathlib import Path

import pytest
from flow import Flow
from services import Scope
from serving import served

from infra.demo_catalogue import films
from infra.demo_film import render
from search_api.client import ApiProblem, AsyncKadrClient, KadrClient
from search_api.settings import SearchSettings


def test_a_film_from_upload_to_deletion(ready_scope: Scope, tmp_path: Path) -> None:
    flow = Flow(ready_scope)
    path = render(next(film for film in films() if "football" in film.name), tmp_path)
    settings = flow.scope.read(SearchSettings, upload_limit_mb=64, deadline_seconds=30.0)
    with served(settings) as address, KadrClient(address, timeout_seconds=120) as kadr, flow.worker():
        uploaded = kadr.upload(path, title="Football", categories=["sport", "sea"], attributes={"year": 2026})
        events = list(kadr.events(uploaded.video_id))
        assert events[-1].final and events[-1].stage == "ready"

        detail = kadr.video(uploaded.video_id)
        assert (detail.title, detail.categories, detail.attributes) == ("Football", ["sport", "sea"], {"year": 2026})
        moments = list(kadr.moments(uploaded.video_id, page=1))
        assert [moment.start_seconds for moment in moments] == sorted(moment.start_seconds for moment in moments)
        assert "football" in kadr.transcript(uploaded.video_id).lower()

        hit = kadr.search("football", limit=3, filters={"categories": ["sport"]}, min_confidence=0).hits[0]
        assert hit.video_id == uploaded.video_id
        assert [one.video_id for one in kadr.hits("football", limit=1, group_by="moment")].count(hit.video_id) >= 1
        assert kadr.similar(moments[0].moment_id, limit=5, min_confidence=0).query == ""
        picture = kadr.thumbnail(moments[0].thumbnail or "")
        looks = kadr.search_image(picture, limit=1)
        assert looks.hits[0].video_id == uploaded.video_id
        assert kadr.matches(uploaded.video_id).matches == []
        assert kadr.suggest("footb").suggestions
        with kadr.stream(uploaded.video_id) as response:
            assert response.read() == path.read_bytes()

        asyncio.run(same_asynchronously(address, uploaded.video_id, len(moments)))

        kadr.delete(uploaded.video_id)
        flow.wait_for(uploaded.video_id, lambda entry: entry["status"] == "deleted", 240)
        with pytest.raises(ApiProblem, match="deleted") as problem:
            kadr.video(uploaded.video_id)
        assert (problem.value.status, problem.value.kind) == (410, "deleted-video")


async def same_asynchronously(address: str, video: str, moments: int) -> None:
    async with AsyncKadrClient(address, timeout_seconds=120) as kadr:
        answer = await kadr.search("football", then={"text": "ball", "within_seconds": 60}, explain=True)
        assert answer.understood.then is not None and answer.understood.then.within_seconds == 60
        assert len([moment async for moment in kadr.moments(video)]) == moments
        assert [event.stage async for event in kadr.events(video)][-1] == "ready"
        async with kadr.stream(video, original=True) as response:
            assert await response.aread()
