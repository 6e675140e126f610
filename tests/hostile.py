"""The hostile suite: files that lie, are damaged, point elsewhere or blow up, and how each may end."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from hostile_boxes import (
    box,
    boxes,
    compressed_header,
    find,
    gif,
    nested,
    patched,
    reference_movie,
    wave,
    with_codec,
    with_count,
    with_duration,
    with_size,
)
from media import Video, disguised_texts, make
from PIL import Image

MOMENTS = frozenset({"moments"})
REFUSED = frozenset({"refused"})
ANYHOW = frozenset({"moments", "partial", "refused"})
_WRAP_SECONDS = 2**33 / 90_000
_CONTAINERS = ("mp4", "mkv", "ts", "avi", "flv", "mov")
_BASE = Video((1.0, 1.5), rate=10, width=96, height=64, gop=10, flash_seconds=(1.0,))


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file.

    Args:
        made: its bytes, or what makes them.
        ends: how it may end: as moments, as a part of them, or with a reason.
        says: what the reason must say.
        brief: whether it belongs to the short form.
    """

    name: str
    made: bytes | Callable[[], bytes]
    ends: frozenset[str] = ANYHOW
    says: str = ""
    brief: bool = False

    def data(self) -> bytes:
        return self.made if isinstance(self.made, bytes) else self.made()


