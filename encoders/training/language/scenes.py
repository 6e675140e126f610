"""Sentences about what happens: people, animals, machines, places, seasons."""

from encoders.training.language import clauses, russian
from encoders.training.language.clauses import (
    Subject,
    action,
    draw_subject,
    noun_subject,
    place_for,
    tense_of,
    tensed,
    verb,
)
from encoders.training.language.lexicon import Entry
from encoders.training.language.writer import NOTHING, Pair, Thing, Writer, finished


def arranged(w: Writer, subject: Subject, rest: Pair, place: Pair, time: Pair) -> Pair:
    """Puts the place and the time behind the clause or in front of it."""
    core = subject.words + rest
    if time.english and w.whim(0.4):
        return time + core + place
    if place.english and w.whim(0.25):
        return place + core + time
    return core + place + time


def happening(w: Writer) -> Pair:
    """Somebody does something somewhere."""
    tense, time = tensed(w)
    subject, rest, section = action(w, tense, negative=w.chance(0.08))
    place = w.phrase(place_for(section)) if w.chance(0.5) else NOTHING
    return finished(arranged(w, subject, rest, place, time))


def in_weather(w: Writer) -> Pair:
    """Somebody does something in the rain or the dark."""
    subject, rest, _ = action(w, "now")
    return finished(arranged(w, subject, rest, NOTHING, w.phrase("weather")))


def in_a_manner(w: Writer) -> Pair:
    """Somebody does something slowly or quickly."""
    manner = w.phrase("manner")
    subject, rest, section = action(w, tense_of(w, "now", "was", "past"))
    place = w.phrase(place_for(section)) if w.chance(0.4) else NOTHING
    return finished(
        Pair(
            (subject.words + Pair(rest.english, "") + place + manner).english,
            (subject.words + Pair("", manner.russian) + rest + place).russian,
        )
    )


def two_actions(w: Writer) -> Pair:
    """Somebody does one thing and looks at another."""
    subject = draw_subject(w, (w.meaning.choice(("person", "pet", "beast")),))
    posture = w.meaning.choice((Pair("sit/sat", "сидеть/посидеть"), Pair("stand/stood", "стоять/постоять")))
    place = w.phrase("place")
    seen = w.thing("sky", "heavenly body", "scenery", "ship", "bird", "plant", adjective=0.3)
    looks = verb(Pair("look", "смотреть/посмотреть"), "now", subject)
    posed = subject.words + verb(posture, "now", subject) + place
    gazing = looks.english.split(" ", 1)[1]
    return finished(posed + Pair(f"and {gazing} at {seen.the()}", f"и {looks.russian} на {seen.russian('accs')}"))


def there_is(w: Writer) -> Pair:
    """Something is somewhere."""
    section = w.meaning.choice(("building", "object", "plant", "animal"))
    thing = w.thing(*(("pet", "beast") if section == "animal" else (section,)), adjective=0.8, plural=0.2)
    place = w.phrase("town" if section == "building" else "place")
    be = "are" if thing.plural else "is"
    front = Pair(f"there {be} {thing.a()} {place.english}", f"{place.russian} есть {thing.russian()}")
    return finished(w.either(front, Pair(f"{place.english} there {be} {thing.a()}", front.russian)))


# Adjectives of which there is no more or less.
_ABSOLUTE = frozenset({"stone", "wooden", "open", "abandoned", "homemade", "woollen", "local", "broken", "frozen"})


def described(w: Writer) -> Pair:
    """What something is like."""
    section = w.meaning.choice(("vehicle", "object", "dish", "clothing", "building", "scenery", "room", "person"))
    thing = w.thing(section, adjective=0.0)
    quality = w.adjective({"dish": "food", "vehicle": "thing", "object": "thing"}.get(section, section))
    agreeing = russian.adjective(quality.russian, thing.noun.russian, "nomn")
    kind = w.meaning.choice(("", "very", "too", "not"))
    if quality.english in _ABSOLUTE:
        kind = ""
    word = {"": "", "very": "очень", "too": "слишком", "not": "не"}[kind]
    past = w.chance(0.3)
    be = {"masc": "был", "femn": "была", "neut": "было"}[thing.agreement] if past else ""
    words = [thing.russian(), "не" if kind == "not" and past else "", be, "" if kind == "not" and past else word]
    said = Pair(f"{thing.the()} {'was' if past else 'is'} {kind} {quality.english}", " ".join([*words, agreeing]))
    return finished(Pair(" ".join(said.english.split()), " ".join(said.russian.split())))


