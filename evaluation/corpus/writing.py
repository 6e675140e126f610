"""Puts the films into the index: encoded by the encoder server, written by the product's own ledger and index."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from opensearchpy import AsyncOpenSearch
from PIL import Image

from encoders.client import EncoderClient
from encoders.framing import model_input
from encoders.training.texts.meanings import Language, text_of
from encoders.values import PictureInput, Word
from evaluation.corpus.drawing import DrawnFilm
from evaluation.corpus.films import Film
from stream.entry import Source, blank
from stream.events import video_id
from stream.index import MomentsIndex
from stream.ledger import Ledger
from stream.media.values import SpanMedia
from stream.moments import Moment, compose, document, moment_id
from stream.outbox import SpanMessage, pending_spans

BUCKET = "evaluation"
_SPAN_SECONDS = 60.0
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: names of the ledger's index, of the moments', and the prefix of the stored scripts."""

    videos: str
    moments: str
    script_prefix: str


@dataclass(frozen=True, slots=True)
class _Claimed:
    message: SpanMessage
    run: str


async def write_films(
    client: AsyncOpenSearch,
    encoder: EncoderClient,
    films: Iterable[DrawnFilm],
    place: Place,
    *,
    progress: Callable[[int], None] = lambda films: None,
) -> int:
    """Writes films, so that each is ready and can be found; returns how many moments they have.

    Raises:
        TransientError: OpenSearch is down.
        EncoderError: the encoder server does not answer.
    """
    ledger = Ledger(client, index=place.videos, script_prefix=place.script_prefix)
    index = MomentsIndex(client, index=place.moments)
    picture = (await encoder.model_set()).picture_input
    moments = written = 0
    waiting: list[_Claimed] = []
    for drawn in films:
        claimed, count = await _write(drawn, ledger, index, encoder, picture)
        waiting.append(claimed)
        moments, written = moments + count, written + 1
        progress(written)
        if len(waiting) == _AT_ONCE:
            await _finish(waiting, ledger, index)
            waiting = []
    await _finish(waiting, ledger, index)
    await client.indices.refresh(index=place.videos)
    return moments


async def _write(
    drawn: DrawnFilm, ledger: Ledger, index: MomentsIndex, encoder: EncoderClient, picture: PictureInput
) -> tuple[_Claimed, int]:
    body = ledger_body(drawn.film)
    await ledger.create(body)
    run = secrets.token_hex(8)
    entry = await ledger.claim(body["video_id"], 1, 0, record="evaluation:0:0", run=run)
    assert entry is not None, "a film that was just planned can be claimed"
    (message,) = pending_spans(entry)
    moments = await _encoded(drawn, message, encoder, picture)
    await index.write(
        {
            moment_id(message, run, number): document(moment, message, run, number, entry)
            for number, moment in enumerate(moments)
        }
    )
    return _Claimed(message, run), len(moments)


async def _finish(waiting: Iterable[_Claimed], ledger: Ledger, index: MomentsIndex) -> None:
    await index.refresh()
    for one in waiting:
        await ledger.done(one.message.video_id, one.message.revision, one.message.span, run=one.run)


async def _encoded(
    drawn: DrawnFilm, message: SpanMessage, encoder: EncoderClient, picture: PictureInput
) -> list[Moment]:
    media = _media(drawn, picture)
    vectors = await encoder.embed_frames(media.frames)
    words = [word for shot in range(len(drawn.film.shots)) for word in spoken(drawn.film, shot)]
    moments = compose(media, vectors, words, message.start_seconds, message.stop_seconds)
    said = [moment.speech for moment in moments if moment.words]
    if not said:
        return moments
    speech = list(await encoder.embed_texts(said, space="text", purpose="passage"))
    return [replace(moment, speech_vector=speech.pop(0)) if moment.words else moment for moment in moments]


def _media(drawn: DrawnFilm, picture: PictureInput) -> SpanMedia:
    frames = []
    for jpeg in drawn.frames:
        with Image.open(io.BytesIO(jpeg)) as image:
            frames.append(model_input(image.convert("RGB"), image.size, picture))
    starts = [shot.start_seconds for shot in drawn.film.shots]
    return SpanMedia(np.stack(frames), np.array(starts), drawn.frames, tuple(starts[1:]), None, 0.0)


def spoken(film: Film, number: int) -> list[Word]:
    """The words of a shot's line, spread over it."""
    shot = film.shots[number]
    if shot.line is None:
        return []
    texts = text_of(shot.line, film.language).split()
    seconds = (shot.stop_seconds - shot.start_seconds) / len(texts)
    starts = [shot.start_seconds + n * seconds for n in range(len(texts))]
    return [Word(text, start, start + seconds, 1.0) for text, start in zip(texts, starts, strict=True)]


def ledger_body(film: Film) -> dict[str, Any]:
    """The ledger's document of a film whose one span is planned and not yet done."""
    key = f"{film.name}.mp4"
    source = Source(f"{film.number:032x}", None, datetime(2026, 1, 1, tzinfo=UTC).isoformat(), 1)
    other: Language = "ru" if film.language == "en" else "en"
    return {
        **blank(BUCKET, key, video_id(BUCKET, key)),
        "looks": 1,
        "revision": 1,
        "status": "indexing",
        "source": source.body(),
        "external_id": film.name,
        "title": film.heading(film.language),
        "description": film.heading(other),
        "language": film.language,
        "metadata_version": 1,
        "duration_seconds": film.duration_seconds,
        "media": {"container": "drawn", "span_seconds": _SPAN_SECONDS, "language": film.language},
        "spans": [{"state": "p", "run": None, "lost": 0, "record": None, "reason": None}],
        "spans_total": 1,
    }
