"""The decoder child: one process, one file, one answer.

Started by stream.child as `python -m stream.decoder`. It talks over its standard input and output (see stream.wire) and
has nothing else: no credentials, no folder, little memory, no use for a network. Whatever a file breaks ends with it.

Parent: `probe` or `span` with the limits. Child: `ready`, then any number of `read` (answered by `bytes`), then one of
`probed`, `decoded`, `refused`.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from stream.sandbox import confine, die_with_parent
from stream.source import RemoteFile
from stream.wire import Channel, Message

if TYPE_CHECKING:
    from stream.container import OpenMedia


def main() -> None:
    """Serve one request and end."""
    channel = _take_over_pipes()
    request = channel.receive(max_body_bytes=0)
    die_with_parent(request.fields["parent_pid"])
    confine(memory_bytes=request.fields["memory_bytes"], cpu_seconds=request.fields["cpu_seconds"])
    _serve(channel, request)


def _take_over_pipes() -> Channel:
    """Keep the pipes for ourselves, so that no library can write into the conversation."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return Channel(incoming, outgoing)


def _serve(channel: Channel, request: Message) -> None:
    # Slow imports, and the only ones that touch FFmpeg, come after the limits are set.
    from stream.errors import InvalidMedia

    answer = {"probe": _probe, "span": _decode_span}[request.kind]
    import av  # noqa: F401

    channel.send("ready", {})
    try:
        answer(channel, request.fields)
    except InvalidMedia as refusal:
        channel.send("refused", {"reason": refusal.reason, "message": refusal.message})
    except MemoryError:
        traceback.print_exc(limit=-3)
        channel.send("refused", {"reason": "too_large", "message": "Decoding needs more memory than is allowed."})


def _open(channel: Channel, fields: Mapping[str, Any]) -> OpenMedia:
    from stream.container import open_media

    source = cast(BinaryIO, RemoteFile(channel, fields["size"]))
    return open_media(
        source, max_streams=fields["max_streams"], max_pixels=fields["max_pixels"], threads=fields["threads"]
    )


def _probe(channel: Channel, fields: Mapping[str, Any]) -> None:
    from stream.probing import describe

    media = _open(channel, fields)
    channel.send("probed", describe(media, max_duration_seconds=fields["max_duration_seconds"]))


def _decode_span(channel: Channel, fields: Mapping[str, Any]) -> None:
    from encoders.values import PictureInput
    from stream.sampling import SamplingBounds
    from stream.span_decoder import decode_span

    media = _open(channel, fields)
    decoded = decode_span(
        media,
        fields["start_seconds"],
        fields["stop_seconds"],
        PictureInput(**fields["picture"]),
        SamplingBounds(max_frames=fields["max_frames"], max_pixels=fields["max_pixels"]),
        sound_padding_seconds=fields["sound_padding_seconds"],
    )
    channel.send("decoded", decoded.fields(), *decoded.parts())


if __name__ == "__main__":
    main()
    # Libraries' threads and buffers need no tidy end.
    sys.stderr.flush()
    os._exit(0)
