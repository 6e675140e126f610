"""The display matrix of an MP4 file: how a player turns a picture that was stored lying on its side.

The layout is that of ISO/IEC 14496-12: boxes of a 32-bit size and a four-letter type; `moov/trak/tkhd` ends with nine
fixed-point numbers and the width and height.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

QUARTER_CLOCKWISE = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
HEADER_BYTES, MATRIX_BYTES, FRAME_BYTES = 8, 36, 8


def turn_upright(path: Path) -> None:
    """Writes a quarter turn clockwise into the picture's track of an MP4 file.

    Raises:
        ValueError: The file has no track with a picture.
    """
    data = bytearray(path.read_bytes())
    for start, stop in track_headers(data):
        width, height = struct.unpack_from(">II", data, stop - FRAME_BYTES)
        if start < stop and width and height:
            matrix = list(QUARTER_CLOCKWISE)
            # After the turn the picture lies left of the origin: move it back by its height.
            matrix[6] = height
            struct.pack_into(">9i", data, stop - FRAME_BYTES - MATRIX_BYTES, *matrix)
            path.write_bytes(data)
            return
    raise ValueError(f"no track with a picture in {path}")


def track_headers(data: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Yields where the body of each `tkhd` box starts and stops."""
    for _, moov_start, moov_stop in boxes(data, 0, len(data), "moov"):
        for _, trak_start, trak_stop in boxes(data, moov_start, moov_stop, "trak"):
            for _, start, stop in boxes(data, trak_start, trak_stop, "tkhd"):
                yield start, stop


def boxes(data: bytes | bytearray, start: int, stop: int, kind: str) -> Iterator[tuple[str, int, int]]:
    """Yields kind, start and stop of the bodies of the boxes of one kind in `[start, stop)`."""
    while start + HEADER_BYTES <= stop:
        size, name = struct.unpack_from(">I4s", data, start)
        header = HEADER_BYTES
        if size == 1:
            size, header = struct.unpack_from(">Q", data, start + HEADER_BYTES)[0], 16
        if size < header:
            return
        if name == kind.encode():
            yield kind, start + header, min(start + size, stop)
        start += size
