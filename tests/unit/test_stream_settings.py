"""What a user sets of media is what the decoder keeps to."""

import pytest

from stream.media.values import MediaLimits
from stream.settings import StreamSettings


def test_settings_of_media_reach_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DECODE_TIMEOUT_SECONDS": "30",
        "DECODE_MEMORY_MB": "1024",
        "DECODE_REQUESTS_PER_CHILD": "3",
        "MEDIA_FRAMES_PER_SECOND": "2",
        "MEDIA_MAX_PIXELS": "1000",
        "MEDIA_MAX_FRAME_RATE": "60",
        "MEDIA_MAX_DURATION_SECONDS": "100",
        "MEDIA_MAX_STREAMS": "4",
        "MEDIA_MAX_CHANNELS": "2",
    }.items():
        monkeypatch.setenv(f"KADR_{name}", value)
    expected = MediaLimits(
        wall_seconds=30.0,
        cpu_seconds=60,
        memory_bytes=1 << 30,
        requests_per_child=3,
        frames_per_second=2.0,
        max_pixels=1000,
        max_frames_per_second=60.0,
        max_duration_seconds=100.0,
        max_streams=4,
        max_channels=2,
    )
    assert StreamSettings().media_limits == expected


def test_unset_limits_are_the_decoders_own() -> None:
    assert StreamSettings().media_limits == MediaLimits()
