import numpy as np
import pytest

from search_api.contrast import SHARE, contrast


def vector(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_nothing_unwanted_changes_nothing() -> None:
    wanted = vector(3.0, 4.0)
    assert contrast(wanted, []) is wanted


def test_by_hand() -> None:
    found = contrast(vector(1, 0), [vector(0, 2)])
    length = np.hypot(1, SHARE)

    assert found == pytest.approx([1 / length, -SHARE / length], abs=1e-6)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


def test_of_two_pictures_of_what_is_wanted_the_one_without_the_unwanted_comes_first() -> None:
    cat, snow, dog = np.eye(3, dtype=np.float32)
    towards = contrast(cat, [snow])
    cat_on_snow, cat_alone, dog_alone = (cat + snow) / np.sqrt(2), cat, dog

    assert cat_alone @ towards > cat_on_snow @ towards > dog_alone @ towards


def test_texts_that_lie_close_together_are_told_apart_as_well() -> None:
    car, red_car = vector(1, 0.2, 0), vector(1, 0.6, 0)
    towards = contrast(car, [red_car])

    blue, red = vector(1, 0, 0.5), vector(1, 0.5, 0)
    assert blue @ towards / np.linalg.norm(blue) > red @ towards / np.linalg.norm(red)


@pytest.mark.parametrize("count", [1, 2, 8])
def test_what_is_wanted_and_unwanted_at_once_still_has_a_direction(count: int) -> None:
    found = contrast(vector(0.6, 0.8), [vector(0.6, 0.8)] * count)

    assert found == pytest.approx([0.6, 0.8], abs=1e-6)


def test_unwanted_directions_that_cancel_out_change_nothing() -> None:
    assert contrast(vector(2, 0), [vector(0, 1), vector(0, -1)]) == pytest.approx([1, 0])


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_refuses_a_share_that_could_leave_nothing(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        contrast(vector(1, 0), [vector(0, 1)], share=share)


def test_refuses_vectors_of_another_space() -> None:
    with pytest.raises(ValueError, match="one shape"):
        contrast(vector(1, 0), [vector(1, 0, 0)])
