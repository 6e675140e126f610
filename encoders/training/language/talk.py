"""Sentences that somebody says to somebody: questions, wishes, requests, opinions, joined clauses."""

from encoders.training.language import english, lexicon, russian
from encoders.training.language.clauses import (
    Subject,
    action,
    draw_subject,
    governed,
    place_for,
    tense_of,
    verb,
)
from encoders.training.language.lexicon import Entry
from encoders.training.language.writer import NOTHING, Pair, Writer, finished


def where_is(w: Writer) -> Pair:
    """Where is the key?"""
    thing = w.thing("object", "vehicle", "building", "person", "pet", "clothing", "room")
    past = w.chance(0.3)
    was = {"masc": "был", "femn": "была", "neut": "было"}[thing.agreement]
    find = Pair(f"where can I find {thing.the()}", f"где мне найти {thing.russian('accs')}")
    plain = Pair(f"where {'was' if past else 'is'} {thing.the()}", f"где {was + ' ' if past else ''}{thing.russian()}")
    return finished(find if w.chance(0.2) else plain, "?")


def who_did(w: Writer) -> Pair:
    """Who bought the red car?"""
    frame = w.meaning.choice([each for each in lexicon.verbs() if each.subjects == ("person",) and each.objects])
    entry = w.worded(w.meaning.choice(frame.entries))
    wanted = w.meaning.choice(frame.objects)
    who = Subject(Pair("who", "кто"), "masc", "masc", "is")
    said = verb(entry, tense_of(w, "past", "future", "now"), who)
    thing = w.thing(wanted, plural=0.1 if wanted != "drink" else 0.0)
    return finished(who.words + said + governed(entry, thing, "the"), "?")


def what_do(w: Writer) -> Pair:
    """What is the boy holding? Why is he laughing?"""
    frame = next(each for each in lexicon.verbs() if each.subjects == ("person", "athlete"))
    entry = w.worded(w.meaning.choice(frame.entries))
    subject = draw_subject(w, ("person",), pronouns=0.3)
    why = w.meaning.choice((Pair("why", "почему"), Pair("where", "где"), Pair("how long", "как долго")))
    said = verb(entry, "now", subject)
    be, doing = said.english.split(" ", 1)
    asked = subject.words + said
    return finished(Pair(f"{why.english} {be} {subject.words.english} {doing}", f"{why.russian} {asked.russian}"), "?")


def how_many(w: Writer) -> Pair:
    """How many books are on the table?"""
    thing = w.thing("object", "person", "vehicle", "bird", "dish", "room", adjective=0.3, plural=1.0)
    place = w.phrase("place")
    return finished(
        Pair(f"how many {thing.bare()} are {place.english}", f"сколько {thing.russian('gent')} {place.russian}"), "?"
    )


_AFLOAT = frozenset({"ship", "boat", "yacht", "ferry", "sail", "submarine"})


def when_leaves(w: Writer) -> Pair:
    """When does the train leave?"""
    thing = w.thing("vehicle", "ship", "aircraft", adjective=0.2)
    away = w.phrase("water direction" if thing.noun.english in _AFLOAT else "direction")
    direction = away if w.chance(0.6) else NOTHING
    leaves = w.worded(Entry(("leave", "depart"), ("отправляется",)))
    if w.chance(0.4):
        asked = Pair(f"when does {thing.the()} {leaves.english}", f"когда {leaves.russian} {thing.russian()}")
        return finished(asked, "?")
    subject = Subject(thing.pair(), "masc", "masc", "is")
    hour = w.value(2, 12)
    part = w.meaning.choice((Pair("in the morning", "утра"), Pair("in the evening", "вечера")))
    clock = russian.counted(hour, "час") if w.whim(0.3) else russian.number(hour)
    at = Pair(f"at {english.number(hour)}", f"в {clock}") + part
    return finished(subject.words + direction + Pair(english.third(leaves.english), leaves.russian) + at)


def have(w: Writer) -> Pair:
    """I have two brothers; we have no bread."""
    owner = w.meaning.choice((
        (Pair("I", "у меня"), "have"), (Pair("we", "у нас"), "have"), (Pair("they", "у них"), "have"),
        (Pair("she", "у неё"), "has"), (Pair("he", "у него"), "has"), (Pair("you", "у вас"), "have"),
    ))  # fmt: skip
    who, has = owner
    kind = w.meaning.randrange(3)
    if kind == 0:
        goods = w.thing("groceries", "drink", adjective=0.3)
        return finished(who + Pair(f"{has} no {goods.bare()}", f"нет {goods.russian('gent')}"))
    if kind == 1:
        thing = w.thing("object", "pet", "instrument", "clothing", "vehicle", adjective=0.8)
        return finished(who + Pair(f"{has} {thing.a()}", f"есть {thing.russian()}"))
    counted = w.thing("pet", "object", "vehicle", "dish", adjective=0.2).counted(w.value(2, 30))
    return finished(who + Pair(has, "") + counted)


