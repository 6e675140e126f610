"""Measures a picture model on scenes in combinations that were never trained on.

Of 200 pictures, how often is the one that a full caption describes the nearest to it? In English and in Russian:
`python -m encoders.training.pictures.evaluate FOLDER`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random

import numpy as np

from encoders.openclip import OpenClipEncoder
from encoders.training.pictures import captions, labels
from encoders.training.pictures.batches import Batch, batch
from encoders.training.pictures.facts import Facts, unseen

_NAMES = {"en": "clip_r1_en", "ru": "clip_r1_ru"}


def evaluate(folder: Path, *, candidates: int = 200, rounds: int = 5, seed: int = 2026) -> dict[str, float]:
    """Shares of captions whose own picture is the nearest of `candidates`, the mean over `rounds` sets.

    Args:
        folder: Of a model that `OpenClipEncoder` loads.
        candidates: Pictures in a set; every one shows a combination that is held out, and no two fit one caption.
        rounds: Sets.
        seed: Of the scenes and captions.

    Returns:
        `clip_r1_en` and `clip_r1_ru`, 0 to 1.

    Raises:
        ValueError: There is not at least one set of two candidates.
    """
    if candidates < 2 or rounds < 1:
        raise ValueError(f"an evaluation needs two candidates and a round: {candidates = }, {rounds = }")
    encoder = OpenClipEncoder(str(folder), device="cpu", batch=64)
    random = Random(seed)
    shares: dict[str, list[float]] = {name: [] for name in _NAMES.values()}
    for _ in range(rounds):
        examples = gallery(candidates, encoder.picture_input.size, random)
        pictures = encoder.embed_frames(examples.pixels)
        for language, said in examples.captions:
            texts = encoder.embed_texts([caption.text for caption in said], "query")
            right = (texts @ pictures.T).argmax(axis=1) == np.arange(candidates)
            shares[_NAMES[language]].append(float(right.mean()))
    return {name: float(np.mean(values)) for name, values in shares.items()}


def gallery(candidates: int, pixels: int, random: Random) -> Batch:
    """Draws pictures in held-out combinations, of which no other fits a picture's full caption."""
    chosen: list[Facts] = []
    while len(chosen) < candidates:
        fresh = unseen(random)
        if not any(_confused(fresh, other) or _confused(other, fresh) for other in chosen):
            chosen.append(fresh)
    return batch(chosen, pixels, random, (captions.full,))


def _confused(one: Facts, other: Facts) -> bool:
    """Whether everything that a full caption of `one` tells is true of `other`."""
    told = labels.numbers_told(captions.Caption("", frozenset(captions.PARTS), one))
    return bool(labels.same([other], np.array([told])).all())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Measure a picture model on scenes it has never seen.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    figures = evaluate(options.folder, candidates=options.candidates, rounds=options.rounds, seed=options.seed)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
