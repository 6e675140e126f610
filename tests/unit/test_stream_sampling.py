"""Where encoders mark the cuts, only keyframes are decoded."""

from pathlib import Path

import pytest
from decoding import decoded
from media import Video, make

from stream.media.frames import FrameDecoder
from stream.media.gaps import Look
from stream.media.keyframes import KeyframeLooks


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """All packets that were decoded."""
    seen: list[object] = []
    decode = FrameDecoder.decode

    def counted(self: FrameDecoder, packet: object) -> object:
        seen.extend([] if packet is None else [packet])
        return decode(self, packet)  # type: ignore[arg-type]

    monkeypatch.setattr(FrameDecoder, "decode", counted)
    return seen


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast", "medium"])
def test_cuts_that_the_encoder_has_marked_cost_no_decoding(tmp_path: Path, packets: list[object], preset: str) -> None:
    options = {"preset": preset, "bf": "0" if preset == "ultrafast" else "3"}
    video = Video((4.32, 3.08, 0.8), width=160, height=90, gop=250, sound_codec=None, options=options)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 8.2)
    assert span.cut_seconds == pytest.approx([4.32, 7.4], abs=0.02)
    assert len(packets) <= 6


def test_a_cut_that_no_keyframe_marks_is_found_by_decoding(tmp_path: Path) -> None:
    video = Video((4.32, 3.08, 4.8), width=160, height=90, gop=250, sound_codec=None, keyframes_at_cuts=False)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 12.2)
    assert span.cut_seconds == pytest.approx([4.32, 7.4], abs=0.02)


def test_decoding_stops_where_the_cut_is_found(tmp_path: Path, packets: list[object]) -> None:
    video = Video((2.0, 10.0), width=160, height=90, gop=250, sound_codec=None, keyframes_at_cuts=False)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 10.0)
    assert span.cut_seconds == pytest.approx([2.0], abs=0.02)
    assert len(packets) < 210


def test_of_close_keyframes_few_are_decoded_while_nothing_changes(tmp_path: Path, packets: list[object]) -> None:
    video = Video((20.0, 3.0), width=160, height=90, gop=10, sound_codec=None, keyframes_at_cuts=False)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 18.0)
    assert len(packets) <= 14
    assert not span.cut_seconds


@pytest.mark.parametrize("cut_seconds", [4.2, 4.32, 5.0, 5.72])
def test_a_cut_among_close_keyframes_is_found_where_it_is(tmp_path: Path, cut_seconds: float) -> None:
    video = Video((cut_seconds, 6.0), width=160, height=90, gop=10, sound_codec=None, keyframes_at_cuts=False)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 10.0)
    assert span.cut_seconds == pytest.approx([cut_seconds], abs=0.02)


@pytest.mark.parametrize(("codec", "rotation"), [("libx264", 0), ("libx264", 90), ("libx265", 0), ("mpeg4", 0)])
def test_more_threads_see_the_same(tmp_path: Path, codec: str, rotation: int) -> None:
    shots = (4.32, 3.08, 7.0, 1.2, 9.0)
    video = Video(shots, width=160, height=96, gop=50, sound_codec=None, codec=codec, rotation=rotation)
    path = make(tmp_path / "a.mp4", video)
    one, two = (decoded(path, 1.0, 24.0, threads=threads) for threads in (1, 2))
    assert one.cut_seconds == two.cut_seconds and len(one.cut_seconds) == 4
    assert [sample.seconds for sample in one.samples] == [sample.seconds for sample in two.samples]
    assert [sample.thumbnail for sample in one.samples] == [sample.thumbnail for sample in two.samples]


@pytest.mark.parametrize(("rotation", "is_shared"), [(0, True), (90, False)])
def test_what_only_the_container_knows_keeps_keyframes_with_the_streams_own_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rotation: int, is_shared: bool
) -> None:
    asked: list[Look | None] = []
    look_aside = KeyframeLooks._look_aside

    def noted(self: KeyframeLooks, keyframe: object) -> Look | None:
        asked.append(look_aside(self, keyframe))  # type: ignore[arg-type]
        return asked[-1]

    monkeypatch.setattr(KeyframeLooks, "_look_aside", noted)
    video = Video((6.0, 7.0), width=160, height=96, gop=25, sound_codec=None, rotation=rotation)
    decoded(make(tmp_path / "a.mp4", video), 0.0, 12.0, threads=2)
    assert bool(asked) is is_shared
