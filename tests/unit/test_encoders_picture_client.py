"""The client sends a picture file and gets its vector, or the server's own reason why not."""

import io

import numpy as np
import pytest
from encoding import serving, unit
from PIL import Image

from encoders.client import EncoderClient, EncoderRejected


def _file(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 9), (255, 255, 255)).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_file_has_one_vector(kind: str) -> None:
    async with serving() as (http, _), EncoderClient("http://encoder", http=http) as client:
        np.testing.assert_allclose(await client.embed_picture_file(_file(kind)), unit([1.0]), atol=1e-2)


async def test_a_file_that_is_no_picture_is_rejected_with_the_reason() -> None:
    async with serving() as (http, _), EncoderClient("http://encoder", http=http) as client:
        with pytest.raises(EncoderRejected) as rejected:
            await client.embed_picture_file(b"a letter")

    assert rejected.value.status == 422
    assert rejected.value.detail.startswith("Picture 0 cannot be used. It is none of JPEG")
