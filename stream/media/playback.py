"""Brings a file to what every browser plays: fragmented MP4, from a second on, without a whole file anywhere.

Packets whose codec browsers know are copied; the rest is decoded and encoded anew as H.264 and AAC. The picture is only
copied where a keyframe stands at the second that is asked for: a copy cannot begin elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from stream.errors import InvalidMedia
from stream.media.container import OpenMedia, packet_seconds, packets, seek
from stream.media.playing_tracks import (
    COPY_SLACK_SECONDS,
    CopiedTrack,
    Output,
    PictureTrack,
    SoundTrack,
    Track,
)

_EXACT_SECONDS = 0.1
_FRAGMENT_MICROSECONDS = 1_000_000
_PICTURES = {"h264", "vp9", "av1"}
_SOUNDS = {"aac", "mp3", "opus"}
_PLAIN_PIXELS = {"yuv420p", "yuvj420p"}


class Sink(Protocol):
    """Where the file goes, piece by piece; it cannot be sought in."""

    def write(self, data: bytes, /) -> int:
        """Take a piece."""


@dataclass(frozen=True, slots=True)
class Plan:
    """From where a file is played and what of it is copied; `begin_seconds` is in video time."""

    begin_seconds: float
    copies_picture: bool
    copies_sound: bool


def plan(media: OpenMedia, start_seconds: float) -> Plan:
    """Look at the place where playing is to begin.

    Raises:
        InvalidMedia: there is nothing there.
    """
    copies_sound = media.sound is not None and _is_known(media.sound)
    key_seconds, end_seconds = _look(media, start_seconds)
    if end_seconds is None or (start_seconds > 0 and end_seconds < start_seconds - COPY_SLACK_SECONDS):
        raise InvalidMedia("nothing_there", f"Nothing can be played from second {start_seconds:g} on.")
    if media.picture is None or key_seconds is None or not _is_plain(media.picture):
        return Plan(start_seconds, False, copies_sound)
    copies = start_seconds - key_seconds <= COPY_SLACK_SECONDS
    return Plan(max(0.0, key_seconds) if copies else start_seconds, copies, copies_sound)


def _look(media: OpenMedia, start_seconds: float) -> tuple[float | None, float | None]:
    """The last keyframe of the picture at or before a second, if it can be copied, and how far the file was seen."""
    seek(media, start_seconds)
    key_seconds: float | None = None
    seen_seconds: float | None = None
    for packet in packets(media, media.streams):
        seconds = packet_seconds(packet, media.origin_seconds)
        if seconds is None:
            continue
        seen_seconds = seconds if seen_seconds is None else max(seen_seconds, seconds)
        of_picture = media.picture is not None and packet.stream.index == media.picture.index
        if of_picture and packet.is_keyframe and packet.dts is not None and seconds <= start_seconds + _EXACT_SECONDS:
            key_seconds = seconds
        if seconds > start_seconds + COPY_SLACK_SECONDS and (of_picture or media.picture is None):
            break
    return key_seconds, seen_seconds


def play(media: OpenMedia, plan: Plan, sink: Sink, *, most_height: int) -> None:
    """Write the file as fragmented MP4 whose time 0 is where the plan begins.

    Args:
        most_height: pictures that are encoded anew are made smaller than this.
    """
    seek(media, plan.begin_seconds)
    options = {
        "movflags": "frag_keyframe+delay_moov+default_base_moof+skip_trailer",
        "frag_duration": str(_FRAGMENT_MICROSECONDS),
    }
    with av.open(sink, "w", format="mp4", options=options) as output:
        file = Output(output, len(media.streams))
        tracks = _tracks(media, plan, file, most_height)
        for packet in packets(media, media.streams):
            tracks[packet.stream.index].take(packet)
        for track in tracks.values():
            track.finish()
        file.flush()


def _is_plain(picture: VideoStream) -> bool:
    """Whether browsers decode it: a codec that they know, of 8 bits."""
    context = picture.codec_context
    return context.codec.canonical_name in _PICTURES and context.pix_fmt in _PLAIN_PIXELS


def _is_known(sound: AudioStream) -> bool:
    """Whether browsers decode it, and it comes with the headers that MP4 wants (in MPEG streams, AAC has its own)."""
    context = sound.codec_context
    name = context.codec.canonical_name
    return name == "mp3" or (name in _SOUNDS and bool(context.extradata))


def _tracks(media: OpenMedia, plan: Plan, output: Output, most_height: int) -> dict[int, Track]:
    shift_seconds = media.origin_seconds + plan.begin_seconds
    tracks: dict[int, Track] = {}
    if media.picture is not None:
        copies = plan.copies_picture
        tracks[media.picture.index] = (
            CopiedTrack(output, media.picture, shift_seconds)
            if copies
            else PictureTrack(output, media.picture, shift_seconds, most_height)
        )
    if media.sound is not None:
        copies = plan.copies_sound
        tracks[media.sound.index] = (
            CopiedTrack(output, media.sound, shift_seconds)
            if copies
            else SoundTrack(output, media.sound, shift_seconds)
        )
    return tracks
