"""A re-cut of a real film is found with its offset: rendered, cut, encoded anew, indexed by the real worker."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from flow import Flow
from services import Scope
from serving import served

from infra import demo_takes as takes
from infra.demo_film import Film, Take, render
from search_api.settings import SearchSettings

SECONDS = 7.0
SCENES = (takes.balloons, takes.bakery, takes.train_ride, takes.fish_tank, takes.regatta, takes.cat_in_snow)
OTHERS = (takes.fireworks, takes.lighthouse, takes.winter, takes.butterfly_garden, takes.car_in_city)


def film(name: str, *scenes: Any) -> Film:
    return Film(name, tuple(Take(scene, (), SECONDS) for scene in scenes), None)


def cut(whole: Path, target: Path, start: float, stop: float) -> Path:
    """A piece of a film, encoded anew, smaller and with other settings."""
    with av.open(str(whole)) as source, av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=15, options={"crf": "30", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        number = 0
        for frame in source.decode(video=0):
            if start <= (frame.time or 0.0) < stop:
                small = frame.reformat(480, 270, "yuv420p")
                small.pts, small.pict_type = number, av.video.frame.PictureType.NONE
                small.time_base = Fraction(1, 15)
                number += 1
                output.mux(stream.encode(small))
        output.mux(stream.encode(None))
    return target


def test_a_recut_of_a_film_is_found_with_its_offset(ready_scope: Scope, tmp_path: Path) -> None:
    flow = Flow(ready_scope)
    whole = render(film("whole.mp4", *SCENES), tmp_path)
    other = render(film("other.mp4", *OTHERS), tmp_path)
    # From the middle of the second scene to the middle of the fifth.
    piece = cut(whole, tmp_path / "piece.mp4", 10.0, 31.0)
    with flow.worker():
        videos = {path.stem: flow.put(path.name, path) for path in (whole, other, piece)}
        for video in videos.values():
            flow.wait_final(video, 240)

    with (
        served(flow.scope.read(SearchSettings, deadline_seconds=30.0)) as address,
        httpx.Client(base_url=address) as api,
    ):
        found = api.get(f"/videos/{videos['piece']}/matches", timeout=60).json()
        back = api.get(f"/videos/{videos['whole']}/matches", params={"start": 21, "end": 28}, timeout=60).json()

    best = found["matches"][0]
    assert best["video_id"] == videos["whole"]
    assert best["offset_seconds"] == pytest.approx(10.0, abs=0.5)
    # The two scenes that are whole in it; of those that were cut through, one keyframe is all that is compared.
    assert best["matched_seconds"] >= 13.5 and best["score"] > 0.6
    for interval in best["intervals"]:
        assert interval["other_start_seconds"] - interval["start_seconds"] == pytest.approx(10.0, abs=0.5)
    assert all(match["score"] < best["score"] / 2 for match in found["matches"][1:])
    assert back["matches"][0]["video_id"] == videos["piece"]
    assert back["matches"][0]["offset_seconds"] == pytest.approx(-10.0, abs=0.5)
