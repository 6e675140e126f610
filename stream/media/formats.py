"""Which files are opened at all: containers and codecs by FFmpeg's names, and what to say about the others."""

# Demuxers that read one file and nothing else: no playlists, no scripts, no picture sequences, no raw text.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,mpegvideo,m4v,h264,hevc,ogg,asf,gif,wav,w64,mp3,"
    "flac,aac,ac3,eac3,amr,aiff,caf,au"
)

_PICTURE_CODEC_NAMES = (
    "h264 hevc vvc av1 vp6 vp6a vp6f vp7 vp8 vp9 mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 h261 h263 "
    "h263p h263i flv1 wmv1 wmv2 wmv3 vc1 theora mjpeg prores dnxhd dvvideo gif svq1 svq3 cinepak rawvideo huffyuv ffv1 "
    "qtrle png msvideo1 rv30 rv40"
)
_SOUND_CODEC_NAMES = (
    "aac aac_latm mp1 mp2 mp3 ac3 eac3 dts truehd opus vorbis flac alac speex wmav1 wmav2 wmapro wmavoice wmalossless "
    "amr_nb amr_wb gsm gsm_ms adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_swf nellymoser qdm2 mace3 mace6 pcm_alaw "
    "pcm_mulaw pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le "
    "pcm_f64be pcm_bluray pcm_dvd"
)
PICTURE_CODECS = frozenset(_PICTURE_CODEC_NAMES.split())
SOUND_CODECS = frozenset(_SOUND_CODEC_NAMES.split())
# Subtitles that are text; those that are pictures hold no words.
SUBTITLE_CODECS = frozenset({"mov_text", "subrip", "ass", "ssa", "webvtt", "text"})

_BEGINNINGS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"#EXTM3U", "an HLS playlist, which only points at other files"),
    (b"ffconcat", "an ffconcat list, which only points at other files"),
    (b"v=0", "an SDP session description, which only points at a stream"),
)
_TEXT_MARKS = (
    (b"<mpd", "a DASH manifest, which only points at other files"),
    (b"<smoothstreamingmedia", "a streaming manifest, which only points at other files"),
    (b"<svg", "an SVG picture"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML text"),
)
_PICTURE_BRANDS = {
    b"avif": "an AVIF picture",
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIF picture",
}


def name_still_picture(head: bytes) -> str | None:
    """Name a picture file that FFmpeg would open as if it were a video, or None."""
    return _PICTURE_BRANDS.get(head[8:12]) if head[4:8] == b"ftyp" else None


def name_foreign_file(head: bytes) -> str:
    """Say in plain English what a file is that could not be opened, from its first bytes."""
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a WebP picture"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, name in _TEXT_MARKS:
        if mark in text[:1024]:
            return name
    return "a text" if _is_text(head) else "no video or sound file that is known here, or too damaged to open"


def _is_text(head: bytes) -> bool:
    if not head.strip() or b"\x00" in head:
        return False
    try:
        # The end of the sample may stand in the middle of a letter.
        head[: max(1, len(head) - 4)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
