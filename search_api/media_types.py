"""Which files look like videos, from their first bytes and their names, and what browsers call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

HEAD_BYTES = 512
UNKNOWN = "application/octet-stream"
_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".qt": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".mk3d": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".flv": "video/x-flv",
    ".ts": "video/mp2t",
    ".mts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".vob": "video/mpeg",
    ".m2v": "video/mpeg",
    ".ogv": "video/ogg",
    ".wmv": "video/x-ms-wmv",
    ".asf": "video/x-ms-asf",
    ".3gp": "video/3gpp",
    ".3g2": "video/3gpp2",
    ".gif": "image/gif",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mka": "audio/x-matroska",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
}
# The demuxers of FFmpeg that found the video, for objects whose names say nothing.
_CONTAINER_TYPES: Mapping[str, str] = {
    "mov,mp4,m4a,3gp,3g2,mj2": "video/mp4",
    "matroska,webm": "video/webm",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "ogg": "video/ogg",
    "asf": "video/x-ms-asf",
    "gif": "image/gif",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
_STARTS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"OggS",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"ID3",
    b"fLaC",
    b"GIF8",
    b"FORM",
    b"caff",
)
_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_STILL_BRANDS = (b"avif", b"heic", b"heix", b"mif1")
_OTHERS: Mapping[bytes, str] = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"#!": "a script",
    b"#EXTM3U": "a playlist, which only points at other files",
    b"ffconcat": "a list, which only points at other files",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
_MOST_NAME_BYTES = 180


def extension_of(name: str) -> str:
    """The ending of a name, in lower case and with its dot; empty if it has none."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if stem and dot else ""


def media_type(name: str, container: str | None = None) -> str:
    """What browsers call a file, by its name, or else by the container that was found in it."""
    return _TYPES.get(extension_of(name)) or _CONTAINER_TYPES.get(container or "", UNKNOWN)


def why_no_video(name: str, head: bytes) -> str | None:
    """Say why a file cannot be a video or sound; None if it may be one. Cheap: the worker decides.

    Args:
        name: its name.
        head: its first HEAD_BYTES bytes, or all of it.
    """
    if not head:
        return "The file is empty."
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return "The file is a still picture, not a video."
    for start, kind in _OTHERS.items():
        if head.startswith(start):
            return f"The file is {kind}, not a video."
    if _looks_like_media(head):
        return None
    if _is_text(head):
        return "The file is a text, not a video."
    if extension_of(name) in _TYPES:
        return None
    return "The file is no video or sound that is known here: neither its first bytes nor its name say so."


def safe_name(name: str) -> str:
    """The last part of a file's name without what shells, browsers and object stores stumble over."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    clean = _UNSAFE.sub("_", last).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if not (stem and dot and len(ending.encode()) <= 16):
        stem, dot, ending = clean, "", ""
    room = _MOST_NAME_BYTES - len(f"{dot}{ending}".encode())
    return (stem.encode()[:room].decode(errors="ignore").rstrip() or "video") + dot + ending


def _looks_like_media(head: bytes) -> bool:
    return (
        head.startswith(_STARTS)
        or head[4:8] in _ATOMS
        or (head.startswith(b"RIFF") and head[8:12] in (b"AVI ", b"WAVE"))
        or (head[0] == 0x47 and len(head) > 376 and head[188] == 0x47 and head[376] == 0x47)
        or (head[0] == 0xFF and len(head) > 1 and head[1] & 0xE0 == 0xE0)
    )


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head[: max(1, len(head) - 4)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
