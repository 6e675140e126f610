"""Clauses: somebody does something, in the same tense in both languages."""

from dataclasses import dataclass
from typing import Literal

from encoders.training.language import english, lexicon, russian
from encoders.training.language.russian import Case
from encoders.training.language.writer import NOTHING, Pair, Thing, Writer

Tense = Literal["now", "habit", "was", "past", "perfect", "future"]
TENSES: tuple[Tense, ...] = ("now", "now", "now", "past", "past", "was", "perfect", "future", "habit")

# Verbs that English does not use in the progressive.
_STATES = frozenset({"see", "hear", "love", "remember", "forget", "notice", "find", "lose", "drop", "meet", "need"})


@dataclass(frozen=True, slots=True)
class Subject:
    """Who acts: words in both languages, and what the verbs must agree with."""

    words: Pair
    person: str  # As for `russian.verb`; its past tense takes `past`.
    past: str
    be: str  # am, is, are


def noun_subject(thing: Thing, article: str) -> Subject:
    """A noun as the subject."""
    agreement = thing.agreement
    return Subject(thing.pair("nomn", article), agreement, agreement, "are" if thing.plural else "is")


def counted_subject(thing: Thing, value: int) -> Subject:
    """Two or more things as the subject."""
    return Subject(thing.counted(value), "plur", "plur", "are")


PRONOUNS = (
    Subject(Pair("we", "мы"), "1per plur", "plur", "are"),
    Subject(Pair("they", "они"), "3per plur", "plur", "are"),
    Subject(Pair("he", "он"), "3per sing", "masc", "is"),
    Subject(Pair("she", "она"), "3per sing", "femn", "is"),
)


def english_verb(verb: str, tense: Tense, be: str, negative: bool = False) -> str:
    """The English verb with what goes before it."""
    if tense == "now" and english.base(verb).split()[0] in _STATES:
        tense = "habit"
    if tense == "was" and english.base(verb).split()[0] in _STATES:
        tense = "past"
    no = " not" if negative else ""
    was = "were" if be == "are" else "was"
    have = "has" if be == "is" else "have"
    do = "does" if be == "is" else "do"
    if negative and tense in ("habit", "past"):
        return f"{do if tense == 'habit' else 'did'} not {english.base(verb)}"
    return {
        "now": f"{be}{no} {english.progressive(verb)}",
        "habit": english.third(verb) if be == "is" else english.base(verb),
        "was": f"{was}{no} {english.progressive(verb)}",
        "past": english.past(verb),
        "perfect": f"{have}{no} {english.participle(verb)}",
        "future": f"will{no} {english.base(verb)}",
    }[tense]


def russian_verb(aspects: str, tense: Tense, subject: Subject, negative: bool = False) -> str:
    """The Russian verb, of the aspect that the tense asks for."""
    word, space, rest = aspects.partition(" ")
    imperfective, perfective = (each + space + rest for each in word.split("/"))
    if tense in ("now", "habit"):
        form = russian.verb(imperfective, "pres", subject.person)
    elif tense == "was":
        form = russian.verb(imperfective, "past", subject.past)
    elif tense == "future":
        form = russian.verb(perfective, "futr", subject.person)
    else:
        form = russian.verb(perfective, "past", subject.past)
    return ("не " if negative else "") + form


def verb(entry: Pair, tense: Tense, subject: Subject, negative: bool = False) -> Pair:
    """The verb of a clause; the entry is as the word lists write it."""
    aspects = entry.russian.partition(" + ")[0]
    return Pair(
        english_verb(entry.english, tense, subject.be, negative), russian_verb(aspects, tense, subject, negative)
    )


def governed(entry: Pair, thing: Thing, article: str) -> Pair:
    """The object of a verb, in the case that the Russian verb asks for."""
    government = entry.russian.partition(" + ")[2]
    before, _, case = government.rpartition(" ")
    wanted: Case = case or "accs"  # type: ignore[assignment]
    words = thing.pair(wanted, article)
    return Pair(words.english, f"{before} {words.russian}".strip())


def draw_subject(writer: Writer, sections: tuple[str, ...], pronouns: float = 0.0) -> Subject:
    """A subject from these sections: one, several, a number of them, or a pronoun."""
    kind = writer.meaning.random()
    if kind < pronouns:
        return writer.meaning.choice(PRONOUNS)
    several = 0.0 if "institution" in sections else 0.3
    thing = writer.thing(*sections, plural=several)
    if kind > 0.93 and several:
        return counted_subject(thing, writer.value(2, 9))
    return noun_subject(thing, writer.article())


_MASS = frozenset({"groceries", "drink"})
_PLACES = {"vehicle": "road place", "ship": "water place", "sea animal": "water place", "aircraft": "sky place"}
_PLACES |= {"bird": "sky place", "heavenly body": "sky place", "institution": "town", "leader": "town"}


def place_for(section: str) -> str:
    """The section of the places where such subjects act."""
    return _PLACES.get(section, "place")


def action(writer: Writer, tense: Tense, negative: bool = False) -> tuple[Subject, Pair, str]:
    """Somebody and what they do, without place and time; also the section of the subject."""
    frame = writer.meaning.choice(lexicon.verbs())
    section = writer.meaning.choice(frame.subjects)
    people = section == "person"
    subject = draw_subject(writer, (section,), pronouns=0.2 if people else 0.0)
    entry = writer.worded(writer.meaning.choice(frame.entries))
    if tense == "was" and frame.objects:
        tense = "past"
    said = verb(entry, tense, subject, negative)
    if not frame.objects:
        return subject, said, section
    wanted = writer.meaning.choice(frame.objects)
    countable = wanted not in _MASS
    thing = writer.thing(wanted, plural=0.15 if countable else 0.0)
    return subject, said + governed(entry, thing, writer.article() if countable else ""), section


def tensed(writer: Writer) -> tuple[Tense, Pair]:
    """A tense and an expression of time that suits it."""
    tense = writer.meaning.choice(TENSES)
    sections = {"now": "season", "past": "past", "future": "future", "was": "past", "perfect": "", "habit": "habit"}
    section = sections[tense]
    return tense, writer.phrase(section) if section and writer.chance(0.5) else NOTHING


def tense_of(writer: Writer, *tenses: Tense) -> Tense:
    """One of these tenses."""
    return writer.meaning.choice(tenses)


def timed(writer: Writer, *choices: tuple[Tense, str]) -> tuple[Tense, str]:
    """One of these tenses with its section of expressions of time or place."""
    return writer.meaning.choice(choices)
