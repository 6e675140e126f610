"""The player's child: one process that brings one file to what browsers play.

Started by stream.media.player as `python -m stream.media.player_child`; confined as stream.media.decoder is. Parent:
one `play`. Child: any number of `read` (answered by `bytes`); `began`, any number of `data`, `ended`; or `refused`. It
waits wherever nobody takes its data.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from stream.media.sandbox import confine, die_with_parent, leave_the_network
from stream.media.seccomp import give_up
from stream.media.wire import Channel

_PIECE_BYTES = 64 << 10
# A quiet film fills a piece only after minutes; its viewer waits for the first seconds.
_LONGEST_HOLD_SECONDS = 0.3


def main() -> None:
    """Serve one request and end."""
    # The pipes are ours alone, so that no library can write into the conversation.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    channel = Channel(incoming, outgoing)
    request = channel.receive(max_body_bytes=0)
    die_with_parent(request.fields["parent_pid"])
    leave_the_network()
    confine(memory_bytes=request.fields["memory_bytes"], cpu_seconds=request.fields["cpu_seconds"])
    _serve(channel, request.fields)


def _serve(channel: Channel, fields: Mapping[str, Any]) -> None:
    # Slow imports, and the only ones that touch FFmpeg, come after the limits are set.
    from PIL import Image

    from stream.errors import InvalidMedia
    from stream.media.container import open_media
    from stream.media.playback import plan, play
    from stream.media.source import RemoteFile

    Image.preinit()
    give_up("files")
    try:
        media = open_media(
            cast(BinaryIO, RemoteFile(channel, fields["size"])),
            max_streams=fields["max_streams"],
            max_pixels=fields["max_pixels"],
            threads=fields["threads"],
        )
        planned = plan(media, fields["start_seconds"])
        began = {"begin_seconds": planned.begin_seconds, "copies_picture": planned.copies_picture}
        channel.send("began", began)
        sink = _Pieces(channel)
        play(media, planned, sink, most_height=fields["most_height"])
        sink.flush()
    except InvalidMedia as refusal:
        channel.send("refused", {"reason": refusal.reason, "message": refusal.message})
    except MemoryError:
        channel.send("refused", {"reason": "too_large", "message": "Playing needs more memory than is allowed."})
    else:
        channel.send("ended", {})


class _Pieces:
    """What the muxer writes, sent in pieces of a sensible size."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting = bytearray()
        self._sent_at = time.monotonic()

    def write(self, data: bytes) -> int:
        self._waiting += data
        held = time.monotonic() - self._sent_at
        if len(self._waiting) >= _PIECE_BYTES or held >= _LONGEST_HOLD_SECONDS:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._waiting:
            self._channel.send("data", {}, bytes(self._waiting))
            self._waiting.clear()
            self._sent_at = time.monotonic()


if __name__ == "__main__":
    main()
    # Libraries' threads and buffers need no tidy end.
    sys.stderr.flush()
    os._exit(0)
