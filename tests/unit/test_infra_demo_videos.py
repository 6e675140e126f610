"""The demo's videos: drawn, spoken and written as their catalogue says."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from encoders.training.voices import Voice, VoiceError, Voices
from encoders.training.world.canvas import Scene, Size, Weather
from infra import demo_takes, demo_videos
from infra.demo_catalogue import EDWARD, films, said
from infra.demo_film import Film, Take, render
from infra.errors import KadrError

SMALL = Size(160, 90)


@pytest.fixture
def voices() -> Iterator[Voices]:
    with Voices() as voices:
        yield voices


def brief(name: str, **changes: object) -> Film:
    """A film of two takes, small and short."""
    takes = (
        Take(demo_takes.car_in_city, said(EDWARD, "The boys are playing."), 1.0),
        Take(demo_takes.lighthouse, (), 1.0),
    )
    fields: dict[str, object] = {"language": "eng", "size": SMALL, "frames_per_second": 10, "takes": takes, **changes}
    return Film(name, **fields)  # type: ignore[arg-type]


def test_a_voice_speaks_a_sentence(voices: Voices) -> None:
    samples = voices.speak("The old train.", Voice("en-us+f2", words_per_minute=165))
    assert samples.dtype == np.int16
    assert 0.3 < len(samples) / voices.samples_per_second < 3
    assert samples.max() > 3000


def test_russian_is_spoken_too(voices: Voices) -> None:
    assert len(voices.speak("Чёрная кошка сидит у окна.", Voice("ru"))) > voices.samples_per_second


def test_an_unknown_voice_is_named(voices: Voices) -> None:
    with pytest.raises(VoiceError, match="'xx-nobody'"):
        voices.speak("hello", Voice("xx-nobody"))


def test_a_voice_checks_its_speed() -> None:
    with pytest.raises(ValueError, match=r"words_per_minute = 20"):
        Voice("en", words_per_minute=20)


@pytest.mark.parametrize("size", [(161, 90), (8, 8)])
def test_a_frame_has_even_sides(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="even"):
        Size(*size)


def test_every_scene_moves_and_fills_the_frame() -> None:
    made = [value for value in vars(demo_takes).values() if getattr(value, "__module__", "") == demo_takes.__name__]
    for make in made:
        frames = list(make(SMALL.unit).frames(SMALL, 1.0, 2))
        assert [frame.shape for frame in frames] == [(90, 160, 3)] * 2, make.__name__
        assert not np.array_equal(frames[0], frames[1]), f"{make.__name__} stands still"
        assert frames[0].std() > 10, f"{make.__name__} is nearly of one colour"


def test_weather_falls_the_same_way_every_time() -> None:
    scene = Scene(demo_takes.winter(SMALL.unit).backdrop, weather=Weather("snow", 30))
    first, second = (list(scene.frames(SMALL, 0.4, 5)) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_film_has_a_keyframe_at_its_cut_and_its_language(tmp_path: Path) -> None:
    path = render(brief("cut.mp4"), tmp_path)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].metadata["language"] == "eng"
        frames = list(container.decode(video=0))
    keys = [frame.time for frame in frames if frame.key_frame]
    assert len(keys) == 2 and keys[0] == 0.0
    cut = round(keys[1] * 10)
    before = np.abs(frames[cut - 1].to_ndarray(format="gray") * 1.0 - frames[cut].to_ndarray(format="gray")).mean()
    assert before > 20, "the keyframe is not at the cut"
    assert [entry.name for entry in tmp_path.iterdir()] == ["cut.mp4"], "something unfinished was left"


def test_the_same_films_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breathy = Voice("en-us+f2", words_per_minute=165)
    talk = (Take(demo_takes.balloons, said(breathy, "The wind carries the balloon."), 1.0),)
    vp9 = brief("a.webm", picture_codec="libvpx-vp9", sound_codec="libopus", takes=talk)
    monkeypatch.setattr(demo_videos, "films", lambda: (vp9, brief("b.mkv", takes=talk), brief("c.mp4", takes=talk)))
    first, second = (demo_videos.demo_videos(tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_start_offset_is_in_the_container(tmp_path: Path) -> None:
    with av.open(str(render(brief("late.mp4", start_seconds=2.5), tmp_path))) as container:
        assert container.start_time is not None
        assert container.start_time / av.time_base == pytest.approx(2.5, abs=0.05)
        assert next(container.decode(video=0)).time == pytest.approx(2.5)


def test_an_upright_film_lies_on_its_side_with_a_display_matrix(tmp_path: Path) -> None:
    film = brief("tall.mp4", size=Size(90, 160), upright=True)
    with av.open(str(render(film, tmp_path))) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (160, 90, -90)
    shown = np.rot90(frame.to_ndarray(format="rgb24"), -1)
    drawn = next(film.takes[0].scene(film.size.unit).frames(film.size, 1.0, 10))
    assert np.abs(shown.astype(int) - drawn).mean() < 25, "a player would show it upside down"


def test_films_without_sound_or_without_a_picture(tmp_path: Path) -> None:
    with av.open(str(render(brief("silent.mp4", language=None), tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    with av.open(str(render(brief("spoken.mp4", picture_codec=None), tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["audio"]


def test_a_film_needs_something() -> None:
    with pytest.raises(ValueError, match="a picture or sound"):
        brief("nothing.mp4", language=None, picture_codec=None)


def test_the_catalogue_has_every_case_that_the_demo_promises() -> None:
    catalogue = films()
    assert len({film.name for film in catalogue}) == len(catalogue) >= 12
    assert {Path(film.name).suffix for film in catalogue} == {".mp4", ".webm", ".mkv"}
    assert {film.language for film in catalogue} == {"eng", "rus", None}
    assert [film.name for film in catalogue if film.upright]
    assert [film.name for film in catalogue if film.start_seconds]
    assert [film.name for film in catalogue if film.picture_codec is None]
    assert max(sum(take.least_seconds for take in film.takes) for film in catalogue) >= 180


def test_videos_are_rendered_once_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_videos, "films", lambda: (brief("a.mp4"), brief("b.mp4", language=None)))
    told: list[tuple[str, int, int]] = []
    first = demo_videos.demo_videos(tmp_path, progress=lambda *now: told.append(now))
    assert [path.name for path in first] == ["a.mp4", "b.mp4"]
    assert [done for _, done, _ in told] == [1, 2] and {total for *_, total in told} == {2}
    written = [path.stat().st_mtime_ns for path in first]
    first[0].unlink()
    again = demo_videos.demo_videos(tmp_path)
    assert again[1].stat().st_mtime_ns == written[1], "what was there was made again"
    assert again[0].exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo-videos").write_text("a file stands in the way")
    with pytest.raises(KadrError, match="set KADR_HOME"):
        demo_videos.demo_videos(tmp_path)