class Workshop:
    """Makes ordinary files to be broken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def video(self, name: str, video: Video = _BASE) -> bytes:
        return make(self._folder / name, video).read_bytes()

    def remade(self, name: str, options: dict[str, str], video: Video = _BASE) -> bytes:
        """The same packets in a container with other options."""
        source = make(self._folder / "source.mp4", video)
        out = self._folder / name
        with av.open(str(source)) as old, av.open(str(out), "w", container_options=options) as new:
            copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
            for packet in old.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream_index]
                    new.mux(packet)
        return out.read_bytes()


def suite(folder: Path, address: str, canary: str) -> list[Hostile]:
    """All files of the suite.

    Args:
        folder: to make files in.
        address: of a web server that must not be asked.
        canary: path of a file that must not be opened.
    """
    workshop = Workshop(folder)
    families: tuple[Callable[[], Iterator[Hostile]], ...] = (
        lambda: _nothing(),
        lambda: _cut_off(workshop),
        lambda: _flipped(workshop),
        lambda: _lies(workshop),
        lambda: _times(workshop),
        lambda: _tracks(workshop, canary),
        lambda: _sounds(workshop),
        lambda: _disguised(address, canary),
        lambda: _bombs(workshop),
    )
    return [hostile for family in families for hostile in family()]


def _nothing() -> Iterator[Hostile]:
    yield Hostile("empty", b"", REFUSED, "empty", brief=True)
    yield Hostile("one byte", b"\x00", REFUSED, "damaged")
    yield Hostile("zeros", bytes(65_536), REFUSED, "damaged", brief=True)
    yield Hostile("noise", np.random.default_rng(3).bytes(65_536), ANYHOW)
    yield Hostile("only ftyp", box(b"ftyp", b"isom\x00\x00\x02\x00isom"), REFUSED)
    yield Hostile("deep boxes", nested(5000), REFUSED, brief=True)


def _cut_off(workshop: Workshop) -> Iterator[Hostile]:
    last, first = workshop.video("a.mp4"), workshop.remade("first.mp4", {"movflags": "faststart"})
    for number, (kind, start, stop) in enumerate(boxes(first)):
        name = f"{number} {kind.decode('latin-1')}"
        ends = MOMENTS if stop == len(first) and kind == b"mdat" else ANYHOW
        yield Hostile(f"cut off before {name}", first[:start], ANYHOW, brief=number in (0, 2, 12))
        yield Hostile(f"cut off in {name}", first[: (start + stop) // 2], ends, brief=number == 9)
    yield Hostile("index at the end is missing", last[: find(last, b"moov")], REFUSED, brief=True)
    for name in _CONTAINERS[1:]:
        data = workshop.video(f"a.{name}")
        yield Hostile(f"half of {name}", data[: len(data) // 2], ANYHOW, brief=name == "mkv")
    fragments = workshop.remade("f.mp4", {"movflags": "frag_keyframe+empty_moov"})
    yield Hostile("half of a fragmented mp4", fragments[: len(fragments) * 2 // 3], ANYHOW)


def _flipped(workshop: Workshop) -> Iterator[Hostile]:
    for seed, name in enumerate(_CONTAINERS * 2):
        chance = np.random.default_rng(seed)
        data = bytearray(workshop.video(f"a.{name}"))
        reach = len(data) if seed < len(_CONTAINERS) else min(len(data), 2000)
        for at in chance.integers(0, reach, max(8, reach // 150)):
            data[at] ^= 1 << int(chance.integers(8))
        yield Hostile(f"flipped bits {seed} {name}", bytes(data), ANYHOW, brief=seed in (0, 1, 8))
    data = workshop.video("a.mp4")
    middle = find(data, b"mdat") + 200
    yield Hostile("zeros in the data", patched(data, middle, bytes(3000)), ANYHOW)
    yield Hostile("garbage behind", data + np.random.default_rng(1).bytes(50_000), MOMENTS)
    yield Hostile("two files in one", data + data, MOMENTS)


def _lies(workshop: Workshop) -> Iterator[Hostile]:
    data = workshop.remade("lies.mp4", {"movflags": "faststart"})
    yield Hostile("claims 16k × 16k", with_size(data, 16_384, 16_384), ANYHOW, brief=True)
    yield Hostile("claims 0 × 0", with_size(data, 0, 0), ANYHOW)
    yield Hostile("claims 100 times the duration", with_duration(data, 100), ANYHOW)
    yield Hostile("claims to be years long", with_duration(data, 10**9), ANYHOW, brief=True)
    for kind in (b"stts", b"stsz", b"stco", b"stsc", b"stss"):
        yield Hostile(f"claims 2^32 - 1 of {kind.decode()}", with_count(data, kind, 2**32 - 1), ANYHOW)
    yield Hostile("a negative count of sizes", with_count(data, b"stsz", 2**31), ANYHOW)
    no_rate = bytearray(workshop.video("a.avi"))
    at = no_rate.index(b"vids") + 20
    no_rate[at : at + 8] = bytes(8)
    yield Hostile("frame rate of 0 / 0", bytes(no_rate), ANYHOW)
    jpeg = bytearray(workshop.video("j.avi", replace(_BASE, codec="mjpeg", pixel_format="yuvj420p")))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = b"\x40\x00\x40\x00"
    yield Hostile("a frame of 16k × 16k", bytes(jpeg), ANYHOW, brief=True)


def _times(workshop: Workshop) -> Iterator[Hostile]:
    quiet = replace(_BASE, sound_codec=None, flash_seconds=())
    fast = replace(quiet, shot_seconds=(0.5,), rate=10_000, width=32, height=32, gop=5000)
    yield Hostile("10,000 frames a second", lambda: workshop.video("fast.mkv", fast), ANYHOW, brief=True)
    lonely = replace(quiet, shot_seconds=(0.1,), frame_seconds=[0.0])
    yield Hostile("one frame", workshop.video("one.mp4", lonely), MOMENTS, brief=True)
    yield Hostile("one frame, ten hours", with_duration(workshop.video("one.mp4", lonely), 360_000), ANYHOW, brief=True)
    far = replace(quiet, frame_seconds=[0.0, 36_000.0])
    yield Hostile("two frames, ten hours apart", lambda: workshop.video("far.mkv", far), ANYHOW)
    beyond = replace(quiet, frame_seconds=[0.0, 100 * 3600.0])
    yield Hostile("two frames, a hundred hours apart", workshop.video("beyond.mkv", beyond), REFUSED, "at most 86400 s")
    yield Hostile("times before 0", lambda: workshop.video("neg.mkv", replace(_BASE, start_seconds=-5.0)), ANYHOW)
    wrapping = replace(_BASE, start_seconds=_WRAP_SECONDS - 1.0)
    yield Hostile("times wrap", workshop.video("wrap.ts", wrapping), MOMENTS, brief=True)
    uneven = replace(quiet, frame_seconds=[0.0, 0.01, 0.02, 1.0, 1.01, 2.4])
    yield Hostile("uneven times", workshop.video("vfr.mp4", uneven), MOMENTS)
    late = replace(_BASE, start_seconds=90_000.0)
    yield Hostile("starts after a day", lambda: workshop.video("late.mkv", late), MOMENTS)


def _tracks(workshop: Workshop, canary: str) -> Iterator[Hostile]:
    data = workshop.video("a.mp4")
    yield Hostile("no sound", workshop.video("mute.mp4", replace(_BASE, sound_codec=None)), MOMENTS)
    yield Hostile("no picture", workshop.video("blind.mp4", replace(_BASE, codec=None)), MOMENTS, brief=True)
    yield Hostile("picture of an unknown codec", with_codec(data, b"avc1", b"zzzz"), MOMENTS)
    yield Hostile("picture that says it is encrypted", with_codec(data, b"avc1", b"encv"), ANYHOW, brief=True)
    strange = workshop.video("u.avi", replace(_BASE, codec="utvideo", sound_codec=None))
    yield Hostile("nothing of a codec that is allowed", strange, REFUSED, "nothing that can be decoded", brief=True)
    secret = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "1" * 32, "encryption_kid": "2" * 32}
    yield Hostile("encrypted", workshop.remade("secret.mp4", secret), ANYHOW, brief=True)
    yield Hostile("many tracks", _many_tracks(), REFUSED, "streams", brief=True)
    yield Hostile("attachments", _attachments(workshop), MOMENTS, brief=True)
    outside = data.replace(b"url \x00\x00\x00\x01", b"alis\x00\x00\x00\x00")
    yield Hostile("data said to be in another file", outside, ANYHOW, brief=True)
    yield Hostile("reference to another film", reference_movie(b"file://" + canary.encode()), REFUSED, brief=True)


def _many_tracks() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as container:
        for _ in range(100):
            track = container.add_stream("pcm_s16le", rate=8000)
            track.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 80), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, 0, Fraction(1, 8000)
        for track in container.streams.audio:
            container.mux(track.encode(frame))
    return out.getvalue()


def _attachments(workshop: Workshop) -> bytes:
    source, out = io.BytesIO(workshop.video("a.mkv")), io.BytesIO()
    with av.open(source) as old, av.open(out, "w", format="matroska") as new:
        copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        new.add_attachment("../../etc/cron.d/x", "application/x-sh", b"#!/bin/sh\n" * 1000)
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream_index]
                new.mux(packet)
    return out.getvalue()


def _sounds(workshop: Workshop) -> Iterator[Hostile]:
    loud = np.random.default_rng(4).integers(-9000, 9000, 64_000, np.int16).tobytes()
    yield Hostile("32 channels", wave(32, 8000, 16, loud), MOMENTS, brief=True)
    yield Hostile("300 channels", wave(300, 8000, 16, loud), ANYHOW, brief=True)
    yield Hostile("no channels", wave(0, 8000, 16, loud), ANYHOW)
    yield Hostile("rate of 0", wave(1, 0, 16, loud), ANYHOW)
    yield Hostile("rate of 4 GHz", wave(1, 2**32 - 1, 16, loud), ANYHOW, brief=True)
    yield Hostile("no block", wave(1, 8000, 16, loud, align=0), ANYHOW)
    yield Hostile("claims 4 GB of sound", wave(1, 8000, 16, loud, claimed=2**32 - 1), MOMENTS)
    yield Hostile("claims 255 bits", wave(1, 8000, 255, loud), ANYHOW)
    mp3 = workshop.video("a.mp3", replace(_BASE, codec=None, sound_codec="libmp3lame"))
    yield Hostile("a tag of 256 MB", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + mp3, ANYHOW)
    ogg = workshop.video("a.ogg", replace(_BASE, codec=None, sound_codec="libopus"))
    yield Hostile("wrong checksums", ogg.replace(b"OggS\x00\x00", b"OggS\x00\x04"), ANYHOW)


def _disguised(address: str, canary: str) -> Iterator[Hostile]:
    for name, text in disguised_texts(address, canary).items():
        yield Hostile(f"text: {name}", text, REFUSED, "is not|it is a", brief=True)
        yield Hostile(f"text with a mark: {name}", b"\xef\xbb\xbf" + text, REFUSED)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("video.mp4", bytes(20 << 20))
    yield Hostile("ZIP archive", archive.getvalue(), REFUSED, "ZIP archive", brief=True)
    yield Hostile("gzip", lambda: gzip.compress(bytes(50 << 20)), REFUSED, "gzip")
    yield Hostile("PDF", b"%PDF-1.7\n" + bytes(500), REFUSED, "PDF document", brief=True)
    for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP"):
        out = io.BytesIO()
        Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(out, kind)
        yield Hostile(f"a {kind} picture", out.getvalue(), REFUSED, "picture", brief=kind == "AVIF")
    asx = f'<asx version="3.0"><entry><ref href="{address}/x.wmv"/></entry></asx>'
    yield Hostile("playlist: asx", asx.encode(), REFUSED)
    yield Hostile("playlist: pls", f"[playlist]\nFile1={address}/x.mp4\n".encode(), REFUSED)
    yield Hostile("playlist: smil", f'<smil><body><video src="{address}/x.mp4"/></body></smil>'.encode(), REFUSED)
    yield Hostile("raw list of pictures", f"{canary}\n".encode() * 50, REFUSED)


def _bombs(workshop: Workshop) -> Iterator[Hostile]:
    yield Hostile("compressed header of 1 GB", lambda: compressed_header(1 << 30), REFUSED, brief=True)
    yield Hostile("GIF of 65535 × 65535", gif(65_535, 65_535), REFUSED, brief=True)
    yield Hostile("GIF of 6000 × 6000", gif(6000, 6000), ANYHOW)
    yield Hostile("GIF of 1 × 1", gif(1, 1), ANYHOW)
    large = replace(_BASE, shot_seconds=(0.4,), rate=5, width=4096, height=2304, sound_codec=None, flash_seconds=())
    yield Hostile("a very large picture", lambda: workshop.video("large.mp4", large), ANYHOW)
