"""Single misfortunes, and the proof that the harness of the chaos runs notices what it is there for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chaos import scenarios
from chaos.parts import PARTS
from chaos.setting import prepared
from services import Scope

from infra.stack import LocalStack

pytestmark = pytest.mark.timeout(420)
Play = Callable[..., Any]


@pytest.fixture
def play(stack: LocalStack, scope: Scope, tmp_path: Path) -> Iterator[Play]:
    """Plays scenarios in this test's scope."""
    with prepared(scope, relayed=False) as (own, _):

        def run(scenario: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
            async def awaited() -> Any:
                return await scenario(stack, own, tmp_path, *arguments, **named)

            return asyncio.run(awaited())

        yield run


def test_a_death_with_a_gap_among_the_commits_loses_nothing(play: Play) -> None:
    verdict = play(scenarios.a_death_with_a_gap)
    assert (verdict.wrongs.lost, verdict.wrongs.duplicates, verdict.wrongs.stale) == ([], [], [])


def test_with_fausts_own_offsets_the_same_loses_a_video(play: Play) -> None:
    verdict = play(scenarios.a_death_with_a_gap, "plain-offsets")
    assert verdict.wrongs.lost == ["slow.mp4: indexing instead of ready"]


def test_a_worker_that_dies_while_it_puts_a_span_aside_leaves_nothing_pending_and_nobody_untold(play: Play) -> None:
    found = play(scenarios.a_death_while_failing)
    assert PARTS["failing"].wrong(found) == []
    assert found["reached"] == ["span.fail", "span.letter"]


def test_moments_of_an_older_revision_are_not_shown_before_they_are_swept(play: Play) -> None:
    poller = play(scenarios.a_death_before_the_sweep, polls=5)
    assert poller.foreign == []
    assert poller.counts["answers"] == 10


def test_without_the_check_of_show_the_same_shows_what_is_foreign(play: Play) -> None:
    with scenarios.show_left_out():
        assert play(scenarios.a_death_before_the_sweep, polls=5).counts["foreign"] > 0
