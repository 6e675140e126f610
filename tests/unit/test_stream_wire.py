"""Messages survive the way, and what is no message is told apart from one."""

import asyncio
import io
import json
import struct
from collections.abc import Mapping
from typing import Any

import pytest

from stream.media.source import BLOCK_BYTES, RemoteFile
from stream.media.wire import MAX_HEADER_BYTES, Channel, Message, WireError, pack, receive


async def _read(data: bytes, max_body_bytes: int = 1000) -> Message:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await receive(reader, max_body_bytes=max_body_bytes)


async def test_a_message_arrives_as_it_was_sent() -> None:
    message = Message("bytes", {"offset": 5, "name": "кадр", "nothing": None}, b"\x00\xff" * 10)
    assert await _read(pack(message)) == message
    assert Channel(io.BytesIO(pack(message)), io.BytesIO()).receive(max_body_bytes=20) == message


async def test_a_body_of_several_parts_arrives_as_one() -> None:
    out = io.BytesIO()
    Channel(io.BytesIO(), out).send("decoded", {"n": 2}, b"one", memoryview(b"two"))
    assert await _read(out.getvalue()) == Message("decoded", {"n": 2}, b"onetwo")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00",
        pack(Message("bytes", {}, b"body"))[:-1],
        struct.pack("!II", 4, 0) + b"oops",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 2, 0) + b"{}",
        struct.pack("!II", 10, 0) + json.dumps({"kind": 1}).encode().ljust(10),
        struct.pack("!II", MAX_HEADER_BYTES + 1, 0),
        struct.pack("!II", 0, 0),
    ],
)
async def test_what_is_no_message_is_an_error(data: bytes) -> None:
    with pytest.raises(WireError):
        await _read(data)
    with pytest.raises(WireError):
        Channel(io.BytesIO(data), io.BytesIO()).receive(max_body_bytes=1000)


async def test_a_body_longer_than_agreed_is_not_even_read() -> None:
    with pytest.raises(WireError, match="too long"):
        await _read(pack(Message("decoded", {}, b"x" * 11)), max_body_bytes=10)


class _Parent(Channel):
    """A channel behind which all of `data` stands."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def send(self, kind: str, fields: Mapping[str, Any], *parts: bytes | memoryview) -> None:
        assert kind == "read"
        self.asked.append((fields["offset"], fields["length"]))

    def receive(self, *, max_body_bytes: int) -> Message:
        offset, length = self.asked[-1]
        return Message("bytes", {}, self.data[offset : offset + length])


def _remote(data: bytes) -> tuple[RemoteFile, _Parent]:
    parent = _Parent(data)
    return RemoteFile(parent, len(data)), parent


def test_a_remote_file_reads_like_a_file() -> None:
    data = bytes(range(256)) * (5 * BLOCK_BYTES // 512)
    remote, parent = _remote(data)
    pieces = []
    while piece := remote.read(100_000):
        pieces.append(piece)
    assert b"".join(pieces) == data
    thrice = [(0, BLOCK_BYTES), (BLOCK_BYTES, BLOCK_BYTES), (2 * BLOCK_BYTES, BLOCK_BYTES // 2)]
    assert parent.asked == thrice
    assert remote.seek(-3, io.SEEK_END) == len(data) - 3
    assert remote.read(10) == data[-3:]
    assert remote.read(10) == b""
    assert remote.seek(7) == 7 and remote.seek(1, io.SEEK_CUR) == 8 and remote.tell() == 8
    assert remote.read(2) == data[8:10]
    assert parent.asked == thrice
    with pytest.raises(ValueError, match="before the file's start"):
        remote.seek(-1)


def test_a_remote_file_forgets_old_blocks() -> None:
    data = bytes(40 * BLOCK_BYTES)
    remote, parent = _remote(data)
    for block in range(40):
        remote.seek(block * BLOCK_BYTES)
        assert len(remote.read(1)) == 1
    remote.seek(0)
    remote.read(1)
    assert parent.asked[-1] == (0, BLOCK_BYTES) and len(parent.asked) == 41
