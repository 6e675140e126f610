import csv
import io
from typing import Any

from search_api.answer import SearchAnswer, UnderstoodQuery, VideoAnswer
from search_api.table import COLUMNS, as_csv

SHARE = {"rank": 1, "score": 2.0, "share": 0.01, "confidence": 0.97}
MOMENT = {
    "moment_id": "v1:1:0:won:0",
    "start_seconds": 5.25,
    "stop_seconds": 9.0,
    "score": 0.01,
    "speech": 'Сказал: "да",\nи ушёл',
    "thumbnail": None,
    "highlight": None,
    "legs": {"speech_text": {**SHARE, "confidence": None}, "picture_vector": SHARE},
}
VIDEO: dict[str, Any] = {
    "video_id": "v1",
    "bucket": "videos",
    "key": "a.mp4",
    "external_id": None,
    "title": "=1+1",
    "duration_seconds": 60.0,
    "published_at": "2024-05-31T12:00:00Z",
    "score": 0.02,
    "legs": {"metadata_text": {**SHARE, "confidence": None}},
    "moments": [MOMENT, {**MOMENT, "start_seconds": 20.0}],
}


def rows(*videos: dict[str, Any]) -> list[dict[str, str]]:
    understood = UnderstoodQuery(text="x", phrases=[], without=[])
    hits = [VideoAnswer.model_validate(video) for video in videos]
    text = as_csv(SearchAnswer(hits=hits, took_ms=1.0, query="x", understood=understood, warnings=[]))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_for_each_moment() -> None:
    first, second, third = rows(VIDEO, {**VIDEO, "video_id": "v2", "moments": []})

    assert tuple(first) == COLUMNS
    assert (first["hit"], first["video_id"], first["start_seconds"], first["stop_seconds"]) == (
        "1",
        "v1",
        "5.25",
        "9.0",
    )
    assert first["speech"] == MOMENT["speech"]
    assert (first["legs"], first["confidence"]) == ("speech_text picture_vector", "0.97")
    assert (second["hit"], second["start_seconds"]) == ("1", "20.0")
    assert (third["hit"], third["video_id"], third["start_seconds"], third["legs"]) == ("2", "v2", "", "metadata_text")


def test_what_follows_stands_beside_its_moment() -> None:
    then = {name: MOMENT[name] for name in ("moment_id", "score", "thumbnail", "highlight", "legs")}
    then |= {"start_seconds": 12.5, "stop_seconds": 15.0, "after_seconds": 3.5, "speech": "A dog."}
    (row,) = rows({**VIDEO, "moments": [{**MOMENT, "then": then}]})

    assert (row["then_start_seconds"], row["then_stop_seconds"], row["then_speech"]) == ("12.5", "15.0", "A dog.")


def test_no_cell_is_a_formula() -> None:
    (row,) = rows({**VIDEO, "moments": [{**MOMENT, "speech": "@SUM(A1)"}]})

    assert (row["title"], row["speech"]) == ("'=1+1", "'@SUM(A1)")


def test_nothing_found_is_a_table_without_lines() -> None:
    assert rows() == []
