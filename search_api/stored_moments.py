"""Moments by id, with the vectors that they were indexed with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from opensearchpy import AsyncOpenSearch

from search_api.deadline import answered_within
from search_api.filters import Clause, Filters
from search_api.found import SearchUnavailable, remedy
from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS, Vector
from search_api.problems import Refusal
from search_api.show import Claim, read_ledger, shows_moment

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}:\d{1,9}:\d{1,9}:[A-Za-z0-9_-]{1,64}:\d{1,9}$"
_PATTERN = re.compile(ID_PATTERN, re.ASCII)
_FIELDS = ("video_id", "revision", "span", "run", "start_seconds", "stop_seconds", *VECTOR_FIELDS.values())


@dataclass(frozen=True, slots=True)
class StoredMoment:
    """A moment `[start_seconds, stop_seconds)` of a video; `vectors` are float32, those that it has."""

    moment_id: str
    claim: Claim
    start_seconds: float
    stop_seconds: float
    vectors: dict[LegName, Vector]


@dataclass(frozen=True, slots=True)
class ElsewhereThan(Filters):
    """Filters that also leave out what overlaps `[start_seconds, stop_seconds)` of one video."""

    left_out: str = ""
    start_seconds: float = 0.0
    stop_seconds: float = 0.0

    @classmethod
    def of(cls, filters: Filters, moment: StoredMoment) -> ElsewhereThan:
        """The same filters, away from a moment."""
        given = {field.name: getattr(filters, field.name) for field in fields(Filters)}
        place = (moment.claim.video_id, moment.start_seconds, moment.stop_seconds)
        return cls(**given, left_out=place[0], start_seconds=place[1], stop_seconds=place[2])

    def clauses(self) -> list[Clause]:
        """The filter clauses for OpenSearch."""
        there: list[Clause] = [
            {"term": {"video_id": self.left_out}},
            {"range": {"start_seconds": {"lt": self.stop_seconds}}},
            {"range": {"stop_seconds": {"gt": self.start_seconds}}},
        ]
        # Not super(): a class with slots is made anew, and the one that the method was written in is not its base.
        return [*Filters.clauses(self), {"bool": {"must_not": [{"bool": {"filter": there}}]}}]


class StoredMoments:
    """Reads moments in real time, as far as the ledger vouches for them."""

    def __init__(
        self, client: AsyncOpenSearch, *, videos_alias: str, moments_alias: str, deadline_seconds: float
    ) -> None:
        self._client = client
        self._videos = videos_alias
        self._moments = moments_alias
        self._deadline_seconds = deadline_seconds

    async def find(self, moment_id: str) -> StoredMoment:
        """Read a moment.

        Raises:
            Refusal: there is none that is shown, or it has nothing to compare.
            SearchUnavailable: OpenSearch does not answer.
        """
        async with answered_within(self._deadline_seconds):
            moment = await self._read(moment_id) if _PATTERN.match(moment_id) else None
        if moment is None:
            detail = f"No moment {moment_id} is shown. Ids change when a video is indexed anew: search again."
            raise Refusal(404, "unknown-moment", detail)
        if not moment.vectors:
            raise Refusal(
                404, "nothing-to-compare", f"The moment {moment_id} has neither a picture nor speech to compare."
            )
        return moment

    async def _read(self, moment_id: str) -> StoredMoment | None:
        answer = await self._client.mget(
            body={"ids": [moment_id]}, index=self._moments, _source_includes=",".join(_FIELDS)
        )
        (document,) = answer["docs"]
        if "error" in document:
            reason = f"{document['error'].get('type')}: {document['error'].get('reason')}"
            raise SearchUnavailable(f"OpenSearch does not read the moments ({reason}). {remedy(reason)}")
        if not document.get("found"):
            return None
        moment = _moment(moment_id, document["_source"])
        ledger = await read_ledger(self._client, self._videos, [moment.claim.video_id])
        return moment if shows_moment(ledger, moment.claim) else None


def _moment(moment_id: str, source: dict[str, Any]) -> StoredMoment:
    return StoredMoment(
        moment_id=moment_id,
        claim=Claim(source["video_id"], source["revision"], source["span"], source["run"]),
        start_seconds=source["start_seconds"],
        stop_seconds=source["stop_seconds"],
        vectors=read_vectors(source),
    )


def read_vectors(source: Mapping[str, Any]) -> dict[LegName, Vector]:
    """The vectors of a moment's document, by the leg that searches them."""
    return {leg: np.asarray(source[field], np.float32) for leg, field in VECTOR_FIELDS.items() if source.get(field)}
