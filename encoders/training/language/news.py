"""Sentences of the news: building, discovering, prices, numbers, politics, sport, weather."""

from encoders.training.language import english, lexicon, russian
from encoders.training.language.clauses import Subject, draw_subject, governed, noun_subject, tense_of, timed, verb
from encoders.training.language.lexicon import Entry
from encoders.training.language.scenes import arranged
from encoders.training.language.writer import NOTHING, Pair, Thing, Writer, finished


def builds(w: Writer) -> Pair:
    """The government will build a new hospital next year."""
    entry = next(each for each in lexicon.verbs() if "institution" in each.subjects and "building" in each.objects)
    said = w.worded(w.meaning.choice(entry.entries))
    subject = noun_subject(w.thing("institution", adjective=0.2), "the")
    tense, time = timed(w, ("future", "future"), ("future", "future"), ("past", "past"), ("perfect", "town"))
    building = w.thing("building", adjective=0.8, plural=0.1)
    when = w.phrase(time)
    return finished(arranged(w, subject, verb(said, tense, subject) + governed(said, building, "a"), NOTHING, when))


def politics(w: Writer) -> Pair:
    """The minister signed an agreement."""
    entry = next(each for each in lexicon.verbs() if each.objects == ("topic",))
    said = w.worded(w.meaning.choice(entry.entries))
    subject = draw_subject(w, (w.meaning.choice(("leader", "institution")),))
    tense, time = timed(w, ("future", "future"), ("past", "past"), ("now", ""), ("perfect", ""))
    topic = w.thing("topic", adjective=0.6)
    when = w.phrase(time) if time else NOTHING
    place = w.phrase("town") if w.chance(0.3) else NOTHING
    return finished(arranged(w, subject, verb(said, tense, subject) + topic.pair("accs", w.article()), place, when))


def discovered(w: Writer) -> Pair:
    """Scientists have discovered a new planet."""
    who = w.worded(w.meaning.choice((
        Entry(("scientists", "researchers"), ("учёные", "исследователи")),
        Entry(("students",), ("студенты",)),
        Entry(("engineers",), ("инженеры",)),
        Entry(("doctors", "physicians"), ("врачи", "доктора")),
        Entry(("astronomers",), ("астрономы",)),
        Entry(("experts",), ("эксперты", "специалисты")),
    )))  # fmt: skip
    subject = Subject(who, "plur", "plur", "are")
    said = w.worded(w.meaning.choice((
        Entry(("discover", "find/found/found"), ("открывать/открыть", "находить/найти")),
        Entry(("study",), ("изучать/изучить",)),
        Entry(("describe",), ("описывать/описать",)),
    )))  # fmt: skip
    tense = tense_of(w, "perfect", "past", "now")
    place = w.phrase("town") if w.chance(0.3) else NOTHING
    thing = w.thing("discovery", adjective=0.9, plural=0.15)
    return finished(arranged(w, subject, verb(said, tense, subject) + thing.pair("accs", "a"), place, NOTHING))


_CHANGES = (
    Entry(("go/went/gone up", "rise/rose/risen"), ("расти/вырасти", "подниматься/подняться")),
    Entry(("go/went/gone down", "fall/fell/fallen"), ("падать/упасть", "снижаться/снизиться")),
    Entry(("change",), ("меняться/измениться",)),
    Entry(("double",), ("удваиваться/удвоиться",)),
)


def prices(w: Writer) -> Pair:
    """The price of bread and milk has gone up again."""
    goods = [w.thing("groceries", "drink", adjective=0.1) for _ in range(2 if w.chance(0.5) else 1)]
    what = " and ".join(thing.bare() for thing in goods), " и ".join(thing.russian("accs") for thing in goods)
    subject = Subject(Pair("the price of " + what[0], "цена на " + what[1]), "femn", "femn", "is")
    said = verb(w.worded(w.meaning.choice(_CHANGES)), tense_of(w, "perfect", "past", "future"), subject)
    again, share = w.chance(0.3), w.value(2, 90)
    if w.chance(0.3):
        measured = Pair(f"by {english.number(share)} percent", f"на {russian.counted(share, 'процент')}")
        return finished(subject.words + said + measured)
    if again:
        more = Pair(f"{subject.words.english} {said.english} again", f"{subject.words.russian} снова {said.russian}")
        return finished(more)
    return finished(arranged(w, subject, said, NOTHING, w.phrase("town")))


def measures(w: Writer) -> Pair:
    """The population of the city has grown."""
    measure = w.worded(w.meaning.choice(lexicon.nouns()["measure"].entries))
    whose = w.thing("institution", "scenery", "building", adjective=0.3)
    of = Pair(f"the {measure.english} of {whose.the()}", f"{measure.russian} {whose.russian('gent')}")
    gender = russian.gender(measure.russian)
    subject = Subject(of, gender, gender, "is")
    said = verb(w.worded(w.meaning.choice(_CHANGES[:3])), tense_of(w, "perfect", "past", "now"), subject)
    return finished(subject.words + said)


def opening(w: Writer) -> Pair:
    """A big race has begun on the lake."""
    event = w.thing("event", adjective=0.8)
    place = w.phrase("place", "town")
    subject = noun_subject(event, "a")
    begins = w.worded(Entry(("begin/began/begun", "start"), ("начинаться/начаться",)))
    ends = w.worded(Entry(("end", "finish"), ("заканчиваться/закончиться",)))
    said = verb(begins if w.chance(0.7) else ends, tense_of(w, "perfect", "past", "future"), subject)
    front = Pair((subject.words + said + place).english, (place + Pair("", said.russian) + subject.words).russian)
    return finished(w.either(front, subject.words + said + place))


