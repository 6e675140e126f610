"""`kadr dead-letters`: how letters are named, and one sentence for everything that is wrong."""

from datetime import UTC, datetime

import click
import pytest

from infra.cli import main
from infra.letter_choice import Instant


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["dead-letters", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC).timestamp()),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()),
        ("2026-01-31T12:00:00.5Z", datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() + 0.5),
        ("2026-01-31T12:00:00+03:00", datetime(2026, 1, 31, 9, tzinfo=UTC).timestamp()),
    ],
)
def test_a_time_may_be_a_date(text: str, seconds: float) -> None:
    assert Instant().convert(text, None, None) == round(seconds * 1000)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800), ("0s", 0)])
def test_a_time_may_be_how_long_ago(text: str, seconds: int) -> None:
    ago = datetime.now(UTC).timestamp() - Instant().convert(text, None, None) / 1000
    assert ago == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize("text", ["", "h", "2", "2x", "-2h", "soon", "31.01.2026"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        Instant().convert(text, None, None)


@pytest.mark.parametrize("command", ["replay", "discard"])
def test_nothing_is_changed_unless_it_is_said_what(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == 1
    assert "Say which dead letters" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("show", "17"), ("replay", "a:b"), ("list", "--stage", "dream")])
def test_a_wrong_name_is_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("list",), ("show", "0:1"), ("replay", "0:1"), ("discard", "0:1")])
def test_without_kafka_it_says_what_to_do(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KADR_KAFKA_BROKERS", "127.0.0.1:9")
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: Kafka does not answer")
    assert error.count("\n") == 1
    assert "kadr " in error
