import pytest

from search_api.fusion import FusedVideo, LegHit, LegName, by_moment, fuse

TEXT, SPEECH, METADATA = LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR, LegName.METADATA_TEXT
WEIGHTS = {TEXT: 0.5, SPEECH: 0.3, METADATA: 0.2}


def found(legs: dict[LegName, list[LegHit]]) -> list[FusedVideo]:
    return fuse(legs, weights=WEIGHTS, rank_constant=60)


def test_scores_by_hand() -> None:
    videos = found(
        {
            TEXT: [LegHit("a", "a:1", 9.0), LegHit("b", "b:1", 8.0)],
            SPEECH: [LegHit("b", "b:1", 1.9), LegHit("a", "a:2", 1.8)],
            METADATA: [LegHit("c", None, 4.0), LegHit("a", None, 3.0)],
        }
    )

    assert [video.video_id for video in videos] == ["b", "a", "c"]
    b, a, c = videos
    assert b.score == pytest.approx(0.5 / 62 + 0.3 / 61)
    assert a.score == pytest.approx(0.5 / 61 + 0.2 / 62)
    assert c.score == pytest.approx(0.2 / 61)
    assert [moment.moment_id for moment in a.moments] == ["a:1", "a:2"]
    assert a.moments[1].score == pytest.approx(0.3 / 62)


def test_a_video_found_by_its_metadata_alone_has_no_moments() -> None:
    (video,) = found({METADATA: [LegHit("a", None, 3.0)]})

    assert video.moments == ()
    assert video.legs[METADATA].rank == 1
    assert video.legs[METADATA].score == 3.0


def test_the_shares_of_a_hit_sum_to_its_score() -> None:
    videos = found(
        {
            TEXT: [LegHit("a", f"a:{n}", 9.0 - n) for n in range(5)],
            SPEECH: [LegHit("a", f"a:{n}", 2.0) for n in (3, 1, 4)],
            METADATA: [LegHit("b", None, 4.0), LegHit("a", None, 3.0)],
        }
    )

    for video in videos:
        assert video.score == pytest.approx(sum(share.share for share in video.legs.values()))
        for moment in video.moments:
            assert moment.score == pytest.approx(sum(share.share for share in moment.legs.values()))


def test_the_score_of_a_video_is_its_best_moment_plus_its_metadata() -> None:
    (video,) = found({TEXT: [LegHit("a", "a:1", 9.0), LegHit("a", "a:2", 8.0)], METADATA: [LegHit("a", None, 3.0)]})

    assert video.score == pytest.approx(video.moments[0].score + video.legs[METADATA].share)


def test_ties_are_broken_by_id_whatever_the_order_of_the_legs() -> None:
    forth = fuse(
        {TEXT: [LegHit("b", "b:1", 1.0)], SPEECH: [LegHit("a", "a:1", 1.0)]},
        weights={TEXT: 0.5, SPEECH: 0.5},
        rank_constant=60,
    )
    back = fuse(
        {SPEECH: [LegHit("a", "a:1", 1.0)], TEXT: [LegHit("b", "b:1", 1.0)]},
        weights={TEXT: 0.5, SPEECH: 0.5},
        rank_constant=60,
    )

    assert [video.video_id for video in forth] == [video.video_id for video in back] == ["a", "b"]


def test_a_heavier_leg_wins_at_the_same_rank() -> None:
    videos = found({SPEECH: [LegHit("a", "a:1", 99.0)], TEXT: [LegHit("b", "b:1", 0.1)]})

    assert [video.video_id for video in videos] == ["b", "a"]


def test_by_moment_every_moment_stands_for_itself_with_the_metadata_of_its_video() -> None:
    videos = found(
        {
            TEXT: [LegHit("a", "a:1", 9.0), LegHit("b", "b:1", 8.0), LegHit("a", "a:2", 7.0)],
            METADATA: [LegHit("b", None, 4.0), LegHit("c", None, 3.0)],
        }
    )

    hits = by_moment(videos)

    assert [hit.moments[0].moment_id for hit in hits] == ["b:1", "a:1", "a:2"]
    assert hits[0].score == pytest.approx(0.5 / 62 + 0.2 / 61)
    assert set(hits[0].legs) == {TEXT, METADATA}
    assert all(len(hit.moments) == 1 for hit in hits)


def test_nothing_found_is_nothing() -> None:
    assert found({TEXT: [], SPEECH: []}) == []
