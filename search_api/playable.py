"""Whether browsers play a file as it is: by its container, and by the codecs that its own headers name.

Nothing is decoded: the codecs are read where the containers write them in plain letters (ISO/IEC 14496-12, 8.5.2,
sample entries; RFC 9559, CodecID). What is not understood counts as playable: then the browser has the last word.
"""

from __future__ import annotations

import re
import struct
from collections import OrderedDict
from collections.abc import Awaitable, Callable

Read = Callable[[int, int], Awaitable[bytes]]
"""Reads so many bytes from an offset on."""

_PLAYED_ALWAYS = {"mp3", "wav", "flac", "aac"}
_SNIFFED = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "ogg"}
_HEAD_BYTES = 64 << 10
_TRACKS_BYTES = 512 << 10
_MOST_MOVIE_BYTES = 4 << 20
_MOST_BOXES = 64
_SAMPLE_ENTRY = re.compile(rb"stsd.{12}(.{4})", re.DOTALL)
_UNPLAYED_ENTRIES = {
    *(b"hvc1", b"hev1", b"dvh1", b"dvhe", b"vvc1", b"mp4v", b"s263", b"h263", b"SVQ1", b"SVQ3", b"jpeg", b"mjpa"),
    *(b"mjpb", b"rle ", b"raw ", b"cvid", b"ap4h", b"ap4x", b"apch", b"apcn", b"apcs", b"apco", b"AVdn", b"dvc "),
    *(b"dvcp", b"dvpp", b"mpeg", b"m2v1", b"mx5p", b"xd55", b"samr", b"sawb", b"ac-3", b"ec-3", b"alac", b"sowt"),
    *(b"twos", b"in24", b"in32", b"fl32", b"fl64", b"lpcm", b"ulaw", b"alaw", b"QDM2", b"ima4", b"MAC3", b"MAC6"),
}
# The element's id, the length of its text in one byte or in two, and the text.
_CODEC_ID = re.compile(rb"\x86(?:[\x80-\xff]|\x40.)(?=[VA]_)", re.DOTALL)
_WEB_CODECS = {b"V_VP8", b"V_VP9", b"V_AV1", b"A_OPUS", b"A_VORBIS"}


async def is_playable(container: str | None, size: int, read: Read) -> bool:
    """Say whether a file can be given to a browser as it is.

    Args:
        container: FFmpeg's name of it; None where nobody could read the file.
    """
    if container is None or container in _PLAYED_ALWAYS:
        return True
    if container not in _SNIFFED:
        return False
    head = await read(0, min(size, _HEAD_BYTES))
    if container == "ogg":
        return b"\x80theora" not in head
    if container == "matroska,webm":
        return _plays_matroska(head if size <= _HEAD_BYTES else await read(0, min(size, _TRACKS_BYTES)))
    return _plays_movie(await _movie_box(head, size, read))


def _plays_matroska(head: bytes) -> bool:
    named = {head[each.end() : each.end() + (head[each.end() - 1] & 0x7F)] for each in _CODEC_ID.finditer(head)}
    return named <= _WEB_CODECS


def _plays_movie(movie: bytes) -> bool:
    return not set(_SAMPLE_ENTRY.findall(movie)) & _UNPLAYED_ENTRIES


async def _movie_box(head: bytes, size: int, read: Read) -> bytes:
    """The box that describes the tracks; empty if it is not found where it should be."""
    offset = 0
    for _ in range(_MOST_BOXES):
        if offset + 16 > size:
            break
        start = head[offset : offset + 16]
        if len(start) < 16:
            start = await read(offset, 16)
        length, kind, long = struct.unpack(">I4sQ", start)
        length = long if length == 1 else length or size - offset
        if kind == b"moov":
            return await read(offset, min(length, size - offset, _MOST_MOVIE_BYTES))
        if length < 8:
            break
        offset += length
    return b""


class Playability:
    """Remembers what was found out about the `capacity` contents that were asked for last."""

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, int], bool] = OrderedDict()

    async def find_out(self, etag: str, container: str | None, size: int, read: Read) -> bool:
        """Say whether a content is playable, reading of it once."""
        key = (etag, size)
        if key not in self._known:
            self._known[key] = await is_playable(container, size, read)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
