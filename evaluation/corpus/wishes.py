"""What a question asks to see, how it is put into words, and which pictures show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from encoders.training.pictures import captions, english, russian
from encoders.training.pictures.captions import Language
from encoders.training.pictures.facts import Facts, Subject

_SILENT = {"weather": "clear", "light": "day", "companion": None, "action": None, "distance": None, "text": None}
_TRIES = 2000
_RAIN = ("rain", "storm")


@dataclass(frozen=True, slots=True)
class Wish:
    """A figure and what of its scene is asked for; the parts are those of `captions.PARTS`."""

    facts: Facts
    parts: frozenset[str]

    @classmethod
    def of(cls, facts: Facts, *parts: str) -> Wish:
        """Of a scene, only these parts."""
        assert facts.subject is not None
        subject = replace(facts.subject, action=None)
        if "count" not in parts or subject.colour == "mixed":
            subject = Subject(subject.kind, None if subject.colour == "mixed" else subject.colour, 1)
        weather = facts.weather if "weather" in parts else "clear"
        light = facts.light if "light" in parts else ("day" if facts.light else None)
        return cls(Facts(facts.place, subject, None, weather, light), frozenset({"kind", *parts}))

    def worded(self, language: Language, random: Random) -> str:
        """A caption that tells these parts and nothing else.

        Raises:
            ValueError: none was found.
        """
        telling = self._telling()
        for _ in range(_TRIES):
            caption = captions.partial(self.facts, language, random)
            if caption.told & telling == self.parts & telling and _is_plain(caption.text, language):
                return caption.text
        raise ValueError(f"no caption tells just {sorted(self.parts)}: {self.facts = }")

    def _telling(self) -> set[str]:
        """The parts that a caption of these facts says something about."""
        subject = self.facts.subject
        assert subject is not None
        silent = {part for part, value in _SILENT.items() if getattr(self.facts, part, None) in (value, None)}
        silent |= {"count"} if subject.count == 1 else set()
        silent |= {"colour"} if subject.colour is None else set()
        return set(captions.PARTS) - silent

    def shown_by(self, facts: Facts) -> bool:
        """Whether a picture of these facts is what is asked for, whoever else is in it."""
        if "place" in self.parts and facts.place != self.facts.place:
            return False
        if "weather" in self.parts and not _same_weather(self.facts.weather, facts.weather):
            return False
        if "light" in self.parts and self.facts.light not in (None, "day") and facts.light != self.facts.light:
            return False
        return any(self._is(subject) for subject in facts.subjects)

    def _is(self, subject: Subject) -> bool:
        wanted = self.facts.subject
        assert wanted is not None
        if subject.kind != wanted.kind:
            return False
        if "colour" in self.parts and wanted.colour is not None and subject.colour != wanted.colour:
            return False
        return "count" not in self.parts or wanted.count == 1 or subject.count == wanted.count


def _same_weather(wanted: str, seen: str) -> bool:
    return wanted == "clear" or seen == wanted or (wanted == "rain" and seen in _RAIN)


def _is_plain(text: str, language: Language) -> bool:
    """Whether it reads like a query: no opening such as `we see`, no word for ordinary light or weather."""
    words = english if language == "en" else russian
    extra = (*words.OPENINGS, *words.WEATHERS["clear"], *words.LIGHTS["day"])
    return not any(phrase.lower() in text.lower() for phrase in extra)
