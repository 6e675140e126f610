"""A hostile file is refused with a reason, opens nothing else, and takes nothing down with it."""

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from media import MemoryReader, Video, disguised_texts, made, make
from PIL import Image

from encoders.values import PictureInput
from stream.errors import InvalidMedia
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits

PICTURE = PictureInput(size=16, resize_mode="squash", interpolation="bicubic", fill=0)


@pytest.fixture
def decoder() -> MediaDecoder:
    return MediaDecoder(MediaLimits())


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hls_http", "HLS playlist"),
        ("hls_file", "HLS playlist"),
        ("ffconcat", "ffconcat list"),
        ("dash", "DASH manifest"),
        ("sdp", "SDP session description"),
        ("svg", "SVG picture"),
        ("letter", "a text"),
    ],
)
async def test_a_text_that_points_elsewhere_is_refused_and_not_followed(
    decoder: MediaDecoder, tmp_path: Path, listener: tuple[str, list[str]], name: str, words: str
) -> None:
    address, asked = listener
    neighbour = make(tmp_path / "seg.ts", Video((1.0,)))
    text = disguised_texts(address, str(neighbour))[name]
    with pytest.raises(InvalidMedia, match=words) as refusal:
        await decoder.probe(MemoryReader(text))
    assert refusal.value.reason == "not_media"
    assert asked == []


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(out, kind)
    return out.getvalue()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("video.mp4", b"0" * 1000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_picture("PNG"), "PNG picture"),
        (_picture("JPEG"), "JPEG picture"),
        (_picture("WEBP"), "WebP picture"),
        (_picture("AVIF"), "AVIF picture"),
        (_archive(), "ZIP archive"),
        (b"%PDF-1.7\n" + bytes(500), "PDF document"),
        (bytes(100_000), "no video or sound file"),
        (np.random.default_rng(1).bytes(100_000), "no video or sound file"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(1000), "no video or sound file"),
    ],
)
async def test_what_is_no_video_is_named(decoder: MediaDecoder, data: bytes, words: str) -> None:
    with pytest.raises(InvalidMedia, match=words):
        await decoder.probe(MemoryReader(data))


async def test_an_empty_file_is_refused(decoder: MediaDecoder) -> None:
    with pytest.raises(InvalidMedia, match="empty") as refusal:
        await decoder.probe(MemoryReader(b""))
    assert refusal.value.reason == "empty"


@pytest.mark.parametrize("seed", range(6))
async def test_a_damaged_video_ends_as_frames_or_as_a_reason(decoder: MediaDecoder, tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    name = ("a.mp4", "a.mkv", "a.ts", "a.avi", "a.flv", "a.mov")[seed]
    data = bytearray(make(tmp_path / name, Video((2.0, 2.0))).read_bytes())
    for at in chance.integers(0, len(data), max(8, len(data) // 200)):
        data[at] ^= 1 << int(chance.integers(8))
    source = MemoryReader(bytes(data))
    try:
        info = await decoder.probe(source)
        span = await decoder.decode_span(source, 0.0, 10.0, PICTURE)
    except InvalidMedia as refusal:
        assert refusal.message and refusal.reason
    else:
        assert info.duration_seconds >= 0 and (len(span.frames) or span.sound is not None)


async def test_a_bomb_ends_at_the_memory_limit(tmp_path: Path) -> None:
    # Of H.264, FFmpeg itself leaves frames out that it has no memory for.
    frames = Video((1.0,), rate=5, width=8000, height=4320, codec="mjpeg", pixel_format="yuvj420p", sound_codec=None)
    source = made(tmp_path, "a.avi", frames)
    with pytest.raises(InvalidMedia) as refusal:
        await MediaDecoder(MediaLimits(memory_bytes=250 << 20)).decode_span(source, 0.0, 1.0, PICTURE)
    assert refusal.value.reason in {"too_large", "decoder_died"}
