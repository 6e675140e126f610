"""What the server tells Prometheus."""

import asyncio

import numpy as np
from encoding import LIMITS, Texts, serving
from prometheus_client.parser import text_string_to_metric_families

from encoders.batching.batcher import Batcher
from encoders.serving.metrics import Metrics

Samples = dict[tuple[str, frozenset[str]], float]


def _read(text: str) -> Samples:
    """Value by name and label values."""
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_items_batches_and_times_are_counted() -> None:
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    async with serving() as (http, client):
        await client.embed_frames(frames)
        await client.embed_texts(["a"], space="text", purpose="query")
        await client.embed_texts(["a", "b"], space="text", purpose="passage")
        await client.transcribe(np.ones(1600, np.float32), None)
        await http.post("/v1/embeddings", json={})
        await http.get("/nowhere/at/all")
        response = await http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    seen = _read(response.text)
    assert seen["kadr_encoder_requests_total", frozenset({"/v1/embeddings", "200"})] == 3
    assert seen["kadr_encoder_requests_total", frozenset({"/v1/embeddings", "422"})] == 1
    assert seen["kadr_encoder_requests_total", frozenset({"none", "404"})] == 1
    assert seen["kadr_encoder_request_seconds_count", frozenset({"/v1/audio/transcriptions"})] == 1
    assert seen["kadr_encoder_items_total", frozenset({"picture", "frames"})] == 2
    assert seen["kadr_encoder_items_total", frozenset({"text", "query"})] == 1
    assert seen["kadr_encoder_items_total", frozenset({"text", "passage"})] == 2
    assert seen["kadr_encoder_items_total", frozenset({"speech", "sound"})] == 1
    assert seen["kadr_encoder_batch_items_sum", frozenset({"text"})] == 3
    assert seen["kadr_encoder_model_seconds_count", frozenset({"text"})] == 2
    assert seen["kadr_encoder_wait_seconds_count", frozenset({"text", "query"})] == 1
    assert seen["kadr_encoder_waiting_items", frozenset({"text", "bulk"})] == 0
    assert seen["kadr_encoder_batch_limit_items", frozenset({"picture"})] == LIMITS.encoder_batch
    assert seen["kadr_encoder_memory_halvings_total", frozenset({"text"})] == 0
    assert all(name.startswith("kadr_encoder_") for name, _ in seen)


async def test_a_breakdown_counts_as_500() -> None:
    async with serving() as (http, _):
        await http.post("/v1/embeddings", json={"model": "text", "input": "bug"})
        seen = _read((await http.get("/metrics")).text)
    assert seen["kadr_encoder_requests_total", frozenset({"/v1/embeddings", "500"})] == 1


async def test_paths_and_models_that_clients_invent_make_no_labels() -> None:
    async with serving() as (http, _):
        for number in range(20):
            await http.get(f"/nowhere/{number}")
            await http.post("/v1/embeddings", json={"model": f"invented-{number}", "input": "a"})
        text = (await http.get("/metrics")).text
    assert "nowhere" not in text and "invented" not in text


async def test_what_waits_and_what_memory_was_too_small_for_is_seen() -> None:
    class Small(Texts):
        def embed_texts(self, texts, purpose):  # type: ignore[no-untyped-def]
            if len(texts) > 1:
                raise MemoryError("too much")
            return super().embed_texts(texts, purpose)

    metrics, model = Metrics(), Small()
    batcher = Batcher(
        "text",
        model,
        batch=4,
        max_waiting_items=9,
        max_wait_seconds=9,
        linger_seconds=0,
        meter=metrics.meter("text"),
    )
    slow = asyncio.create_task(batcher.embed_texts(["slow"], "query"))
    assert await asyncio.to_thread(model.running.wait, 5)
    later = asyncio.create_task(batcher.embed_texts(["a", "b"], "passage"))
    await asyncio.sleep(0)
    assert _read(metrics.text().decode())["kadr_encoder_waiting_items", frozenset({"text", "bulk"})] == 2
    model.release.set()
    await asyncio.gather(slow, later)
    await asyncio.to_thread(batcher.close)
    seen = _read(metrics.text().decode())
    assert seen["kadr_encoder_waiting_items", frozenset({"text", "bulk"})] == 0
    assert seen["kadr_encoder_memory_halvings_total", frozenset({"text"})] == 1
    assert seen["kadr_encoder_batch_limit_items", frozenset({"text"})] == 1
