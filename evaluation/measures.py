"""What answers are worth: nDCG, recall and reciprocal rank of each question, by ir_measures (trec_eval's own)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG
from numpy.typing import NDArray

from evaluation.values import HYBRID, Answer, Answers, Judged, Question

MEASURES = {"ndcg10": nDCG @ 10, "recall10": R @ 10, "recall100": R @ 100, "mrr": RR @ 100}
RANKS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Depths of the curve of recall."""
TOP = 10
RESAMPLES, CONFIDENCE = 2000, 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions, with the bounds in which 95 of 100 samples of as many questions would have it."""

    value: float
    low: float
    high: float
    questions: int

    @classmethod
    def of(cls, values: Sequence[float], *, seed: int = 1) -> Estimate | None:
        """Estimate it by bootstrap (percentiles; Efron 1979); None without values."""
        if not values:
            return None
        numbers = np.asarray(values, np.float64)
        draws = np.random.default_rng(seed).integers(0, len(numbers), (RESAMPLES, len(numbers)))
        low, high = np.quantile(numbers[draws].mean(axis=1), ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
        return cls(float(numbers.mean()), float(low), float(high), len(numbers))


Values = Mapping[str, Mapping[str, float]]
"""By measure, then by question."""


def values_of(judged: Judged, answers: Mapping[str, Answer]) -> dict[str, dict[str, float]]:
    """Every measure of every question of which something is right, for one run."""
    asked = [question.question_id for question in judged.questions if judged.right(question)]
    qrels = [
        ir_measures.Qrel(question.question_id, name, grade)
        for question in judged.questions
        for name, grade in judged.right(question).items()
    ]
    run = [
        ir_measures.ScoredDoc(question, name, 1.0 / rank)
        for question in asked
        for rank, name in enumerate(answers[question].names, start=1)
    ]
    wanted = {str(measure): name for name, measure in MEASURES.items()}
    curve = {str(R @ rank): f"recall{rank}" for rank in RANKS}
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(asked, 0.0) for name in (*MEASURES, *curve.values())}
    for metric in ir_measures.iter_calc([*MEASURES.values(), *(R @ rank for rank in RANKS)], qrels, run):
        for names in (wanted, curve):
            if str(metric.measure) in names:
                values[names[str(metric.measure)]][metric.query_id] = float(metric.value)
    return values


def violations(judged: Judged, answers: Mapping[str, Answer]) -> dict[str, float]:
    """Of the first ten hits of each question that says what must not come, the share that came all the same."""
    found = {}
    for question in judged.questions:
        wrong = judged.wrong(question)
        if wrong:
            top = answers[question.question_id].names[:TOP]
            found[question.question_id] = sum(name in wrong for name in top) / max(1, len(top))
    return found


@dataclass(frozen=True, slots=True)
class Nothing:
    """How well "nothing found" is told: how many empty answers are right, and of what is absent how much is told."""

    precision: float
    recall: float
    absent: int
    empty: int


def nothing_found(judged: Judged, answers: Mapping[str, Answer]) -> Nothing | None:
    """Measures it; None where every question has something that is right."""
    absent = {question.question_id for question in judged.questions if not judged.right(question)}
    empty = {question.question_id for question in judged.questions if not answers[question.question_id].names}
    if not absent:
        return None
    both = len(absent & empty)
    return Nothing(both / len(empty) if empty else 0.0, both / len(absent), len(absent), len(empty))


def language_gap(judged: Judged, ndcg: Mapping[str, float], first: str = "ru", second: str = "en") -> Estimate | None:
    """By how much the second language is better, over questions that were asked in both; None without such pairs."""
    pairs: dict[str, dict[str, float]] = {}
    for question in judged.questions:
        if question.pair and question.question_id in ndcg:
            pairs.setdefault(question.pair, {})[question.language] = ndcg[question.question_id]
    return Estimate.of([pair[second] - pair[first] for pair in pairs.values() if {first, second} <= set(pair)])


def worst(judged: Judged, answers: Answers, ndcg: Mapping[str, float], most: int = 20) -> list[tuple[Question, float]]:
    """The questions that all legs together answered worst, worst first; absent ones that found something too."""
    told = {question.question_id: question for question in judged.questions}
    values = dict(ndcg) | {
        name: 0.0 for name, one in told.items() if not judged.right(one) and answers[HYBRID][name].names
    }
    ranked = sorted(values.items(), key=lambda value: (value[1], value[0]))
    return [(told[name], value) for name, value in ranked[:most] if value < 1]


def curve(values: Values) -> NDArray[np.float64]:
    """Mean recall at each of `RANKS`."""
    return np.array([np.mean(list(values[f"recall{rank}"].values()) or [0.0]) for rank in RANKS])
