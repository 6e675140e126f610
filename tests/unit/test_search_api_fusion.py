import pytest

from search_api.fusion import FusedVideo, Fusion, LegHit, LegName, by_moment, fuse, leave_out

TEXT, SPEECH, METADATA = LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR, LegName.METADATA_TEXT
WEIGHTS = {TEXT: 0.5, SPEECH: 0.3, METADATA: 0.2}


def found(legs: dict[LegName, list[LegHit]]) -> list[FusedVideo]:
    return fuse(legs, weights=WEIGHTS, rank_constant=60, fusion=Fusion.RRF)


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
    assert a.score == pytest.approx(0.5 / 61 + 0.1 * 0.3 / 62 + 0.2 / 62)
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


def test_of_two_videos_whose_best_moments_are_as_good_the_one_with_more_comes_first() -> None:
    one, several = LegHit("one", "one:1", 9.0), [LegHit("several", f"several:{n}", 9.0 - n) for n in range(3)]
    videos = fuse({TEXT: [one, *several[1:]], SPEECH: [several[0]]}, weights={TEXT: 0.5, SPEECH: 0.5}, rank_constant=60)

    assert [video.video_id for video in videos] == ["several", "one"]
    parts = [moment.score for moment in videos[0].moments]
    assert videos[0].score == pytest.approx(parts[0] + 0.1 * parts[1] + 0.01 * parts[2])


def test_no_number_of_moments_makes_up_for_a_clearly_better_one() -> None:
    hits = [LegHit("best", "best:1", 9.0), *(LegHit("long", f"long:{n:03}", 5.0) for n in range(8, 200))]
    videos = found({TEXT: [*hits[:1], *(LegHit(f"v{n}", f"v{n}:1", 6.0) for n in range(7)), *hits[1:]]})

    assert videos[0].video_id == "best"


def test_normalised_scores_by_hand() -> None:
    videos = fuse(
        {
            TEXT: [LegHit("a", "a:1", 9.0), LegHit("b", "b:1", 6.0), LegHit("c", "c:1", 5.0)],
            METADATA: [LegHit("c", None, 4.0)],
        },
        weights={TEXT: 0.6, SPEECH: 9.0, METADATA: 0.2},
        rank_constant=60,
        fusion=Fusion.NORMALISED,
    )

    a, c, b = videos
    assert (a.video_id, c.video_id, b.video_id) == ("a", "c", "b")
    assert a.score == pytest.approx(0.75), "0.6 of 0.8: a leg that did not run takes no part"
    assert b.score == pytest.approx(0.75 * 0.25)
    assert c.score == pytest.approx(0.75 * 0.001 + 0.25), "the lowest hit counts a little, a leg's only hit fully"
    assert c.legs[METADATA].share == pytest.approx(0.25)


def test_normalised_a_clear_winner_of_one_leg_beats_a_near_tie_of_ranks() -> None:
    legs = {
        TEXT: [LegHit("clear", "clear:1", 30.0), LegHit("other", "other:1", 3.0), LegHit("third", "third:1", 2.0)],
        SPEECH: [LegHit("other", "other:1", 1.70), LegHit("clear", "clear:1", 1.69), LegHit("far", "far:1", 1.2)],
    }
    weights = {TEXT: 0.4, SPEECH: 0.6}

    assert fuse(legs, weights=weights, rank_constant=60)[0].video_id == "other"
    assert fuse(legs, weights=weights, rank_constant=60, fusion=Fusion.NORMALISED)[0].video_id == "clear"


def test_calibrated_scores_by_hand() -> None:
    videos = fuse(
        {
            TEXT: [LegHit("a", "a:1", 9.0, 1.0), LegHit("b", "b:1", 8.0, 0.25)],
            SPEECH: [LegHit("b", "b:1", 1.9, 0.9), LegHit("a", "a:2", 1.8, 0.3)],
            METADATA: [LegHit("c", None, 4.0, 0.5)],
        },
        weights=WEIGHTS,
        rank_constant=60,
    )

    a, b, c = videos
    assert (a.video_id, b.video_id, c.video_id) == ("a", "b", "c")
    assert a.score == pytest.approx(0.5 + 0.1 * 0.3 * 0.3, abs=1e-4)
    assert b.score == pytest.approx(0.5 * 0.25 + 0.3 * 0.9, abs=1e-4)
    assert c.score == pytest.approx(0.2 * 0.5)
    for video in videos:
        assert video.score == pytest.approx(sum(share.share for share in video.legs.values()))


def test_calibrated_a_leg_that_is_unsure_of_all_its_hits_moves_nothing_up() -> None:
    legs = {
        TEXT: [LegHit("said", "said:1", 9.0, 1.0), LegHit("half", "half:1", 8.9, 0.25)],
        SPEECH: [LegHit("half", "half:1", 1.3, 0.01), LegHit("other", "other:1", 1.2, 0.01)],
    }

    assert [video.video_id for video in fuse(legs, weights=WEIGHTS, rank_constant=60)] == ["said", "half", "other"]


def test_calibrated_of_equal_confidence_the_order_of_the_leg_counts() -> None:
    several = [LegHit(name, f"{name}:1", 9.0 - n, 1.0) for n, name in enumerate("cab")]

    assert [video.video_id for video in fuse({TEXT: several}, weights=WEIGHTS, rank_constant=60)] == ["c", "a", "b"]


def test_calibrated_where_nothing_is_known_of_the_hits_their_ranks_stand_in() -> None:
    legs = {SPEECH: [LegHit("a", "a:1", 1.9), LegHit("b", "b:1", 1.2)]}

    first, second = fuse(legs, weights={SPEECH: 1.0}, rank_constant=60)

    assert (first.score, second.score) == pytest.approx((1 / 2, 1 / 3), abs=1e-4)


def test_what_is_left_out_counts_for_nothing() -> None:
    videos = found({TEXT: [LegHit("a", "a:1", 9.0), LegHit("b", "b:1", 8.0), LegHit("a", "a:2", 7.0)]})

    b, a = leave_out(videos, {"a:1"})

    assert (b.video_id, [moment.moment_id for moment in a.moments]) == ("b", ["a:2"])
    assert a.score == pytest.approx(0.5 / 63)


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
