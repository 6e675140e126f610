"""What the search API adds to what OpenSearch takes: part of `make bench`, into `build/bench.json`.

An index of 100,000 moments in 2,000 videos, and queries whose vectors are known. Each is sent to the API, in a process
of its own, and, in turns, as what the API must ask OpenSearch for: one `_msearch` of the same legs and one `_mget` of
the ledger, through the same client library, with nothing done to the answers but that they are decoded. `api_p50_ms`
and `api_p99_ms`: one client of the API; `bare_p50_ms` and `bare_p99_ms`: the other. `api_p50_ratio`: (API - 3 ms) /
bare; `api_p99_ratio`: (API - 5 ms) / bare. `api_4_clients_p50_ms` and the like: four clients at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from opensearchpy import AsyncOpenSearch, OpenSearch
from search_corpus import PICTURE_DIMENSION, TEXT_DIMENSION, Corpus, Question
from services import Scope, scopes, session_folder, session_settings

from infra.obtain import obtain
from infra.settings import read_settings
from infra.stack import LocalStack
from opensearch.apply import apply
from search_api.connection import connect
from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.legs import Asked, Body, Depth, leg_body
from search_api.mentions import NONE
from search_api.retrieval import retrieve
from search_api.settings import SearchSettings
from search_api.show import read_ledger
from search_api.syntax import parse

PARTS = ("opensearch",)
RESULTS = Path("build/bench.json")
_API_SPARE_MS = {50: 3.0, 99: 5.0}
_CLIENTS = 4
_START_SECONDS = 120.0
_NOWHERE = "http://127.0.0.1:9"
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        videos: in the index.
        moments: of each video.
        warm_up: queries before anything is measured.
        queries: of each side.
    """

    videos: int
    moments: int
    warm_up: int
    queries: int


WHOLE = Effort(videos=2000, moments=50, warm_up=40, queries=300)
SHORT = Effort(videos=10, moments=20, warm_up=2, queries=8)

Ask = Callable[[Question], Awaitable[Any]]


async def measure(effort: Effort, scope: Scope) -> dict[str, float]:
    """Fills an index and measures both sides."""
    settings = scope.read(SearchSettings, encoder_url=_NOWHERE)
    corpus = Corpus(effort.videos, effort.moments)
    began = time.monotonic()
    await asyncio.to_thread(_prepare, settings, corpus)
    print(f"{effort.videos * effort.moments} moments written in {time.monotonic() - began:.0f} s", flush=True)
    async with serving(scope, settings) as api, bare_client(settings) as client:
        asks: tuple[Ask, Ask] = (
            lambda question: ask_api(api, question),
            lambda question: ask_bare(client, settings, question),
        )
        for question in (corpus.question() for _ in range(effort.warm_up)):
            for ask in asks:
                await ask(question)
        ours, bare = await in_turns(asks, [corpus.question() for _ in range(effort.queries)])
        crowd = await at_once(asks[0], [corpus.question() for _ in range(effort.queries)], _CLIENTS)
    figures = {"moments": float(effort.videos * effort.moments)}
    for percent, spare in _API_SPARE_MS.items():
        own, least = float(np.percentile(ours, percent)), float(np.percentile(bare, percent))
        figures |= {
            f"api_p{percent}_ms": own,
            f"bare_p{percent}_ms": least,
            f"api_p{percent}_ratio": (own - spare) / least,
            f"api_{_CLIENTS}_clients_p{percent}_ms": float(np.percentile(crowd, percent)),
        }
    return figures


async def ask_api(api: httpx.AsyncClient, question: Question) -> None:
    """One search through HTTP, as a client sends it."""
    vectors = {"speech_vector": question.speech.tolist(), "picture_vector": question.picture.tolist()}
    response = await api.post("/search", json={"query": question.text, "vectors": vectors})
    response.raise_for_status()


async def ask_bare(client: AsyncOpenSearch, settings: SearchSettings, question: Question) -> None:
    """What that search asks OpenSearch for, and nothing else."""
    asked = Asked(parse(question.text), NONE, Filters())
    depth = Depth(settings.leg_depth, settings.ef_search, settings.leg_timeout_seconds)
    vectors = {LegName.SPEECH_VECTOR: question.speech, LegName.PICTURE_VECTOR: question.picture}
    bodies: dict[LegName, Body] = {
        leg: leg_body(leg, asked, vector=vectors.get(leg), depth=depth)
        for leg in LegName
        if getattr(settings, f"leg_weight_{leg}") > 0
    }
    aliases = {
        leg: settings.videos_alias if leg is LegName.METADATA_TEXT else settings.moments_alias for leg in LegName
    }
    found = await retrieve(client, bodies, aliases)
    videos = {hit.get("_source", {}).get("video_id", hit["_id"]) for hits in found.hits.values() for hit in hits}
    await read_ledger(client, settings.videos_alias, videos)


async def in_turns(asks: tuple[Ask, Ask], questions: Sequence[Question]) -> tuple[list[float], list[float]]:
    """Milliseconds of each question on both sides, one right after the other; who is first changes each time."""
    took: tuple[list[float], list[float]] = ([], [])
    for n, question in enumerate(questions):
        for side in ((0, 1), (1, 0))[n % 2]:
            began = time.perf_counter()
            await asks[side](question)
            took[side].append(1000 * (time.perf_counter() - began))
    return took


async def at_once(ask: Ask, questions: Sequence[Question], clients: int) -> list[float]:
    """Milliseconds of each question while so many clients ask, each one after the other."""
    waiting, took = iter(questions), list[float]()

    async def client() -> None:
        for question in waiting:
            began = time.perf_counter()
            await ask(question)
            took.append(1000 * (time.perf_counter() - began))

    await asyncio.gather(*(client() for _ in range(clients)))
    return took


def _prepare(settings: SearchSettings, corpus: Corpus) -> None:
    engine = OpenSearch(settings.opensearch_url, timeout=900)
    dimensions = {"picture_dimension": PICTURE_DIMENSION, "text_dimension": TEXT_DIMENSION}
    apply(engine, model_set="offline", index_prefix=settings.index_prefix, **dimensions)
    corpus.fill(engine, settings)
    engine.close()


@asynccontextmanager
async def bare_client(settings: SearchSettings) -> AsyncIterator[AsyncOpenSearch]:
    """A client as the API has it."""
    client = connect(settings)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def serving(scope: Scope, settings: SearchSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Runs the API in a process of its own."""
    environment = {**scope.environment, "KADR_ENCODER_URL": settings.encoder_url}
    process = subprocess.Popen([sys.executable, "-m", "search_api.app"], env=environment, **_SILENT)
    try:
        async with httpx.AsyncClient(base_url=settings.api_url, timeout=60, trust_env=False) as api:
            await _until_it_answers(api, process)
            yield api
    finally:
        process.terminate()
        process.wait(30)


async def _until_it_answers(api: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            (await api.get("/healthz")).raise_for_status()
            return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise
            await asyncio.sleep(0.2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="only show that it runs; the figures mean nothing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file that the figures are put into")
    chosen = parser.parse_args(arguments)
    folder = session_folder()
    obtain(PARTS, read_settings().servers_folder, print)
    with LocalStack(session_settings(folder), PARTS, on_progress=print) as stack:
        figures = asyncio.run(measure(SHORT if chosen.short else WHOLE, next(scopes(stack))))
    shutil.rmtree(folder)
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    print(json.dumps(figures, indent=2))
    from bench_encoders import write_figures

    write_figures(figures, chosen.out)


if __name__ == "__main__":
    main()
