"""Arrays as bytes, in the .npy format, version 1 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)."""

from __future__ import annotations

import io
import math
import tokenize
from typing import Any

import numpy as np
import numpy.typing as npt

MEDIA_TYPE = "application/x-npy"


def encode_array(array: npt.NDArray[Any]) -> bytes:
    """Writes an array of plain numbers as .npy bytes, C order; its content is copied once."""
    head = io.BytesIO()
    plain = np.ascontiguousarray(array)
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(plain))
    return b"".join((head.getvalue(), plain.data))


def decode_array(content: bytes) -> npt.NDArray[Any]:
    """Reads .npy bytes without copying them: the array is read-only.

    Nothing is allocated by what the header claims: it must match the bytes that are there. Objects are refused.

    Raises:
        ValueError: The bytes are not one .npy array of plain numbers in C order.
    """
    buffer = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ValueError("only version 1.0 is read")
        shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(buffer, max_header_size=1024)
    except (ValueError, SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"This is not a .npy array: {error}") from error
    if dtype.hasobject or dtype.kind not in "uif" or fortran_order:
        raise ValueError(f"Only arrays of plain numbers in C order are read: {dtype = }, {fortran_order = }")
    start, expected = buffer.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(content) - start != expected:
        raise ValueError(
            f"The array's header and size disagree: {shape = }, {dtype = }, {len(content) - start = } bytes"
        )
    return np.frombuffer(content, dtype=dtype, offset=start).reshape(shape)
