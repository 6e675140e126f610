"""What the training minimises: the contrast of pictures and captions, and classifiers that both towers share."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from encoders.training.pictures.labels import CLASSIFIED, COLUMNS, PAIRS, SIZES, UNTOLD


def contrast(pictures: torch.Tensor, captions: torch.Tensor, scale: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """The symmetric contrast of N pictures and their N captions, rows of length 1.

    Args:
        pictures: N×D.
        captions: N×D.
        scale: The factor of the cosines.
        same: Which captions are true of which pictures, N×N bool: such pairs are no contrast.
    """
    logits = scale * pictures @ captions.T
    others = same & ~torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(others, float("-inf"))
    right = torch.arange(len(logits), device=logits.device)
    return (functional.cross_entropy(logits, right) + functional.cross_entropy(logits.T, right)) / 2


class Classifiers(nn.Module):
    """Reads facts off a vector; one set for pictures and texts draws the two towers together. Not saved."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({column: nn.Linear(dimension, SIZES[column]) for column in CLASSIFIED})
        self.pairs = nn.Linear(dimension, PAIRS)
        nn.init.constant_(self.pairs.bias, -4.0)

    def forward(
        self, vectors: torch.Tensor, numbers: torch.Tensor, pairs: torch.Tensor | None, rows: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The mean loss of reading the facts off vectors (N×D, length 1).

        Args:
            vectors: Of pictures or texts.
            numbers: N×columns, `UNTOLD` where nothing is to be read.
            pairs: Which kinds are seen in which colours, N×`PAIRS`; None to leave that out.
            rows: Which rows tell of all their pairs; None for all.
        """
        scaled = vectors * 16.0
        losses = []
        for column in CLASSIFIED:
            target = numbers[:, COLUMNS.index(column)]
            if bool((target != UNTOLD).any()):
                losses.append(functional.cross_entropy(self.heads[column](scaled), target, ignore_index=UNTOLD))
        if pairs is not None:
            chosen = slice(None) if rows is None else rows
            each = functional.binary_cross_entropy_with_logits(
                self.pairs(scaled[chosen]), pairs[chosen], reduction="sum"
            )
            losses.append(2.0 * each / max(1, len(pairs[chosen])))
        return torch.stack(losses).sum()
