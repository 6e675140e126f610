"""The random scenes: what is held out, that a seed decides everything, and that everything can be drawn."""

from random import Random

import numpy as np
import pytest

from encoders.training.pictures import batches, facts, lettering, scenes
from encoders.training.pictures.backdrops import PLACES
from encoders.training.pictures.facts import Facts, Subject
from encoders.training.pictures.subjects import KINDS, MIXED


def test_held_out_combinations_are_never_trained_on() -> None:
    random = Random(1)
    for _ in range(5_000):
        shown = facts.trained(random)
        assert not facts.held_out(shown)


def test_half_of_a_batch_is_told_apart_by_one_thing_only() -> None:
    chosen = facts.contrasted(64, Random(5))
    assert len(chosen) == 64 and not any(facts.held_out(one) for one in chosen)
    families = [chosen[at : at + 4] for at in range(0, 32, 4)]
    alike = [len({getattr(one, part) for one in family}) for family in families for part in ("place", "light", "text")]
    assert sum(alike) / len(alike) < 1.8
    assert all(len(set(family)) >= 2 for family in families)


def test_the_companion_may_be_the_one_that_is_told_of() -> None:
    both = Facts("city", Subject("car", "red", 1), Subject("dog", "black", 2), "rain", "night")
    assert both.turned() == Facts("city", Subject("dog", "black", 2), Subject("car", "red", 1), "rain", "night")
    assert Facts("city", Subject("car", "red", 1)).turned() == Facts("city", Subject("car", "red", 1))


def test_the_evaluation_shows_held_out_combinations_only() -> None:
    random = Random(2)
    shown = [facts.unseen(random) for _ in range(300)]
    assert all(facts.held_out(one) for one in shown)
    assert len({one.subject.kind for one in shown if one.subject}) > 15
    assert len({one.place for one in shown}) > 12


def test_a_combination_is_held_out_in_any_weather_number_and_company() -> None:
    random = Random(3)
    kept = facts.unseen(random)
    assert kept.subject is not None
    changed = Facts(kept.place, kept.subject, weather="clear", light=None, text="STOP")
    assert facts.held_out(changed)
    assert facts.held_out(Facts(kept.place, Subject("cat", "black", 1), kept.subject))


def test_about_one_combination_in_ten_is_held_out() -> None:
    combinations = [
        Facts(place, Subject(kind, colour, 1))
        for kind, its in KINDS.items()
        for colour in (its.colours or (None,))
        for place in PLACES
    ]
    share = sum(facts.held_out(one) for one in combinations) / len(combinations)
    assert 0.08 < share < 0.12


def test_the_same_seed_gives_the_same_scene() -> None:
    one, other = (batches.batch(facts.contrasted(4, Random("7")), 96, Random("7")) for _ in range(2))
    assert one.facts == other.facts and one.captions == other.captions
    assert np.array_equal(one.pixels, other.pixels)
    assert not np.array_equal(one.pixels, batches.batch(one.facts, 96, Random("8")).pixels)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_drawn_in_every_light_and_weather(place: str) -> None:
    known = PLACES[place]
    pictures = {
        (light, weather): np.asarray(scenes.draw(Facts(place, weather=weather, light=light), Random(1)))
        for light in (known.lights or (None,))
        for weather in known.weathers
    }
    drawn = list(pictures.values())
    assert all(picture.dtype == np.uint8 and picture.shape[2] == 3 for picture in drawn)
    assert all(not np.array_equal(drawn[0], other) for other in drawn[1:])


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_seen_in_its_place(kind: str) -> None:
    its = KINDS[kind]
    place = next(name for name, place in PLACES.items() if facts.fits(its, kind, place, name))
    subject = Subject(kind, its.colours[0] if its.colours else None, 1)
    empty = np.asarray(scenes.draw(Facts(place, light=None), Random(5)).resize((64, 36))).astype(int)
    shown = np.asarray(scenes.draw(Facts(place, subject, light=None), Random(5)).resize((64, 36))).astype(int)
    assert (abs(shown - empty).max(axis=2) > 40).sum() > 8


def test_several_figures_of_no_one_colour_differ() -> None:
    picture = scenes.draw(Facts("aquarium", Subject("fish", MIXED, 4)), Random(3))
    assert len(picture.quantize(32).getcolors() or ()) > 12


def test_a_single_figure_cannot_be_of_several_colours() -> None:
    with pytest.raises(ValueError, match="differ"):
        Subject("fish", MIXED, 1)
    with pytest.raises(ValueError, match="1 to 1"):
        Subject("train", None, 2)


def test_a_missing_font_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_FONTS", ("NoSuchFont.ttf",))
    with pytest.raises(lettering.FontError, match="install DejaVu"):
        scenes.draw(Facts("city", light="day", text="STOP"), Random(1))


def test_filmed_frames_are_squashed_to_the_model_square() -> None:
    frame = scenes.draw(Facts("city", light="day"), Random(1))
    assert batches.filmed(frame, 96, Random(1)).shape == (96, 96, 3)
