"""What a decoder child is asked, and how it answers; all that it needs is imported here, before files are shut."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

from PIL import Image

from encoders.values import PictureInput
from stream.errors import InvalidMedia
from stream.media.container import OpenMedia, open_media
from stream.media.probing import describe
from stream.media.sampling import SamplingBounds
from stream.media.source import RemoteFile
from stream.media.span_decoder import decode_span
from stream.media.wire import Channel, Message

# Pillow imports its formats when they are first needed.
Image.preinit()


class Answerer:
    """Answers about one content; blocks of it that were read are kept from request to request."""

    def __init__(self, channel: Channel, size: int, confinement: Sequence[str]) -> None:
        self._channel = channel
        self._file = RemoteFile(channel, size)
        self._confinement = confinement
        self._answers = {"probe": self._probe, "span": self._decode_span, "report": self._report}

    def answer(self, request: Message) -> None:
        """Send one answer, or a refusal that the file deserves.

        Raises:
            WireError, KeyError: the parent is not what it should be.
        """
        try:
            self._answers[request.kind](request.fields)
        except InvalidMedia as refusal:
            self._channel.send("refused", {"reason": refusal.reason, "message": refusal.message})
        except MemoryError:
            traceback.print_exc(limit=-3)
            message = "Decoding needs more memory than is allowed."
            self._channel.send("refused", {"reason": "too_large", "message": message})

    def _report(self, fields: Mapping[str, Any]) -> None:
        self._channel.send("reported", {"confinement": list(self._confinement)})

    def _open(self, fields: Mapping[str, Any]) -> OpenMedia:
        self._file.seek(0)
        return open_media(
            cast(BinaryIO, self._file),
            max_streams=fields["max_streams"],
            max_pixels=fields["max_pixels"],
            max_channels=fields["max_channels"],
            threads=fields["threads"],
            language=fields.get("language"),
        )

    def _probe(self, fields: Mapping[str, Any]) -> None:
        media = self._open(fields)
        try:
            described = describe(media, max_duration_seconds=fields["max_duration_seconds"])
        finally:
            media.container.close()
        self._channel.send("probed", described)

    def _decode_span(self, fields: Mapping[str, Any]) -> None:
        media = self._open(fields)
        bounds = SamplingBounds(
            max_frames=fields["max_frames"],
            max_pixels=fields["max_pixels"],
            frames_per_second=fields["frames_per_second"],
            max_frames_per_second=fields["max_frames_per_second"],
        )
        try:
            decoded = decode_span(
                media,
                fields["start_seconds"],
                fields["stop_seconds"],
                PictureInput(**fields["picture"]),
                bounds,
                sound_padding_seconds=fields["sound_padding_seconds"],
            )
        finally:
            media.container.close()
        self._channel.send("decoded", decoded.fields(), *decoded.parts())
