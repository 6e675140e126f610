"""The decoder child: one process, one content, one answer at a time.

Started by stream.media.child as `python -m stream.media.decoder`. It talks over its standard input and output (see
stream.media.wire) and has nothing else: no credentials, no folder, little memory, no use for a network. Whatever a file
breaks ends with it.

Parent: `probe`, `span` or `report` with the limits. Child: `ready` (once), then any number of `read` (answered by
`bytes`), then one of `probed`, `decoded`, `reported`, `refused`. The parent may then ask again about the same content.
"""

from __future__ import annotations

import os
import sys

from stream.media.sandbox import confine, die_with_parent, leave_the_network
from stream.media.seccomp import give_up
from stream.media.wire import Channel


def main() -> None:
    """Serve requests until the parent has no more."""
    channel = _take_over_pipes()
    request = channel.receive(max_body_bytes=0)
    die_with_parent(request.fields["parent_pid"])
    active = leave_the_network()
    confine(memory_bytes=request.fields["memory_bytes"], cpu_seconds=request.fields["cpu_seconds"])
    # Slow imports, and the only ones that touch FFmpeg, come after the limits are set.
    from stream.media.answering import Answerer

    if give_up("files"):
        active.append("files")
    answerer = Answerer(channel, request.fields["size"], active)
    channel.send("ready", {})
    while True:
        answerer.answer(request)
        following = channel.receive_next()
        if following is None:
            return
        request = following
        confine(memory_bytes=request.fields["memory_bytes"], cpu_seconds=request.fields["cpu_seconds"])


def _take_over_pipes() -> Channel:
    """Keep the pipes for ourselves, so that no library can write into the conversation."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return Channel(incoming, outgoing)


if __name__ == "__main__":
    main()
    # Libraries' threads and buffers need no tidy end.
    sys.stderr.flush()
    os._exit(0)
