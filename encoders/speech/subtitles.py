"""Transcripts as subtitles: SubRip (.srt) and WebVTT (https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from encoders.values import Transcript


@dataclass(frozen=True, slots=True)
class _Cue:
    """A text shown during `[start, stop)` milliseconds."""

    start: int
    stop: int
    text: str


def write_srt(transcript: Transcript) -> str:
    """A transcript as SubRip, one subtitle a segment, times of the sound that was sent."""
    cues = (
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.stop, ',')}\n{cue.text}\n"
        for number, cue in enumerate(_cues(transcript), 1)
    )
    return "\n".join(cues)


def write_vtt(transcript: Transcript) -> str:
    """A transcript as WebVTT, one cue a segment, times of the sound that was sent; what would be markup is escaped."""
    cues = (f"\n{_time(cue.start, '.')} --> {_time(cue.stop, '.')}\n{_escape(cue.text)}\n" for cue in _cues(transcript))
    return "WEBVTT\n" + "".join(cues)


def _cues(transcript: Transcript) -> Iterator[_Cue]:
    for segment in transcript.segments:
        start, stop = round(segment.start_seconds * 1000), round(segment.stop_seconds * 1000)
        # An empty line would end the subtitle; and one that ends when it starts is never shown.
        yield _Cue(start, max(stop, start + 1), " ".join(segment.text.split()))


def _time(milliseconds: int, separator: str) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{separator}{fraction:03d}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
