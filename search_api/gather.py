"""What the legs of a search give, as far as it is sure and the ledger vouches for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opensearchpy import AsyncOpenSearch

from search_api.background import Background
from search_api.cutoff import Judge, Kept, keep_confident
from search_api.encoding import EncodedQuery
from search_api.filters import Filters
from search_api.found import LegReport, MarkedTexts, SearchUnavailable, remedy
from search_api.fusion import LegHit, LegName
from search_api.legs import Asked, Depth, leg_body
from search_api.mentions import Mentions
from search_api.moments import Marked, Moment, read_marked, read_moment, read_moment_hit, read_video_hit
from search_api.problems import Refusal
from search_api.question import Query
from search_api.retrieval import OUT_OF_TIME, Retrieved, retrieve
from search_api.sample import Sample
from search_api.settings import SearchSettings
from search_api.show import Ledger, read_ledger, shows_moment, shows_video
from search_api.text_legs import looked_up
from search_api.warned import SearchWarning, WarningCode

_NOTHING = Kept((), (), 0)
# What OpenSearch says of a query vector that is longer or shorter than those of the index.
_DIMENSION = "invalid dimension"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What each leg kept, what of it may be shown, and what went wrong.

    `unjudged` are the vector legs that could not be set against chance; `hits` holds what may be shown, leg by leg.
    """

    kept: Mapping[LegName, Kept]
    hits: Mapping[LegName, list[LegHit]]
    moments: Mapping[str, Moment]
    ledger: Ledger
    retrieved: Retrieved
    unjudged: tuple[LegName, ...]

    def is_full(self, depth: int) -> bool:
        """Whether a leg kept all the hits that it was asked for: then more may lie deeper."""
        return any(len(kept.hits) >= depth for kept in self.kept.values())

    def hides_from_full_leg(self, depth: int) -> bool:
        """Whether a leg is full and part of it is not shown."""
        return any(len(kept.hits) >= depth and len(self.hits[leg]) < len(kept.hits) for leg, kept in self.kept.items())

    def highlights(self) -> dict[str, Marked]:
        """The matched words of each moment that has some."""
        hits = self.kept.get(LegName.SPEECH_TEXT, _NOTHING).hits
        return {hit["_id"]: marked for hit in hits if (marked := read_marked(hit))}

    def metadata(self) -> dict[str, MarkedTexts]:
        """What matches of the title, description and tags of each video that was found by them."""
        hits = self.kept.get(LegName.METADATA_TEXT, _NOTHING).hits
        return {hit["_id"]: hit["highlight"] for hit in hits if "highlight" in hit}

    def reports(self, weights: Mapping[LegName, float]) -> dict[LegName, LegReport]:
        """How each leg did."""
        return {
            leg: LegReport(
                weight=weights[leg],
                hits=len(kept.hits) + kept.cut,
                cut=kept.cut,
                hidden=len(kept.hits) - len(self.hits[leg]),
                took_ms=self.retrieved.took_ms.get(leg),
            )
            for leg, kept in self.kept.items()
        }

    def warnings(self) -> list[SearchWarning]:
        """What is missing."""
        found = [SearchWarning(*_failure(leg, why), legs=(leg,)) for leg, why in self.retrieved.failures.items()]
        found += [
            SearchWarning(
                WarningCode.LEG_TIMED_OUT, f"The leg {leg} ran out of time; some of its hits may be missing.", (leg,)
            )
            for leg in self.retrieved.cut_short
        ]
        if self.unjudged:
            message = "OpenSearch gave no sample of the index; not cut off, and without confidence: "
            message += f"{', '.join(self.unjudged)}."
            found.append(SearchWarning(WarningCode.CONFIDENCE_UNKNOWN, message, self.unjudged))
        return found


def _failure(leg: LegName, why: str) -> tuple[WarningCode, str]:
    code = WarningCode.LEG_TIMED_OUT if why == OUT_OF_TIME else WarningCode.LEG_FAILED
    return code, f"The leg {leg} failed ({why})."


