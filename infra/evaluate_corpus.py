"""The judged corpus: made, put into an index of its own, and asked."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from encoders.client import EncoderClient
from evaluation.asking import ask_all, told
from evaluation.corpus.drawing import DrawnFilm, draw_films
from evaluation.corpus.questions import NEEDS, ask
from evaluation.corpus.writing import Place, write_films
from evaluation.values import Answers, Judged
from infra.clients import async_search_engine
from infra.initialise import add_indices
from infra.ports import free_ports
from infra.settings import StackSettings
from infra.stack import LocalStack
from search_api.app import create_app
from search_api.settings import SearchSettings

PARTS = ("opensearch", "encoder")
ABOUT = (
    "{films} films of drawn scenes with {moments} moments and {questions} questions. Every picture shows a combination "
    "of figure, colour and place, and every line is a sentence, that the models were not trained on. One frame a shot; "
    "what is said is given, not recognised."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The corpus, what came back, and what else belongs to the figures."""

    judged: Judged
    answers: Answers
    about: str
    more: Mapping[str, Any]


def measure_corpus(
    settings: StackSettings, *, films: int, seed: int, tell: Callable[[str], None], needs: Mapping[str, int] = NEEDS
) -> Measured:
    """Starts OpenSearch, the encoder server and the search API on free ports, and asks them; all of it is gone after.

    Raises:
        KadrError: A server cannot be started or does not answer.
    """
    folder = Path(tempfile.mkdtemp(prefix="kadr-evaluation-"))
    folder.chmod(0o755)
    own = _own_settings(settings, folder)
    started = time.monotonic()
    try:
        with LocalStack(own, PARTS, on_progress=tell):
            add_indices(own)
            return asyncio.run(_measure(own, films, seed, tell, needs, started))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(
    settings: StackSettings,
    count: int,
    seed: int,
    tell: Callable[[str], None],
    needs: Mapping[str, int],
    started: float,
) -> Measured:
    films: list[DrawnFilm] = []

    def kept() -> Iterator[DrawnFilm]:
        for drawn in draw_films(count, seed=seed):
            films.append(drawn)
            yield drawn

    moments = await write(settings, kept(), lambda done: tell(f"{done} of {count} films are indexed"))
    judged = ask([drawn.film for drawn in films], needs=needs, seed=seed)
    tell(f"{len(judged.questions)} questions are drawn")
    indexed = time.monotonic()
    answers = await ask_here(settings, judged, tell)
    about = ABOUT.format(films=count, moments=moments, questions=len(judged.questions))
    more = {
        "films": count,
        "moments": moments,
        "seed": seed,
        "making_seconds": round(indexed - started, 1),
        "asking_seconds": round(time.monotonic() - indexed, 1),
    }
    return Measured(judged, answers, about, more)


async def ask_here(settings: StackSettings, judged: Judged, tell: Callable[[str], None]) -> Answers:
    """Asks a search API in this process, which has all the time it wants: how fast it is, is measured elsewhere."""
    given: dict[str, Any] = {
        name: getattr(settings, name) for name in SearchSettings.model_fields if name in StackSettings.model_fields
    }
    given |= {"deadline_seconds": 60.0, "encoder_deadline_seconds": 30.0, "leg_timeout_seconds": 30.0}
    app = create_app(SearchSettings(**given))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://evaluation", timeout=60.0) as api,
    ):
        return await ask_all(api, judged, progress=told(tell))


async def write(settings: StackSettings, films: Iterator[DrawnFilm], progress: Callable[[int], None]) -> int:
    """Puts films into the index of these settings; returns how many moments they have."""
    prefix, models = settings.index_prefix, settings.model_set
    place = Place(f"{prefix}videos-{models}", f"{prefix}moments-{models}", prefix)
    client = async_search_engine(settings, timeout_seconds=60.0)
    key = settings.encoder_api_key
    try:
        async with EncoderClient(settings.encoder_url, timeout_seconds=60.0, api_key=key) as encoder:
            return await write_films(client, encoder, films, place, progress=progress)
    finally:
        await client.close()


def _own_settings(settings: StackSettings, folder: Path) -> StackSettings:
    """Settings of a stack beside whatever else runs here."""
    ports = free_ports(3)
    return settings.model_copy(
        update={
            "data": folder,
            "opensearch_url": f"http://127.0.0.1:{ports[0]}",
            "opensearch_transport_port": ports[1],
            "opensearch_user": "",
            "encoder_url": f"http://127.0.0.1:{ports[2]}",
            "local_servers": ("opensearch", "encoder"),
            "opensearch_models": False,
            "index_prefix": "",
        }
    )
