"""`kadr publish`: the events that it sends, and one sentence for everything that is wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from infra import publish as module
from infra.cli import main
from stream.events import OwnEvent, VideoDeleted, VideoLook, VideoUploaded


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[OwnEvent]:
    events: list[OwnEvent] = []

    async def send(_: Any, given: Sequence[OwnEvent]) -> None:
        events.extend(given)

    monkeypatch.setattr(module, "send", send)
    monkeypatch.setenv("KADR_BUCKETS", "videos,archive")
    return events


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["publish", *arguments])
    return int(ended.value.code or 0)


def test_all_that_a_publisher_may_say(sent: list[OwnEvent], capsys: pytest.CaptureFixture[str]) -> None:
    said = ["--title", "Кот", "--description", "Снег", "--external-id", "42", "--language", "ru"]
    said += ["--published-at", "2026-01-02T03:04:05Z", "--category", "animals", "--category", "snow"]
    said += ["--attribute", "year=2026", "--attribute", "rating=4.5", "--attribute", "episode=007"]
    said += ["--attribute", "formula=a=b", "--attribute", f"large={'9' * 20}", "--attribute", "live=true"]
    assert run("uploaded", "a/кот.mp4", "--bucket", "archive", *said) == 0
    assert sent == [
        VideoUploaded(
            bucket="archive",
            key="a/кот.mp4",
            title="Кот",
            description="Снег",
            external_id="42",
            language="ru",
            published_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            categories=("animals", "snow"),
            attributes={
                "year": 2026,
                "rating": 4.5,
                "episode": "007",
                "formula": "a=b",
                "large": "9" * 20,
                "live": "true",
            },
        )
    ]
    assert capsys.readouterr().out == "published video.uploaded of archive/a/кот.mp4\n"


def test_an_object_is_in_the_first_bucket_unless_it_is_said(sent: list[OwnEvent]) -> None:
    assert [run("uploaded", "a"), run("deleted", "a"), run("look", "a")] == [0, 0, 0]
    of = {"bucket": "videos", "key": "a"}
    assert sent == [VideoUploaded(**of), VideoDeleted(**of), VideoLook(**of)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("uploaded", "a", "--language", "english"), "--language is wrong: string should match"),
        (("uploaded", "a", "--published-at", "soon"), "--published-at is wrong"),
        (("uploaded", "a", "--title", "x" * 1001), "--title is wrong"),
        (("uploaded", "a", "--category", ""), "--category is wrong"),
        (("uploaded", "a", "--attribute", "year"), "--attribute is wrong: write NAME=VALUE, not 'year'."),
        (("uploaded", "a", "--attribute", "=1"), "--attribute is wrong"),
        (("uploaded", "a", "--attribute", "y=1", "--attribute", "y=2"), "y is given twice"),
        (("deleted", ""), "KEY is wrong"),
        (("look", "a", "--bucket", "other"), "kadr serves the buckets videos, archive (KADR_BUCKETS), not other."),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_sent(
    sent: list[OwnEvent], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert says in error
    assert sent == []


def test_without_kafka_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KADR_KAFKA_BROKERS", "127.0.0.1:9")
    assert run("look", "a.mp4") == 1
    assert "start it with `kadr up`" in capsys.readouterr().err
