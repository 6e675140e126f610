"""Damages of MP4 boxes and other headers, byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_HOLD_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"mvex", b"moof", b"traf"}
_SECONDS_BOXES = {b"mvhd": 16, b"mdhd": 16, b"tkhd": 20}


def box(kind: bytes, body: bytes) -> bytes:
    """One box with its length before it."""
    return struct.pack("!I", 8 + len(body)) + kind + body


def boxes(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and stop of every box, from the outside in."""
    stop = len(data) if stop is None else stop
    while start + 8 <= stop:
        length, kind = struct.unpack("!I4s", data[start : start + 8])
        if length < 8 or start + length > stop:
            return
        yield kind, start, start + length
        if kind in _HOLD_BOXES:
            yield from boxes(data, start + 8, start + length)
        start += length


def find(data: bytes, kind: bytes) -> int:
    """Where the first box of a kind begins."""
    return next(start for name, start, _ in boxes(data) if name == kind)


def patched(data: bytes, at: int, new: bytes) -> bytes:
    """The same bytes with some of them replaced."""
    return data[:at] + new + data[at + len(new) :]


def with_duration(data: bytes, factor: int) -> bytes:
    """An MP4 whose headers all claim to be `factor` times as long."""
    for kind, start, _ in list(boxes(data)):
        if kind in _SECONDS_BOXES:
            at = start + 8 + _SECONDS_BOXES[kind]
            (ticks,) = struct.unpack("!I", data[at : at + 4])
            data = patched(data, at, struct.pack("!I", min(2**32 - 1, ticks * factor)))
    return data


def with_size(data: bytes, width: int, height: int) -> bytes:
    """An MP4 whose headers claim another size of the picture."""
    at = find(data, b"stsd") + 16
    data = patched(data, at + 32, struct.pack("!HH", width, height))
    start = find(data, b"tkhd")
    return patched(data, start + 8 + 76, struct.pack("!II", width << 16, height << 16))


def with_codec(data: bytes, old: bytes, new: bytes) -> bytes:
    """An MP4 that names its codec otherwise."""
    return patched(data, data.index(old, find(data, b"stsd")), new)


def with_count(data: bytes, kind: bytes, count: int) -> bytes:
    """An MP4 with a table (`stts`, `stsz`, `stco`, `stss`, `stsc`) that claims so many entries."""
    return patched(data, find(data, kind) + (16 if kind == b"stsz" else 12), struct.pack("!I", count))


def nested(depth: int) -> bytes:
    """Boxes within boxes within boxes."""
    body = b""
    for _ in range(depth):
        body = box(b"moov", body)
    return box(b"ftyp", b"isom\x00\x00\x02\x00isom") + body


def compressed_header(zeros: int) -> bytes:
    """A QuickTime file whose compressed header unpacks to very many bytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(zeros >> 20)) + packer.flush()
    payload = box(b"cmvd", struct.pack("!I", min(zeros, 2**32 - 1)) + packed)
    return box(b"ftyp", b"qt  \x00\x00\x02\x00qt  ") + box(b"moov", box(b"cmov", box(b"dcom", b"zlib") + payload))


def reference_movie(address: bytes) -> bytes:
    """A QuickTime file that is nothing but a reference to another."""
    body = bytes(4) + b"url " + struct.pack("!I", len(address) + 1) + address + b"\x00"
    reference = box(b"rmda", box(b"rdrf", body))
    return box(b"ftyp", b"qt  \x00\x00\x02\x00qt  ") + box(b"moov", box(b"rmra", reference))


def wave(channels: int, rate: int, bits: int, sound: bytes, *, claimed: int | None = None, align: int = -1) -> bytes:
    """A WAV file whose header says what it is told to say."""
    step = channels * bits // 8 if align < 0 else align
    head = struct.pack("<HHIIHH", 1, channels & 0xFFFF, rate, (rate * step) & 0xFFFFFFFF, step & 0xFFFF, bits)
    length = len(sound) if claimed is None else claimed
    return (
        b"RIFF"
        + struct.pack("<I", (36 + length) & 0xFFFFFFFF)
        + b"WAVEfmt "
        + struct.pack("<I", len(head))
        + head
        + b"data"
        + struct.pack("<I", length & 0xFFFFFFFF)
        + sound
    )


def gif(width: int, height: int, frames: int = 2) -> bytes:
    """A GIF that claims a size and holds a few bytes of picture for each frame."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes((0, 0, 0, 255, 255, 255))
    pause = b"\x21\xf9\x04\x00\x64\x00\x00\x00"
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    return screen + (pause + picture) * frames + b"\x3b"
