"""The questions of the judged corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from encoders.training.pictures.captions import LANGUAGES
from evaluation.corpus.films import Film
from evaluation.corpus.needs import Needs
from evaluation.values import Judged, Question

NEEDS: Mapping[str, int] = {"spoken": 25, "shown": 25, "both": 15, "titled": 10, "negated": 10, "absent": 15}
"""Each is asked in Russian and in English: 200 questions."""
FEW_NEEDS: Mapping[str, int] = {"spoken": 4, "shown": 4, "both": 2, "titled": 2, "negated": 2, "absent": 4}
"""For a short run."""


def ask(films: Sequence[Film], *, needs: Mapping[str, int] = NEEDS, seed: int) -> Judged:
    """Draws the needs and asks each in both languages.

    Raises:
        NoSuchNeed: there are too few films for them.
    """
    questions, grades = [], {}
    for number, need in enumerate(Needs(films, Random(f"{seed}/needs")).draw(needs), start=1):
        pair = f"{need.kind}-{number:03d}"
        for language in LANGUAGES:
            question = Question(f"{pair}-{language}", need.texts[language], need.kind, language, pair)
            questions.append(question)
            grades[question.question_id] = dict(need.grades.get(language, {}))
    return Judged(tuple(questions), grades)