_COMPARED = (
    (Pair("bigger", "больше"), ("vehicle", "beast", "building", "scenery")),
    (Pair("smaller", "меньше"), ("vehicle", "beast", "building", "scenery")),
    (Pair("older", "старше"), ("person", "leader", "athlete")),
    (Pair("younger", "младше"), ("person", "leader", "athlete")),
    (Pair("taller", "выше"), ("person", "building", "plant")),
    (Pair("more expensive", "дороже"), ("object", "clothing", "vehicle", "instrument")),
    (Pair("cheaper", "дешевле"), ("object", "clothing", "vehicle", "dish")),
    (Pair("faster", "быстрее"), ("vehicle", "ship", "beast", "athlete")),
    (Pair("slower", "медленнее"), ("vehicle", "ship", "beast")),
    (Pair("heavier", "тяжелее"), ("object", "vehicle", "beast")),
    (Pair("stronger", "сильнее"), ("person", "athlete", "beast")),
    (Pair("more beautiful", "красивее"), ("plant", "scenery", "building", "bird")),
    (Pair("more important", "важнее"), ("topic", "event")),
    (Pair("more interesting", "интереснее"), ("artwork", "event")),
    (Pair("longer", "длиннее"), ("artwork", "clothing")),
)


def compared(w: Writer) -> Pair:
    """One thing is bigger than another."""
    comparison, sections = w.meaning.choice(_COMPARED)
    section = w.meaning.choice(sections)
    first, second = w.thing(section, adjective=0.2), w.thing(section, adjective=0.2)
    much = w.meaning.choice((NOTHING, NOTHING, Pair("much", "намного"), Pair("a little", "немного")))
    middle = Pair("is", "") + much + comparison
    plain = first.pair() + middle + Pair("than " + second.the(), second.russian("gent"))
    with_than = first.pair() + middle + Pair("than " + second.the(), "")
    return finished(w.either(plain, Pair(with_than.english, f"{with_than.russian}, чем {second.russian()}")))


_SKY = (
    (Pair("rise/rose", "восходить/взойти"), ("sun", "солнце")),
    (Pair("shine/shone", "светить/посветить"), ("sun", "солнце")),
    (Pair("shine/shone", "светить/посветить"), ("moon", "луна")),
    (Pair("rise/rose", "подниматься/подняться"), ("moon", "луна")),
    (Pair("rise/rose", "подниматься/подняться"), ("fog", "туман")),
    (Pair("pass", "проходить/пройти"), ("storm", "буря")),
    (Pair("blow/blew", "дуть/подуть"), ("wind", "ветер")),
    (Pair("fall/fell", "падать/упасть"), ("star", "звезда")),
    (Pair("float", "плыть/проплыть"), ("cloud", "облако")),
    (Pair("fly/flew", "лететь/пролететь"), ("comet", "комета")),
)


def in_the_sky(w: Writer) -> Pair:
    """The sun rises over the sea."""
    happens, noun = w.meaning.choice(_SKY)
    subject = noun_subject(Thing(Pair(*noun), NOTHING), "the")
    said = verb(happens, tense_of(w, "now", "was", "past", "future"), subject)
    place = w.phrase("sky place")
    ahead = Pair((subject.words + said + place).english, (place + Pair("", said.russian) + subject.words).russian)
    return finished(w.either(subject.words + said + place, ahead))


def rising(w: Writer) -> Pair:
    """A number of balloons rises into the sky."""
    subject = clauses.counted_subject(w.thing("aircraft", "bird", adjective=0.3), w.value(2, 12))
    said = verb(Pair("rise/rose/risen", "подниматься/подняться"), tense_of(w, "now", "was", "past"), subject)
    sky = w.meaning.choice(
        (
            Pair("into the morning sky", "в утреннее небо"),
            Pair("into the evening sky", "в вечернее небо"),
            Pair("above the clouds", "над облаками"),
            Pair("into the blue sky", "в синее небо"),
        )
    )
    return finished(subject.words + said + sky)


