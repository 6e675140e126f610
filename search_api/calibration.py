"""How likely a hit of a vector search answers the query: its similarity set against what chance gives. Pure functions.

A nearest neighbour always exists, however far. What chance gives is learned from moments that were drawn blindly from
the index, in two ways, of which the more doubtful one counts:

- `Null`: the similarities of this query to them are taken as normal; centre and spread come from the lower half alone,
  because the few moments that do match lie above. A normal's tail is too light for similarities, so the odds that it
  gives rise and fall by `STEEP` only.
- `Tail`: among texts, sharing a word brings two of them far nearer than a normal allows. How often that happens is seen
  in the similarities of the drawn moments to each other; beyond what they show, the tail goes on as an exponential.

With these, Bayes' rule: of an index some `EXPECTED` moments answer a query, the others come as near as chance lets
them. Where no tail is known, `surplus` asks besides whether more moments come so near than chance alone would bring:
what is in a few pictures by half (something yellow, for a yellow tent) is near in as many as chance explains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEWEST = 10
"""With fewer moments than this nothing can be said about chance."""
EXPECTED, LARGEST_SHARE = 3.0, 0.01
"""So many moments of an index are taken to answer a query before anything is known of it, and of a small index so large
a share at most."""
STEEP = 0.6
# The share of a normal distribution that lies more than one standard deviation below its mean.
_BELOW_ONE_SIGMA = 0.15866
_NARROWEST = 1e-4
# Pairs of moments from which a tail is read: one in a hundred and one in a thousand, of so many at least.
_OFTEN, _SELDOM, _FEWEST_PAIRS = 0.01, 0.001, 1_000
_FAR = 30.0
# Chance brings somewhat more than a normal allows.
_DENSER = 1.2
_erfc = np.frompyfunc(math.erfc, 1, 1)

Numbers = npt.NDArray[np.float64]


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

    def log_chance(self, similarities: Numbers) -> Numbers:
        """The logarithm of the probability that an unrelated moment comes at least as near, for each of them."""
        z = (np.asarray(similarities, np.float64) - self.centre) / self.spread
        near = np.log(0.5 * np.asarray(_erfc(np.minimum(z, _FAR) / math.sqrt(2)), np.float64))
        far = np.maximum(z, _FAR)
        return np.where(z < _FAR, near, -0.5 * far * far - np.log(far * math.sqrt(2 * math.pi)))

    def log_odds(self, similarities: Numbers, moments: int) -> Numbers:
        """The logarithm of the odds that a moment answers the query, out of so many."""
        return STEEP * (_log_expected(moments) - self.log_chance(similarities))

    def surplus(self, similarities: Numbers, moments: int) -> Numbers:
        """Of the moments that come at least as near as each of these, the share that chance does not explain.

        One minus the false discovery rate of Benjamini and Hochberg (https://doi.org/10.1111/j.2517-6161.1995.tb02031.x).

        Args:
            similarities: Of the nearest moments out of all.
            moments: How many there are in all.
        """
        order = np.argsort(-np.asarray(similarities, np.float64))
        ranks = np.arange(1, len(order) + 1)
        rates = _DENSER * moments * np.exp(self.log_chance(np.asarray(similarities)[order])) / ranks
        found = np.empty(len(order))
        found[order] = 1.0 - np.minimum.accumulate(np.minimum(rates, 1.0)[::-1])[::-1]
        return found


@dataclass(frozen=True, slots=True)
class Tail:
    """How near unrelated moments come to each other: one pair in a thousand `seldom`, one in a hundred `often`."""

    often: float
    seldom: float

    @classmethod
    def of(cls, vectors: npt.NDArray[np.float32]) -> Tail | None:
        """Read it from all pairs of a sample (float32, N×D); None if there are too few."""
        first, second = np.triu_indices(len(vectors), 1)
        if first.size < _FEWEST_PAIRS:
            return None
        often, seldom = np.quantile((vectors @ vectors.T)[first, second], (1 - _OFTEN, 1 - _SELDOM))
        return cls(float(often), max(float(seldom), float(often) + _NARROWEST))

    def log_chance(self, similarities: Numbers) -> Numbers:
        """The logarithm of the probability that an unrelated moment comes at least as near; 0 where it is common."""
        beyond = np.asarray(similarities, np.float64) - self.often
        scale = (self.seldom - self.often) / math.log(_OFTEN / _SELDOM)
        return np.where(beyond <= 0, 0.0, math.log(_OFTEN) - beyond / scale)

    def log_odds(self, similarities: Numbers, moments: int) -> Numbers:
        """The logarithm of the odds that a moment answers the query, out of so many."""
        return _log_expected(moments) - self.log_chance(similarities)


def _log_expected(moments: int) -> float:
    """The share of the moments that is expected to answer: the larger the index, the more come near by chance."""
    return math.log(min(LARGEST_SHARE, EXPECTED / max(moments, 1)))


def probability(log_odds: Numbers) -> Numbers:
    """The probabilities, 0 to 1, whose odds have these logarithms."""
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -700.0, 700.0)))


def together(probabilities: list[float]) -> float:
    """How likely one at least of several reasons is right, each taken for itself (noisy-or)."""
    return 1.0 - math.prod(1.0 - each for each in probabilities)


def similarity_of(score: float) -> float:
    """The inner product behind a score that OpenSearch gives in an `innerproduct` space."""
    return score - 1.0 if score >= 1.0 else 1.0 - 1.0 / score
