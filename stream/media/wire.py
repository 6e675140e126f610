"""Messages between the stream worker and its decoder child: a JSON header and raw bytes behind it.

On the wire: header length and body length (two unsigned 32-bit big-endian numbers), header, body.
The child decodes hostile files, so whoever reads gives the largest body that it is willing to take.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import asyncio

_LENGTHS = struct.Struct("!II")
MAX_HEADER_BYTES = 1 << 20


class WireError(Exception):
    """The other side sent something that is not a message, or left in the middle of one."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `kind` says what it is, `fields` are plain JSON values, `body` is raw bytes."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        if not self.kind:
            raise ValueError(f"a message needs a kind: {self.kind = }")


def pack_head(kind: str, fields: Mapping[str, Any], body_bytes: int) -> bytes:
    """Make all of a message that stands before its body.

    Raises:
        ValueError: the fields are no JSON, or are too many for one header.
    """
    header = json.dumps({"kind": kind, **fields}, allow_nan=False).encode()
    if len(header) > MAX_HEADER_BYTES:
        raise ValueError(f"header is too long: {len(header) = }, {MAX_HEADER_BYTES = }")
    return _LENGTHS.pack(len(header), body_bytes) + header


def pack(message: Message) -> bytes:
    """Make the bytes of a whole message."""
    return pack_head(message.kind, message.fields, len(message.body)) + message.body


def _lengths(prefix: bytes, max_body_bytes: int) -> tuple[int, int]:
    header_bytes, body_bytes = _LENGTHS.unpack(prefix)
    if header_bytes > MAX_HEADER_BYTES:
        raise WireError(f"header is too long: {header_bytes = }")
    if body_bytes > max_body_bytes:
        raise WireError(f"body is too long: {body_bytes = }, {max_body_bytes = }")
    return header_bytes, body_bytes


def _unpack(header: bytes, body: bytes) -> Message:
    try:
        fields = json.loads(header)
        kind = fields.pop("kind")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise WireError(f"header is not a JSON object with a kind: {header[:80]!r}") from error
    if not isinstance(kind, str) or not kind:
        raise WireError(f"kind is not a name: {kind!r}")
    return Message(kind, fields, body)


async def receive(reader: asyncio.StreamReader, *, max_body_bytes: int) -> Message:
    """Wait for the next message.

    Raises:
        WireError: the stream ended or holds something else.
    """
    try:
        header_bytes, body_bytes = _lengths(await reader.readexactly(_LENGTHS.size), max_body_bytes)
        return _unpack(await reader.readexactly(header_bytes), await reader.readexactly(body_bytes))
    except EOFError as error:
        raise WireError("the stream ended before the message did") from error


class Channel:
    """The child's end of the wire, blocking."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def send(self, kind: str, fields: Mapping[str, Any], *parts: bytes | memoryview) -> None:
        """Send one message whose body is the parts one after the other (views must be of bytes)."""
        self._outgoing.write(pack_head(kind, fields, sum(len(part) for part in parts)))
        for part in parts:
            self._outgoing.write(part)
        self._outgoing.flush()

    def receive(self, *, max_body_bytes: int) -> Message:
        """Wait for the next message.

        Raises:
            WireError: the stream ended or holds something else.
        """
        header_bytes, body_bytes = _lengths(self._take(_LENGTHS.size), max_body_bytes)
        return _unpack(self._take(header_bytes), self._take(body_bytes))

    def receive_next(self) -> Message | None:
        """Wait for the next request; None where the other side has left instead."""
        prefix = self._incoming.read(_LENGTHS.size)
        if not prefix:
            return None
        if len(prefix) != _LENGTHS.size:
            raise WireError("the stream ended in the middle of a request")
        header_bytes, body_bytes = _lengths(prefix, 0)
        return _unpack(self._take(header_bytes), self._take(body_bytes))

    def _take(self, count: int) -> bytes:
        taken = self._incoming.read(count)
        if len(taken) != count:
            raise WireError(f"the stream ended before the message did: {count = }, {len(taken) = }")
        return taken
