"""Any file becomes frames, cuts and sound at their own times, or a reason that a person understands."""

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from media import MemoryReader, Video, made, make, scene
from PIL import Image

from encoders.values import PictureInput
from stream.errors import InvalidMedia
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits, SpanMedia

PICTURE = PictureInput(size=32, resize_mode="squash", interpolation="bicubic", fill=0)
SAMPLE_MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
SMALL: dict[str, object] = {"width": 160, "height": 90, "sound_codec": "libopus"}
FAST_VPX = {"deadline": "realtime", "cpu-used": "8"}
FAST_X265 = {"preset": "ultrafast", "x265-params": "log-level=none"}
needs_sample_media = pytest.mark.skipif(
    not SAMPLE_MEDIA.is_dir(), reason="the sample media folder beside the repository is missing"
)


@pytest.fixture
def decoder() -> MediaDecoder:
    return MediaDecoder(MediaLimits())


def shows(span: SpanMedia, seconds: float, shot: int, tolerance: float = 40) -> bool:
    """Whether the sample that is shown at a time looks like a shot of a made video."""
    index = int(np.searchsorted(span.frame_seconds, seconds, side="right")) - 1
    expected = np.asarray(Image.fromarray(scene(shot, seconds, 320, 180)).resize((32, 32), Image.Resampling.BICUBIC))
    return bool(np.abs(span.frames[index].astype(float) - expected).mean() < tolerance)


def beep_seconds(span: SpanMedia) -> float:
    assert span.sound is not None
    return span.sound_start_seconds + int(np.argmax(np.abs(span.sound) > 0.2)) / 16_000


async def test_an_ordinary_video(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video(language="rus"))
    info = await decoder.probe(source)
    assert info.duration_seconds == pytest.approx(7.0, abs=0.05)
    assert (info.has_picture, info.has_sound, info.width, info.height) == (True, True, 320, 180)
    assert info.language == "ru"
    span = await decoder.decode_span(source, 0.0, 7.0, PICTURE)
    assert span.cut_seconds == pytest.approx([4.0], abs=0.05)
    assert shows(span, 0.0, 0) and shows(span, 3.9, 0) and shows(span, 4.1, 1) and shows(span, 6.9, 1)
    assert span.sound is not None and len(span.sound) == pytest.approx(7 * 16_000, abs=800)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a.mp4", {}),
        ("a.mov", {}),
        ("a.mkv", {}),
        ("a.flv", {}),
        ("a.ts", {}),
        ("a.avi", {}),
        ("a.webm", {"codec": "libvpx", "sound_codec": "libopus", "options": FAST_VPX}),
        ("a.mpg", {"codec": "mpeg2video", "sound_codec": "mp2"}),
        ("a.asf", {"codec": "mpeg4"}),
        ("tenbit.mp4", {"codec": "libx265", "pixel_format": "yuv420p10le", "options": FAST_X265} | SMALL),
        ("alpha.webm", {"codec": "libvpx-vp9", "pixel_format": "yuva420p", "options": FAST_VPX} | SMALL),
        ("opengop.ts", {"options": {"x264-params": "open-gop=1:bframes=3", "preset": "medium"}}),
        ("fullrange.mov", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
        ("hidden.mp4", {"keyframes_at_cuts": False, "gop": 250}),
        ("surround.mkv", {"sound_codec": "flac", "sound_layout": "5.1"}),
        ("interlaced.mpg", {"codec": "mpeg2video", "sound_codec": "mp2", "options": {"flags": "+ilme+ildct"}}),
        ("odd.mkv", {"width": 161, "height": 91, "pixel_format": "yuv444p"}),
        # The clock of MPEG-TS has 33 bits; it goes round in the middle of the film.
        ("wraps.ts", {"start_seconds": 2**33 / 90_000 - 3.0}),
    ],
)
async def test_times_are_right_in_every_container(
    decoder: MediaDecoder, tmp_path: Path, name: str, changes: dict[str, object]
) -> None:
    # AVI has no timestamps that could start elsewhere.
    start_seconds = 0.0 if name.endswith(".avi") else 7.5
    video = replace(Video(flash_seconds=(3.0,), start_seconds=start_seconds), **changes)  # type: ignore[arg-type]
    source = made(tmp_path, name, video)
    info = await decoder.probe(source)
    assert info.duration_seconds == pytest.approx(7.0, abs=0.1)
    span = await decoder.decode_span(source, 0.0, info.duration_seconds, PICTURE)
    assert min(abs(cut - 4.0) for cut in span.cut_seconds) < 0.1
    assert shows(span, 0.5, 0) and shows(span, 6.5, 1)
    assert beep_seconds(span) == pytest.approx(3.0, abs=0.1)


