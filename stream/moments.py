"""Moments: what is indexed and found. A span's frames, sound and words become moments here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from encoders.values import Transcript, Word
from stream.entry import Entry
from stream.media.shots import cut_moments
from stream.media.values import Cue, SpanMedia
from stream.outbox import SpanMessage
from stream.scenes import scene_changes

Vector = NDArray[np.float32]
SpeechSource = Literal["recognised", "subtitles"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A piece `[start_seconds, stop_seconds)` of a video with what is seen and said in it.

    Attributes:
        visual: Float32 of the picture space, L2-normalised; None without a picture.
        speech_vector: Float32 of the text space, L2-normalised; None without words.
        thumbnail: JPEG of the frame nearest to `visual`.
        speech_source: Where the words are from: `recognised`, or the file's own `subtitles`.
    """

    start_seconds: float
    stop_seconds: float
    words: tuple[Word, ...] = ()
    visual: Vector | None = None
    speech_vector: Vector | None = None
    thumbnail: bytes | None = None
    speech_source: SpeechSource = "recognised"

    def __post_init__(self) -> None:
        if not 0 <= self.start_seconds < self.stop_seconds:
            raise ValueError(f"a moment needs 0 <= start < stop: {self.start_seconds = }, {self.stop_seconds = }")

    @property
    def speech(self) -> str:
        return " ".join(word.text for word in self.words)


def words_of_span(
    transcript: Transcript, shift_seconds: float, start_seconds: float, stop_seconds: float
) -> list[Word]:
    """Moves words into video time and keeps those whose middle lies in the span."""
    words = [word for segment in transcript.segments for word in segment.words]
    moved = [
        Word(w.text.strip(), w.start_seconds + shift_seconds, w.stop_seconds + shift_seconds, w.probability)
        for w in words
        if w.text.strip()
    ]
    return [word for word in moved if start_seconds <= _middle(word) < stop_seconds]


def words_of_cues(cues: Sequence[Cue]) -> list[Word]:
    """Divides subtitles into words; each takes the part of its subtitle's time that its letters are of the text."""
    words = []
    for cue in cues:
        texts = cue.text.split()
        letters = np.cumsum([0, *(len(text) + 1 for text in texts)])
        edges = cue.start_seconds + (cue.stop_seconds - cue.start_seconds) * letters / letters[-1]
        words += [Word(text, float(edges[n]), float(edges[n + 1]), 1.0) for n, text in enumerate(texts)]
    return words


def compose(
    media: SpanMedia, vectors: Vector | None, words: Sequence[Word], start_seconds: float, stop_seconds: float
) -> list[Moment]:
    """Cuts a span into moments and gives each its picture and its words.

    Args:
        words: What was recognised; a file's own subtitles count instead, where it has some.
        vectors: Float32 of shape (frames, dimension), L2-normalised rows in the order of `media.frames`.

    Returns:
        The moments in which something is seen or said, in order.
    """
    source: SpeechSource = "subtitles" if media.cues else "recognised"
    spoken = words_of_cues(media.cues) if media.cues else words
    changes = scene_changes(media.frame_seconds, vectors, media.cut_seconds)
    ranges = cut_moments(start_seconds, stop_seconds, [*media.cut_seconds, *changes])
    moments = []
    for start, stop in ranges:
        said = tuple(word for word in spoken if start <= _middle(word) < stop)
        visual, thumbnail = _picture(media, vectors, start, stop)
        if said or visual is not None:
            moments.append(Moment(start, stop, said, visual, thumbnail=thumbnail, speech_source=source))
    return moments


def moment_id(message: SpanMessage, run: str, number: int) -> str:
    """Names a moment's document; the run is part of it, so that no two tries at a span ever mix."""
    return f"{message.video_id}:{message.revision}:{message.span}:{run}:{number}"


def thumbnail_key(message: SpanMessage, run: str, number: int) -> str:
    """Names a moment's thumbnail in the bucket for thumbnails."""
    return f"{message.video_id}/{message.revision}/{message.span}/{run}/{number}.jpg"


def document(moment: Moment, message: SpanMessage, run: str, number: int, entry: Entry) -> dict[str, Any]:
    """Returns a moment's document: without fields that it has nothing for."""
    body = entry.body
    fields: dict[str, Any] = {
        "video_id": message.video_id,
        "bucket": message.bucket,
        "key": message.key,
        "revision": message.revision,
        "span": message.span,
        "run": run,
        "start_seconds": moment.start_seconds,
        "stop_seconds": moment.stop_seconds,
        "duration_seconds": body["duration_seconds"],
        **metadata_fields(entry),
    }
    if moment.words:
        fields["speech"] = moment.speech
        fields["speech_source"] = moment.speech_source
        fields["words"] = [
            {"text": w.text, "start_seconds": round(w.start_seconds, 3), "stop_seconds": round(w.stop_seconds, 3)}
            for w in moment.words
        ]
    if moment.visual is not None:
        fields["visual"] = moment.visual
    if moment.speech_vector is not None:
        fields["speech_vector"] = moment.speech_vector
    if moment.thumbnail is not None:
        fields["thumbnail"] = thumbnail_key(message, run, number)
    return fields


def metadata_fields(entry: Entry) -> dict[str, Any]:
    """Returns what a moment repeats of its video's metadata, so that searches can filter by it."""
    names = ("external_id", "categories", "published_at", "attributes", "tags")
    return {name: entry.body[name] for name in names} | {
        "language": language_of(entry),
        "metadata_version": entry.metadata_version,
    }


def language_of(entry: Entry) -> str | None:
    """Returns the language (ISO 639-1) that the publisher named, or else the file."""
    language: str | None = entry.body["language"] or (entry.body["media"] or {}).get("language")
    return language


def _picture(media: SpanMedia, vectors: Vector | None, start: float, stop: float) -> tuple[Vector | None, bytes | None]:
    """Averages the frames of a moment; without any, takes the last frame before it, which shows the same shot."""
    if vectors is None or len(vectors) == 0:
        return None, None
    inside = np.flatnonzero((media.frame_seconds >= start) & (media.frame_seconds < stop))
    if inside.size == 0:
        before = np.flatnonzero(media.frame_seconds < start)
        inside = before[-1:] if before.size else np.array([0])
    mean = vectors[inside].mean(axis=0)
    norm = float(np.linalg.norm(mean))
    if norm < 1e-6:
        return None, None
    visual = (mean / norm).astype(np.float32)
    best = int(inside[int(np.argmax(vectors[inside] @ visual))])
    return visual, media.thumbnails[best]


def _middle(word: Word) -> float:
    return (word.start_seconds + word.stop_seconds) / 2
