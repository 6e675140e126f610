"""How model sets and transcripts travel as JSON: the OpenAI shapes, with what kadr adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from encoders.values import ModelSet, PictureInput, Segment, Transcript, Word

Json = dict[str, Any]


def write_model_set(model_set: ModelSet) -> Json:
    """A model set as OpenAI's list of models; what is kadr's own stands under `kadr`."""
    picture = {
        "dimension": model_set.picture_dimension,
        "picture_input": asdict(model_set.picture_input),
        "words": list(model_set.picture_words),
    }
    text = {"dimension": model_set.text_dimension, "words": list(model_set.text_words)}
    details: dict[str, tuple[str, Json]] = {
        "picture": (model_set.picture_model, picture),
        "text": (model_set.text_model, text),
        "speech": (model_set.speech_model, {"languages": list(model_set.speech_languages)}),
    }
    return {
        "object": "list",
        "data": [
            {
                "id": name,
                "object": "model",
                "created": 0,
                "owned_by": "kadr",
                "kadr": {"kind": kind, "model_set": model_set.name, **more},
            }
            for kind, (name, more) in details.items()
        ],
    }


def read_model_set(body: Mapping[str, Any]) -> ModelSet:
    """The model set in what `write_model_set` made.

    Raises:
        KeyError, TypeError, ValueError: It is something else.
    """
    models = {model["kadr"]["kind"]: model for model in body["data"]}
    picture, text, speech = (models[kind] for kind in ("picture", "text", "speech"))
    return ModelSet(
        name=picture["kadr"]["model_set"],
        picture_model=picture["id"],
        text_model=text["id"],
        speech_model=speech["id"],
        picture_dimension=int(picture["kadr"]["dimension"]),
        text_dimension=int(text["kadr"]["dimension"]),
        picture_input=PictureInput(**picture["kadr"]["picture_input"]),
        speech_languages=tuple(speech["kadr"]["languages"]),
        picture_words=tuple(str(word) for word in picture["kadr"].get("words", ())),
        text_words=tuple(str(word) for word in text["kadr"].get("words", ())),
    )


def write_transcript(transcript: Transcript) -> Json:
    """A transcript as OpenAI's verbose_json: words both in one list and, with probabilities, in their segment.

    `language` is ISO 639-1, empty where none was found. Times are seconds of the sound that was sent.
    """
    return {
        "task": "transcribe",
        "language": transcript.language or "",
        "duration": transcript.duration_seconds,
        "text": transcript.text,
        "segments": [_write_segment(index, segment) for index, segment in enumerate(transcript.segments)],
        "words": [
            {"word": word.text, "start": word.start_seconds, "end": word.stop_seconds}
            for segment in transcript.segments
            for word in segment.words
        ],
    }


def read_transcript(body: Mapping[str, Any]) -> Transcript:
    """The transcript in what `write_transcript` made.

    Raises:
        KeyError, TypeError, ValueError: It is something else.
    """
    return Transcript(
        language=body["language"] or None,
        duration_seconds=float(body["duration"]),
        segments=tuple(_read_segment(segment) for segment in body["segments"]),
    )


def _write_segment(index: int, segment: Segment) -> Json:
    return {
        "id": index,
        "start": segment.start_seconds,
        "end": segment.stop_seconds,
        "text": segment.text,
        "language": segment.language,
        "words": [
            {"word": word.text, "start": word.start_seconds, "end": word.stop_seconds, "probability": word.probability}
            for word in segment.words
        ],
    }


def _read_segment(segment: Mapping[str, Any]) -> Segment:
    words = (
        Word(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))
        for word in segment["words"]
    )
    return Segment(segment["text"], float(segment["start"]), float(segment["end"]), segment["language"], tuple(words))
