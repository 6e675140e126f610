"""Picture files through the server: in JSON, in forms, beside texts; and the limits of what is taken."""

import base64
import io
import threading
from typing import Any

import httpx
import numpy as np
import pytest
from encoding import LIMITS, problem, serving, unit
from PIL import Image

import encoders.serving.embedding_routes
from encoders.npy import decode_array

PATH = "/v1/embeddings"


def _png(grey: int, size: tuple[int, int] = (12, 9)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (grey,) * 3).save(buffer, "PNG")
    return buffer.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _link(content: bytes) -> str:
    return f"data:image/png;base64,{_base64(content)}"


def _vectors(response: httpx.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    return np.array([part["embedding"] for part in response.json()["data"]], np.float32)


@pytest.mark.parametrize(
    "item",
    [
        _link(_png(255)),
        _link(_png(255)).replace("data:image", "DATA:IMAGE"),
        {"image": _link(_png(255))},
        {"image": _base64(_png(255))},
        {"image": base64.encodebytes(_png(255)).decode()},
        {"type": "image_url", "image_url": {"url": _link(_png(255))}},
        {"type": "image_url", "image_url": _link(_png(255))},
    ],
    ids=["data URL", "capitals", "image", "base64 alone", "base64 in lines", "content part", "short content part"],
)
async def test_a_picture_file_is_taken_in_the_shapes_of_other_servers(item: Any) -> None:
    async with serving() as (http, _):
        one = await http.post(PATH, json={"model": "picture", "input": item})
        several = await http.post(PATH, json={"model": "fake-pictures", "input": [item, _link(_png(0))]})
    np.testing.assert_allclose(_vectors(one), unit([1.0]), atol=1e-6)
    np.testing.assert_allclose(_vectors(several), unit([1.0, 0.0]), atol=1e-6)


async def test_pictures_and_texts_keep_their_order() -> None:
    async with serving() as (http, _):
        items = ["a text", _link(_png(255)), {"text": "b"}, {"image": _base64(_png(0))}]
        vectors = _vectors(await http.post(PATH, json={"model": "picture", "input": items}))
    np.testing.assert_allclose(vectors, unit([0.06, 1.0, 0.01, 0.0]), atol=1e-6)


async def test_pictures_are_numbers_as_base64_and_as_an_array_too() -> None:
    async with serving() as (http, _):
        asked = {"model": "picture", "input": _link(_png(255))}
        text = (await http.post(PATH, json={**asked, "encoding_format": "base64"})).json()["data"][0]["embedding"]
        array = await http.post(PATH, json=asked, headers={"accept": "application/x-npy"})
    np.testing.assert_allclose(np.frombuffer(base64.b64decode(text), "<f4"), unit([1.0])[0], atol=1e-6)
    np.testing.assert_allclose(decode_array(array.content), unit([1.0]), atol=1e-6)


async def test_a_form_may_hold_several_picture_files() -> None:
    files = [("file", ("a.png", _png(255))), ("images[]", ("b.png", _png(0)))]
    async with serving() as (http, _):
        response = await http.post(PATH, files=files)
        named = await http.post(PATH, files=files, data={"model": "fake-pictures", "encoding_format": "base64"})
    np.testing.assert_allclose(_vectors(response), unit([1.0, 0.0]), atol=1e-6)
    assert response.json()["model"] == "fake-pictures" and isinstance(named.json()["data"][1]["embedding"], str)


async def test_broken_pictures_are_named_each_by_its_place() -> None:
    items = [_link(b"no picture"), {"image": "!!"}]
    async with serving() as (http, _):
        response = await http.post(PATH, json={"model": "picture", "input": ["text", _link(_png(1))[:-30], *items]})
        pictures = await http.post(PATH, files=[("file", _png(1)), ("file", b"GIF89a")])
    assert "At most 2 pictures" in problem(response, 422)
    assert "Picture 1 cannot be used" in problem(pictures, 422)
    limits = LIMITS.model_copy(update={"max_frames": 9})
    async with serving(limits) as (http, client):
        response = await http.post(PATH, json={"model": "picture", "input": ["text", _link(_png(1)), *items]})
        detail = problem(response, 422)
        assert (await client.embed_texts(["a"], space="picture", purpose="query")).shape == (1, 2)
    assert "Picture 2 cannot be used. It is none of JPEG" in detail and "1 more" in detail
    assert [place["index"] for place in response.json()["pictures"]] == [2, 3]
    assert "no base64" in response.json()["pictures"][1]["detail"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"model": "text", "input": [_link(_png(1))]}, 422, "encodes texts only"),
        ({"model": "picture", "input": {"image": "https://kadr.test/a.png"}}, 422, "Nothing is fetched"),
        ({"model": "picture", "input": {"image": "file:///etc/passwd"}}, 422, "Nothing is fetched"),
        ({"model": "picture", "input": "data:image/png,abc"}, 422, "no base64"),
        ({"model": "picture", "input": {"image": 5}}, 422, "input.0 is neither a text nor"),
        ({"model": "picture", "input": ["a", {}]}, 422, "input.1 is neither a text nor"),
        ({"model": "picture", "input": [_link(_png(1))] * 3}, 422, "At most 2 pictures"),
        ({"model": "picture", "input": _link(_png(1, (300, 40)))}, 422, "300×40 pixels, at most 10000"),
        ({"model": "picture", "input": _link(b"0" * 3_000)}, 422, "at most 2000 are read"),
        ({"model": "picture", "input": _link(_png(1)), "dimensions": 9}, 422, "vectors of 2 numbers"),
    ],
    ids=["text model", "address", "file", "no base64", "number", "nothing", "items", "pixels", "bytes", "dimensions"],
)
async def test_pictures_that_are_not_taken_say_why(body: Any, status: int, reason: str) -> None:
    limits = LIMITS.model_copy(update={"max_image_bytes": 2_000, "max_image_pixels": 10_000})
    async with serving(limits) as (http, _):
        assert reason in problem(await http.post(PATH, json=body), status)


@pytest.mark.parametrize(
    ("files", "data", "status", "reason"),
    [
        ([("model", (None, "picture"))], {}, 422, "no picture file"),
        ([("file", _png(1))] * 3, {}, 422, "At most 2 pictures"),
        ([("file", b"0" * 2_001)], {}, 422, "Picture 0 cannot be used. It has 2001 bytes"),
        ([("file", _png(1))], {"model": "other"}, 404, "'other'"),
        ([("file", _png(1))], {"encoding_format": "xml"}, 422, "encoding_format"),
    ],
    ids=["none", "items", "bytes", "model", "format"],
)
async def test_forms_that_are_not_taken_say_why(files: Any, data: dict[str, str], status: int, reason: str) -> None:
    limits = LIMITS.model_copy(update={"max_image_bytes": 2_000})
    async with serving(limits) as (http, _):
        assert reason in problem(await http.post(PATH, files=files, data=data), status)


async def test_pictures_are_decoded_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    names, decode = set(), encoders.serving.embedding_routes.decode_picture

    def note(*arguments: Any, **options: Any) -> np.ndarray:
        names.add(threading.current_thread().name)
        return decode(*arguments, **options)

    monkeypatch.setattr(encoders.serving.embedding_routes, "decode_picture", note)
    async with serving() as (http, _):
        await http.post(PATH, json={"model": "picture", "input": [_link(_png(1)), _link(_png(2))]})
    assert names and all(name.startswith("decoder") for name in names)
