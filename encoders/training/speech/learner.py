"""One step of training, the schedule, and what must be kept to go on later."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from encoders.training.muon import Muon
from encoders.training.speech.model import Shape, SmallWhisper, sample_padding
from encoders.training.speech.tokenizer import Tokens
from encoders.training.speech.windows import IGNORED, Batch, Mixture

_WARM_UP_STEPS = 300
_MATRIX_RATE, _OTHER_RATE = 2e-3, 1.5e-3
_LARGEST_GRADIENT = 1.0
_AVERAGING = 0.997
# Until here the encoder learns much from phonemes; then it hears them, and the decoder must learn the words.
_HEARING_SHARE = 0.5
# Until here the decoder learns to find its place in single sentences. With the padding, which is most
# of a window, it would attend to that at first and learn little.
_WHOLE_WINDOWS_SHARE = 0.5


def mixture_at(share: float) -> Mixture:
    """Which windows to draw after this share of the training: mostly single sentences first, whole windows later."""
    if share < _WHOLE_WINDOWS_SHARE:
        return Mixture(few=0.1, nothing=0.02)
    return Mixture(few=0.15, many=0.01)


def padding_samples_at(share: float) -> int:
    """How many positions stand for the padding; none at first."""
    return 0 if share < _WHOLE_WINDOWS_SHARE else 12


def rate_at(steps: int, share: float) -> float:
    """Factor on the learning rate."""
    return min(1.0, (steps + 1) / _WARM_UP_STEPS) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


class Learner:
    """The network, its optimisers, its averaged weights, and counters.

    Attributes:
        averaged: The network with weights averaged over the last steps; better than the last ones.
        seconds: How long it has trained.
    """

    def __init__(self, shape: Shape, tokens: Tokens, device: str) -> None:
        self.tokens = tokens
        self.device = device
        self.model = SmallWhisper(shape, tokens.first_timestamp).to(device)
        self.averaged = copy.deepcopy(self.model).requires_grad_(False).eval()
        self.optimisers = _optimisers(self.model)
        self.steps = 0
        self.seconds = 0.0
        self.heard_seconds = 0.0
        self._recent: list[tuple[float, float]] = []

    def learn(self, batch: Batch, share: float) -> tuple[float, float]:
        """Takes one step.

        Returns:
            Cross-entropy of a token, CTC loss of a phoneme.
        """
        factor = rate_at(self.steps, share)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["initial_lr"] * factor
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda"):
            scores, phonemes, stray = self.model(
                batch.mel.to(self.device),
                sample_padding(batch.mel.shape[2] // 2, padding_samples_at(share)).to(self.device),
                batch.inputs.to(self.device),
                batch.places.to(self.device),
            )
        entropy = _entropy(scores, batch.targets.to(self.device))
        hearing = _hearing_loss(phonemes, batch)
        loss = entropy + (1.0 if share < _HEARING_SHARE else 0.3) * hearing + stray
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        for optimiser in self.optimisers:
            optimiser.step()
        self._average()
        self.steps += 1
        self.heard_seconds += float(batch.positions.sum()) / 50
        found = (float(entropy.detach()), float(hearing.detach()))
        self._recent.append(found)
        return found

    def _average(self) -> None:
        """Moves the averaged weights towards the present ones, faster at the beginning."""
        keep = min(_AVERAGING, (self.steps + 1) / (self.steps + 10))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - keep)

    def report(self) -> str:
        """One line about the time since the last report."""
        entropy, hearing = (sum(column) / max(1, len(self._recent)) for column in zip(*self._recent, strict=True))
        self._recent.clear()
        return (
            f"minute {self.seconds / 60:.1f} step {self.steps} ce {entropy:.3f} ctc {hearing:.3f}"
            f" heard {self.heard_seconds / 3600:.1f} h"
        )


def _entropy(scores: Tensor, targets: Tensor) -> Tensor:
    """Only the places that count go through the softmax."""
    counted = targets != IGNORED
    return F.cross_entropy(scores[counted].float(), targets[counted])


def _hearing_loss(phonemes: Tensor, batch: Batch) -> Tensor:
    total = F.ctc_loss(
        phonemes.float().log_softmax(-1).transpose(0, 1),
        batch.phonemes.to(phonemes.device),
        batch.positions.to(phonemes.device),
        batch.phoneme_counts.to(phonemes.device),
        zero_infinity=True,
        reduction="sum",
    )
    return total / max(1, int(batch.phoneme_counts.sum()))


def _optimisers(model: SmallWhisper) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for everything else."""
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    matrices = [weight for name, weight in named if ".layers." in name and weight.ndim == 2]
    others = [weight for name, weight in named if not (".layers." in name and weight.ndim == 2)]
    found: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=_MATRIX_RATE, weight_decay=0.05),
        torch.optim.AdamW(others, lr=_OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.01),
    ]
    for optimiser in found:
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
    return found
