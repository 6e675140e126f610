"""A picture vector that leads away from what is not wanted. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

SHARE = 0.7
"""How much of the unwanted direction is taken off.

The unwanted is put into words together with what is wanted, so the two lie close to each other: with less, the order of
two pictures that differ only in the unwanted thing hardly turns; with all of it, nothing would be left of what is
wanted. It is a fixed share and not the projection of the one on the other, which takes off almost everything in a space
where all texts lie close together.
"""


def contrast(wanted: Vector, unwanted: Sequence[Vector], *, share: float = SHARE) -> Vector:
    """The wanted direction without a share of the unwanted ones.

    With p and n of length 1, a picture i scores i·p - share·(i·n), up to a constant factor: of two pictures equally
    near to what is wanted, the one further from what is not comes first. Several unwanted vectors count as one, their
    mean direction, so that the result keeps a length of `1 - share` at least before it is made 1.

    Args:
        wanted: float32 of shape (D,), not zero.
        unwanted: the same each; none of them leaves `wanted` as it is.
        share: from 0 to less than 1.

    Returns:
        Float32 of shape (D,), of length 1 where something is unwanted.

    Raises:
        ValueError: the shapes differ, or `share` is out of range.
    """
    if not 0 <= share < 1:
        raise ValueError(f"a share of the unwanted direction lies in 0..1: {share = }")
    if any(vector.shape != wanted.shape for vector in unwanted):
        raise ValueError(f"vectors of one space have one shape: {wanted.shape = }")
    if not unwanted:
        return wanted
    away = np.stack([_unit(vector) for vector in unwanted]).mean(axis=0)
    if not away.any():
        return _unit(wanted)
    return _unit(_unit(wanted) - share * _unit(away))


def _unit(vector: Vector) -> Vector:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
