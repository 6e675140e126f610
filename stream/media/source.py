"""The file as the decoder child sees it: seekable, and read from the parent block by block."""

from __future__ import annotations

import io
from collections import OrderedDict

from stream.media.wire import Channel, WireError

BLOCK_BYTES = 512 << 10
_CACHED_BLOCKS = 24


class RemoteFile:
    """A read-only seekable file whose bytes come over a channel.

    The last blocks are kept: demuxers jump between sound and picture, and between index and data.
    """

    def __init__(self, channel: Channel, size: int) -> None:
        self._channel = channel
        self._size = size
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def read(self, count: int = -1) -> bytes:
        """Read up to `count` bytes (all that is left in the block at hand); empty at the end."""
        if count == 0 or self._position >= self._size:
            return b""
        block, offset = divmod(self._position, BLOCK_BYTES)
        stop = len(self._block(block)) if count < 0 else offset + count
        piece = self._block(block)[offset:stop]
        self._position += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"cannot seek before the file's start: {offset = }, {whence = }")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        offset = number * BLOCK_BYTES
        length = min(BLOCK_BYTES, self._size - offset)
        self._channel.send("read", {"offset": offset, "length": length})
        answer = self._channel.receive(max_body_bytes=BLOCK_BYTES)
        if answer.kind != "bytes" or len(answer.body) != length:
            raise WireError(f"asked for {length} bytes: {answer.kind = }, {len(answer.body) = }")
        self._blocks[number] = answer.body
        if len(self._blocks) > _CACHED_BLOCKS:
            self._blocks.popitem(last=False)
        return answer.body