def scheduled(w: Writer) -> Pair:
    """The concert will take place tomorrow."""
    event = w.thing("event", adjective=0.5, plural=0.1)
    subject = noun_subject(event, "the")
    when, place = w.phrase("future"), w.phrase("town", "place")
    happens = Pair("will take place", russian.verb("состояться", "futr", subject.person))
    return finished(arranged(w, subject, happens, place, when))


def was_built(w: Writer) -> Pair:
    """The bridge was built in the nineteenth century."""
    building = w.thing("building", adjective=0.5)
    built = w.worded(w.meaning.choice((
        Entry(("built",), ("построили",)),
        Entry(("opened",), ("открыли",)),
        Entry(("restored", "repaired"), ("восстановили", "отремонтировали")),
        Entry(("sold",), ("продали",)),
        Entry(("closed",), ("закрыли",)),
    )))  # fmt: skip
    if w.chance(0.5):
        century = w.phrase("ordinal")
        when = Pair(f"in the {century.english} century", f"в {russian.adjective(century.russian, 'век', 'loct')} веке")
    else:
        when = w.phrase("past")
    said = Pair(f"{building.the()} was {built.english}", f"{building.russian('accs')} {built.russian}")
    turned = Pair(said.english, f"{built.russian} {building.russian('accs')}")
    first = Pair((when + said).english, (when + turned).russian)
    return finished(w.either(first, said + when))


def exhibited(w: Writer) -> Pair:
    """The museum is showing paintings from the seventeenth century."""
    who = w.meaning.choice((Pair("museum", "музей"), Pair("gallery", "галерея"), Pair("theatre", "театр")))
    subject = noun_subject(Thing(who, NOTHING), "the")
    said = verb(Pair("show/showed/shown", "показывать/показать"), tense_of(w, "now", "future", "perfect"), subject)
    several = w.meaning.choice(("painting", "portrait", "statue", "opera", "play"))
    words = {"painting": "картина", "portrait": "портрет", "statue": "статуя", "opera": "опера", "play": "спектакль"}
    century = w.phrase("ordinal")
    works = Pair(english.plural(several), russian.noun(words[several], "accs", True))
    age = f"{russian.adjective(century.russian, 'век', 'gent')} века"
    return finished(subject.words + said + works + Pair(f"from the {century.english} century", age))


def won(w: Writer) -> Pair:
    """The team won the match."""
    subject = noun_subject(w.thing("athlete", "team", adjective=0.5), "the")
    ends = w.worded(w.meaning.choice((
        Entry(("win/won/won",), ("выигрывать/выиграть",)),
        Entry(("lose/lost/lost",), ("проигрывать/проиграть",)),
    )))  # fmt: skip
    event = w.meaning.choice((
        Pair("the match", "матч"), Pair("the race", "гонку"), Pair("the championship", "чемпионат"),
        Pair("the cup", "кубок"), Pair("the tournament", "турнир"), Pair("the game", "игру"),
    ))  # fmt: skip
    tense, time = timed(w, ("past", "past"), ("future", "future"), ("perfect", "town"))
    return finished(arranged(w, subject, verb(ends, tense, subject) + event, NOTHING, w.phrase(time)))


def scored(w: Writer) -> Pair:
    """The match ended three to two."""
    first, second = w.value(2, 9), w.value(2, 6)
    match = w.worded(Entry(("the match", "the game"), ("матч", "поединок")))
    told = Pair(f"ended {english.number(first)} to {english.number(second)}", "закончился со счётом")
    return finished(match + told + Pair("", f"{russian.number(first)} {russian.number(second)}"))


def played(w: Writer) -> Pair:
    """The boys are playing football."""
    subject = draw_subject(w, ("person", "athlete"), pronouns=0.2)
    game = w.phrase("game")
    tense = tense_of(w, "now", "was", "habit", "future")
    plays = verb(Pair("play", "играть/поиграть"), tense, subject)
    if w.chance(0.25):
        instrument = w.thing("instrument", adjective=0.0)
        what = Pair(instrument.the(), f"на {instrument.russian('loct')}")
    else:
        what = Pair(game.english, f"в {game.russian}")
    where = w.phrase("habit") if tense == "habit" else w.phrase("place")
    return finished(arranged(w, subject, plays + what, where, NOTHING))


def forecast(w: Writer) -> Pair:
    """It will rain tomorrow."""
    weather = w.worded(w.meaning.choice((
        Entry(("it will rain", "there will be rain"), ("будет дождь", "пойдёт дождь")),
        Entry(("it will snow", "there will be snow"), ("будет снег", "пойдёт снег")),
        Entry(("it will be cold",), ("будет холодно",)),
        Entry(("it will be warm",), ("будет тепло",)),
        Entry(("it will be hot",), ("будет жарко",)),
        Entry(("there will be fog",), ("будет туман",)),
        Entry(("there will be strong wind",), ("будет сильный ветер",)),
        Entry(("there will be frost",), ("будет мороз",)),
        Entry(("the sun will shine",), ("будет светить солнце",)),
    )))  # fmt: skip
    place, time = w.phrase("town"), w.phrase("future")
    if w.whim(0.5):
        return finished(time + place + weather)
    return finished(Pair((weather + place + time).english, (place + time + weather).russian))


def degrees(w: Writer) -> Pair:
    """The temperature is twenty degrees."""
    value, place = w.value(0, 40), w.phrase("town")
    today = w.meaning.choice((Pair("today", "сегодня"), Pair("now", "сейчас")))
    heat = Pair(f"it is {english.number(value)} degrees", russian.counted(value, "градус"))
    below = w.meaning.choice((NOTHING, Pair("below zero", "мороза"), Pair("above zero", "тепла")))
    return finished(Pair((heat + below + place + today).english, (today + place + heat + below).russian))
