"""Where encoders mark the cuts, only keyframes are decoded."""

from pathlib import Path

import pytest
from decoding import decoded
from media import Video, make

from stream.media.frames import FrameDecoder


def test_cuts_that_the_encoder_has_marked_cost_no_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packets = []
    decode = FrameDecoder.decode

    def counted(self: FrameDecoder, packet: object) -> object:
        packets.append(packet)
        return decode(self, packet)  # type: ignore[arg-type]

    monkeypatch.setattr(FrameDecoder, "decode", counted)
    video = Video((4.32, 3.08, 0.8), width=160, height=90, gop=250, sound_codec=None)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 8.2)
    assert span.cut_seconds == pytest.approx([4.32, 7.4], abs=0.02)
    assert len([packet for packet in packets if packet is not None]) <= 6


def test_a_cut_that_no_keyframe_marks_is_found_by_decoding(tmp_path: Path) -> None:
    video = Video((4.32, 3.08, 4.8), width=160, height=90, gop=250, sound_codec=None, keyframes_at_cuts=False)
    span = decoded(make(tmp_path / "a.mp4", video), 0.0, 12.2)
    assert span.cut_seconds == pytest.approx([4.32, 7.4], abs=0.02)
