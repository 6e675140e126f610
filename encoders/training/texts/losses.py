"""The contrast between texts that belong together and all others of a batch."""

import torch
from torch.nn.functional import cross_entropy

from encoders.training.texts.meanings import Example

_BUCKETS = 4096


def also_right(examples: list[Example]) -> torch.Tensor:
    """Marks, N×N, the passages that hold all words of a query though they were not made from it."""
    asked, told = torch.zeros(len(examples), _BUCKETS), torch.zeros(len(examples), _BUCKETS)
    for row, example in enumerate(examples):
        asked[row, [_bucket(stem) for stem in example.asked]] = 1.0
        told[row, [_bucket(stem) for stem in example.told]] = 1.0
    complete = asked @ told.T >= asked.sum(1, keepdim=True) - 0.5
    return complete & ~torch.eye(len(examples), dtype=torch.bool)


def _bucket(stem: str) -> int:
    number = 0
    for code in stem.encode():
        number = (number * 257 + code) % 1_000_003
    return number % _BUCKETS


def contrast(queries: torch.Tensor, passages: torch.Tensor, others: torch.Tensor, scale: float) -> torch.Tensor:
    """InfoNCE in both directions.

    Args:
        queries: N×D, rows of length 1.
        passages: N×D, rows of length 1; each belongs to the query of its row.
        others: N×N, True where a passage would answer a query of another row: not counted against it.
        scale: By which cosines are multiplied.
    """
    scores = (scale * queries @ passages.T).masked_fill(others, -1e4)
    wanted = torch.arange(len(scores), device=scores.device)
    return (cross_entropy(scores, wanted) + cross_entropy(scores.T, wanted)) / 2
