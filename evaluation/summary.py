"""Everything that was measured, as one value and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.measures import (
    MEASURES,
    RANKS,
    Estimate,
    Nothing,
    Values,
    curve,
    language_gap,
    nothing_found,
    values_of,
    violations,
    worst,
)
from evaluation.values import HYBRID, RUNS, Answers, Judged, Question


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run of an evaluation found.

    Attributes:
        questions: How many were asked.
        means: By measure, then by run.
        by_kind: nDCG@10 by kind of question, then by run.
        by_language: nDCG@10 of all legs together by language, then by kind; the kind `all` is all of them.
        curves: Mean recall at each of `ranks`, by run.
        gap: By how much English is better than Russian.
        violations: Share of the first ten hits that must not come, over the questions that say so.
        nothing: How well "nothing found" is told.
        worst: The questions that were answered worst.
        warnings: What the API warned of, with how often.
    """

    questions: int
    means: Mapping[str, Mapping[str, Estimate]]
    by_kind: Mapping[str, Mapping[str, Estimate]]
    by_language: Mapping[str, Mapping[str, Estimate]]
    ranks: tuple[int, ...]
    curves: Mapping[str, tuple[float, ...]]
    gap: Estimate | None
    violations: Estimate | None
    nothing: Nothing | None
    worst: tuple[tuple[Question, float], ...]
    warnings: Mapping[str, int]


def summarise(judged: Judged, answers: Answers) -> Summary:
    """Measures the answers."""
    values = {run: values_of(judged, answers[run]) for run in RUNS}
    ndcg = values[HYBRID]["ndcg10"]
    return Summary(
        questions=len(judged.questions),
        means={name: _estimates({run: values[run][name] for run in RUNS}) for name in MEASURES},
        by_kind=_by_kind(judged, values),
        by_language=_by_language(judged, ndcg),
        ranks=RANKS,
        curves={run: tuple(float(value) for value in curve(values[run])) for run in RUNS},
        gap=language_gap(judged, ndcg),
        violations=Estimate.of(list(violations(judged, answers[HYBRID]).values())),
        nothing=nothing_found(judged, answers[HYBRID]),
        worst=tuple(worst(judged, answers, ndcg)),
        warnings=_warnings(answers),
    )


def figures(summary: Summary, **more: Any) -> dict[str, Any]:
    """The same as JSON; `more` says what was measured on."""
    plain: dict[str, Any] = {
        name: {run: round(estimate.value, 4) for run, estimate in estimates.items()}
        for name, estimates in summary.means.items()
    }
    nothing, gap, broken = summary.nothing, summary.gap, summary.violations
    return {
        **plain,
        "ru_en_gap": round(gap.value, 4) if gap else None,
        "negation_violations": round(broken.value, 4) if broken else None,
        "absent_precision": round(nothing.precision, 4) if nothing else None,
        "absent_recall": round(nothing.recall, 4) if nothing else None,
        "intervals": {name: _intervals(estimates) for name, estimates in summary.means.items()}
        | {"ru_en_gap": _interval(gap), "negation_violations": _interval(broken)},
        "ndcg10_by_kind": {kind: _values(estimates) for kind, estimates in summary.by_kind.items()},
        "ndcg10_by_language": {language: _values(estimates) for language, estimates in summary.by_language.items()},
        "recall_curve": {"ranks": list(summary.ranks)}
        | {run: [round(value, 4) for value in values] for run, values in summary.curves.items()},
        "questions": summary.questions,
        "worst": [{**asdict(question), "ndcg10": round(value, 4)} for question, value in summary.worst],
        "warnings": dict(summary.warnings),
        **more,
    }


def _estimates(values: Mapping[str, Mapping[str, float]]) -> dict[str, Estimate]:
    found = {run: Estimate.of(list(by_question.values())) for run, by_question in values.items()}
    return {run: estimate for run, estimate in found.items() if estimate is not None}


def _by_kind(judged: Judged, values: Mapping[str, Values]) -> dict[str, dict[str, Estimate]]:
    kinds = list(dict.fromkeys(question.kind for question in judged.questions if judged.right(question)))
    return {kind: _estimates({run: _of_kind(judged, values[run]["ndcg10"], kind) for run in RUNS}) for kind in kinds}


def _of_kind(judged: Judged, ndcg: Mapping[str, float], kind: str) -> dict[str, float]:
    return {q.question_id: ndcg[q.question_id] for q in judged.questions if q.kind == kind and q.question_id in ndcg}


def _by_language(judged: Judged, ndcg: Mapping[str, float]) -> dict[str, dict[str, Estimate]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for question in judged.questions:
        if question.question_id in ndcg:
            kinds = found.setdefault(question.language, {"all": {}})
            for kind in ("all", question.kind):
                kinds.setdefault(kind, {})[question.question_id] = ndcg[question.question_id]
    return {language: _estimates(kinds) for language, kinds in sorted(found.items())}


def _warnings(answers: Answers) -> dict[str, int]:
    counted: dict[str, int] = {}
    for by_question in answers.values():
        for answer in by_question.values():
            for warning in answer.warnings:
                counted[warning] = counted.get(warning, 0) + 1
    return counted


def _values(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {name: round(estimate.value, 4) for name, estimate in estimates.items()}


def _intervals(estimates: Mapping[str, Estimate]) -> dict[str, list[float] | None]:
    return {run: _interval(estimate) for run, estimate in estimates.items()}


def _interval(estimate: Estimate | None) -> list[float] | None:
    return [round(estimate.low, 4), round(estimate.high, 4)] if estimate else None
