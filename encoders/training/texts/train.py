"""Trains the small text model from scratch: `python -m encoders.training.texts.train --minutes 12 --out FOLDER`.

It makes its sentences itself and needs nothing from a network. It says once a minute how it goes, and keeps a
checkpoint in the folder, from which `--resume` continues.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from encoders.training.texts import losses, meanings, network
from encoders.training.texts.meanings import Example, Meaning
from encoders.training.texts.vocabulary import text_vocabulary
from encoders.vocabulary import write_vocabulary

_CHECKPOINT_SECONDS, _LOG_SECONDS = 120.0, 60.0
_SCALE = 20.0
_ALIKE = 8
"""So many meanings of a batch share a word: to tell them apart is what it learns most from."""
_PIECES_LEFT_APART = 0.1
"""How often two pieces of a word stay apart in training: words that were never seen are then made of known pieces."""
_WARM_UP_STEPS = 40


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and on what the training learns."""

    minutes: float
    batch: int = 256
    rate: float = 2e-2
    meanings: int = 20_000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.batch < _ALIKE or self.meanings < self.batch or self.rate <= 0:
            raise ValueError(f"time and rate are positive, and there are more meanings than a batch holds: {self}")

    def rate_at(self, progress: float, step: int) -> float:
        """The learning rate: a short warm-up, then a cosine down to a hundredth."""
        cosine = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2
        return self.rate * cosine * min(1.0, (step + 1) / _WARM_UP_STEPS)


class Material:
    """The meanings that are learned from, by the words that they share."""

    def __init__(self, count: int, seed: int) -> None:
        random = Random(seed)
        self.meanings: list[Meaning] = []
        while len(self.meanings) < count:
            drawn = meanings.meaning(random)
            if not meanings.kept_for_evaluation(drawn):
                self.meanings.append(drawn)
        sharing = defaultdict(list)
        for at, each in enumerate(self.meanings):
            for stem in meanings.stems(each.first.english, "en"):
                sharing[stem].append(at)
        self._sharing = [group for group in sharing.values() if len(group) >= _ALIKE]

    def batch(self, size: int, random: Random) -> list[Example]:
        """Draws examples, in groups that share a word."""
        drawn: list[int] = []
        while len(drawn) < size:
            drawn += random.sample(random.choice(self._sharing), _ALIKE)
        chosen = list(dict.fromkeys(drawn))[:size]
        return [meanings.example(self.meanings[at], random.choice(self.meanings), random) for at in chosen]

    def texts(self) -> list[str]:
        """All wordings."""
        pairs = [pair for each in self.meanings for pair in (each.first, each.second)]
        return [text for pair in pairs for text in (pair.english, pair.russian)]


class Training:
    """Model, optimizer, and how far they are."""

    def __init__(self, recipe: Recipe, tokenizer: Tokenizer, texts: list[str], device: str) -> None:
        self.recipe = recipe
        self.device = device
        self.model: SentenceTransformer = network.new_model(tokenizer, texts, recipe.seed).to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=recipe.rate)
        self.steps = 0
        self.seconds = 0.0

    def step(self, examples: list[Example]) -> float:
        """Learns from a batch and returns its loss."""
        progress = self.seconds / (60 * self.recipe.minutes)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(progress, self.steps)
        others = losses.also_right(examples).to(self.device)
        queries = self._embedded([example.query for example in examples])
        passages = self._embedded([example.passage for example in examples])
        loss = losses.contrast(queries, passages, others, _SCALE)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.steps += 1
        return float(loss.detach())

    def _embedded(self, texts: list[str]) -> torch.Tensor:
        tokenizer = network.pieces(self.model)
        tokenizer.model.dropout = _PIECES_LEFT_APART
        features = self.model.preprocess(texts)
        tokenizer.model.dropout = None
        embedded = self.model({name: tensor.to(self.device) for name, tensor in features.items()})
        vectors: torch.Tensor = embedded["sentence_embedding"]
        return vectors

    def save(self, path: Path) -> None:
        """Writes a checkpoint, beside and then renamed, so that it is always whole."""
        state = {
            "recipe": asdict(self.recipe),
            "tokenizer": network.pieces(self.model).to_str(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": [self.steps, self.seconds],
        }
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    @classmethod
    def resumed(cls, path: Path, minutes: float, device: str) -> Training:
        """Continues from a checkpoint.

        Raises:
            FileNotFoundError: There is no such file.
        """
        if not path.is_file():
            raise FileNotFoundError(f"There is no checkpoint {path}: leave out --resume to train from the beginning.")
        state = torch.load(path, map_location=device, weights_only=True)
        training = cls(
            Recipe(**{**state["recipe"], "minutes": minutes}), Tokenizer.from_str(state["tokenizer"]), [], device
        )
        training.model.load_state_dict(state["model"])
        training.optimizer.load_state_dict(state["optimizer"])
        training.steps, training.seconds = state["progress"]
        return training


def train(training: Training, material: Material, checkpoint: Path, say: Callable[[str], None] = print) -> None:
    """Learns until the time is up; saves a checkpoint every two minutes and at the end."""
    recipe = training.recipe
    begun = time.monotonic() - training.seconds
    saved = said = training.seconds
    loss = 0.0
    training.model.train()
    while training.seconds < 60 * recipe.minutes:
        examples = material.batch(recipe.batch, Random(recipe.seed * 1_000_000 + training.steps))
        loss = training.step(examples)
        training.seconds = time.monotonic() - begun
        if training.seconds - said >= _LOG_SECONDS:
            said = training.seconds
            say(f"{said / 60:5.1f} min, step {training.steps}, loss {loss:.3f}")
        if training.seconds - saved >= _CHECKPOINT_SECONDS:
            saved = training.seconds
            training.save(checkpoint)
    training.model.eval()
    training.save(checkpoint)
    say(f"{training.seconds / 60:5.1f} min, step {training.steps}, loss {loss:.3f}: done")


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(asked.minutes, seed=asked.seed)
    say = _speaker(asked.out / "training.log")
    say(f"Trains for {recipe.minutes:g} minutes on {asked.device}, after about two minutes of preparation; {recipe}.")
    material = Material(recipe.meanings, recipe.seed)
    if asked.resume:
        training = Training.resumed(asked.resume, asked.minutes, asked.device)
    else:
        texts = material.texts()
        training = Training(recipe, network.pieces_of(texts), texts, asked.device)
    size = sum(weights.numel() for weights in training.model.parameters())
    say(f"{len(material.meanings)} meanings, {size / 1e6:.2f} million weights.")
    train(training, material, asked.out / "checkpoint.pt", say)
    network.save(training.model, asked.out)
    write_vocabulary(asked.out, text_vocabulary())


def _speaker(log: Path) -> Callable[[str], None]:
    def say(line: str) -> None:
        print(line, flush=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return say


if __name__ == "__main__":
    main()
