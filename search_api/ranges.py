"""Ranges of bytes and what a browser already has: RFC 9110, sections 8.8, 13 and 14. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BYTES = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.IGNORECASE | re.ASCII)
_MOST_DIGITS = 18


class Unsatisfiable(Exception):
    """No byte of the object lies in the range that is asked for (416)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `[start, stop)` of an object."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(f"a range needs 0 <= start < stop: {self.start = }, {self.stop = }")

    @property
    def length(self) -> int:
        """How many bytes it holds."""
        return self.stop - self.start


def wanted_range(header: str | None, size: int) -> ByteRange | None:
    """Read a `Range` header.

    Returns:
        The range; None where the whole object is the answer: no header, several ranges, or none of bytes.

    Raises:
        Unsatisfiable: the range lies outside the object.
    """
    matched = _BYTES.fullmatch(header or "")
    if matched is None or max(map(len, matched.groups())) > _MOST_DIGITS:
        return None
    first, last = matched.groups()
    if not first and not last:
        return None
    if not first:
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return ByteRange(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return ByteRange(int(first), min(int(last) + 1, size) if last else size)


def range_applies(if_range: str | None, *, etag: str, last_modified: str) -> bool:
    """Whether an `If-Range` header is met; both are as sent before. Weak tags never match."""
    return if_range is None or if_range.strip() in (etag, last_modified)


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether an `If-None-Match` header names this content."""
    if if_none_match is None:
        return False
    named = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in named or etag in named
