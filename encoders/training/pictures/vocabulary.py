"""The words that the picture model is trained on: `python -m encoders.training.pictures.vocabulary FOLDER`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from random import Random

from encoders.training.pictures import captions
from encoders.training.pictures.facts import trained
from encoders.vocabulary import write_vocabulary

_SCENES = 12_000
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def vocabulary(scenes: int = _SCENES, *, seed: int = 1) -> list[str]:
    """The words of the captions of so many scenes in both languages, lower case, with е for ё, in order."""
    random = Random(seed)
    words: set[str] = set()
    for _ in range(scenes):
        facts = trained(random)
        for language in captions.LANGUAGES:
            for way in (captions.partial, captions.full, captions.brief):
                words.update(_WORD.findall(way(facts, language, random).text.lower().replace("ё", "е")))
    return sorted(words)


def save_vocabulary(folder: Path) -> None:
    """Writes them beside the weights, a word a line."""
    write_vocabulary(folder, vocabulary())


if __name__ == "__main__":
    save_vocabulary(Path(sys.argv[1]))
