"""Sentences of daily life: numbers, ages, lengths, what is seen and heard, journeys, gifts, lessons, food."""

from encoders.training.language import english, lexicon, russian
from encoders.training.language.clauses import PRONOUNS, Tense, draw_subject, tense_of, timed, verb
from encoders.training.language.lexicon import Entry
from encoders.training.language.scenes import arranged
from encoders.training.language.writer import NOTHING, Pair, Thing, Writer, finished


def contents(w: Writer) -> Pair:
    """There are twelve apples in the basket."""
    holder = w.meaning.choice((
        Pair("in the basket", "в корзине"), Pair("in the box", "в коробке"), Pair("on the table", "на столе"),
        Pair("in the bag", "в сумке"), Pair("on the shelf", "на полке"), Pair("in the fridge", "в холодильнике"),
    ))  # fmt: skip
    counted = w.thing("dish", "object", "clothing", adjective=0.3).counted(w.value(2, 99))
    told = Pair(f"there are {counted.english} {holder.english}", f"{holder.russian} {counted.russian}")
    return finished(w.either(told, Pair(f"{holder.english} there are {counted.english}", told.russian)))


def _years(value: int) -> str:
    return "года" if value % 10 in (2, 3, 4) and value not in (12, 13, 14) else "лет"


def ages(w: Writer) -> Pair:
    """My sister is twenty-five years old."""
    value = w.value(2, 99)
    who = w.meaning.choice((
        Pair("she is", "ей"), Pair("he is", "ему"), Pair("I am", "мне"), Pair("my brother is", "моему брату"),
        Pair("my sister is", "моей сестре"), Pair("our dog is", "нашей собаке"), Pair("my son is", "моему сыну"),
        Pair("this tree is", "этому дереву"), Pair("this house is", "этому дому"),
        Pair("our city is", "нашему городу"),
    ))  # fmt: skip
    old = Pair(f"{english.number(value)} years old", f"{russian.number(value)} {_years(value)}")
    return finished(who + old)


def durations(w: Writer) -> Pair:
    """The dough stands in a warm oven for forty minutes."""
    unit = w.worded(w.meaning.choice(lexicon.nouns()["unit"].entries[:2]))
    time = Thing(unit, NOTHING, True).counted(w.value(2, 60))
    what = w.meaning.choice((
        Pair("the dough stands in a warm oven for", "тесто стоит в тёплой печи"),
        Pair("the soup cooks for", "суп варится"),
        Pair("the lesson lasts", "урок длится"),
        Pair("the film lasts", "фильм длится"),
        Pair("the road takes", "дорога занимает"),
        Pair("we waited for", "мы ждали"),
        Pair("they have lived here for", "они живут здесь"),
        Pair("the bread is in the hot oven for", "хлеб стоит в горячей печи"),
        Pair("the performance lasts", "представление длится"),
        Pair("he has worked here for", "он работает здесь"),
    ))  # fmt: skip
    return finished(Pair(f"{what.english} {time.english}", f"{what.russian} {time.russian}"))


def distances(w: Writer) -> Pair:
    """It is ten kilometres from the village to the sea."""
    unit = w.worded(w.meaning.choice(lexicon.nouns()["distance"].entries))
    far = Thing(unit, NOTHING, True).counted(w.value(2, 99))
    first, second = (w.thing("scenery", "building", adjective=0.3) for _ in range(2))
    span = Pair(f"from {first.the()} to {second.the()}", f"от {first.russian('gent')} до {second.russian('gent')}")
    told = Pair(f"it is {far.english} {span.english}", f"{span.russian} {far.russian}")
    return finished(w.either(told, Pair(f"{span.english} it is {far.english}", told.russian)))


