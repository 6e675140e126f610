from dataclasses import replace

import pytest

from search_api.filters import Filters, OneOf
from search_api.found import Ranking
from search_api.fusion import FusedVideo, LegHit, LegName, fuse
from search_api.moments import Moment
from search_api.paging.page import turn
from search_api.paging.tokens import PageToken, new_walk
from search_api.paging.walks import Walks
from search_api.problems import Refusal
from search_api.question import GroupBy, Query, Sort
from search_api.show import Claim, Ledger, LedgerVideo
from search_api.syntax import parse

TEXT, METADATA = LegName.SPEECH_TEXT, LegName.METADATA_TEXT
WEIGHTS = {TEXT: 0.6, METADATA: 0.4}
QUERY = Query(parse("frog"), limit=10, moments_per_video=3, weights=WEIGHTS, filters=Filters())
EMPTY = Ranking((), {}, {}, {}, ())


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now


def walks(capacity: int = 2) -> tuple[Walks, Clock]:
    clock = Clock()
    return Walks(capacity=capacity, keep_seconds=60, clock=clock), clock


def begin(kept: Walks, query: Query = QUERY) -> PageToken:
    name = kept.begin(EMPTY, query)
    assert name is not None
    return PageToken(name, 0)


def refused(kept: Walks, token: PageToken, query: Query = QUERY) -> tuple[int, str]:
    with pytest.raises(Refusal) as refusal:
        kept.follow(token, query)
    return refusal.value.status, refusal.value.kind


def test_a_token_comes_back_as_it_went_and_needs_no_quoting() -> None:
    token = PageToken(new_walk(), 1234)

    assert PageToken.read(token.written()) == token
    assert token.written().replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["x", "я", "k3vV0mT1c0pXb2hZAAA", "=" * 20, "k3vV0mT1c0pXb2hZAAAKAAAA", "\x00"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no token of a page"):
        PageToken.read(text)


def test_pages_are_kept_for_a_while_after_the_last_one() -> None:
    kept, clock = walks()
    token = begin(kept)

    clock.now = 59
    assert kept.follow(token, QUERY) is EMPTY
    clock.now = 118
    assert kept.follow(token, QUERY) is EMPTY
    clock.now = 178
    assert refused(kept, token) == (410, "page-expired")
    assert len(kept) == 0


def test_the_walks_that_were_used_last_are_kept() -> None:
    kept, _ = walks(capacity=2)
    first, second = begin(kept), begin(kept)
    kept.follow(first, QUERY)
    begin(kept)

    assert kept.follow(first, QUERY) is EMPTY
    assert refused(kept, second) == (410, "page-expired")


def test_where_none_are_kept_there_is_one_page_only() -> None:
    kept, _ = walks(capacity=0)

    assert kept.begin(EMPTY, QUERY) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(QUERY, wanted=parse("cat")),
        replace(QUERY, wanted=parse("frog -cat")),
        replace(QUERY, weights={TEXT: 0.6}),
        replace(QUERY, filters=Filters(language=OneOf(("ru",)))),
        replace(QUERY, filters=Filters(attributes={"season": OneOf(("spring",))})),
        replace(QUERY, sort=Sort.NEWEST),
        replace(QUERY, group_by=GroupBy.MOMENT),
        replace(QUERY, min_confidence=0.5),
        replace(QUERY, collapse=False),
        replace(QUERY, depth=7),
    ],
)
def test_a_token_of_another_search_is_refused(other: Query) -> None:
    kept, _ = walks()

    assert refused(kept, begin(kept), other) == (422, "page-of-another-search")


def test_how_much_of_it_is_shown_may_change() -> None:
    kept, _ = walks()
    turned = replace(QUERY, limit=3, moments_per_video=1, weights={METADATA: 0.4, TEXT: 0.6})

    assert kept.follow(begin(kept), turned) is EMPTY


def test_behind_the_last_hit_there_is_no_page() -> None:
    kept, _ = walks()
    token = begin(kept)

    assert refused(kept, PageToken(token.walk, 1)) == (422, "invalid-page")


def video(name: str, **changes: object) -> LedgerVideo:
    plain = LedgerVideo(name, "videos", f"{name}.mp4", None, None, 60.0, 1, "ready", ("won",))
    return replace(plain, **changes)  # type: ignore[arg-type]


def moment(name: str, n: int) -> Moment:
    return Moment(f"{name}:{n}", Claim(name, 1, 0, "won"), 5.0 * n, 5.0 * n + 5.0, None, None)


def ranking(*stacks: tuple[str, ...], titled: tuple[str, ...] = ()) -> tuple[Ranking, Ledger]:
    names = [name for stack in stacks for name in stack]
    text = [LegHit(name, f"{name}:1", 9.0) for name in names]
    fused = {
        hit.video_id: hit
        for hit in fuse(
            {TEXT: text, METADATA: [LegHit(name, None, 3.0) for name in titled]}, weights=WEIGHTS, rank_constant=60
        )
    }
    moments = {each.moment_id: each for each in (moment(name, 1) for name in names)}
    hits: tuple[tuple[FusedVideo, ...], ...] = tuple(tuple(fused[name] for name in stack) for stack in stacks)
    return Ranking(hits, moments, {}, {}, ()), {name: video(name) for name in names}


def test_a_page_holds_what_the_ledger_vouches_for_and_ends_where_it_is_full() -> None:
    found, ledger = ranking(("a",), ("b",), ("c",), ("d",), ("e",))
    now = {**ledger, "b": video("b", status="deleted"), "c": video("c", revision=2)}

    page = turn(found, now, start=0, stop=5, limit=2)

    assert [hit.ledger.video_id for hit in page.hits] == ["a", "d"]
    assert page.position == 4
    assert [hit.ledger.video_id for hit in turn(found, now, start=4, stop=9, limit=2).hits] == ["e"]


def test_a_copy_stands_in_for_a_video_that_was_deleted_since() -> None:
    found, ledger = ranking(("a", "b"), ("c",))

    (first, _) = turn(found, ledger, start=0, stop=2, limit=9).hits
    assert (first.ledger.video_id, first.copies) == ("a", ("b",))
    (first, _) = turn(found, {**ledger, "a": video("a", status="deleted")}, start=0, stop=2, limit=9).hits
    assert (first.ledger.video_id, first.copies) == ("b", ())


def test_of_new_content_only_the_title_may_be_shown() -> None:
    found, ledger = ranking(("a",), titled=("a",))

    (hit,) = turn(found, {**ledger, "a": video("a", revision=2)}, start=0, stop=1, limit=9).hits

    assert hit.fused.moments == ()
    assert set(hit.fused.legs) == {METADATA}
    assert hit.fused.score == pytest.approx(hit.fused.legs[METADATA].share)