def carried(w: Writer) -> Pair:
    """The wind or the river carries something along."""
    force = w.meaning.choice(("wind", "river", "water", "storm"))
    words = {"wind": "ветер", "river": "река", "water": "вода", "storm": "буря"}
    subject = noun_subject(Thing(Pair(force, words[force]), NOTHING), "the")
    said = verb(Pair("carry", "нести/понести"), tense_of(w, "habit", "was", "future"), subject)
    thing = w.thing("aircraft" if force == "wind" else "ship", "object", adjective=0.4)
    where = w.meaning.choice(
        (
            Pair("across the valley", "через долину"),
            Pair("across the field", "через поле"),
            Pair("to the sea", "к морю"),
            Pair("to the shore", "к берегу"),
            Pair("over the forest", "над лесом"),
        )
    )
    return finished(subject.words + said + thing.pair("accs") + where)


def crossing(w: Writer) -> Pair:
    """Something crosses a bridge over the river."""
    subject = noun_subject(w.thing("vehicle", plural=0.2), w.article())
    tense = tense_of(w, "now", "was", "past")
    bridge = w.meaning.choice(
        (
            (Pair("the bridge", "мост"), Pair("over the river", "через реку")),
            (Pair("the river", "реку"), NOTHING),
            (Pair("the square", "площадь"), NOTHING),
            (Pair("the street", "улицу"), NOTHING),
            (Pair("the border", "границу"), NOTHING),
        )
    )
    said = verb(Pair("cross", "пересекать/пересечь"), tense, subject)
    return finished(subject.words + said + bridge[0] + bridge[1])


def lights(w: Writer) -> Pair:
    """Somebody turns on the light."""
    tense, time = tensed(w)
    habit = tense == "now" and w.chance(0.5)
    keeper = Thing(Pair("lighthouse keeper", "смотритель* маяка"), NOTHING)
    thing = keeper if w.chance(0.3) else w.thing("person", adjective=0.3)
    subject = noun_subject(thing, "the")
    light = w.meaning.choice(
        (Pair("the light", "свет"), Pair("the lights", "фары"), Pair("the lamp", "лампу"), Pair("the fire", "огонь"))
    )
    on = w.meaning.choice((Pair("turn on", "включать/включить"), Pair("turn off", "выключать/выключить")))
    if light.russian == "огонь":
        on = w.meaning.choice((Pair("light/lit", "зажигать/зажечь"), Pair("put/put out", "гасить/погасить")))
    said = verb(on, "habit" if habit else tense, subject)
    return finished(arranged(w, subject, said + light, NOTHING, w.phrase("habit") if habit else time))


def seasons(w: Writer) -> Pair:
    """In summer the days are long and warm."""
    season = w.meaning.choice((("spring", "весной"), ("summer", "летом"), ("autumn", "осенью"), ("winter", "зимой")))
    noun = w.meaning.choice(
        (Pair("days", "дни"), Pair("nights", "ночи"), Pair("evenings", "вечера"), Pair("weeks", "недели"))
    )
    qualities = (
        (Pair("long", "длинные"), Pair("short", "короткие")),
        (Pair("warm", "тёплые"), Pair("cold", "холодные"), Pair("hot", "жаркие"), Pair("cool", "прохладные")),
        (Pair("dark", "тёмные"), Pair("light", "светлые"), Pair("quiet", "тихие"), Pair("rainy", "дождливые")),
    )
    groups = w.meaning.sample(qualities, 2)
    first, second = (w.meaning.choice(group) for group in groups)
    what = Pair(f"the {noun.english} are", noun.russian) + first + Pair("and", "и") + second
    when = Pair("in " + season[0], season[1])
    return finished(w.either(when + what, what + when))


def returning(w: Writer) -> Pair:
    """Somebody or something goes somewhere or comes back."""
    tense, time = tensed(w)
    section = w.meaning.choice(("person", "vehicle", "ship", "pet", "person", "bird"))
    subject = draw_subject(w, (section,), pronouns=0.3 if section == "person" else 0.0)
    motion = {
        "person": Pair("go/went/gone", "идти/пойти"),
        "vehicle": Pair("go/went/gone", "ехать/поехать"),
        "ship": Pair("sail", "плыть/поплыть"),
        "pet": Pair("run/ran/run", "бежать/побежать"),
        "bird": Pair("fly/flew/flown", "лететь/полететь"),
    }[section]
    words = ("возвращаться/вернуться",)
    back = w.worded(Entry(("return", "come/came/come back"), words))
    chosen = motion if w.chance(0.6) else back
    where = w.phrase("water direction" if section == "ship" else "direction")
    return finished(arranged(w, subject, verb(chosen, tense, subject) + where, NOTHING, time))
