"""Measures the models that ship on what they were not trained on: `python -m encoders.training.evaluate`.

Prints every figure and writes them as one flat object to build/evaluate-models.json. Takes about ten minutes on two
cores, most of them for speech.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from encoders.training.pictures.evaluate import evaluate as evaluate_pictures
from encoders.training.speech.evaluate import evaluate as evaluate_speech
from encoders.training.texts.evaluate import evaluate as evaluate_texts

WEIGHTS = Path(__file__).parents[1] / "weights"
RESULTS = Path("build") / "evaluate-models.json"


def main(arguments: list[str] | None = None) -> None:
    """Evaluates the shipped models, or those in another folder of the same layout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder with kadr-clip, kadr-sentences …")
    parser.add_argument("--sentences", type=int, default=200, help="spoken sentences a language and kind of voice")
    asked = parser.parse_args(arguments)
    figures: dict[str, float] = {}
    threads = len(os.sched_getaffinity(0))
    measures: dict[str, Callable[[Path], dict[str, float]]] = {
        "kadr-clip": lambda folder: evaluate_pictures(folder),
        "kadr-sentences": lambda folder: evaluate_texts(str(folder)),
        "kadr-whisper": lambda folder: evaluate_speech(folder, asked.sentences, threads=threads),
    }
    for name, measure in measures.items():
        if not (asked.weights / name).is_dir():
            print(f"{name} is not in {asked.weights}: left out", flush=True)
            continue
        started = time.monotonic()
        print(f"{name} …", flush=True)
        found = measure(asked.weights / name)
        for figure, value in found.items():
            print(f"  {figure:<32} {value:.3f}", flush=True)
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
        figures |= found
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