class Gatherer:
    """Asks the legs, and the ledger for what they give."""

    def __init__(self, client: AsyncOpenSearch, settings: SearchSettings, background: Background) -> None:
        self._client = client
        self._settings = settings
        self._background = background
        self._aliases = {
            leg: settings.videos_alias if leg is LegName.METADATA_TEXT else settings.moments_alias for leg in LegName
        }

    async def gather(
        self, query: Query, mentions: Mentions, legs: Sequence[LegName], encoded: EncodedQuery, depth: Depth
    ) -> Gathered:
        """Ask every leg once, to this depth.

        Raises:
            SearchUnavailable: no leg answers.
            Refusal: a vector that came with the query does not fit the index.
            TransportError: OpenSearch does not.
        """
        asked = Asked(query.wanted, mentions, query.filters)
        bodies = {leg: leg_body(leg, asked, vector=encoded.vectors.get(leg), depth=depth) for leg in legs}
        retrieved, samples = await asyncio.gather(
            retrieve(self._client, bodies, self._aliases, cancel_after_seconds=depth.cancel_seconds),
            self._samples(encoded, depth.timeout_seconds),
        )
        if bodies and not retrieved.hits and all(why == OUT_OF_TIME for why in retrieved.failures.values()):
            raise SearchUnavailable("OpenSearch is too slow: no leg of the search answered in time. Try again.")
        for leg in query.vectors or ():
            if _DIMENSION in retrieved.failures.get(leg, ""):
                raise Refusal(422, "invalid-vector", f"vectors.{leg}: {retrieved.failures[leg]}")
        if bodies and not retrieved.hits:
            reasons = "; ".join(f"{leg}: {why}" for leg, why in retrieved.failures.items())
            raise SearchUnavailable(f"OpenSearch refuses every leg of the search ({reasons}). {remedy(reasons)}")
        cutoff = self._settings.confidence_cutoff if query.min_confidence is None else query.min_confidence
        is_filtered = query.filters != Filters()
        judge = Judge(looked_up(query.wanted.text), encoded.vectors, samples, encoded.shares, is_filtered)
        kept = keep_confident(retrieved.hits, judge, cutoff=cutoff)
        unjudged = tuple(leg for leg in retrieved.hits if leg in encoded.vectors and leg not in samples)
        return await self._show(kept, retrieved, unjudged)

    async def _samples(self, encoded: EncodedQuery, seconds: float) -> Mapping[LegName, Sample]:
        """Without a sample the legs stay whole: better than no answer."""
        if not encoded.vectors:
            return {}
        try:
            async with asyncio.timeout(seconds):
                return await self._background.samples()
        except TimeoutError:
            return {}

    async def _show(
        self, kept: Mapping[LegName, Kept], retrieved: Retrieved, unjudged: tuple[LegName, ...]
    ) -> Gathered:
        moments = {
            hit["_id"]: read_moment(hit)
            for leg, found in kept.items()
            if leg is not LegName.METADATA_TEXT
            for hit in found.hits
        }
        videos = [hit["_id"] for hit in kept.get(LegName.METADATA_TEXT, _NOTHING).hits]
        claimed = (moment.claim.video_id for moment in moments.values())
        ledger = await read_ledger(self._client, self._settings.videos_alias, [*claimed, *videos])
        shown: dict[LegName, list[LegHit]] = {}
        for leg, found in kept.items():
            if leg is LegName.METADATA_TEXT:
                shown[leg] = [
                    read_video_hit(hit, confidence)
                    for hit, confidence in zip(found.hits, found.confidences, strict=True)
                    if shows_video(ledger, hit["_id"])
                ]
            else:
                shown[leg] = [
                    read_moment_hit(hit, confidence)
                    for hit, confidence in zip(found.hits, found.confidences, strict=True)
                    if shows_moment(ledger, moments[hit["_id"]].claim)
                ]
        return Gathered(kept, shown, moments, ledger, retrieved, unjudged)