async def test_turned_shifted_and_of_variable_rate(decoder: MediaDecoder, tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    times = np.round(np.cumsum(chance.choice([0.02, 0.04, 0.2], 60)), 3)
    after = np.round(6.0 + np.cumsum(chance.choice([0.02, 0.04, 0.2], 40)), 3)
    shown = [0.0, *times[times < 5.9].tolist(), 6.0, *after[after < 9.0].tolist()]
    video = Video((6.0, 3.0), frame_seconds=shown, start_seconds=11.0, rotation=90, flash_seconds=(6.0,))
    source = made(tmp_path, "a.mp4", replace(video, keyframes_at_cuts=False))
    info = await decoder.probe(source)
    assert (info.width, info.height) == (180, 320)
    span = await decoder.decode_span(source, 0.0, info.duration_seconds, PICTURE)
    assert min(abs(cut - 6.0) for cut in span.cut_seconds) < 0.1
    assert beep_seconds(span) == pytest.approx(6.0, abs=0.1)
    first_after = int(np.searchsorted(span.frame_seconds, 6.0 - 0.05))
    assert span.frames[first_after].mean() > 240
    thumbnail = Image.open(io.BytesIO(span.thumbnails[first_after]))
    assert thumbnail.size == (180, 320) and np.asarray(thumbnail).mean() > 240


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3)])
async def test_a_turned_video_is_upright(decoder: MediaDecoder, tmp_path: Path, rotation: int, turns: int) -> None:
    straight = await decoder.decode_span(made(tmp_path, "s.mp4", Video()), 0.0, 7.0, PICTURE)
    turned = await decoder.decode_span(made(tmp_path, "t.mp4", Video(rotation=rotation)), 0.0, 7.0, PICTURE)
    expected = np.rot90(straight.frames[0], turns)
    assert np.abs(turned.frames[0].astype(float) - expected).mean() < 3


async def test_wide_pixels_are_shown_wide(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video(aspect=Fraction(2)))
    assert (await decoder.probe(source)).width == 640
    span = await decoder.decode_span(source, 0.0, 1.0, PICTURE)
    assert Image.open(io.BytesIO(span.thumbnails[0])).size == (320, 90)


async def test_spans_join_without_gap_or_overlap(decoder: MediaDecoder, tmp_path: Path) -> None:
    video = Video((8.0, 16.0, 2.5, 9.5), gop=250)
    source = made(tmp_path, "a.mp4", video)
    whole = await decoder.decode_span(source, 0.0, 36.0, PICTURE)
    cuts: list[float] = []
    for start in (0.0, 12.0, 24.0):
        span = await decoder.decode_span(source, start, start + 12.0, PICTURE)
        assert span.frame_seconds[0] == start
        assert span.frame_seconds[-1] < start + 12.0
        assert span.sound_start_seconds == max(0.0, start - 1.0)
        assert span.sound is not None and whole.sound is not None
        begin = round(span.sound_start_seconds * 16_000)
        same = whole.sound[begin : begin + len(span.sound)]
        assert np.abs(same[800:-800] - span.sound[800 : len(same) - 800]).max() < 0.05
        cuts += span.cut_seconds
    # The cut at 24 s lies between two spans.
    assert cuts == pytest.approx([8.0, 26.5], abs=0.05)
    assert whole.cut_seconds == pytest.approx(video.cut_seconds, abs=0.05)


async def test_a_span_past_the_end_is_empty(decoder: MediaDecoder, tmp_path: Path) -> None:
    span = await decoder.decode_span(made(tmp_path, "a.mp4", Video()), 60.0, 120.0, PICTURE)
    assert span.frames.shape == (0, 32, 32, 3) and span.sound is None and span.cut_seconds == ()


async def test_without_sound(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video(sound_codec=None))
    assert not (await decoder.probe(source)).has_sound
    span = await decoder.decode_span(source, 0.0, 7.0, PICTURE)
    assert span.sound is None and len(span.frames) > 2


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.wav", "pcm_s16le"), ("a.m4a", "aac"), ("a.ogg", "libopus")],
)
async def test_without_picture(decoder: MediaDecoder, tmp_path: Path, name: str, codec: str) -> None:
    source = made(tmp_path, name, Video(codec=None, sound_codec=codec, flash_seconds=(5.0,)))
    info = await decoder.probe(source)
    assert (info.has_picture, info.has_sound, info.width) == (False, True, 0)
    assert info.duration_seconds == pytest.approx(7.0, abs=0.1)
    span = await decoder.decode_span(source, 3.0, 7.0, PICTURE)
    assert len(span.frames) == 0
    assert beep_seconds(span) == pytest.approx(5.0, abs=0.1)