def wishes(w: Writer) -> Pair:
    """I want to buy a new phone."""
    frame = w.meaning.choice([each for each in lexicon.verbs() if each.subjects == ("person",) and each.objects])
    entry = w.worded(w.meaning.choice(frame.entries))
    wanted = w.meaning.choice(frame.objects)
    thing = w.thing(wanted)
    wish = w.worded(w.meaning.choice((
        Entry(("I want to", "I would like to"), ("я хочу", "мне хочется")),
        Entry(("we want to", "we would like to"), ("мы хотим", "нам хочется")),
        Entry(("she wants to",), ("она хочет",)),
        Entry(("he wants to",), ("он хочет",)),
        Entry(("they want to",), ("они хотят",)),
        Entry(("I can",), ("я могу",)),
        Entry(("we must", "we have to"), ("мы должны",)),
        Entry(("you can",), ("вы можете",)),
        Entry(("it is time to",), ("пора",)),
        Entry(("I forgot to",), ("я забыл",)),
    )))  # fmt: skip
    aspects = entry.russian.partition(" + ")[0]
    word, space, rest = aspects.partition(" ")
    infinitive = Pair(english.base(entry.english), word.split("/")[1] + space + rest)
    countable = wanted not in ("groceries", "drink")
    return finished(wish + infinitive + governed(entry, thing, w.article() if countable else ""))


_REQUESTS = (
    Entry(("open",), ("откройте",)), Entry(("close", "shut"), ("закройте",)), Entry(("show me",), ("покажите мне",)),
    Entry(("bring me",), ("принесите мне",)), Entry(("give me",), ("дайте мне",)), Entry(("take",), ("возьмите",)),
    Entry(("do not forget",), ("не забудьте",)), Entry(("wash",), ("помойте",)), Entry(("buy",), ("купите",)),
)  # fmt: skip


def requests(w: Writer) -> Pair:
    """Please open the window."""
    request = w.worded(w.meaning.choice(_REQUESTS))
    opens = request.english in ("open", "close", "shut")
    thing = w.thing(*(("room",) if opens else ("object", "clothing", "dish")), adjective=0.3)
    said = request + thing.pair("accs")
    if w.whim(0.5):
        return finished(Pair("please", "пожалуйста,") + said)
    return finished(Pair(f"{said.english}, please", f"{said.russian}, пожалуйста"))


def speech(w: Writer) -> Pair:
    """They say that the minister has signed an agreement."""
    source = w.phrase("source")
    subject, rest, section = action(w, tense_of(w, "now", "past", "future"))
    place = w.phrase(place_for(section)) if w.chance(0.3) else NOTHING
    clause = subject.words + rest + place
    that = "that " if w.whim(0.5) else ""
    return finished(Pair(f"{source.english} {that}{clause.english}", f"{source.russian}, что {clause.russian}"))


def opinions(w: Writer) -> Pair:
    """Fortunately, the train arrived."""
    opinion = w.phrase("opinion")
    subject, rest, _ = action(w, tense_of(w, "now", "past", "future"), negative=w.chance(0.2))
    said = subject.words + rest
    return finished(Pair(f"{opinion.english} {said.english}", f"{opinion.russian} {said.russian}"))


def joined(w: Writer) -> Pair:
    """The boy is reading, and the girl is drawing."""
    tense = tense_of(w, "now", "was", "past")
    first, first_rest, _ = action(w, tense)
    second, second_rest, _ = action(w, tense)
    one, other = first.words + first_rest, second.words + second_rest
    link = w.meaning.choice(
        (Pair("and", "и"), Pair("while", "пока")) if tense != "past" else (Pair("and", "и"), Pair("but", "но"))
    )  # fmt: skip
    if link.english != "while" and w.whim(0.4):
        one, other = other, one
    comma = "" if link.english == "while" else ","
    told = f"{one.english}{comma} {link.english} {other.english}"
    return finished(Pair(told, f"{one.russian}, {link.russian} {other.russian}"))


def when_weather(w: Writer) -> Pair:
    """When it rains, the cat sleeps."""
    weather = w.meaning.choice((
        Pair("it rains", "идёт дождь"), Pair("it snows", "идёт снег"), Pair("it is cold", "холодно"),
        Pair("it is warm", "тепло"), Pair("the wind blows", "дует ветер"), Pair("it is dark", "темно"),
        Pair("the sun shines", "светит солнце"),
    ))  # fmt: skip
    subject, rest, _ = action(w, "habit")
    said = subject.words + rest
    if w.whim(0.5):
        return finished(Pair(f"when {weather.english}, {said.english}", f"когда {weather.russian}, {said.russian}"))
    return finished(Pair(f"{said.english} when {weather.english}", f"{said.russian}, когда {weather.russian}"))
