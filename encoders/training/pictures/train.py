"""Trains the small picture model from scratch: `python -m encoders.training.pictures.train --minutes 45 --out FOLDER`.

It draws its pictures while it learns, in a process beside it, and needs nothing from a network. It says once a minute
how it goes, and keeps a checkpoint from which `--resume` continues.
"""

from __future__ import annotations

import argparse
import itertools
import math
import multiprocessing
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from encoders.training.muon import Muon
from encoders.training.pictures import card, labels, model, tokens
from encoders.training.pictures.batches import Batch, batch
from encoders.training.pictures.evaluate import evaluate
from encoders.training.pictures.facts import contrasted
from encoders.training.pictures.losses import Classifiers, contrast
from encoders.training.pictures.vocabulary import save_vocabulary

_WARM_UP_STEPS = 60
_LARGEST_SCALE = 60.0
_CHECKPOINT_SECONDS, _LOG_SECONDS = 240.0, 60.0
_WEIGHT_DECAY = 0.05
_SEEN_WEIGHT, _READ_WEIGHT = 0.15, 0.1
_LENGTHS = 8
_AHEAD = 4
_PIECES_LEFT_APART = 0.05
"""How often two pieces of a word stay apart in training: forms that were never seen are then made of known pieces."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast the training learns."""

    minutes: float
    batch: int = 128
    rate: float = 2e-3
    seed: int = 1

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.batch < 2 or self.rate <= 0:
            raise ValueError(f"time and rate are positive, and a batch holds a contrast: {self = }")

    def rate_at(self, progress: float, step: int) -> float:
        """The learning rate: a short warm-up, then a cosine down to a hundredth."""
        cosine = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2
        return self.rate * cosine * min(1.0, (step + 1) / _WARM_UP_STEPS)


