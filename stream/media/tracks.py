"""Which of a file's tracks are used: the moving picture, what is spoken, and the subtitles of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from av.audio.stream import AudioStream
from av.stream import Disposition

from stream.errors import InvalidMedia
from stream.media.formats import PICTURE_CODECS, SOUND_CODECS, SUBTITLE_CODECS
from stream.media.languages import two_letter_language

if TYPE_CHECKING:
    from av.container.input import InputContainer
    from av.stream import Stream
    from av.subtitles.stream import SubtitleStream
    from av.video.stream import VideoStream

_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_ASIDE = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.descriptions
    | Disposition.karaoke
    | Disposition.clean_effects
    | Disposition.dependent
)
# Titles of tracks that say what their flags often do not.
_ASIDE_TITLE = re.compile(
    r"comment|descri|karaoke|\bM&E\b|music and effects|isolated|instrumental|коммент|тифло|караоке|без слов", re.I
)
_FORCED_TITLE = re.compile(r"forced|signs|songs|форсир|надпис", re.I)
_NO_LANGUAGE = "zxx"


def choose_picture(container: InputContainer, max_pixels: int) -> VideoStream | None:
    """The moving picture: never cover art, the default one of several.

    Raises:
        InvalidMedia: it is larger than allowed.
    """
    usable = [
        stream
        for stream in container.streams.video
        if not stream.disposition & _STILL and _codec_name(stream) in PICTURE_CODECS
    ]
    chosen = next((stream for stream in usable if stream.disposition & Disposition.default), None)
    chosen = chosen or (usable[0] if usable else None)
    if chosen is not None and chosen.codec_context.width * chosen.codec_context.height > max_pixels:
        width, height = chosen.codec_context.width, chosen.codec_context.height
        raise InvalidMedia("too_large", f"The picture is {width}×{height}; at most {max_pixels} pixels are allowed.")
    return chosen


def choose_sound(container: InputContainer, language: str | None, max_channels: int) -> AudioStream | None:
    """The track in which people speak.

    Tracks with comments, descriptions or only music come last; of the others one in the language that is asked for
    (ISO 639-1), then the default one, then the first. One with more channels than allowed is none.
    """
    usable = [
        stream
        for stream in container.streams.audio
        if _codec_name(stream) in SOUND_CODECS and stream.codec_context.channels <= max_channels
    ]
    return min(
        usable,
        key=lambda stream: (
            _is_aside(stream),
            language is None or two_letter_language(stream.language) != language,
            not stream.disposition & Disposition.default,
        ),
        default=None,
    )


def choose_subtitles(
    container: InputContainer, sound: AudioStream | None, language: str | None
) -> SubtitleStream | None:
    """The track that says in words what is spoken, or None.

    Forced subtitles translate single signs and are none. Subtitles in another language than the spoken one are a
    translation: what is heard is nearer to the truth.
    """
    spoken = two_letter_language(sound.language) if sound is not None else None
    wanted = spoken or language
    usable = [
        stream
        for stream in container.streams.subtitles
        if _codec_name(stream) in SUBTITLE_CODECS and not _is_forced(stream) and not _is_aside(stream)
    ]
    if sound is not None and wanted is not None:
        usable = [stream for stream in usable if two_letter_language(stream.language) in (wanted, None)]
    return min(
        usable,
        key=lambda stream: (
            two_letter_language(stream.language) != wanted,
            not stream.disposition & Disposition.default,
        ),
        default=None,
    )


def contents(container: InputContainer) -> str:
    """What streams a file has, for people."""
    names = [
        f"{stream.type} ({_codec_name(stream) or 'unknown codec'}{_channels(stream)})" for stream in container.streams
    ]
    return ", ".join(names[:8]) if names else "no streams at all"


def _channels(stream: Stream) -> str:
    # A stream of a codec that FFmpeg does not have comes without a context.
    count = stream.codec_context.channels if isinstance(stream, AudioStream) and stream.codec_context else 0
    return f", {count} channels" if count > 8 else ""


def _codec_name(stream: Stream) -> str | None:
    context = stream.codec_context
    return None if context is None else context.codec.canonical_name


def _is_aside(stream: AudioStream | SubtitleStream) -> bool:
    title = stream.metadata.get("title", "") + " " + stream.metadata.get("handler_name", "")
    return bool(stream.disposition & _ASIDE or _ASIDE_TITLE.search(title) or stream.language == _NO_LANGUAGE)


def _is_forced(stream: SubtitleStream) -> bool:
    return bool(stream.disposition & Disposition.forced or _FORCED_TITLE.search(stream.metadata.get("title", "")))
