"""Samples of the index as they are stored, so that every process tells a match from chance by the same ones.

One document for each model and leg: which moments an index has is one thing, by which model their vectors were made
another. Who replaces a sample says which one it saw; of several that do so at once, the first wins.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from opensearchpy import AsyncOpenSearch

from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS
from search_api.sample import SAMPLE, Sample

_NUMBERS = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class Version:
    """Which writing of a document it is: as OpenSearch counts, and when, since a new index counts anew."""

    seq_no: int
    primary_term: int
    drawn_at: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A sample that is stored; `drawn_at` is UTC. `document` is not read before it is needed."""

    drawn_at: datetime
    moments: int
    vectors: int
    version: Version
    document: Mapping[str, Any]

    def serves(self, moments: int, *, now: datetime, age_seconds: float, growth: float) -> bool:
        """Whether it still stands for an index of so many moments.

        A sample that has every moment of a small index does not once there are others.
        """
        if (now - self.drawn_at).total_seconds() > age_seconds:
            return False
        if self.vectors < SAMPLE:
            return moments == self.moments
        return self.moments / growth <= moments <= self.moments * growth

    def sample(self, leg: LegName) -> Sample:
        """The sample itself; takes some tens of milliseconds.

        Raises:
            ValueError: the document is broken.
        """
        numbers = np.frombuffer(base64.b64decode(self.document["vectors"], validate=True), _NUMBERS)
        rows = numbers.astype(np.float32).reshape(self.vectors, self.document["dimension"])
        if not np.isfinite(rows).all():
            raise ValueError("a stored sample must be finite")
        return Sample.of(leg, rows, self.moments)


class StoredSamples:
    """Reads and writes the samples of one index."""

    def __init__(self, client: AsyncOpenSearch, alias: str) -> None:
        self._client = client
        self._alias = alias

    async def read(self, models: Mapping[LegName, str]) -> dict[LegName, Stored]:
        """The samples of these models that are stored; what cannot be read counts as not stored.

        Raises:
            TransportError: OpenSearch does not answer.
        """
        if not models:
            return {}
        ids = [document_id(leg, model) for leg, model in models.items()]
        answer = await self._client.mget(body={"ids": ids}, index=self._alias)
        found = zip(models, answer["docs"], strict=True)
        return {leg: _stored(document) for leg, document in found if document.get("found")}

    async def write(self, leg: LegName, model: str, sample: Sample, seen: Stored | None) -> Version:
        """Store a sample in the place of the one that was seen.

        Raises:
            ConflictError: somebody else stored one since.
            TransportError: OpenSearch does not take it.
        """
        condition: dict[str, Any] = {"op_type": "create"}
        if seen is not None:
            condition = {"if_seq_no": seen.version.seq_no, "if_primary_term": seen.version.primary_term}
        rows, dimension = sample.vectors.shape
        drawn_at = datetime.now(UTC).isoformat()
        answer = await self._client.index(
            index=self._alias,
            id=document_id(leg, model),
            body={
                "model": model,
                "field": VECTOR_FIELDS[leg],
                "drawn_at": drawn_at,
                "moments": sample.moments,
                "rows": rows,
                "dimension": dimension,
                "vectors": base64.b64encode(sample.vectors.astype(_NUMBERS).tobytes()).decode(),
            },
            params={**condition, "require_alias": "true"},
        )
        return Version(answer["_seq_no"], answer["_primary_term"], drawn_at)


def document_id(leg: LegName, model: str) -> str:
    """Names the document of a model's sample: names of models may be longer than ids may."""
    return hashlib.sha256(f"{VECTOR_FIELDS[leg]} {model}".encode()).hexdigest()[:32]


def _stored(document: Mapping[str, Any]) -> Stored:
    source = document["_source"]
    return Stored(
        drawn_at=datetime.fromisoformat(source["drawn_at"]),
        moments=source["moments"],
        vectors=source["rows"],
        version=Version(document["_seq_no"], document["_primary_term"], source["drawn_at"]),
        document=source,
    )
