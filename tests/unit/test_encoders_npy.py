"""Arrays travel as .npy, and nothing else passes for one."""

import io
from typing import Any

import numpy as np
import pytest

from encoders.npy import decode_array, encode_array


@pytest.mark.parametrize(
    "array",
    [
        np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3),
        np.linspace(-1, 1, 7, dtype=np.float32),
        np.zeros((0, 3), np.float32),
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::2],
    ],
    ids=["frames", "sound", "no rows", "column order", "with gaps"],
)
def test_arrays_come_back_as_they_were(array: np.ndarray) -> None:
    returned = decode_array(encode_array(array))
    assert returned.dtype == array.dtype
    np.testing.assert_array_equal(returned, array)


def test_numpy_reads_what_we_write_and_we_read_what_numpy_writes() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(np.load(io.BytesIO(encode_array(array))), array)
    buffer = io.BytesIO()
    np.save(buffer, array)
    np.testing.assert_array_equal(decode_array(buffer.getvalue()), array)


def _saved(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _with_header(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


GOOD = encode_array(np.zeros((2, 2), np.float32))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        GOOD[:-1],
        GOOD + b"\0",
        GOOD[:40],
        _saved(np.array([{"a": 1}], dtype=object)),
        _saved(np.array(["text"])),
        _saved(np.zeros(2, np.complex64)),
        _saved(np.zeros(2, [("a", "<f4")])),
        _with_header(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }\n"),
        _with_header(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1), }\n"),
        _with_header(b"((((\n"),
        _with_header(b"(" * 60_000 + b"\n"),
        _with_header(b"'''\n"),
        _with_header(b"__import__('os').abort()\n"),
        _with_header(b"\xff\xfe\n"),
    ],
)
def test_what_is_no_plain_array_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="array"):
        decode_array(content)