def perceived(w: Writer) -> Pair:
    """We can see the light from many miles away; we can hear the music in the park."""
    who = w.meaning.choice(PRONOUNS) if w.chance(0.5) else draw_subject(w, ("person",))
    if w.chance(0.5):
        thing = w.thing("ship", "aircraft", "sky", "scenery", "building", "beast")
        sees = verb(Pair("see", "видеть/увидеть"), "habit", who)
        what, can = thing.pair("accs"), "see"
    else:
        source = w.meaning.choice((
            Pair("the music of the orchestra", "музыку оркестра"), Pair("the song of the birds", "пение птиц"),
            Pair("the noise of the city", "шум города"), Pair("the noise of the sea", "шум моря"),
            Pair("the voices of the children", "голоса детей"), Pair("the bells", "колокола"),
            Pair("the sound of the wind", "звук ветра"), Pair("a quiet voice", "тихий голос"),
        ))  # fmt: skip
        sees, what, can = verb(Pair("hear", "слышать/услышать"), "habit", who), source, "hear"
    away = w.meaning.choice((
        Pair("from many miles away", "за много миль"), Pair("from the window", "из окна"), Pair("from here", "отсюда"),
        Pair("in the park", "в парке"), Pair("at night", "ночью"), Pair("from the shore", "с берега"),
    ))  # fmt: skip
    return finished(who.words + Pair(f"can {can}", sees.russian) + what + away)


def travels(w: Writer) -> Pair:
    """Tomorrow morning we will travel to the island."""
    who = w.meaning.choice(PRONOUNS) if w.chance(0.7) else draw_subject(w, ("person",))
    tense, time = timed(w, ("future", "future"), ("past", "past"), ("habit", "habit"))
    how = w.meaning.choice((
        Pair("travel/travelled", "ездить/поехать"), Pair("fly/flew/flown", "летать/полететь"),
        Pair("go/went/gone", "ходить/пойти"), Pair("sail", "плавать/поплыть"),
    ))  # fmt: skip
    where = "water direction" if how.english == "sail" else "direction"
    return finished(arranged(w, who, verb(how, tense, who) + w.phrase(where), NOTHING, w.phrase(time)))


def gives(w: Writer) -> Pair:
    """The teacher is reading a story to the children."""
    subject = draw_subject(w, ("person",))
    whom = w.thing("person", adjective=0.0, plural=0.3)
    entry, sections = w.meaning.choice((
        (Entry(("give/gave/given",), ("давать/дать",)), ("object", "dish", "clothing")),
        (Entry(("show/showed/shown",), ("показывать/показать",)), ("object", "building", "artwork", "scenery")),
        (Entry(("read/read/read",), ("читать/прочитать",)), ("artwork",)),
        (Entry(("sell/sold/sold",), ("продавать/продать",)), ("object", "vehicle", "instrument")),
        (Entry(("bring/brought/brought",), ("приносить/принести",)), ("object", "dish")),
        (Entry(("send/sent/sent",), ("посылать/послать",)), ("object",)),
    ))  # fmt: skip
    thing = w.thing(*sections)
    said = verb(w.worded(entry), tense_of(w, "now", "past", "future", "perfect"), subject)
    what = thing.pair("accs", w.article())
    to = Pair(f"to {whom.the()}", whom.russian("datv"))
    turned = Pair((said + what + to).english, (said + to + what).russian)
    return finished(subject.words + w.either(said + what + to, turned))


def studies(w: Writer) -> Pair:
    """My brother studies history at the university."""
    subject = draw_subject(w, ("person",), pronouns=0.4)
    what = w.worded(w.meaning.choice(lexicon.nouns()["subject"].entries))
    entry = w.worded(w.meaning.choice((
        Entry(("study", "learn"), ("изучать/изучить",)),
        Entry(("love",), ("любить/полюбить",)),
    )))  # fmt: skip
    place = w.meaning.choice((
        NOTHING, Pair("at the university", "в университете"), Pair("at school", "в школе"), Pair("at home", "дома"),
    ))  # fmt: skip
    thing = russian.noun(what.russian, "accs")
    return finished(subject.words + verb(entry, "habit", subject) + Pair(what.english, thing) + place)


def ordered(w: Writer) -> Pair:
    """This is the third lesson."""
    order = w.phrase("order")
    thing = w.thing("event", "artwork", "building", "vehicle", "room", "topic", adjective=0.0)
    agreeing = russian.adjective(order.russian, thing.noun.russian, "nomn")
    this = w.meaning.choice((Pair("this is", "это"), Pair("this is not", "это не"), Pair("this will be", "это будет")))
    possessor = w.thing("person", adjective=0.0) if w.chance(0.4) else None
    of = Pair(f"of {possessor.the()}", possessor.russian("gent")) if possessor else NOTHING
    return finished(this + Pair(f"the {order.english} {thing.bare()}", f"{agreeing} {thing.russian()}") + of)


