"""Moments that are like one: by what is shown and by what is said, never the moment itself."""

import io
from typing import Any

import httpx
import numpy as np
from drawing import SCENES, SIZE, DrawnIndex, picture
from PIL import Image
from searching import Add, ask

from search_api.recoded import RECODED_PICTURE

pytest_plugins = ("drawn_index", "search_fixtures")


async def like(api: httpx.AsyncClient, moment: str, **wish: Any) -> dict[str, Any]:
    response = await api.get(f"/moments/{moment}/similar", params=wish)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_the_same_scene_elsewhere_comes_first_and_the_moment_itself_never(drawn: DrawnIndex) -> None:
    again = [picture(take(SIZE.unit), 4.0) for take in SCENES[:3]]
    await drawn.add("again", again)

    for number in range(3):
        answer = await like(drawn.api, f"v{number}:1:0:won:0", group_by="moment", explain="true")
        found = [hit["moments"][0]["moment_id"] for hit in answer["hits"]]

        assert f"v{number}:1:0:won:0" not in found
        assert set(found[:2]) == {f"again:1:0:won:{number}", f"v{number}:1:0:won:1"}
        assert answer["hits"][0]["legs"]["picture_vector"]["confidence"] >= 0.9


async def test_another_encoding_of_a_picture_is_nearly_the_same_picture_and_another_scene_is_not(
    drawn: DrawnIndex,
) -> None:
    vectors = []
    for take in SCENES:
        whole = picture(take(SIZE.unit), 4.0)
        small = io.BytesIO()
        Image.open(io.BytesIO(whole)).convert("RGB").resize((240, 136)).save(small, "JPEG", quality=40)
        rows = [(await drawn.encoder.embed_picture_file(file))[0] for file in (whole, small.getvalue())]
        vectors.append([np.asarray(row) / np.linalg.norm(row) for row in rows])

    wholes, smalls = (np.array(rows) for rows in zip(*vectors, strict=True))
    nearness = wholes @ smalls.T
    same = np.eye(len(SCENES), dtype=bool)
    assert nearness[same].min() > RECODED_PICTURE > nearness[~same].max() + 0.1


async def test_what_is_said_counts_too(api: httpx.AsyncClient, add: Add) -> None:
    for video, said in (("v1", "frog"), ("v2", "cat"), ("v3", "frog"), ("v4", "ask")):
        add(video, said)
    moment = (await ask(api, "frog"))["hits"][0]["moments"][0]["moment_id"]

    answer = await like(api, moment, min_confidence=0)

    other = "v3" if moment.startswith("v1") else "v1"
    (hit,) = [hit for hit in answer["hits"] if hit["video_id"] == other]
    assert hit["legs"]["speech_vector"]["rank"] == 1


async def test_what_overlaps_the_moment_in_its_own_video_is_left_out(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", "frog", "frog")
    add("v1", "frog", moment={"start_seconds": 4.0, "stop_seconds": 6.0, "span": 0, "run": "won", "revision": 1})

    answer = await like(api, "v1:1:0:won:1", group_by="moment", min_confidence=0)

    starts = sorted(hit["moments"][0]["start_seconds"] for hit in answer["hits"])
    assert starts == [10.0]


async def test_filters_hold_and_the_count_is_kept(api: httpx.AsyncClient, add: Add) -> None:
    for video in ("v1", "v2", "v3", "v4"):
        add(video, "frog", language="en" if video < "v3" else "ru")

    filtered = await like(api, "v1:1:0:won:0", language="ru", min_confidence=0)
    few = await like(api, "v1:1:0:won:0", k=1, min_confidence=0)

    assert sorted(hit["video_id"] for hit in filtered["hits"]) == ["v3", "v4"]
    assert len(few["hits"]) == 1


async def test_moments_that_are_not_shown_are_unknown(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", status="deleted")
    add("v2", "frog", moment={"run": "lost"})
    add("v3", "frog", moment={"revision": 7})

    for moment in ("v1:1:0:won:0", "v2:1:0:lost:0", "v3:7:0:won:0", "v4:1:0:won:0", "rubbish"):
        response = await api.get(f"/moments/{moment}/similar")
        assert response.status_code == 404, moment
        assert response.headers["content-type"] == "application/problem+json"


async def test_every_moment_of_a_search_and_of_a_video_names_itself(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", "cat")

    found = (await ask(api, "frog"))["hits"][0]["moments"]
    listed = (await api.get("/videos/v1/moments")).json()["moments"]

    assert {moment["moment_id"] for moment in found} <= {moment["moment_id"] for moment in listed}
    assert [moment["moment_id"] for moment in listed] == ["v1:1:0:won:0", "v1:1:0:won:1"]
