"""Writes the lists of all word forms: `python -m encoders.training.language.vocabulary` (about 10 minutes)."""

import argparse
from pathlib import Path
from random import Random

from encoders.training.language.demo_lines import ENGLISH, RUSSIAN
from encoders.training.language.grammar import normalised, pair

_IN_A_LINE = 20


def collected(sentences: int, seed: int) -> dict[str, set[str]]:
    """Draws sentences and collects their words by language; the demo's words belong to it too."""
    random = Random(seed)
    words = {"en": set(normalised(" ".join(ENGLISH)).split()), "ru": set(normalised(" ".join(RUSSIAN)).split())}
    for _ in range(sentences):
        drawn = pair(random)
        words["en"].update(normalised(drawn.english).split())
        words["ru"].update(normalised(drawn.russian).split())
    return words


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for language, words in collected(asked.sentences, asked.seed).items():
        file = Path(__file__).parent / "words" / f"vocabulary_{language}.txt"
        ordered = sorted(words)
        lines = [" ".join(ordered[at : at + _IN_A_LINE]) for at in range(0, len(ordered), _IN_A_LINE)]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{language}: {len(words)} word forms")


if __name__ == "__main__":
    main()
