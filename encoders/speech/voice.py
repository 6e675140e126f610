"""Where in a sound somebody speaks, by the Silero network that comes with faster-whisper."""

from __future__ import annotations

from faster_whisper.vad import VadOptions, get_speech_timestamps

from encoders.values import Sound

# A pause of this length ends an utterance; the recognisers lose words without some sound around them.
_PAUSE_MILLISECONDS = 350
_PAD_MILLISECONDS = 150
_SHORTEST_MILLISECONDS = 120
_LONGEST_SECONDS = 20.0


def find_speech(sound: Sound) -> list[tuple[int, int]]:
    """Finds utterances as half-open ranges of samples, in order; none in silence, noise and music.

    An utterance of more than 20 s is cut.
    """
    options = VadOptions(
        min_silence_duration_ms=_PAUSE_MILLISECONDS,
        speech_pad_ms=_PAD_MILLISECONDS,
        min_speech_duration_ms=_SHORTEST_MILLISECONDS,
        max_speech_duration_s=_LONGEST_SECONDS,
    )
    return [(int(found["start"]), int(found["end"])) for found in get_speech_timestamps(sound, options)]
