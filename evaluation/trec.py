"""Judgements as TREC writes them (`question 0 name grade`), and questions as lines of fields divided by tabs.

A line of questions holds the question's name and its text, and if one likes its kind, its language, and what it shares
with the same question in another language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from evaluation.values import Answers, Judged, Question


class UnreadableFile(ValueError):
    """A file is not what it should be; the message names the file and the line."""


def read_judged(questions: Path, judgements: Path) -> Judged:
    """Reads both files.

    Raises:
        UnreadableFile: one of them cannot be read or is malformed, or judges questions that are not there.
    """
    asked = tuple(_question(questions, number, line) for number, line in _lines(questions))
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    known = {question.question_id for question in asked}
    for number, line in _lines(judgements):
        name, video, grade = _judgement(judgements, number, line)
        if name not in known:
            raise UnreadableFile(f"{judgements}:{number} judges the question {name}, which is not in {questions}")
        grades[name][video] = grade
    try:
        return Judged(asked, dict(grades))
    except ValueError as error:
        raise UnreadableFile(f"{questions}: {error}") from error


def write_judged(judged: Judged, questions: Path, judgements: Path) -> None:
    """Writes both files."""
    fields = [(q.question_id, q.text, q.kind, q.language, q.pair) for q in judged.questions]
    questions.write_text("".join("\t".join(line) + "\n" for line in fields), encoding="utf-8")
    lines = [
        f"{question.question_id} 0 {name} {grade}\n"
        for question in judged.questions
        for name, grade in judged.grades.get(question.question_id, {}).items()
    ]
    judgements.write_text("".join(lines), encoding="utf-8")


def write_answers(answers: Answers, folder: Path) -> None:
    """Writes a run each, as TREC's tools read them: `question Q0 name rank score run`."""
    for run, by_question in answers.items():
        lines = [
            f"{question} Q0 {name} {rank} {1 / rank:.6f} {run}\n"
            for question, answer in by_question.items()
            for rank, name in enumerate(answer.names, start=1)
        ]
        (folder / f"{run}.run").write_text("".join(lines), encoding="utf-8")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def _question(path: Path, number: int, line: str) -> Question:
    name, *rest = (field.strip() for field in line.split("\t"))
    try:
        return Question(name, *rest[:4])
    except (TypeError, ValueError) as error:
        raise UnreadableFile(f"{path}:{number} is no question (name, tab, text): {error}") from error


def _judgement(path: Path, number: int, line: str) -> tuple[str, str, int]:
    fields = line.split()
    if len(fields) < 4:
        raise UnreadableFile(f"{path}:{number} is no judgement: it must read `question 0 name grade`")
    # A key can hold spaces.
    try:
        return fields[0], " ".join(fields[2:-1]), int(fields[-1])
    except ValueError as error:
        raise UnreadableFile(f"{path}:{number} ends in {fields[-1]!r}, which is no grade") from error
