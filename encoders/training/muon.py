"""Muon (https://kellerjordan.github.io/posts/muon/): momentum whose matrices are made nearly orthogonal.

As torch.optim.Muon, but float32, which is faster than bfloat16 on most CPUs, and all matrices of a shape at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

_MOMENTUM = 0.95
# Coefficients of the quintic iteration, from the same source.
_A, _B, _C = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """For weights of two dimensions, and for kernels, whose inputs are taken together as one dimension.

    Args:
        weights: The matrices.
        lr: Rate, on AdamW's scale.
        weight_decay: Shrinks the weights by this times the rate at each step.
        iterations: Of the orthogonalisation.
    """

    def __init__(self, weights: Iterable[Tensor], lr: float, weight_decay: float, iterations: int = 4) -> None:
        ordered = sorted(weights, key=lambda weight: tuple(weight.shape))
        super().__init__(ordered, {"lr": lr, "weight_decay": weight_decay, "iterations": iterations})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Moves every weight that has a gradient."""
        for group in self.param_groups:
            with_gradient = [weight for weight in group["params"] if weight.grad is not None]
            for _, alike in groupby(with_gradient, key=lambda weight: tuple(weight.shape)):
                self._move(list(alike), group)

    def _move(self, weights: list[Tensor], group: dict[str, Any]) -> None:
        momenta = [self._momentum(weight) for weight in weights]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        shape = (weights[0].shape[0], -1)
        torch._foreach_lerp_(momenta, gradients, 1 - _MOMENTUM)
        ahead = torch._foreach_lerp(gradients, momenta, _MOMENTUM)
        flat = torch.stack([direction.reshape(shape) for direction in ahead])
        directions = orthogonal(flat, group["iterations"])
        # Steps as large as AdamW's (https://arxiv.org/abs/2502.16982).
        size = 0.2 * max(flat.shape[1:]) ** 0.5
        torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
        steps = [direction.reshape(weights[0].shape) for direction in directions]
        torch._foreach_add_(weights, steps, alpha=-group["lr"] * size)

    def _momentum(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(weight)
        kept: Tensor = state["momentum"]
        return kept


def orthogonal(matrices: Tensor, iterations: int) -> Tensor:
    """Brings the singular values of each matrix [n, rows, columns] near 1."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if tall else matrices
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(iterations):
        square = x @ x.transpose(1, 2)
        x = _A * x + (_B * square + _C * (square @ square)) @ x
    found: Tensor = x.transpose(1, 2) if tall else x
    return found
