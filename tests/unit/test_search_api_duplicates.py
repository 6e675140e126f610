from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from opensearchpy import AsyncOpenSearch, ConnectionError

from search_api.duplicates import (
    MOST_PICTURES,
    collapse_moments,
    near_duplicates,
    stack_copies,
    suspicious,
)
from search_api.fusion import FusedVideo, LegHit, LegName, by_moment, fuse
from search_api.moments import Moment
from search_api.show import Claim, LedgerVideo

PICTURE = LegName.PICTURE_VECTOR
SNOW, SNOW_TOO, SAND = [1.0, 0.0, 0.1], [1.0, 0.05, 0.1], [0.0, 1.0, 0.1]


def moment(name: str, start: float, speech: str | None = None) -> Moment:
    video = name.split(":")[0]
    return Moment(name, Claim(video, 1, 0, "won"), start, start + 5.0, speech, None)


def found(*moments: Moment) -> tuple[list[FusedVideo], dict[str, Moment]]:
    """Videos with these moments, best first."""
    hits = [LegHit(each.claim.video_id, each.moment_id, 1.9 - n / 100) for n, each in enumerate(moments)]
    return fuse({PICTURE: hits}, weights={PICTURE: 1.0}, rank_constant=60), {each.moment_id: each for each in moments}


def pictures(**rows: list[float]) -> dict[str, Any]:
    return {name.replace("_", ":"): np.array(row, np.float32) for name, row in rows.items()}


def test_pieces_of_one_shot_are_shown_once() -> None:
    videos, moments = found(moment("a:2", 10.0), moment("a:1", 5.0), moment("a:3", 15.0), moment("b:1", 5.0))

    seen = pictures(a_1=SNOW, a_2=SNOW_TOO, a_3=SAND, b_1=SNOW)

    assert near_duplicates(videos, moments, seen) == {"a:1": "a:2"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (moment("a:1", 0.0), moment("a:9", 60.0)),
        (moment("a:1", 0.0, "Yes."), moment("a:2", 5.0, "No.")),
        (moment("a:1", 0.0, "Yes."), moment("a:2", 5.0)),
        (moment("a:1", 0.0), moment("b:1", 0.0)),
    ],
    ids=["far apart", "other words", "words and silence", "other videos"],
)
def test_what_differs_in_more_than_the_picture_is_shown(first: Moment, second: Moment) -> None:
    videos, moments = found(first, second)

    assert suspicious(videos, moments) == []
    assert near_duplicates(videos, moments, {name: np.array(SNOW, np.float32) for name in moments}) == {}


