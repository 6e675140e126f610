"""What a file holds and how long it really is: headers are asked, packets are believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av

from stream.errors import InvalidMedia
from stream.media.container import OpenMedia, packet_seconds, packets, seek
from stream.media.languages import two_letter_language
from stream.media.picture import display_size, pixel_aspect, quarter_turns

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.packet import Packet
    from av.video.frame import VideoFrame

# The first frame of each stream comes within this, or the stream cannot be decoded.
_TRIED_PACKETS = 3000
_TRIED_BYTES = 32 << 20
_NEAR_END_SECONDS = 1.0
# A file with a single frame need not say how long it is shown.
_SHORTEST_SECONDS = 0.04
_MAX_DURATION_STEPS = 24


def describe(media: OpenMedia, *, max_duration_seconds: float) -> dict[str, Any]:
    """Decode the first frames and measure the duration.

    Returns:
        The fields of MediaInfo.

    Raises:
        InvalidMedia: nothing in the file can be decoded, or it is longer than allowed.
    """
    picture, sound = _first_frames(media)
    if picture is None and sound is None:
        raise InvalidMedia("damaged", "Neither its picture nor its sound can be decoded: it is damaged or encrypted.")
    duration = max(measure_duration(media), _shown_until(picture, media.origin_seconds), _SHORTEST_SECONDS)
    if duration > max_duration_seconds:
        message = f"The file is {duration:.0f} s long; at most {max_duration_seconds:.0f} s are allowed."
        raise InvalidMedia("too_large", message)
    width, height = _shown_size(media, picture)
    return {
        "duration_seconds": duration,
        "has_picture": picture is not None,
        "has_sound": sound is not None,
        "width": width,
        "height": height,
        "language": two_letter_language(media.sound.language) if media.sound and sound else None,
        "container": media.container.format.name,
    }


def _first_frames(media: OpenMedia) -> tuple[VideoFrame | None, AudioFrame | None]:
    """Decode up to the first frame of each stream that is used."""
    found: dict[int, Any] = {}
    tried_bytes = 0
    for tried, packet in enumerate(packets(media, media.streams)):
        tried_bytes += packet.size
        if packet.stream_index not in found and (frame := _decode_first(packet)) is not None:
            found[packet.stream_index] = frame
        if len(found) == len(media.streams) or tried >= _TRIED_PACKETS or tried_bytes > _TRIED_BYTES:
            break
    for stream in media.streams:
        if stream.index not in found and (frame := _drain_first(stream.codec_context)) is not None:
            found[stream.index] = frame
        stream.codec_context.flush_buffers()
    picture, sound = media.picture, media.sound
    return found.get(picture.index) if picture else None, found.get(sound.index) if sound else None


def _decode_first(packet: Packet[Any]) -> Any | None:
    try:
        frames = packet.decode()
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        return None
    return frames[0] if frames else None


def _drain_first(context: Any) -> Any | None:
    """The first frame that a decoder still holds back at the end of the file."""
    try:
        frames = context.decode(None)
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        return None
    return frames[0] if frames else None


def _shown_size(media: OpenMedia, frame: VideoFrame | None) -> tuple[int, int]:
    """Width and height as shown: square pixels, turned; 0×0 without a picture."""
    if media.picture is None or frame is None:
        return 0, 0
    width, height = display_size(frame.width, frame.height, pixel_aspect(media.picture))
    return (height, width) if quarter_turns(frame.rotation) % 2 else (width, height)


def _shown_until(frame: VideoFrame | None, origin_seconds: float) -> float:
    """When the first frame ends to be shown: what a file with a single frame has for a duration."""
    if frame is None or frame.time is None or frame.time_base is None:
        return 0.0
    return max(0.0, float(frame.time + frame.duration * frame.time_base) - origin_seconds)


def measure_duration(media: OpenMedia) -> float:
    """Find the end of the last packet, in seconds of video time.

    The header only says where to look. Where nothing stands there (a file that was cut off, a header that lies), the
    last place at which something can be read is searched by halving.
    """
    claimed = (media.container.duration or 0) / av.time_base
    end = _end_after(media, max(0.0, claimed - _NEAR_END_SECONDS))
    if end is not None:
        return end
    readable, broken = 0.0, claimed
    for _ in range(_MAX_DURATION_STEPS):
        if broken - readable <= _NEAR_END_SECONDS:
            break
        middle = (readable + broken) / 2
        if _reads_at(media, middle):
            readable = middle
        else:
            broken = middle
    return _end_after(media, readable) or 0.0


def _reads_at(media: OpenMedia, seconds: float) -> bool:
    seek(media, seconds)
    return next(packets(media, media.streams), None) is not None


def _end_after(media: OpenMedia, seconds: float) -> float | None:
    """The latest end of any packet from a place on, or None where there is no packet."""
    seek(media, seconds)
    ends = (
        start + float((packet.duration or 0) * packet.time_base)
        for packet in packets(media, media.streams)
        if not packet.is_discard and (start := packet_seconds(packet, media.origin_seconds)) is not None
    )
    return max(ends, default=None)
