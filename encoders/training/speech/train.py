"""Trains the small Whisper: `python -m encoders.training.speech.train --minutes 90 --out FOLDER`.

It makes its speech itself while it trains. It uses CUDA where there is one. A checkpoint is written to the folder
every three minutes and when it is asked to stop (SIGTERM); `--resume FOLDER/checkpoint.pt` goes on from it, with more
minutes or threads if wished.
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch

from encoders.training.language.grammar import pair
from encoders.training.speech.checkpoint import load_checkpoint, save_checkpoint
from encoders.training.speech.data import Library, examples, start_writing
from encoders.training.speech.greedy import greedy_errors
from encoders.training.speech.learner import Learner, mixture_at, padding_samples_at
from encoders.training.speech.memory import keep_freed_memory
from encoders.training.speech.model import Shape
from encoders.training.speech.tokenizer import Tokens, train_tokenizer
from encoders.training.speech.windows import Batch, WindowMaker

_CHECKPOINT_SECONDS = 180
_LOG_SECONDS = 60
_EVALUATION_SECONDS = 600
_TOKENIZER_SENTENCES = 12_000
# One core learns from about two hours of speech a minute; each utterance is used a few times, spoiled anew.
_HOURS_A_MINUTE = 0.6
_FRAMES_A_BATCH = {"cpu": 8_000, "cuda": 48_000}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command line asked for."""

    minutes: float
    out: Path
    resume: Path | None
    threads: int
    seed: int
    speech: Path
    hours: float


def read_plan(arguments: list[str] | None = None) -> Plan:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=90.0, help="how long to train in all, resumed time included")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--resume", type=Path, help="checkpoint to go on from")
    parser.add_argument("--threads", type=int, default=2, help="threads on the CPU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speech", type=Path, help="folder of the synthesised speech; default: OUT/speech")
    parser.add_argument("--hours", type=float, help="hours of speech to synthesise; default: by the minutes")
    asked = parser.parse_args(arguments)
    return Plan(
        minutes=asked.minutes,
        out=asked.out,
        resume=asked.resume,
        threads=asked.threads,
        seed=asked.seed,
        speech=asked.speech or asked.out / "speech",
        hours=asked.hours or max(1.0, _HOURS_A_MINUTE * asked.minutes),
    )


def train(plan: Plan) -> Path:
    """Trains until the minutes are over.

    Returns:
        The last checkpoint.
    """
    torch.set_num_threads(plan.threads)
    keep_freed_memory()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    plan.out.mkdir(parents=True, exist_ok=True)
    writer = start_writing(plan.speech, plan.hours, plan.seed)
    learner = _learner(plan, device)
    checkpoint = plan.out / "checkpoint.pt"
    _say(f"{plan.minutes:g} minutes on {device}, {plan.threads} threads, {plan.hours:g} h of speech, seed {plan.seed}")
    try:
        _run(plan, learner, checkpoint)
    finally:
        writer.terminate()
    return checkpoint


def _learner(plan: Plan, device: str) -> Learner:
    if plan.resume is not None:
        return load_checkpoint(plan.resume, device)
    random = Random(plan.seed)
    pairs = (pair(random) for _ in range(_TOKENIZER_SENTENCES))
    tokens = Tokens.of(train_tokenizer(text for both in pairs for text in (both.english, both.russian)))
    torch.manual_seed(plan.seed)
    return Learner(Shape(tokens.size), tokens, device)


def _run(plan: Plan, learner: Learner, checkpoint: Path) -> None:
    library = Library(plan.speech)
    tests = examples(15)
    while not library.ready:
        time.sleep(1.0)
        library.refresh()
    maker = WindowMaker(library.utterances, learner.tokens, plan.seed + learner.steps)
    feed = _feed(maker, learner, plan)
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    started = logged = saved = evaluated = time.monotonic()
    before = learner.seconds
    while (share := learner.seconds / (60 * plan.minutes)) < 1.0 and not asked_to_stop.is_set():
        learner.learn(next(feed), share)
        now = time.monotonic()
        learner.seconds = before + now - started
        if now - logged > _LOG_SECONDS:
            _say(learner.report())
            library.refresh()
            logged = now
        if now - saved > _CHECKPOINT_SECONDS:
            save_checkpoint(learner, checkpoint)
            saved = now
        if now - evaluated > _EVALUATION_SECONDS:
            _say(greedy_errors(learner, tests, padded=padding_samples_at(share) > 0))
            evaluated = time.monotonic()
    save_checkpoint(learner, checkpoint)
    if not asked_to_stop.is_set():
        _say(greedy_errors(learner, tests, padded=True))


def _feed(maker: WindowMaker, learner: Learner, plan: Plan) -> Iterator[Batch]:
    """Builds batches in a thread beside the training."""
    ready: queue.Queue[Batch] = queue.Queue(16)
    frames = _FRAMES_A_BATCH[learner.device]

    def build() -> None:
        while True:
            share = learner.seconds / (60 * plan.minutes)
            for batch in maker.batches(mixture_at(share), frames):
                ready.put(batch)

    threading.Thread(target=build, daemon=True).start()
    while True:
        yield ready.get()


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    train(read_plan())
    sys.exit(0)
