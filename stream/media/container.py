"""A hostile file as a container: opened with what is allowed, its streams chosen, its times measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import av
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from stream.errors import InvalidMedia
from stream.media.formats import CONTAINERS, name_foreign_file, name_still_picture
from stream.media.tracks import choose_picture, choose_sound, choose_subtitles, contents

if TYPE_CHECKING:
    from av.packet import Packet

_BUFFER_BYTES = 1 << 16
_HEAD_BYTES = 4096
_BEFORE_BEGINNING_SECONDS = 2.0
_SEEK_BACK_SECONDS = (0.0, 2.0, 10.0, 30.0, 120.0)


@dataclass(frozen=True, slots=True)
class OpenMedia:
    """An opened file: the streams that are used and the container's time of video time 0."""

    container: InputContainer
    picture: VideoStream | None
    sound: AudioStream | None
    origin_seconds: float
    subtitles: SubtitleStream | None = None

    @property
    def streams(self) -> list[VideoStream | AudioStream]:
        return [stream for stream in (self.picture, self.sound) if stream is not None]


def _refuse_other_files(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError("a media file may not open other files")


def open_media(
    source: BinaryIO,
    *,
    max_streams: int,
    max_pixels: int,
    threads: int,
    max_channels: int = 64,
    language: str | None = None,
) -> OpenMedia:
    """Open a file and choose its picture, its sound and its subtitles.

    Args:
        language: ISO 639-1, preferred among several tracks.

    Raises:
        InvalidMedia: it is no media, or nothing in it can be used.
    """
    head = source.read(_HEAD_BYTES)
    if not head:
        raise InvalidMedia("empty", "The file is empty.")
    if still := name_still_picture(head):
        raise InvalidMedia("not_media", f"The file is {still}, not a video.")
    source.seek(0)
    container = _open_container(source, head, max_streams)
    if len(container.streams) > max_streams:
        raise InvalidMedia("too_large", f"The file has {len(container.streams)} streams; {max_streams} are allowed.")
    picture = choose_picture(container, max_pixels)
    sound = choose_sound(container, language, max_channels)
    if picture is None and sound is None:
        raise InvalidMedia("unsupported", f"The file holds nothing that can be decoded here: {contents(container)}.")
    for stream in (picture, sound):
        if stream is not None:
            stream.codec_context.thread_count = threads
            stream.codec_context.options = {"max_pixels": str(max_pixels)}
    origin_seconds = (container.start_time or 0) / av.time_base
    return OpenMedia(container, picture, sound, origin_seconds, choose_subtitles(container, sound, language))


def _open_container(source: BinaryIO, head: bytes, max_streams: int) -> InputContainer:
    options = {
        "format_whitelist": CONTAINERS,
        "protocol_whitelist": "none",
        "max_streams": str(max_streams + 1),
        "fflags": "+genpts",
    }
    try:
        return av.open(
            source,
            "r",
            options=options,
            metadata_errors="replace",
            buffer_size=_BUFFER_BYTES,
            io_open=_refuse_other_files,
        )
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError as error:
        message = f"The file cannot be opened as media: it is {name_foreign_file(head)} ({_reason(error)})."
        raise InvalidMedia("not_media", message) from error


def _reason(error: av.error.FFmpegError) -> str:
    return error.strerror or type(error).__name__


def packet_seconds(packet: Packet[Any], origin_seconds: float) -> float | None:
    """When a packet's content is shown, in video time; None where it has no timestamp."""
    stamp = packet.dts if packet.pts is None else packet.pts
    if stamp is None:
        return None
    # As exact as a fraction's own arithmetic, which takes as long as all else that is done with a packet.
    base = packet.time_base
    return stamp * base.numerator / base.denominator - origin_seconds


def packets(media: OpenMedia, streams: Sequence[VideoStream | AudioStream | SubtitleStream]) -> Iterator[Packet[Any]]:
    """Read packets up to the end of the file or up to where it is broken."""
    try:
        for packet in media.container.demux(*streams):
            if packet.size:
                yield packet
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        return  # What stands before the damage is still good.
    except IndexError:
        return  # PyAV 18.1 stumbles at the end over streams that began in the middle.


def seek(media: OpenMedia, seconds: float) -> None:
    """Go to the last place at or before a video time from which everything can be decoded.

    Where that fails, reading goes on from wherever the container stands, at worst the beginning of the file.
    """
    if media.picture is None:
        _seek_to(media, media.streams[0], seconds)
        return
    for back in _SEEK_BACK_SECONDS:
        target = max(0.0, seconds - back)
        _seek_to(media, media.picture, target)
        keyframe = next((packet for packet in packets(media, [media.picture]) if packet.is_keyframe), None)
        shown = packet_seconds(keyframe, media.origin_seconds) if keyframe else None
        if target == 0.0 or (shown is not None and shown <= seconds):
            break
    _seek_to(media, media.picture, target)


def _seek_to(media: OpenMedia, stream: VideoStream | AudioStream, seconds: float) -> None:
    base = stream.time_base or Fraction(1, av.time_base)
    # Some formats seek by the time of decoding, which is earlier: the beginning is well before the first picture.
    wanted = seconds if seconds > 0 else -_BEFORE_BEGINNING_SECONDS
    stamp = int((wanted + media.origin_seconds) / base)
    # The stream may begin after the place that is asked for.
    for backward in (True, False):
        try:
            media.container.seek(stamp, stream=stream, backward=backward)
            return
        except av.error.FFmpegError:
            continue
