"""How sure a hit of a vector search is: its similarity set against what chance gives. Pure functions.

A nearest neighbour always exists, however far. For one query, the similarities to moments that were drawn blindly from
the index tell what unrelated moments look like: their centre is the median, their spread is taken from the lower half
alone, because the few moments that do match lie above. A hit's confidence is one minus the false discovery rate of the
list down to it (Benjamini and Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57, 1995): how many
of as many moments would come as near by chance, divided by how many did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEWEST = 10
"""With fewer moments than this nothing can be said about chance."""
# The share of a normal distribution that lies more than one standard deviation below its mean.
_BELOW_ONE_SIGMA = 0.15866
_NARROWEST = 1e-4


@dataclass(frozen=True, slots=True)
class Null:
    """What a query's similarities to unrelated moments look like: their centre and standard deviation."""

    centre: float
    spread: float

    @classmethod
    def of(cls, similarities: npt.NDArray[np.float32]) -> Null | None:
        """Estimate it from the similarities to a sample of the index; None if the sample is too small."""
        if similarities.size < FEWEST:
            return None
        low, centre = np.quantile(similarities, (_BELOW_ONE_SIGMA, 0.5))
        return cls(float(centre), max(float(centre - low), _NARROWEST))

    def chance(self, similarity: float) -> float:
        """The probability that an unrelated moment comes at least as near."""
        return 0.5 * math.erfc((similarity - self.centre) / (self.spread * math.sqrt(2)))


def confidences(similarities: Sequence[float], null: Null, moments: int) -> list[float]:
    """The confidence of each hit, in 0..1, never rising down the list.

    Args:
        similarities: of the hits, best first.
        null: what chance gives for this query.
        moments: how many moments were searched.
    """
    found: list[float] = []
    rate = 1.0
    for rank in range(len(similarities), 0, -1):
        rate = min(rate, moments * null.chance(similarities[rank - 1]) / rank)
        found.append(1.0 - rate)
    return found[::-1]


def similarity_of(score: float) -> float:
    """The inner product behind a score that OpenSearch gives in an `innerproduct` space."""
    return score - 1.0 if score >= 1.0 else 1.0 - 1.0 / score
