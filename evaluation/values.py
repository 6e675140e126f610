"""What is asked, what is right, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HYBRID = "hybrid"
LEGS = ("speech_text", "speech_vector", "picture_vector", "metadata_text")
RUNS = (HYBRID, *LEGS)
"""All legs together with the weights that the API has, and each leg alone."""

Grades = Mapping[str, int]
"""What was judged for one question, by name.

A name is that of a video (`talk.mp4`), or of a second of it (`talk.mp4@12.5`). 1 and more is right, the more the
better; below 0 is what must not come.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A judged query.

    Attributes:
        question_id: Its name in the judgements.
        text: What is typed.
        kind: Of what sort it is, for the tables; may be empty.
        language: ISO 639-1; may be empty.
        pair: What it shares with the same question in another language; may be empty.
    """

    question_id: str
    text: str
    kind: str = ""
    language: str = ""
    pair: str = ""

    def __post_init__(self) -> None:
        if not self.question_id or self.question_id.split() != [self.question_id]:
            raise ValueError(f"a question's name is one word: {self.question_id = }")
        if not self.text.strip():
            raise ValueError(f"the question {self.question_id} has no text")


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions and what is right for each; a question of which nothing is right should find nothing."""

    questions: tuple[Question, ...]
    grades: Mapping[str, Grades]

    def __post_init__(self) -> None:
        names = [question.question_id for question in self.questions]
        if not names:
            raise ValueError("there are no questions")
        if len(set(names)) < len(names):
            raise ValueError("two questions have one name")

    def right(self, question: Question) -> dict[str, int]:
        """What is right for a question, with its grade; empty where nothing should be found."""
        return {name: grade for name, grade in self.grades.get(question.question_id, {}).items() if grade > 0}

    def wrong(self, question: Question) -> set[str]:
        """What must not come."""
        return {name for name, grade in self.grades.get(question.question_id, {}).items() if grade < 0}

    def by_second(self, question: Question) -> bool:
        """Whether seconds of videos were judged, and not whole videos."""
        return any(second_of(name)[1] is not None for name in self.grades.get(question.question_id, {}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run gave for one question: names, best first, and what the API warned of."""

    names: tuple[str, ...]
    warnings: tuple[str, ...] = ()


Answers = Mapping[str, Mapping[str, Answer]]
"""By run, then by question."""


def second_of(name: str) -> tuple[str, float | None]:
    """Splits the name of a second of a video; None for the second where it names a whole video."""
    video, at, second = name.rpartition("@")
    if not at:
        return name, None
    try:
        return video, float(second)
    except ValueError:
        return name, None
