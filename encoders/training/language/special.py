"""Sentences near those of the demo, with other words in their places."""

from encoders.training.language.clauses import draw_subject, noun_subject, tense_of, verb
from encoders.training.language.lexicon import Entry
from encoders.training.language.writer import NOTHING, Pair, Thing, Writer, finished


def walked_out(w: Writer) -> Pair:
    """The ginger cat went for a walk into the winter garden."""
    subject = noun_subject(w.thing("pet", "person", "beast", adjective=0.6), "the")
    went = {"masc": "вышел", "femn": "вышла", "neut": "вышло"}[subject.past]
    return finished(subject.words + Pair("went out for a walk", f"{went} погулять") + w.phrase("direction"))


def thundering(w: Writer) -> Pair:
    """Festive fireworks are thundering over the city square."""
    noise = w.meaning.choice((
        Pair("festive fireworks are thundering", "гремит праздничный салют"),
        Pair("fireworks are thundering", "гремит салют"),
        Pair("festive music is playing", "звучит праздничная музыка"),
        Pair("the bells are ringing", "звонят колокола"),
        Pair("quiet music is playing", "звучит тихая музыка"),
        Pair("a big balloon is flying", "летит большой воздушный шар"),
    ))  # fmt: skip
    place = w.meaning.choice((
        Pair("over the city square", "над городской площадью"), Pair("over the city park", "над городским парком"),
        Pair("over the quiet river", "над тихой рекой"), Pair("over the old town", "над старым городом"),
        Pair("over the night city", "над ночным городом"), Pair("over the white roofs", "над белыми крышами"),
    ))  # fmt: skip
    return finished(Pair((noise + place).english, (place + noise).russian))


def regatta(w: Writer) -> Pair:
    """A big sailing race has begun on the lake."""
    quality = w.meaning.choice((
        Pair("big", "большая"), Pair("first", "первая"), Pair("international", "международная"),
        Pair("traditional", "традиционная"), Pair("new", "новая"), Pair("last", "последняя"),
    ))  # fmt: skip
    kind = w.meaning.choice((
        Pair("sailing race", "парусная гонка"), Pair("ski race", "лыжная гонка"), Pair("regatta", "регата"),
        Pair("school excursion", "школьная экскурсия"), Pair("exhibition", "выставка"),
    ))  # fmt: skip
    event = quality + kind
    place = w.phrase("water place", "place")
    happens = w.worded(Entry(("begun", "started"), ("началась",))) if w.chance(0.7) else Pair("ended", "закончилась")
    article = "the" if quality.english in ("first", "last") else "a"
    said = Pair(f"{article} {event.english} has {happens.english}".replace("a inter", "an inter"), "")
    front = Pair((said + place).english, f"{place.russian} {happens.russian} {event.russian}")
    return finished(w.either(front, Pair(front.english, f"{event.russian} {happens.russian} {place.russian}")))


def rolled(w: Writer) -> Pair:
    """The ball rolled into the water and the game was over."""
    thing = w.thing("object", adjective=0.3)
    fell = {"masc": "упал", "femn": "упала", "neut": "упало"}[thing.agreement]
    ball = w.meaning.choice((
        Pair("the ball rolled", "мяч укатился"), Pair("the wheel rolled", "колесо укатилось"),
        Pair(f"{thing.the()} fell", f"{thing.russian()} {fell}"),
    ))  # fmt: skip
    where = w.meaning.choice((
        Pair("into the water", "в воду"), Pair("into the river", "в реку"), Pair("under the table", "под стол"),
        Pair("into the snow", "в снег"), Pair("into the grass", "в траву"), Pair("behind the house", "за дом"),
    ))  # fmt: skip
    end = w.meaning.choice((
        Pair("the game was over", "игра закончилась"), Pair("the lesson was over", "урок закончился"),
        Pair("everyone laughed", "все засмеялись"), Pair("the children went home", "дети пошли домой"),
        Pair("the dog ran after it", "собака побежала следом"), Pair("the holiday was over", "праздник закончился"),
    ))  # fmt: skip
    return finished(
        Pair(f"{ball.english} {where.english} and {end.english}", f"{ball.russian} {where.russian}, и {end.russian}")
    )


