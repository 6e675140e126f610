"""Transcripts: words with times become subtitles and texts. Pure functions.

A subtitle has at most two lines of 42 characters and stays for 7 s at most: what broadcasters' and streaming services'
guides for timed text agree on. It ends with a sentence or with a pause where it can.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

LINE_CHARACTERS, LINES = 42, 2
LONGEST_SECONDS, SHORTEST_SECONDS = 7.0, 1.0
PAUSE_SECONDS = 1.0
PARAGRAPH_PAUSE_SECONDS = 2.0
_PARAGRAPH_CHARACTERS = 600
# A shorter sentence shares its subtitle with the next one, unless the speaker breathes between them.
_SENTENCE_CHARACTERS, _BREATH_SECONDS = 20, 0.4
_SENTENCE_ENDS = (".", "!", "?", "…", "。", '."', '!"', '?"', ".»", "!»", "?»")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is said in `[start_seconds, stop_seconds)`."""

    text: str
    start_seconds: float
    stop_seconds: float


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle, shown in `[start_seconds, stop_seconds)`; exact to the millisecond."""

    start_seconds: float
    stop_seconds: float
    lines: tuple[str, ...]
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Its lines as one."""
        return " ".join(self.lines)


def words_of(moments: Iterable[Mapping[str, Any]]) -> list[Word]:
    """Collect the words of moments, in the order of time; speech without times of words is spread over its moment."""
    found = [word for moment in moments for word in _words(moment)]
    return sorted(found, key=lambda word: (word.start_seconds, word.stop_seconds))


def cues_of(words: Sequence[Word]) -> list[Cue]:
    """Divide words into subtitles that follow each other without overlap."""
    groups = list(_groups(words))
    cues: list[Cue] = []
    shown_until = 0
    for number, group in enumerate(groups):
        start = max(_milliseconds(group[0].start_seconds), shown_until)
        stop = max(_milliseconds(max(word.stop_seconds for word in group)), start + 1)
        wished = max(stop, start + _milliseconds(SHORTEST_SECONDS))
        if number + 1 < len(groups):
            following = _milliseconds(groups[number + 1][0].start_seconds)
            wished = max(min(wished, following), start + 1)
        cues.append(Cue(start / 1000, wished / 1000, _lines(_joined(group)), tuple(group)))
        shown_until = wished
    return cues


def srt(cues: Iterable[Cue]) -> str:
    """Write SubRip."""
    blocks = (
        f"{number}\n{_clock(cue.start_seconds, ',')} --> {_clock(cue.stop_seconds, ',')}\n"
        + "".join(f"{_srt_text(line)}\n" for line in cue.lines)
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue]) -> str:
    """Write WebVTT (https://www.w3.org/TR/webvtt1/): the text escaped, so that nothing in it is markup."""
    blocks = (
        f"{_clock(cue.start_seconds, '.')} --> {_clock(cue.stop_seconds, '.')}\n"
        + "".join(f"{escape(line, quote=False)}\n" for line in cue.lines)
        for cue in cues
    )
    return "\n".join(("WEBVTT\n", *blocks))


def plain(words: Sequence[Word]) -> str:
    """Write a text to read: a paragraph ends with a long pause, or with a sentence when it is long."""
    paragraphs: list[list[Word]] = []
    length = 0
    for before, word in zip((None, *words), words, strict=False):
        if before is None or _ends_paragraph(before, word, length):
            paragraphs.append([])
            length = 0
        paragraphs[-1].append(word)
        length += len(word.text) + 1
    return "\n\n".join(map(_joined, paragraphs)) + ("\n" if paragraphs else "")


def _words(moment: Mapping[str, Any]) -> Iterator[Word]:
    timed = moment.get("words") or ()
    for word in timed:
        if text := _clean(word["text"]):
            yield Word(text, word["start_seconds"], word["stop_seconds"])
    if not timed:
        yield from _spread(_clean(moment.get("speech") or "").split(), moment["start_seconds"], moment["stop_seconds"])


def _spread(texts: Sequence[str], start: float, stop: float) -> Iterator[Word]:
    characters = sum(map(len, texts))
    said = 0
    for text in texts:
        begin, said = said, said + len(text)
        yield Word(text, start + (stop - start) * begin / characters, start + (stop - start) * said / characters)


def _groups(words: Sequence[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in words:
        if group and _starts_cue(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _starts_cue(group: Sequence[Word], word: Word) -> bool:
    pause = word.start_seconds - group[-1].stop_seconds
    if pause >= PAUSE_SECONDS:
        return True
    if group[-1].text.endswith(_SENTENCE_ENDS) and (
        pause >= _BREATH_SECONDS or len(_joined(group)) >= _SENTENCE_CHARACTERS
    ):
        return True
    longer = [*group, word]
    return word.stop_seconds - group[0].start_seconds > LONGEST_SECONDS or len(_wrapped(_joined(longer))) > LINES


def _ends_paragraph(before: Word, word: Word, length: int) -> bool:
    if word.start_seconds - before.stop_seconds >= PARAGRAPH_PAUSE_SECONDS:
        return True
    return length >= _PARAGRAPH_CHARACTERS and before.text.endswith(_SENTENCE_ENDS)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, LINE_CHARACTERS, break_long_words=False, break_on_hyphens=False)


def _lines(text: str) -> tuple[str, ...]:
    """One line, or two of about the same length."""
    wrapped = _wrapped(text)
    if len(wrapped) != LINES:
        return tuple(wrapped)
    words = text.split(" ")
    halves = ((" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words)))
    return min(halves, key=lambda pair: max(map(len, pair)))


def _joined(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _clean(text: str) -> str:
    """One line without control characters; an arrow would end a subtitle."""
    visible = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return " ".join(visible.replace("-->", "→").split())


def _srt_text(line: str) -> str:
    # SubRip knows no escapes, and players take tags and braces for markup: look-alikes are shown as they are.
    return line.translate({ord("<"): "‹", ord(">"): "›", ord("{"): "(", ord("}"): ")"})


def _milliseconds(seconds: float) -> int:
    return round(max(0.0, seconds) * 1000)


def _clock(seconds: float, mark: str) -> str:
    rest, milliseconds = divmod(_milliseconds(seconds), 1000)
    minutes, second = divmod(rest, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{mark}{milliseconds:03}"
