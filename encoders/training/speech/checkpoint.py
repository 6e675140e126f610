"""Checkpoints: everything that a training needs to go on, in one file."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import torch

from encoders.training.speech.learner import Learner
from encoders.training.speech.model import Shape
from encoders.training.speech.tokenizer import Tokens


def save_checkpoint(learner: Learner, path: Path) -> None:
    """Writes it beside and renames, so that a file under the name is always whole."""
    partial = path.with_suffix(".part")
    torch.save(
        {
            "shape": asdict(learner.model.shape),
            "tokenizer": learner.tokens.tokenizer.to_str(),
            "model": learner.model.state_dict(),
            "averaged": learner.averaged.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in learner.optimisers],
            "counters": [learner.steps, learner.seconds, learner.heard_seconds],
            "random": torch.get_rng_state(),
        },
        partial,
    )
    os.replace(partial, path)


def load_checkpoint(path: Path, device: str) -> Learner:
    """Reads what `save_checkpoint` wrote.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}: leave --resume out to begin anew.")
    kept = torch.load(path, map_location=device, weights_only=True)
    learner = Learner(Shape(**kept["shape"]), Tokens.loaded(kept["tokenizer"]), device)
    learner.model.load_state_dict(kept["model"])
    learner.averaged.load_state_dict(kept["averaged"])
    for optimiser, state in zip(learner.optimisers, kept["optimisers"], strict=True):
        rates = [group["initial_lr"] for group in optimiser.param_groups]
        optimiser.load_state_dict(state)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["initial_lr"] = rate
    learner.steps, learner.seconds, learner.heard_seconds = kept["counters"]
    torch.set_rng_state(kept["random"].cpu())
    return learner
