"""Files with several tracks, made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.stream import Disposition

_TICKS = 1000
_HEADER = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True, slots=True)
class Captions:
    """A track of subtitles: start, stop and text of each."""

    cues: Sequence[tuple[float, float, str]]
    language: str | None = None
    disposition: Disposition = Disposition.default


def with_subtitles(path: Path, out: Path, codec: str, *tracks: Captions) -> Path:
    """Copy a file and add tracks of subtitles."""
    with av.open(str(path)) as old, av.open(str(out), "w") as new:
        copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for stream in old.streams:
            copies[stream.index].metadata.update(stream.metadata)
        packets = []
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream_index]
                packets.append(packet)
        for track in tracks:
            packets += _caption_packets(new, codec, track)
        packets.sort(key=lambda packet: float((packet.dts or 0) * packet.time_base))
        new.mux(packets)
    return out


def _caption_packets(new: av.container.OutputContainer, codec: str, track: Captions) -> list[Packet]:
    stream = new.add_stream(codec)
    stream.codec_context.subtitle_header = _HEADER.encode()
    stream.time_base = Fraction(1, _TICKS)
    stream.disposition = track.disposition
    if track.language:
        stream.metadata["language"] = track.language
    packets = []
    for number, (start, stop, text) in enumerate(track.cues):
        packet = Packet(_payload(codec, number, text))
        packet.stream, packet.time_base = stream, Fraction(1, _TICKS)
        packet.pts = packet.dts = round(start * _TICKS)
        packet.duration = round((stop - start) * _TICKS)
        packets.append(packet)
    return packets


def _payload(codec: str, number: int, text: str) -> bytes:
    match codec:
        case "mov_text":
            return len(text.encode()).to_bytes(2, "big") + text.encode()
        case "ass":
            return f"{number},0,Default,,0,0,0,,{text}".encode()
        case _:
            return text.encode()


def with_sounds(out: Path, tracks: Sequence[tuple[Path, str | None, str | None, Disposition]]) -> Path:
    """Join the sound tracks of files: path, language, title and disposition of each."""
    with av.open(str(out), "w") as new:
        packets = []
        sources = [av.open(str(path)) for path, *_ in tracks]
        for source, (_, language, title, disposition) in zip(sources, tracks, strict=True):
            stream = new.add_stream_from_template(source.streams.audio[0])
            stream.disposition = disposition
            stream.metadata.update({k: v for k, v in (("language", language), ("title", title)) if v})
            for packet in source.demux(audio=0):
                if packet.dts is not None:
                    packet.stream = stream
                    packets.append(packet)
        packets.sort(key=lambda packet: float((packet.dts or 0) * packet.time_base))
        new.mux(packets)
        for source in sources:
            source.close()
    return out
