import pytest

from search_api.media_types import extension_of, media_type, safe_name, why_no_video

MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00"


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.mp4", MP4),
        ("no ending", MP4),
        ("letter.txt", MP4),
        ("a.mkv", b"\x1a\x45\xdf\xa3" + bytes(100)),
        ("a", b"RIFF\x00\x00\x00\x00AVI LIST"),
        ("a.wav", b"RIFF\x00\x00\x00\x00WAVEfmt "),
        ("a", (b"\x47" + bytes(187)) * 3),
        ("a.mp3", b"\xff\xfb\x90\x00" + bytes(50)),
        ("a.mpg", b"\x00\x00\x01\xba\x44"),
        ("strange.mp4", bytes(512)),
        ("old.mov", b"\x00\x00\x00\x08wide\x00\x00"),
    ],
)
def test_lets_pass_what_may_be_a_video(name: str, head: bytes) -> None:
    assert why_no_video(name, head) is None


@pytest.mark.parametrize(
    ("name", "head", "said"),
    [
        ("a.mp4", b"", "empty"),
        ("a.mp4", b"%PDF-1.7", "PDF"),
        ("a.mp4", b"PK\x03\x04\x14", "ZIP"),
        ("a.mp4", b"Dear reader,\nthis is not a video.", "text"),
        ("a.mp4", "Дорогой читатель, ".encode() * 40, "text"),
        ("a.mp4", b"#EXTM3U\nhttp://elsewhere/", "playlist"),
        ("a.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'", "list"),
        ("a.heic", b"\x00\x00\x00\x20ftypheic", "picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("a.bin", bytes(512), "no video or sound"),
    ],
)
def test_says_why_a_file_is_no_video(name: str, head: bytes, said: str) -> None:
    assert said in (why_no_video(name, head) or "")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("talk.mp4", "talk.mp4"),
        ("C:\\Users\\me\\Мой фильм.MP4", "Мой фильм.MP4"),
        ("../../etc/passwd", "passwd"),
        ("a/b/c.webm", "c.webm"),
        ("..", "video"),
        ("", "video"),
        (".mp4", "mp4"),
        ('a"\r\nb: <c>.mp4', "a_b_ _c_.mp4"),
        ("a\x00b.mp4", "a_b.mp4"),
        ("gnp\u202e4pm.exe", "gnp_4pm.exe"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = safe_name("я" * 1000 + ".mp4")

    assert name.endswith("я.mp4")
    assert len(name.encode()) <= 180


def test_types() -> None:
    assert extension_of("a.b.MP4") == ".mp4"
    assert extension_of(".mp4") == extension_of("mp4") == ""
    assert media_type("a.mkv") == "video/x-matroska"
    assert media_type("no ending", "matroska,webm") == "video/webm"
    assert media_type("page.html") == media_type("page.svg") == "application/octet-stream"
