"""Moments as OpenSearch returns them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from search_api.fusion import LegHit
from search_api.legs import MATCH_START, MATCH_STOP
from search_api.show import Claim

_PIECES = re.compile(f"({MATCH_START}[^{MATCH_START}{MATCH_STOP}]*{MATCH_STOP})")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `match` says whether the query matches it."""

    text: str
    match: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """The speech of a moment in pieces, whose texts joined are the speech.

    `times` holds start and stop of its words in seconds, one word after the other; empty where they are not known.
    """

    pieces: tuple[Piece, ...]
    times: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that a leg found: `[start_seconds, stop_seconds)` in video time."""

    moment_id: str
    claim: Claim
    start_seconds: float
    stop_seconds: float
    speech: str | None
    thumbnail: str | None
    speech_source: str | None = None


def read_moment(hit: Mapping[str, Any]) -> Moment:
    """Read a hit of a leg over moments."""
    source = hit["_source"]
    return Moment(
        moment_id=hit["_id"],
        claim=Claim(source["video_id"], source["revision"], source["span"], source["run"]),
        start_seconds=source["start_seconds"],
        stop_seconds=source["stop_seconds"],
        speech=source.get("speech"),
        thumbnail=source.get("thumbnail"),
        speech_source=source.get("speech_source"),
    )


def read_moment_hit(hit: Mapping[str, Any], confidence: float | None = None) -> LegHit:
    """The hit as fusion wants it."""
    return LegHit(hit["_source"]["video_id"], hit["_id"], hit["_score"], confidence)


def read_video_hit(hit: Mapping[str, Any], confidence: float | None = None) -> LegHit:
    """The same for a hit of the leg over videos."""
    return LegHit(hit["_id"], None, hit["_score"], confidence)


def read_marked(hit: Mapping[str, Any]) -> Marked | None:
    """The hit's speech as the query matched it; None where the leg highlights nothing."""
    pieces = read_highlight(hit)
    if not pieces:
        return None
    words = hit.get("_source", {}).get("words") or ()
    # Hundreds of moments are kept for further pages: eight bytes a number.
    return Marked(
        pieces, array("d", [time for word in words for time in (word["start_seconds"], word["stop_seconds"])])
    )


def read_highlight(hit: Mapping[str, Any]) -> tuple[Piece, ...]:
    """The hit's speech in pieces, whose texts joined are the speech; empty where the leg highlights nothing.

    A word matches as one of its forms (`speech`) or as it stands (`speech.exact`): what either marks is a match.
    """
    fields = hit.get("highlight", {})
    marked = [read_pieces(fields[name][0]) for name in ("speech", "speech.exact") if fields.get(name)]
    if not marked:
        return ()
    if len(marked) == 1 or _text(marked[0]) != _text(marked[1]):
        return marked[0]
    flags = [[piece.match for piece in pieces for _ in piece.text] for pieces in marked]
    letters = zip(_text(marked[0]), *flags, strict=True)
    runs = groupby(letters, key=lambda letter: letter[1] or letter[2])
    return tuple(Piece("".join(letter[0] for letter in run), match) for match, run in runs)


def read_pieces(marked: str) -> tuple[Piece, ...]:
    """A text that OpenSearch marked matches in, in pieces."""
    return tuple(
        Piece(part.strip(MATCH_START + MATCH_STOP), part.startswith(MATCH_START))
        for part in _PIECES.split(marked)
        if part
    )


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)
