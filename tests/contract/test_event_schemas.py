"""The JSON Schemas that publishers see are those of the events that kadr reads."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import stream
from stream.events import VideoDeleted, VideoLook, VideoUploaded, event_value

FOLDER = Path(stream.__file__).parent / "schemas"
EVENTS = (VideoUploaded, VideoDeleted, VideoLook)


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


@pytest.mark.parametrize("model", EVENTS)
def test_schema_is_that_of_the_event(model: Any) -> None:
    written = schema(model.model_config["title"])
    assert written.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert written.pop("required") == ["type", "bucket", "key"]
    made = model.model_json_schema()
    made.pop("required")
    assert written == made


def test_published_events_satisfy_their_schema() -> None:
    full = VideoUploaded(
        bucket="videos",
        key="a.mp4",
        external_id="42",
        title="Кот",
        description="Кот и снег",
        language="ru",
        published_at="2026-01-02T03:04:05Z",  # type: ignore[arg-type]
        categories=("animals",),
        attributes={"year": 2026, "studio": "own"},
    )
    for event in (full, VideoDeleted(bucket="videos", key="a"), VideoLook(bucket="videos", key="a")):
        jsonschema.validate(json.loads(event_value(event)), schema(event.type))


def test_schema_refuses_what_kadr_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"type": "video.uploaded", "bucket": "videos"}, schema("video.uploaded"))
