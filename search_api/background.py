"""The samples of the index by which a match is told from chance: stored ones, drawn anew when they no longer serve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from opensearchpy import AsyncOpenSearch, ConflictError, TransportError

from search_api.connection import pack_lines
from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS, Body
from search_api.sample import SAMPLE, Sample, blind_draw, count_search, read_draw
from search_api.settings import SearchSettings
from search_api.stored_samples import Stored, StoredSamples, Version

FRESH_SECONDS, SMALL_FRESH_SECONDS = 60.0, 2.0
Models = Callable[[], Awaitable[Mapping[LegName, str]]]
_log = structlog.get_logger(__name__)


class Background:
    """The samples of an index, looked at again from time to time.

    They are those that are stored for the models that made the index's vectors, so that all processes answer alike.
    One that is too old, or whose index has grown or shrunk, is drawn anew and stored. While nobody says which models
    there are, and where nothing can be stored, a process uses what it draws itself. An index that fits into its sample
    changes fast and is cheap to read: it is looked at every few seconds.
    """

    def __init__(self, client: AsyncOpenSearch, settings: SearchSettings, models: Models) -> None:
        self._client = client
        self._settings = settings
        self._models = models
        self._stored = StoredSamples(client, settings.samples_alias)
        self._samples: Mapping[LegName, Sample] = {}
        self._held: dict[LegName, tuple[str, Version, Sample]] = {}
        self._stale_at = 0.0
        self._lock = asyncio.Lock()
        self._told = False

    async def samples(self) -> Mapping[LegName, Sample]:
        """The sample of each vector leg; the last ones, or none, while OpenSearch gives no newer."""
        if time.monotonic() < self._stale_at:
            return self._samples
        async with self._lock:
            if time.monotonic() >= self._stale_at:
                try:
                    self._samples = await self._read()
                except TransportError as error:
                    _log.warning("no sample of the index", error=str(error.error))
                except asyncio.CancelledError:
                    # Whoever asked has no time left; the next ones shall not wait as long, one after another.
                    self._stale_at = time.monotonic() + SMALL_FRESH_SECONDS
                    raise
                small = any(len(sample.vectors) < SAMPLE for sample in self._samples.values())
                fresh_seconds = SMALL_FRESH_SECONDS if small or not self._samples else FRESH_SECONDS
                self._stale_at = time.monotonic() + fresh_seconds
        return self._samples

    async def _read(self) -> Mapping[LegName, Sample]:
        models = await self._models()
        stored, counts = await asyncio.gather(
            self._stored.read(models), self._ask({leg: count_search(leg) for leg in models})
        )
        samples = {}
        for leg, one in stored.items():
            if leg in counts and self._serves(one, counts[leg]["total"]["value"]):
                sample = await self._taken(leg, models[leg], one)
                if sample is not None:
                    samples[leg] = sample
        hits = await self._ask({leg: blind_draw(leg) for leg in VECTOR_FIELDS if leg not in samples})
        for leg, found in hits.items():
            # Some tens of milliseconds, in which other searches are not to wait.
            drawn = await asyncio.to_thread(read_draw, leg, found)
            known = leg in models
            samples[leg] = await self._shared(leg, models[leg], drawn, stored.get(leg)) if known else drawn
        return samples

    def _serves(self, stored: Stored, moments: int) -> bool:
        """Whether a stored sample still stands for its index."""
        age, growth = self._settings.sample_age_seconds, self._settings.sample_growth
        return stored.serves(moments, now=datetime.now(UTC), age_seconds=age, growth=growth)

    async def _taken(self, leg: LegName, model: str, stored: Stored) -> Sample | None:
        """A stored sample, or the same one as it was read before; None if it is broken."""
        held = self._held.get(leg)
        if held is not None and held[:2] == (model, stored.version):
            return held[2]
        try:
            sample = await asyncio.to_thread(stored.sample, leg)
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("a stored sample is broken", leg=leg.value, error=str(error))
            return None
        self._held[leg] = (model, stored.version, sample)
        return sample

    async def _shared(self, leg: LegName, model: str, drawn: Sample, seen: Stored | None) -> Sample:
        """Store what was drawn in the place of what was seen, and use it; or use what another process stored since."""
        try:
            version = await self._stored.write(leg, model, drawn, seen)
        except ConflictError:
            first = (await self._stored.read({leg: model})).get(leg)
            return (first and await self._taken(leg, model, first)) or drawn
        except TransportError as error:
            if not self._told:
                self._told = True
                _log.warning(
                    "a sample of the index is not stored: processes may differ in how sure they are; try `kadr init`",
                    error=str(error.error),
                )
        else:
            self._held[leg] = (model, version, drawn)
        return drawn

    async def _ask(self, bodies: Mapping[LegName, Body]) -> dict[LegName, Mapping[str, Any]]:
        """What OpenSearch finds for each leg; without those that it refuses."""
        if not bodies:
            return {}
        lines = (line for body in bodies.values() for line in ({"index": self._settings.moments_alias}, body))
        answer = await self._client.msearch(body=pack_lines(lines))
        each = zip(bodies, answer["responses"], strict=True)
        return {leg: response["hits"] for leg, response in each if "hits" in response}
