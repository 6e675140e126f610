"""Moments: what is indexed and found. A span's frames, sound and words become moments here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.values import Transcript, Word
from stream.entry import Entry
from stream.media import SpanMedia
from stream.outbox import SpanMessage
from stream.shots import cut_moments

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Moment:
    """A piece `[start_seconds, stop_seconds)` of a video with what is seen and said in it.

    Attributes:
        visual: Float32 of the picture space, L2-normalised; None without a picture.
        speech_vector: Float32 of the text space, L2-normalised; None without words.
        thumbnail: JPEG of the frame nearest to `visual`.
    """

    start_seconds: float
    stop_seconds: float
    words: tuple[Word, ...] = ()
    visual: Vector | None = None
    speech_vector: Vector | None = None
    thumbnail: bytes | None = None

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


def compose(
    media: SpanMedia, vectors: Vector | None, words: Sequence[Word], start_seconds: float, stop_seconds: float
) -> list[Moment]:
    """Cuts a span into moments and gives each its picture and its words.

    Args:
        vectors: Float32 of shape (frames, dimension), L2-normalised rows in the order of `media.frames`.

    Returns:
        The moments in which something is seen or said, in order.
    """
    ranges = cut_moments(start_seconds, stop_seconds, media.cut_seconds)
    moments = []
    for start, stop in ranges:
        said = tuple(word for word in words if start <= _middle(word) < stop)
        visual, thumbnail = _picture(media, vectors, start, stop)
        if said or visual is not None:
            moments.append(Moment(start, stop, said, visual, thumbnail=thumbnail))
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
    language = entry.body["language"] or (entry.body["media"] or {}).get("language")
    return {name: entry.body[name] for name in names} | {
        "language": language,
        "metadata_version": entry.metadata_version,
    }


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
