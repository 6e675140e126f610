"""The span agent: reads, decodes, encodes and indexes one span of a video (LEDGER: SPAN)."""

import asyncio
import time
from dataclasses import replace

import structlog

from encoders.client import EncoderClient
from encoders.values import PictureInput
from stream.claims import Claim, Claims
from stream.entry import Entry
from stream.errors import InvalidEvent, InvalidMedia, SourceChanged
from stream.failpoints import passed
from stream.index import MomentsIndex
from stream.ledger import Ledger
from stream.media.client import MediaDecoder
from stream.media.values import SpanMedia
from stream.moments import Moment, Vector, compose, document, language_of, moment_id, thumbnail_key, words_of_span
from stream.outage import encoder_outages
from stream.outbox import Outbox, SpanMessage
from stream.record import Record
from stream.slots import Slots
from stream.store import Store
from stream.sweeper import Sweeper

_LOG = structlog.get_logger(__name__)
_SUSPECT_AFTER = 2
_FAIL_AFTER = 5


class SpanWorker:
    """Handles records of the spans topic. When `accept` returns, the record needs no more work."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        decoder: MediaDecoder,
        encoder: EncoderClient,
        index: MomentsIndex,
        outbox: Outbox,
        sweeper: Sweeper,
        slots: Slots,
        recheck_seconds: float = 2.0,
    ) -> None:
        self._ledger = ledger
        self._claims = Claims(ledger)
        self._store = store
        self._decoder = decoder
        self._encoder = encoder
        self._index = index
        self._outbox = outbox
        self._sweeper = sweeper
        self._slots = slots
        self._recheck_seconds = recheck_seconds
        self._letters: set[str] = set()

    async def accept(self, record: Record) -> None:
        """Works on a span until the ledger says that it is done, failed, or no longer wanted.

        Raises:
            TransientError: A service is down; the claim was given back and the same record may be accepted later.
        """
        try:
            message = SpanMessage.parse(record.value)
        except InvalidEvent as error:
            await self._outbox.send_dead_letter(record, stage="span", reason=error.reason, message=str(error))
            return
        asked_to_look = False
        while not await self._try(record, message):
            if not asked_to_look:
                await self._outbox.send_look(message.bucket, message.key)
                asked_to_look = True
            await asyncio.sleep(self._recheck_seconds)

    async def give_up(self, record: Record, error: Exception) -> None:
        """Fails a span that a defect of kadr keeps from being done."""
        try:
            message = SpanMessage.parse(record.value)
        except InvalidEvent:
            await self._outbox.send_dead_letter(record, stage="span", reason="internal_error", message=repr(error))
            return
        await self._fail(record, message, "internal_error", repr(error))

    async def _try(self, record: Record, message: SpanMessage) -> bool:
        """Makes one try; False if the object is not what the span was planned for, so that it is parked."""
        async with self._slots.one():
            claim = await self._claims.take(record, message)
            if claim is not None and claim.lost < _SUSPECT_AFTER:
                return await self._work(claim)
            if claim is not None:
                await self._claims.give_back(claim)
        if claim is not None:
            async with self._slots.all():
                claim = await self._claims.take(record, message)
                if claim is not None:
                    return await self._work(claim)
        await self._complete_again(message)
        return True

    async def _work(self, claim: Claim) -> bool:
        try:
            async with self._claims.given_back_on_trouble(claim):
                await self._index_or_fail(claim)
        except SourceChanged:
            return False
        return True

    async def _index_or_fail(self, claim: Claim) -> None:
        if claim.lost >= _FAIL_AFTER:
            reason = f"the worker died {claim.lost} times while it worked on this span"
            await self._fail(claim.record, claim.message, "kills_workers", reason, attempts=claim.lost)
            return
        try:
            await self._index_span(claim)
        except InvalidMedia as error:
            await self._fail(claim.record, claim.message, error.reason, str(error))

    async def _index_span(self, claim: Claim) -> None:
        message, started = claim.message, time.monotonic()
        media = await self._decode(message, language_of(claim.entry))
        passed("span.decode")
        decoded = time.monotonic()
        moments = await self._encode(claim, media)
        passed("span.encode")
        encoded = time.monotonic()
        await self._write(claim, moments)
        timings = {
            "decode_seconds": round(decoded - started, 3),
            "encode_seconds": round(encoded - decoded, 3),
            "write_seconds": round(time.monotonic() - encoded, 3),
        }
        await self._done(claim, timings)
        _LOG.info("span done", video_id=message.video_id, span=message.span, moments=len(moments), **timings)

    async def _decode(self, message: SpanMessage, language: str | None) -> SpanMedia:
        source = self._store.pinned(message.bucket, message.key, message.source)
        return await self._decoder.decode_span(
            source, message.start_seconds, message.stop_seconds, await self._picture_input(), language=language
        )

    async def _picture_input(self) -> PictureInput:
        with encoder_outages():
            return (await self._encoder.model_set()).picture_input

    async def _encode(self, claim: Claim, media: SpanMedia) -> list[Moment]:
        message, words = claim.message, []
        with encoder_outages():
            vectors = await self._encoder.embed_frames(media.frames) if len(media.frames) else None
            if not media.cues and media.sound is not None and media.sound.size:
                transcript = await self._encoder.transcribe(media.sound, language_of(claim.entry))
                words = words_of_span(
                    transcript, media.sound_start_seconds, message.start_seconds, message.stop_seconds
                )
            moments = compose(media, vectors, words, message.start_seconds, message.stop_seconds)
            return await self._with_speech_vectors(moments)

    async def _with_speech_vectors(self, moments: list[Moment]) -> list[Moment]:
        spoken = [moment.speech for moment in moments if moment.words]
        if not spoken:
            return moments
        vectors: list[Vector] = list(await self._encoder.embed_texts(spoken, space="text", purpose="passage"))
        return [replace(m, speech_vector=vectors.pop(0)) if m.words else m for m in moments]

    async def _write(self, claim: Claim, moments: list[Moment]) -> None:
        message, run = claim.message, claim.run
        thumbnails = {
            thumbnail_key(message, run, number): moment.thumbnail
            for number, moment in enumerate(moments)
            if moment.thumbnail is not None
        }
        await self._store.put_thumbnails(thumbnails)
        passed("span.thumbnails")
        documents = {
            moment_id(message, run, number): document(moment, message, run, number, claim.entry)
            for number, moment in enumerate(moments)
        }
        await self._index.write(documents)
        passed("span.bulk")

    async def _done(self, claim: Claim, timings: dict[str, float]) -> None:
        """Marks the span done, after a refresh: what the ledger calls ready can be found at once."""
        message = claim.message
        await self._index.refresh()
        passed("span.refresh")
        entry = await self._ledger.done(
            message.video_id, message.revision, message.span, run=claim.run, timings=timings
        )
        passed("span.done")
        if entry is not None:
            await self._complete(entry)
        elif (present := await self._ledger.read(message.video_id)) is not None:
            # Another run won or the revision moved on, and its sweep may have been before this run wrote.
            await self._sweeper.sweep(present)

    async def _fail(
        self, record: Record, message: SpanMessage, reason: str, explanation: str, *, attempts: int = 1
    ) -> None:
        if record.name not in self._letters:
            await self._outbox.send_dead_letter(
                record,
                stage="span",
                reason=reason,
                message=explanation,
                attempts=attempts,
                subject=f"{message.bucket}/{message.key}#{message.span}",
                video_id=message.video_id,
                revision=message.revision,
            )
            self._letters.add(record.name)  # An outage of the ledger must not double it.
        passed("span.letter")
        entry = await self._ledger.fail(message.video_id, message.revision, message.span, reason=explanation)
        passed("span.fail")
        self._letters.discard(record.name)
        if entry is not None:
            await self._complete(entry)

    async def _complete(self, entry: Entry) -> None:
        """Once no span is pending: tells others, and removes what lost runs left behind."""
        if entry.status == "indexing":
            return
        await self._outbox.send_status(entry)
        passed("span.status")
        await self._sweeper.sweep(entry)
        passed("span.sweep")

    async def _complete_again(self, message: SpanMessage) -> None:
        """Repeats the end of a video whose last span was done or failed by a try that then died or lost the answer."""
        entry = await self._ledger.read(message.video_id)
        if entry is not None and entry.revision == message.revision and not entry.deleted:
            await self._complete(entry)
