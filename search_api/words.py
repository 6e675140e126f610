"""Words of a query, and which of them say nothing on their own. Pure functions."""

from __future__ import annotations

import re
import unicodedata

_CONSONANT = "[бвгджзклмнпрстфхцчшщ]"
_WITH_VOWEL = re.compile(rf"(?P<stem>[а-я]+{_CONSONANT})[ео](?P<last>[кц])")
_WITHOUT_VOWEL = re.compile(rf"(?P<stem>[а-я]+{_CONSONANT})(?P<last>[кц])(?:а|и|ы|у|е|о[йюмв]|е[мв]|ами?|ах)")
WORD = re.compile(r"\w+(?:['’]\w+)*")

# All stop words of the analyzer `ru_en` are among these, and what else is common in every text.
_ENGLISH = """
a about again all also am an and any are aren't as at be because been being but by can can't cannot could did didn't do
does doesn't doing don't done each either else even ever every few for from had has have having he her here hers him
himself his how i i'd i'll i'm i've if in into is isn't it it's its itself just less let let's longer many may me might
mine more most much must my myself neither never no nobody none nor not nothing now of off on once one's only or other
our ours out over own shall she should so some such than that that's the their theirs them themselves then there there's
these they they're this those though through thus to too under until up upon us very was wasn't we we're were weren't
what what's when where which while who who's whom whose why will with within without won't would yes yet you you'd
you'll you're you've your yours yourself
"""
_RUSSIAN = """
а без безо более больше будет будто будь бы был была были было быть в вам вами вас ваш ваша ваше ваши вдруг ведь во вот
впрочем все всегда всего всей всем всеми всех всю вся всё вы где говорил да даже два для до другой его ее ей ему если
есть еще ещё ею её ж же за зачем здесь и из из-за или им ими иногда их к каждый как какая какой какие какое когда
конечно которая которого которой котором которую которые который которых кто куда ли либо лучше мне мной много может
можно мои мой моя моё моего моей моих мою мы на над надо наконец нам нами нас наш наша наше наши не него нее ней нельзя
нет неё ни нибудь никогда ним ними них ничего но ну о об один однако он она они оно опять от перед по под после потом
потому почему почти при про раз разве с сам сама сами свою свой своя свои свое своё своей своего сегодня сейчас себе
себя сказал сказала сказать со собой совсем так также такая такие такое такой там твоего твоей твои твой твоя твоё тебе
тебя тем теперь то тобой тогда того тоже той только том тот три ту тут ты у уж уже хорошо хоть хотя чего чем через что
чтоб чтобы чуть эта эти этим этих это этого этой этом этот эту я
"""


def plain(word: str) -> str:
    """A word as the index compares it: lower case, composed, ё as е."""
    return unicodedata.normalize("NFC", word).lower().replace("ё", "е").replace("’", "'")


FUNCTION_WORDS = frozenset(plain(word) for word in (_ENGLISH + _RUSSIAN).split())


def split_words(text: str) -> list[str]:
    """The words of a text as they stand there."""
    return WORD.findall(text)


def content_words(text: str) -> list[str]:
    """Its different words that say something on their own, plain, in their order; all of them where none does."""
    words = list(dict.fromkeys(plain(word) for word in split_words(text)))
    return [word for word in words if word not in FUNCTION_WORDS] or words


def other_forms(word: str) -> list[str]:
    """Forms of a Russian word that the stemmer does not join with it: `кошка` and `кошек`, `подарок` and `подарка`.

    A vowel that comes and goes before the last consonant changes the stem. One form is enough: the stemmer joins the
    rest. A form that does not exist does no harm, because no text has it.
    """
    if full := _WITH_VOWEL.fullmatch(word):
        return [f"{full['stem']}{full['last']}а"]
    if short := _WITHOUT_VOWEL.fullmatch(word):
        stem, last = short["stem"], short["last"]
        vowels = "е" if last == "ц" or stem[-1] in "жшчщц" else "ое"
        return [f"{stem}{vowel}{last}" for vowel in vowels]
    return []


def says_something(text: str) -> bool:
    """Whether one word at least is no function word."""
    return any(plain(word) not in FUNCTION_WORDS for word in split_words(text))
