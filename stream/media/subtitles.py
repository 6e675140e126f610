"""Subtitles of a span, as they stand in the file: plain text and its times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import av

from stream.media.container import packet_seconds

if TYPE_CHECKING:
    from av.packet import Packet
    from av.subtitles.stream import SubtitleStream

# Nobody reads more than this in ten minutes; a file may say anything.
_MOST_CUES = 2000
_MOST_LETTERS = 500
_LONGEST_SECONDS = 30.0
_USUAL_SECONDS = 2.0
# What ASS stands for in curly brackets, what SubRip and WebVTT stand for in angle brackets.
_MARKUP = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_BREAKS = re.compile(r"\\[Nnh]|\s+")
# Sounds and speakers that captions name beside what is said: [door slams], (СМЕХ), ♪.
_ASIDES = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|[♪♫#]+")


class CueTrack:
    """Collects the subtitles that begin in a span, packet by packet."""

    def __init__(self, stream: SubtitleStream, start_seconds: float, stop_seconds: float, origin_seconds: float):
        """Take what begins in [start, stop) in video time; `origin_seconds` is the container's time of video time 0."""
        self._stream = stream
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._origin_seconds = origin_seconds
        self._cues: set[tuple[float, float, str]] = set()

    def feed(self, packet: Packet[SubtitleStream]) -> None:
        """Take one packet of the stream."""
        seconds = packet_seconds(packet, self._origin_seconds)
        if seconds is None or not self._start_seconds <= seconds < self._stop_seconds or len(self._cues) >= _MOST_CUES:
            return
        if text := self._text(packet):
            length = float((packet.duration or 0) * packet.time_base) or _USUAL_SECONDS
            stop_seconds = min(seconds + min(length, _LONGEST_SECONDS), self._stop_seconds)
            self._cues.add((seconds, stop_seconds, text))

    def finish(self) -> list[tuple[float, float, str]]:
        """Start, stop and text of each, in order of time; none is longer than the span."""
        return sorted(self._cues)

    def _text(self, packet: Packet[SubtitleStream]) -> str:
        try:
            shown = self._stream.codec_context.decode2(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return ""
        lines = [rect.dialogue.decode("utf-8", "replace") for rect in shown or () if hasattr(rect, "dialogue")]
        return plain_text(" ".join(lines))


def plain_text(marked: str) -> str:
    """What is said, without markup, line breaks and names of sounds."""
    bare = _ASIDES.sub(" ", _MARKUP.sub("", marked))
    return _BREAKS.sub(" ", bare).strip()[:_MOST_LETTERS]
