"""Where encoders mark the cuts, only keyframes are decoded."""

from pathlib import Path

import pytest
from decoding import decoded
from media import Video, make

from stream.media.frames import FrameDecoder


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


def test_cuts_that_the_encoder_has_marked_cost_no_decoding(tmp_path: Path, packets: list[object]) -> None:
    video = Video((4.32, 3.08, 0.8), width=160, height=90, gop=250, sound_codec=None)
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