def test_the_same_words_in_the_same_picture_are_the_same() -> None:
    videos, moments = found(moment("a:1", 0.0, "Snow, again."), moment("a:2", 5.0, "snow,  AGAIN."))

    assert near_duplicates(videos, moments, pictures(a_1=SNOW, a_2=SNOW)) == {"a:2": "a:1"}


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Gives pictures, or none."""

    def __init__(self, seen: Mapping[str, list[float]] | None) -> None:
        self.seen = seen
        self.asked: list[list[str]] = []

    async def mget(self, *, body: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """The pictures of moments."""
        self.asked.append(body["ids"])
        if self.seen is None:
            raise ConnectionError("N/A", "gone", None)
        return {
            "docs": [
                {"_id": name, "found": name in self.seen, "_source": {"visual": self.seen.get(name)}}
                for name in body["ids"]
            ]
        }


async def test_pictures_are_read_only_where_they_matter_and_not_too_many() -> None:
    engine = Engine({})
    apart = found(moment("a:1", 0.0, "One."), moment("a:2", 5.0, "Two."), moment("b:1", 0.0))
    assert (await collapse_moments(engine, "moments", *apart, {}, timeout_seconds=1)).complete
    assert engine.asked == []

    long = found(*(moment(f"a:{n}", 5.0 * n) for n in range(300)))
    await collapse_moments(engine, "moments", *long, {}, timeout_seconds=1)
    assert [len(ids) for ids in engine.asked] == [MOST_PICTURES]


async def test_without_pictures_everything_is_shown() -> None:
    videos, moments = found(moment("a:1", 0.0), moment("a:2", 5.0))

    collapsed = await collapse_moments(Engine(None), "moments", videos, moments, {}, timeout_seconds=1)

    assert collapsed.into == {} and not collapsed.complete
    collapsed = await collapse_moments(Engine({"a:1": SNOW, "a:2": SNOW}), "m", videos, moments, {}, timeout_seconds=1)
    assert collapsed.into == {"a:2": "a:1"} and collapsed.counts() == {"a:1": 1}


def test_the_same_file_under_several_names_is_shown_once() -> None:
    videos, moments = found(moment("a:1", 0.0), moment("b:1", 0.0), moment("c:1", 0.0), moment("a:2", 50.0))
    contents = {"a": ("etag", 7), "b": ("etag", 8), "c": ("etag", 7)}
    ledger = {
        name: LedgerVideo(name, "videos", name, None, None, 60.0, 1, "ready", ("won",), content=content)
        for name, content in contents.items()
    }

    assert ids(stack_copies(videos, moments, ledger, by_moment=False)) == [["a", "c"], ["b"]]
    singles = by_moment(videos)
    assert ids(stack_copies(singles, moments, ledger, by_moment=True)) == [["a", "c"], ["b"], ["a"]]


def encoded(**changes: Any) -> LedgerVideo:
    """A file of its own of a film of 60 s."""
    video = LedgerVideo("", "videos", "", None, None, 60.0, 1, "ready", ("won",))
    return replace(video, **changes)


FILM = encoded(content=("first", 9000))


async def shown(other: LedgerVideo, *moments: Moment, seen: Mapping[str, list[float]]) -> list[list[str]]:
    """The stacks of a search that finds a film in "a" and these moments of another file, "b"."""
    videos, by_id = found(moment("a:1", 0.0, "Snow, again."), moment("a:2", 30.0, "Sand."), *moments)
    ledger = {"a": FILM, "b": other}
    collapsed = await collapse_moments(Engine(seen), "moments", videos, by_id, ledger, timeout_seconds=1)
    return ids(stack_copies(videos, by_id, ledger, collapsed.recoded, by_moment=False))


AGAIN = moment("b:1", 0.2, "snow, again.")
RECODED = encoded(content=("second", 900), duration_seconds=60.3)
SEEN = {"a:1": SNOW, "a:2": SAND, "b:1": SNOW_TOO}


async def test_a_film_in_another_encoding_is_shown_once() -> None:
    assert await shown(RECODED, AGAIN, seen=SEEN) == [["a", "b"]]


@pytest.mark.parametrize(
    ("other", "again", "seen"),
    [
        (replace(RECODED, duration_seconds=61.0), AGAIN, SEEN),
        (replace(RECODED, duration_seconds=None), AGAIN, SEEN),
        (replace(RECODED, content=None), AGAIN, SEEN),
        (RECODED, moment("b:1", 1.0, "Snow, again."), SEEN),
        (RECODED, moment("b:1", 0.2, "Rain, again."), SEEN),
        (RECODED, AGAIN, {**SEEN, "b:1": SAND}),
        (RECODED, AGAIN, {"a:1": SNOW}),
    ],
    ids=["longer", "of no known length", "of no known file", "later", "other words", "other picture", "no picture"],
)
async def test_what_differs_in_length_time_words_or_picture_is_another_film(
    other: LedgerVideo, again: Moment, seen: Mapping[str, list[float]]
) -> None:
    assert await shown(other, again, seen=seen) == [["a"], ["b"]]


async def test_films_that_begin_alike_and_go_on_differently_are_both_shown() -> None:
    seen = {**SEEN, "b:2": SNOW}

    assert await shown(RECODED, AGAIN, moment("b:2", 30.1, "Sand."), seen=seen) == [["a"], ["b"]]


def test_moments_of_one_film_are_stacked_by_their_second_and_never_those_of_one_file() -> None:
    videos, moments = found(moment("a:1", 0.0, "Hm."), moment("a:2", 0.3, "Hm."), moment("b:1", 0.4, "Hm."))
    stacks = stack_copies(by_moment(videos), moments, {"a": FILM, "b": RECODED}, {"b": "a"}, by_moment=True)

    assert ids(stacks) == [["a", "b"], ["a"]]


def ids(stacks: list[tuple[FusedVideo, ...]]) -> list[list[str]]:
    return [[hit.video_id for hit in stack] for stack in stacks]