async def test_cover_art_is_no_picture(decoder: MediaDecoder, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    sound = make(tmp_path / "sound.mp3", Video(codec=None, sound_codec="libmp3lame"))
    cover = av.VideoFrame.from_ndarray(scene(0, 0.0, 320, 180), format="rgb24").reformat(format="yuvj420p")
    with av.open(str(sound)) as old, av.open(str(path), "w") as new:
        track = new.add_stream_from_template(old.streams.audio[0])
        picture = new.add_stream("mjpeg", rate=1)
        picture.width, picture.height, picture.pix_fmt = 320, 180, "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        new.mux([*picture.encode(cover), *picture.encode(None)])
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = track
                new.mux(packet)
    source = MemoryReader(path.read_bytes())
    info = await decoder.probe(source)
    assert (info.has_picture, info.has_sound) == (False, True)
    assert info.duration_seconds == pytest.approx(7.0, abs=0.1)


async def test_an_animated_gif_is_a_video(decoder: MediaDecoder, tmp_path: Path) -> None:
    gif = Video(codec="gif", pixel_format="rgb8", sound_codec=None, rate=10)
    source = made(tmp_path, "a.gif", gif)
    assert (await decoder.probe(source)).duration_seconds == pytest.approx(7.0, abs=0.2)
    span = await decoder.decode_span(source, 0.0, 7.0, PICTURE)
    assert span.cut_seconds == pytest.approx([4.0], abs=0.15)


async def test_one_frame(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video((0.04,), sound_codec=None))
    info = await decoder.probe(source)
    assert info.has_picture and info.duration_seconds == pytest.approx(0.04, abs=0.03)
    span = await decoder.decode_span(source, 0.0, max(info.duration_seconds, 0.04), PICTURE)
    assert span.frame_seconds.tolist() == [0.0]


async def test_four_tenths_of_a_second(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video((0.4,)))
    info = await decoder.probe(source)
    assert info.duration_seconds == pytest.approx(0.4, abs=0.05)
    span = await decoder.decode_span(source, 0.0, info.duration_seconds, PICTURE)
    assert len(span.frames) == 1 and span.sound is not None


async def test_a_span_of_a_long_file_reads_its_own_part(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mov", Video((50.0,), rate=5, codec="rawvideo", sound_codec=None))
    assert source.size > 20 << 20
    await decoder.decode_span(source, 30.0, 35.0, PICTURE)
    assert source.bytes_read < 1.5 * source.size * 5 / 50 + (4 << 20)


async def test_pictures_of_the_model_are_made_as_the_model_expects(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video())
    fitted = replace(PICTURE, resize_mode="longest", fill=7)
    span = await decoder.decode_span(source, 0.0, 2.0, fitted)
    assert (span.frames[0][0] == 7).all() and (span.frames[0][-1] == 7).all()
    assert span.frames[0][16].std() > 5
    cropped = await decoder.decode_span(source, 0.0, 2.0, replace(PICTURE, resize_mode="shortest"))
    squashed = await decoder.decode_span(source, 0.0, 2.0, PICTURE)
    assert not np.array_equal(cropped.frames, squashed.frames)


@needs_sample_media
@pytest.mark.parametrize(("name", "seconds"), [("frog.mp4", 8.27), ("rabbit.mp4", 7.8)])
async def test_a_real_video(decoder: MediaDecoder, name: str, seconds: float) -> None:
    source = MemoryReader((SAMPLE_MEDIA / name).read_bytes())
    info = await decoder.probe(source)
    assert info.duration_seconds == pytest.approx(seconds, abs=0.1)
    assert (info.width, info.height, info.has_sound) == (720, 480, True)
    span = await decoder.decode_span(source, 0.0, info.duration_seconds, PICTURE)
    assert span.cut_seconds == () and len(span.frames) >= 3
    assert Image.open(io.BytesIO(span.thumbnails[0])).size == (320, 213)


@needs_sample_media
async def test_real_speech(decoder: MediaDecoder) -> None:
    source = MemoryReader((SAMPLE_MEDIA / "jfk.flac").read_bytes())
    info = await decoder.probe(source)
    assert info.duration_seconds == pytest.approx(11.0, abs=0.01) and not info.has_picture
    span = await decoder.decode_span(source, 0.0, 11.0, PICTURE)
    assert span.sound is not None and len(span.sound) == 11 * 16_000 and np.abs(span.sound).max() > 0.3


async def test_a_span_that_is_none_is_refused(decoder: MediaDecoder) -> None:
    with pytest.raises(ValueError, match="not a span"):
        await decoder.decode_span(MemoryReader(b""), 5.0, 5.0, PICTURE)


async def test_limits_hold(tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video())
    with pytest.raises(InvalidMedia, match="320×180") as too_large:
        await MediaDecoder(MediaLimits(max_pixels=10_000)).probe(source)
    assert too_large.value.reason == "too_large"
    with pytest.raises(InvalidMedia, match="at most 5 s"):
        await MediaDecoder(MediaLimits(max_duration_seconds=5.0)).probe(source)
    with pytest.raises(InvalidMedia, match="streams"):
        await MediaDecoder(MediaLimits(max_streams=1)).probe(source)
    span = await MediaDecoder(MediaLimits(max_frames=2)).decode_span(source, 0.0, 7.0, PICTURE)
    assert len(span.frames) == 2