class Training:
    """Model, tokenizer, optimizer, and how far they are."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device = recipe, device
        self.tokenizer = tokens.learned(recipe.seed)
        self.model = model.built(self.tokenizer.get_vocab_size()).to(device, memory_format=torch.channels_last)
        self.classifiers = Classifiers(model.DIMENSION).to(device)
        self.optimizers = _optimizers(self.model, self.classifiers, recipe.rate)
        self.step, self.seconds = 0, 0.0
        self.report: dict[str, float] = {}

    def learn(self, examples: Batch) -> None:
        """Takes one step."""
        self.model.zero_grad(set_to_none=True)
        self.classifiers.zero_grad(set_to_none=True)
        torch.autograd.backward(self._loss(examples))
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        rate = self.recipe.rate_at(self.seconds / (60 * self.recipe.minutes), self.step)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0.0, math.log(_LARGEST_SCALE))
        self.step += 1

    def _loss(self, examples: Batch) -> torch.Tensor:
        numbers, pairs = examples.numbers, labels.pairs_of(examples.facts)
        bf16 = torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else nullcontext()
        with bf16:
            pixels = model.normalised(torch.from_numpy(examples.pixels).to(self.device))
            pictures = self.model.encode_image(pixels.contiguous(memory_format=torch.channels_last), normalize=True)
            texts = self._read([caption.text for _, said in examples.captions for caption in said])
        pictures, texts = pictures.float(), texts.float()
        seen = self.classifiers(pictures, self._moved(numbers), self._moved(pairs))
        told = np.array([labels.numbers_told(caption) for _, said in examples.captions for caption in said])
        rounds = len(examples.captions)
        clear = _tells_all_pairs(told, np.tile(numbers, (rounds, 1)))
        repeated = np.tile(pairs, (rounds, 1))
        read = self.classifiers(texts, self._moved(told), self._moved(repeated), self._moved(clear))
        scale = self.model.logit_scale.exp()
        parts = []
        for spoken, captions in zip(texts.chunk(rounds), np.split(told, rounds), strict=True):
            parts.append(contrast(pictures, spoken, scale, self._moved(labels.same(examples.facts, captions))))
        whole = torch.stack(parts).mean()
        self._note(whole, seen, read, pictures, texts)
        loss: torch.Tensor = whole + _SEEN_WEIGHT * seen + _READ_WEIGHT * read
        return loss

    def _note(self, *values: torch.Tensor) -> None:
        whole, seen, read, pictures, texts = (value.detach() for value in values)
        right = torch.arange(len(pictures), device=self.device)
        # The first round: English, long and short.
        hit = (texts[: len(pictures)] @ pictures.T).argmax(1).eq(right).float().mean()
        fresh = {"loss": whole, "seen": seen, "read": read, "hit": hit}
        for name, value in fresh.items():
            self.report[name] = 0.95 * self.report.get(name, value.item()) + 0.05 * value.item()

    def _moved(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)

    def _read(self, texts: list[str]) -> torch.Tensor:
        """Vectors of texts; short ones are read apart from long ones, because padding costs as much as words."""
        self.tokenizer.model.dropout = _PIECES_LEFT_APART
        lines = self.tokenizer.encode_batch(texts)
        order = sorted(range(len(lines)), key=lambda number: len(lines[number].ids))
        parts = np.array_split(np.array(order), _LENGTHS)
        vectors = [
            model.text_vectors(self.model, padded([lines[n].ids for n in part]).to(self.device)) for part in parts
        ]
        back = torch.from_numpy(np.argsort(np.concatenate(parts))).to(self.device)
        return torch.cat(vectors)[back]

    def save(self, path: Path) -> None:
        """Writes a checkpoint; it appears complete or not at all."""
        self.tokenizer.model.dropout = None
        state = {
            "model": self.model.state_dict(),
            "classifiers": self.classifiers.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "tokenizer": self.tokenizer.to_str(),
            "step": self.step,
            "seconds": self.seconds,
        }
        unfinished = path.with_suffix(".unfinished")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Continues from a checkpoint; its time counts as spent."""
        state: dict[str, Any] = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.classifiers.load_state_dict(state["classifiers"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.tokenizer = Tokenizer.from_str(state["tokenizer"])
        self.step, self.seconds = state["step"], state["seconds"]


def padded(lines: list[list[int]]) -> torch.Tensor:
    """Numbers of pieces, N×L, L as long as the longest text; a text beyond the context keeps its end."""
    lines = [line if len(line) <= model.CONTEXT else [*line[: model.CONTEXT - 1], line[-1]] for line in lines]
    longest = max(map(len, lines))
    return torch.tensor([line + [0] * (longest - len(line)) for line in lines])


def _tells_all_pairs(told: labels.Numbers, numbers: labels.Numbers) -> np.ndarray:
    """Which captions tell kind and colour of every figure that is there."""
    rows = np.ones(len(told), bool)
    for column in ("kind", "colour", "companion"):
        at = labels.COLUMNS.index(column)
        rows &= (told[:, at] != labels.UNTOLD) | (numbers[:, at] == 0)
    return rows


def _optimizers(model: torch.nn.Module, classifiers: Classifiers, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the towers, AdamW for all else; vectors do not decay."""
    inside = {
        name: weight
        for name, weight in model.named_parameters()
        if weight.ndim in (2, 4) and re.search(r"\.layer\d|resblocks", name)
    }
    others = [weight for name, weight in model.named_parameters() if name not in inside] + [*classifiers.parameters()]
    groups = [
        {"params": [one for one in others if one.ndim >= 2], "weight_decay": _WEIGHT_DECAY},
        {"params": [one for one in others if one.ndim < 2], "weight_decay": 0.0},
    ]
    return [Muon(inside.values(), rate, _WEIGHT_DECAY), torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))]


def train(training: Training, checkpoint: Path, say: Callable[[str], None]) -> None:
    """Learns until the recipe's time is spent."""
    recipe = training.recipe
    began, before = time.monotonic(), training.seconds
    logged = saved = began
    first = training.step
    for examples in _drawn(recipe, first):
        training.learn(examples)
        now = time.monotonic()
        training.seconds = before + now - began
        if now - logged >= _LOG_SECONDS:
            pace = (training.step - first) * recipe.batch / (now - began)
            say(_line(training, pace))
            logged = now
        if now - saved >= _CHECKPOINT_SECONDS:
            training.save(checkpoint)
            saved = now
        if training.seconds >= 60 * recipe.minutes:
            break
    training.save(checkpoint)
    say(_line(training, (training.step - first) * recipe.batch / max(1.0, time.monotonic() - began)))


def _drawn(recipe: Recipe, first: int) -> Iterator[Batch]:
    """Endless batches from this step on, drawn in a process of their own while the ones before are learned."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as drawing:
        coming: deque[Future[Batch]] = deque()
        for step in itertools.count(first):
            coming.append(drawing.submit(_batch, recipe, step))
            if len(coming) > _AHEAD:
                yield coming.popleft().result()


def _batch(recipe: Recipe, step: int) -> Batch:
    # The step belongs to the seed: a resumed training sees other scenes than before.
    random = Random(f"{recipe.seed}/{step}")
    return batch(contrasted(recipe.batch, random), model.PIXELS, random)


def _line(training: Training, pace: float) -> str:
    told = " ".join(f"{name} {value:.3f}" for name, value in training.report.items())
    scale = training.model.logit_scale.exp().item()
    return f"minute {training.seconds / 60:.0f} step {training.step} {told} scale {scale:.1f} pictures/s {pace:.0f}"


def main() -> None:
    """The command."""
    options = _options()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.checkpoint or options.out.with_name(f"{options.out.name}-checkpoint.pt")
    training = Training(Recipe(options.minutes, options.batch, options.rate, options.seed), device)
    if options.resume:
        training.load(options.resume)
    with (options.out / "training.log").open("a" if options.resume else "w", encoding="utf-8") as log:

        def say(line: str) -> None:
            print(line, flush=True)
            print(line, file=log, flush=True)

        left = max(0.0, options.minutes - training.seconds / 60)
        say(f"learns for {left:.0f} minutes on {device}, from seed {options.seed}, step {training.step}")
        train(training, checkpoint, say)
        publish(training, options.out, say)


def publish(training: Training, folder: Path, say: Callable[[str], None]) -> None:
    """Writes the model's folder, measures it, and says in MODEL.md what it is."""
    training.tokenizer.model.dropout = None
    model.write(training.model, training.tokenizer, folder)
    save_vocabulary(folder)
    figures = evaluate(folder)
    say(" ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    recipe, threads = training.recipe, torch.get_num_threads()
    run = card.Run(
        command=f"python -m encoders.training.pictures.train --minutes {recipe.minutes:g} --out FOLDER",
        minutes=training.seconds / 60,
        steps=training.step,
        batch=recipe.batch,
        seed=recipe.seed,
        machine=torch.cuda.get_device_name() if training.device.type == "cuda" else f"{threads} processor thread(s)",
        pieces=training.tokenizer.get_vocab_size(),
    )
    card.write(folder, run, figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the small picture model from scratch.")
    parser.add_argument("--minutes", type=float, default=45.0, help="time to learn in all, those before --resume too")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--resume", type=Path, help="checkpoint to continue from")
    parser.add_argument("--checkpoint", type=Path, help="where to keep the checkpoint (default: beside --out)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    return parser.parse_args()


if __name__ == "__main__":
    main()