def traffic(w: Writer) -> Pair:
    """A red car stops at the traffic light in the rain."""
    subject = noun_subject(w.thing("vehicle", adjective=0.8), w.article())
    does = w.meaning.choice((
        Pair("stop/stopped", "останавливаться/остановиться"), Pair("stop/stopped", "останавливаться/остановиться"),
        Pair("wait", "ждать/подождать"), Pair("stand/stood", "стоять/постоять"),
        Pair("turn", "поворачивать/повернуть"), Pair("appear", "появляться/появиться"),
    ))  # fmt: skip
    said = verb(does, tense_of(w, "habit", "past", "now"), subject)
    place, weather = w.phrase("road place"), w.phrase("weather") if w.chance(0.6) else NOTHING
    plain = subject.words + said + place + weather
    return finished(w.either(plain, weather + place + subject.words + said) if weather.english else plain)


def nature(w: Writer) -> Pair:
    """In winter the river is frozen and the animals are sleeping."""
    parts = (
        Pair("the river is frozen", "река замёрзла"), Pair("the lake is frozen", "озеро замёрзло"),
        Pair("the animals are sleeping", "животные спят"), Pair("the snow is falling", "идёт снег"),
        Pair("the birds are singing", "птицы поют"), Pair("the flowers are opening", "раскрываются цветы"),
        Pair("the leaves are falling", "падают листья"), Pair("the wind is blowing", "дует ветер"),
        Pair("the bees are visiting the flowers", "пчёлы летают над цветами"),
        Pair("the birds come back to the forest", "птицы возвращаются в лес"),
        Pair("the birds come back to the park", "птицы возвращаются в парк"),
        Pair("the children are playing in the snow", "дети играют в снегу"),
        Pair("the forest is green", "лес зелёный"), Pair("the fields are white", "поля белые"),
        Pair("the water is warm", "вода тёплая"), Pair("the water is cold", "вода холодная"),
        Pair("the rain is getting heavy", "дождь усиливается"), Pair("the wind is getting strong", "ветер усиливается"),
        Pair("it is getting dark", "темнеет"), Pair("the snow is melting", "тает снег"),
    )  # fmt: skip
    first, second = w.meaning.sample(parts, 2)
    if w.whim(0.4):
        first, second = second, first
    if w.chance(0.4):
        return finished(Pair(f"{first.english} and {second.english}", f"{first.russian}, и {second.russian}"))
    both = Pair(f"{first.english} and {second.english}", f"{first.russian} и {second.russian}")
    return finished(w.phrase("season") + (first if w.chance(0.5) else both))


def visiting(w: Writer) -> Pair:
    """The bees are visiting the flowers in the garden."""
    subject = draw_subject(w, ("person", "insect", "leader"))
    said = verb(Pair("visit", "посещать/посетить"), tense_of(w, "now", "past", "future", "habit"), subject)
    what = w.thing("building", "scenery", "plant", "event", plural=0.3)
    place = w.phrase("place", "town") if w.chance(0.5) else NOTHING
    return finished(subject.words + said + what.pair("accs") + place)


def find_way(w: Writer) -> Pair:
    """The ships find their way home."""
    thing = w.thing("ship", "person", "bird", "pet", adjective=0.4, plural=1.0)
    subject = noun_subject(thing, "the")
    find = verb(Pair("find/found/found", "находить/найти"), tense_of(w, "habit", "past", "future"), subject)
    way = w.meaning.choice((
        Pair("the way home", "дорогу домой"), Pair("the way to the sea", "дорогу к морю"),
        Pair("the old road", "старую дорогу"), Pair("the way to the lighthouse", "дорогу к маяку"),
        Pair("water plants", "водные растения"), Pair("a quiet place", "тихое место"),
    ))  # fmt: skip
    return finished(subject.words + find + way)


def films(w: Writer) -> Pair:
    """The video shows tropical fish and has no sound."""
    shown_in = ("sea animal", "plant", "bird", "ship", "beast", "athlete")
    what = [w.thing(*shown_in, plural=1.0, adjective=0.6) for _ in range(2)]
    kind = w.meaning.choice((Thing(Pair("video", "видео"), NOTHING), Thing(Pair("film", "фильм"), NOTHING)))
    shown = f"в этом {kind.russian('loct')} показывают {what[0].russian('accs')}"
    said = Pair(f"this {kind.bare()} shows {what[0].bare()}", shown)
    end = w.meaning.choice((
        NOTHING, Pair("without sound", "без звука"), Pair("with music", "под музыку"),
        Pair(f"and {what[1].bare()}", f"и {what[1].russian('accs')}"),
    ))  # fmt: skip
    return finished(said + end)
