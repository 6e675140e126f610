"""The samples by which a match is told from chance: stored with the model, the same for every process."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from opensearchpy import OpenSearch, helpers

from search_api import background
from search_api.background import Background
from search_api.connection import connect
from search_api.fusion import LegName
from search_api.sample import SAMPLE, Sample
from search_api.settings import SearchSettings
from search_api.stored_samples import document_id

pytest_plugins = ("search_fixtures",)
SPEECH, PICTURE = LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR
MODELS = {SPEECH: "tiny text-1", PICTURE: "tiny picture-1"}
QUERY = np.array([0.0, 0.6, 0.8], np.float32)
Start = Callable[..., Awaitable[Mapping[LegName, Sample]]]


@pytest.fixture
def fill(engine: OpenSearch, settings: SearchSettings) -> Callable[[int], None]:
    """Put so many moments into the index, each with a vector of its own."""
    random = np.random.default_rng(7)

    def fill(count: int) -> None:
        rows = random.normal(0, 1, (count, 3))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        claim = {"video_id": "v", "bucket": "b", "revision": 1, "span": 0, "run": "won"}
        actions = (
            {"_index": settings.moments_alias, **claim, "speech_vector": row, "visual": [*row, 0.5]}
            for row in rows.tolist()
        )
        helpers.bulk(engine, actions, refresh=True)

    return fill


@pytest.fixture
async def start(settings: SearchSettings) -> Any:
    """What a new process reads."""
    clients = []

    async def start(models: Mapping[LegName, str] = MODELS, **changes: Any) -> Mapping[LegName, Sample]:
        async def named() -> Mapping[LegName, str]:
            return models

        client = connect(settings)
        clients.append(client)
        return await Background(client, settings.model_copy(update=changes), named).samples()

    yield start
    for client in clients:
        await client.close()


def same(one: Sample, other: Sample) -> bool:
    return one.moments == other.moments and np.array_equal(one.vectors, other.vectors) and one.tail == other.tail


async def test_two_processes_give_the_same_confidences_though_the_index_grew_between_them(
    fill: Callable[[int], None], start: Start
) -> None:
    fill(SAMPLE + 100)
    first = await start()
    fill(100)
    second = await start()

    assert set(first) == {SPEECH, PICTURE}
    assert all(same(first[leg], second[leg]) for leg in MODELS)
    assert first[SPEECH].probabilities(QUERY, [0.9, 0.99]) == second[SPEECH].probabilities(QUERY, [0.9, 0.99])
    alone = await start({})
    assert alone[SPEECH].moments == SAMPLE + 200 and not same(alone[SPEECH], first[SPEECH]), "it is no chance"


async def test_another_version_of_a_model_draws_anew_and_that_of_the_other_leg_stays(
    fill: Callable[[int], None], start: Start
) -> None:
    fill(SAMPLE + 100)
    before = await start()
    fill(50)

    after = await start({**MODELS, SPEECH: "tiny text-2"})

    assert after[SPEECH].moments == SAMPLE + 150 and same(after[PICTURE], before[PICTURE])
    assert same((await start())[SPEECH], before[SPEECH]), "the sample of the first version is there still"


@pytest.mark.parametrize(
    ("changes", "more"),
    [({}, SAMPLE), ({"sample_age_seconds": 1e-6}, 1)],
    ids=["index grew", "too old"],
)
async def test_a_sample_that_no_longer_serves_is_drawn_anew_for_all(
    fill: Callable[[int], None], start: Start, changes: dict[str, Any], more: int
) -> None:
    fill(SAMPLE + 100)
    before = await start()
    fill(more)

    redrawn = await start(**changes)
    other = await start()

    assert redrawn[SPEECH].moments == SAMPLE + 100 + more
    assert same(other[SPEECH], redrawn[SPEECH]) and not same(other[SPEECH], before[SPEECH])


async def test_of_two_processes_that_draw_at_once_both_use_what_the_first_stored(
    fill: Callable[[int], None], start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(SAMPLE + 100)
    first: dict[LegName, Sample] = {}

    async def overtaken(*_: Any) -> Mapping[LegName, str]:
        return MODELS

    read = background.read_draw

    def slower(leg: LegName, hits: Mapping[str, Any]) -> Sample:
        drawn = read(leg, hits)
        return Sample(drawn.vectors[::-1].copy(), drawn.moments - 1, drawn.tail)

    ask = Background._ask

    async def meanwhile(self: Background, bodies: Mapping[LegName, Any]) -> Any:
        hits = await ask(self, bodies)
        if not first and any("function_score" in body["query"] for body in bodies.values()):
            first.update({SPEECH: Sample(np.empty((0, 0), np.float32), 0)})
            first.update(await start())
            monkeypatch.setattr(background, "read_draw", slower)
        return hits

    monkeypatch.setattr(Background, "_ask", meanwhile)
    second = await start()

    assert all(same(first[leg], second[leg]) for leg in MODELS)


async def test_a_small_index_is_drawn_anew_at_every_change(fill: Callable[[int], None], start: Start) -> None:
    fill(20)
    await start()
    fill(1)

    assert [sample.moments for sample in (await start()).values()] == [21, 21]


async def test_a_broken_sample_is_replaced(
    fill: Callable[[int], None], start: Start, engine: OpenSearch, settings: SearchSettings
) -> None:
    fill(SAMPLE + 100)
    whole = await start()
    engine.update(
        index=settings.samples_alias,
        id=document_id(SPEECH, MODELS[SPEECH]),
        body={"doc": {"vectors": "AAAA", "drawn_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}},
    )

    assert same((await start())[SPEECH], whole[SPEECH])
    stored = engine.get(index=settings.samples_alias, id=document_id(SPEECH, MODELS[SPEECH]))["_source"]
    assert (stored["model"], stored["field"], stored["rows"]) == (MODELS[SPEECH], "speech_vector", SAMPLE)
    assert len(stored["vectors"]) > 1000


async def test_where_nothing_can_be_stored_a_process_uses_what_it_draws(
    fill: Callable[[int], None], start: Start, engine: OpenSearch, settings: SearchSettings
) -> None:
    engine.indices.delete(index=f"{settings.samples_alias}-offline")
    fill(SAMPLE + 100)

    assert {leg: sample.moments for leg, sample in (await start()).items()} == dict.fromkeys(MODELS, SAMPLE + 100)
    assert not engine.indices.exists(index=settings.samples_alias), "an index without a mapping must not appear"
