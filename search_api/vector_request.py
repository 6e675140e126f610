"""Vectors that a client sends with its query."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from search_api.fusion import LegName
from search_api.legs import Vector, usable_vector

MOST_NUMBERS = 16_000
"""As many as OpenSearch takes in a vector."""


def _unit(row: list[float]) -> Vector:
    """The row as a vector of length 1, as those of the index are."""
    exact = np.asarray(row, np.float64)
    exact = exact / (np.abs(exact).max() or 1.0)
    return usable_vector(exact / (np.linalg.norm(exact) or 1.0))


def _check_row(row: list[float]) -> list[float]:
    _unit(row)
    return row


VectorRow = Annotated[
    list[Annotated[float, Field(allow_inf_nan=False)]],
    Field(min_length=1, max_length=MOST_NUMBERS, examples=[[0.6, 0.8]]),
    AfterValidator(_check_row),
]


class VectorRequest(BaseModel):
    """Vectors of the query that the client has already, from the encoder server's `/v1/embeddings`; of any length."""

    model_config = ConfigDict(extra="forbid")

    speech_vector: VectorRow | None = Field(default=None, description="From the model `text`.")
    picture_vector: VectorRow | None = Field(default=None, description="From the model `picture`.")

    def by_leg(self) -> dict[LegName, Vector]:
        """The vectors that are given, by their legs."""
        rows = {LegName.SPEECH_VECTOR: self.speech_vector, LegName.PICTURE_VECTOR: self.picture_vector}
        return {leg: _unit(row) for leg, row in rows.items() if row is not None}
