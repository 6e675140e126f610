"""Cuts between pictures of the same colours, told by their vectors."""

import numpy as np
from numpy.typing import NDArray

from stream.media.values import SpanMedia
from stream.moments import compose
from stream.scenes import scene_changes

SECONDS = np.arange(0.0, 12.0, 2.0)


def vectors(*degrees: float) -> NDArray[np.float32]:
    """Unit vectors at these angles."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_vector_far_from_the_one_before_it_begins_a_scene() -> None:
    assert scene_changes(SECONDS, vectors(0, 5, 2, 80, 82, 79), ()) == [6.0]


def test_nothing_is_added_where_a_cut_is_known() -> None:
    assert scene_changes(SECONDS, vectors(0, 5, 2, 80, 82, 79), (4.6,)) == []


def test_a_film_in_which_everything_moves_has_no_scenes() -> None:
    assert scene_changes(SECONDS, vectors(0, 50, 100, 150, 200, 250), ()) == []


def test_too_few_frames_tell_nothing() -> None:
    assert scene_changes(SECONDS[:2], vectors(0, 80), ()) == []
    assert scene_changes(SECONDS, None, ()) == []


def test_moments_end_where_scenes_change() -> None:
    media = SpanMedia(
        frames=np.zeros((6, 4, 4, 3), np.uint8),
        frame_seconds=SECONDS,
        thumbnails=(b"jpeg",) * 6,
        cut_seconds=(),
        sound=None,
        sound_start_seconds=0.0,
    )
    found = compose(media, vectors(0, 5, 2, 80, 82, 79), (), 0.0, 12.0)
    assert [(moment.start_seconds, moment.stop_seconds) for moment in found] == [(0.0, 6.0), (6.0, 12.0)]