def ours(w: Writer) -> Pair:
    """Today we are baking fresh bread in our kitchen."""
    today = w.meaning.choice((Pair("today", "сегодня"), Pair("now", "сейчас"), w.phrase("future")))
    tense: Tense = "now" if today.russian in ("сегодня", "сейчас") else "future"
    subject = PRONOUNS[0]
    entry = w.worded(w.meaning.choice((
        Entry(("bake",), ("печь/испечь",)), Entry(("cook",), ("готовить/приготовить",)),
        Entry(("buy/bought",), ("покупать/купить",)), Entry(("sell/sold",), ("продавать/продать",)),
        Entry(("eat/ate",), ("есть/съесть",)),
    )))  # fmt: skip
    food = w.thing("groceries", adjective=0.7) if w.chance(0.5) else w.thing("dish", adjective=0.7, plural=1.0)
    mine = w.meaning.choice((
        Pair("in our kitchen", "на нашей кухне"), Pair("in our garden", "в нашем саду"),
        Pair("at our house", "в нашем доме"), Pair("in our bakery", "в нашей пекарне"),
        Pair("in our cafe", "в нашем кафе"), Pair("at our school", "в нашей школе"),
    ))  # fmt: skip
    return finished(arranged(w, subject, verb(entry, tense, subject) + food.pair("accs", ""), mine, today))


def skills(w: Writer) -> Pair:
    """She sings very well."""
    subject = draw_subject(w, ("person", "athlete"), pronouns=0.3)
    entry = w.worded(w.meaning.choice((
        Entry(("sing",), ("петь/спеть",)), Entry(("dance",), ("танцевать/потанцевать",)),
        Entry(("draw",), ("рисовать/порисовать",)), Entry(("swim",), ("плавать/поплавать",)),
        Entry(("cook",), ("готовить/приготовить",)), Entry(("work",), ("работать/поработать",)),
        Entry(("run",), ("бегать/побегать",)), Entry(("speak Russian",), ("говорить/поговорить по-русски",)),
        Entry(("speak English",), ("говорить/поговорить по-английски",)),
    )))  # fmt: skip
    manner = w.meaning.choice((
        Pair("well", "хорошо"), Pair("very well", "очень хорошо"), Pair("badly", "плохо"), Pair("a little", "немного"),
        Pair("better than I do", "лучше меня"), Pair("best of all", "лучше всех"), Pair("every day", "каждый день"),
    ))  # fmt: skip
    said = verb(entry, "habit", subject)
    turned = Pair("", f"{subject.words.russian} {manner.russian} {said.russian}")
    return finished(Pair((subject.words + said + manner).english, turned.russian))


def names(w: Writer) -> Pair:
    """My sister Anna lives in Moscow."""
    who = w.meaning.choice((
        ("Anna", "Анна"), ("Maria", "Мария"), ("Olga", "Ольга"), ("Elena", "Елена"), ("Ivan", "Иван"),
        ("Peter", "Пётр"), ("Alexander", "Александр"), ("Victor", "Виктор"), ("Robert", "Роберт"), ("Irina", "Ирина"),
    ))  # fmt: skip
    her = who[0].endswith("a")
    kin = w.worded(w.meaning.choice((
        Entry(("my sister",), ("моя сестра",)), Entry(("our neighbour",), ("наша соседка",)),
        Entry(("our teacher",), ("наша учительница",)), Entry(("my daughter",), ("моя дочь",)),
    ) if her else (
        Entry(("my brother",), ("мой брат",)), Entry(("our neighbour",), ("наш сосед",)),
        Entry(("our teacher",), ("наш учитель",)), Entry(("my son",), ("мой сын",)),
        Entry(("my friend",), ("мой друг",)),
    )))  # fmt: skip
    lives = w.worded(w.meaning.choice((
        Entry(("lives",), ("живёт",)), Entry(("works",), ("работает",)), Entry(("studies",), ("учится",)),
        Entry(("was born",), ("родилась" if her else "родился",)),
    )))  # fmt: skip
    name = w.chance(0.5)
    words = Pair(f"{kin.english} {who[0]}", f"{kin.russian} {who[1]}") if name else Pair(*who)
    return finished(words + lives + w.phrase("town"))
