"""English speech by PocketSphinx (https://github.com/cmusphinx/pocketsphinx), whose model comes with its package."""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoders.errors import ModelError, RecognitionFailed
from encoders.ports import SpeechRecognizer
from encoders.registry.catalogue import POCKETSPHINX
from encoders.speech.voice import find_speech
from encoders.values import SAMPLES_PER_SECOND, Segment, Sound, Transcript, Word

_FRAMES_PER_SECOND = 100
_LOADING_SECONDS = 60.0
# Recognising takes less than the sound lasts; this is for a machine that is busy with everything else.
_PATIENCE_SECONDS = 60.0
_PATIENCE_FACTOR = 20.0


class PocketSphinxRecognizer(SpeechRecognizer):
    """Recognises English utterance by utterance, in a child process that is started again when it dies.

    Raises:
        ModelError: The child process does not start.
    """

    name = POCKETSPHINX
    languages = ("en",)

    def __init__(self) -> None:
        try:
            self._child: _Child | None = _Child()
        except RecognitionFailed as error:
            raise ModelError(f"PocketSphinx does not start ({error}): is the package pocketsphinx complete?") from error

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        """Writes down each sound (float32, mono, 16 kHz); None is taken for English, other languages give no text.

        Raises:
            RecognitionFailed: The child process died or hangs; the next call starts another.
        """
        return [self._transcribe(sound, language or "en") for sound in sounds]

    def write_down(self, sound: Sound, cuts: Sequence[tuple[int, int]]) -> list[Segment]:
        """The English words of some utterances (half-open ranges of samples) of a sound, in its own time.

        Raises:
            RecognitionFailed: The child process died or hangs; the next call starts another.
        """
        segments = (self._segment(sound, start, stop) for start, stop in cuts)
        return [segment for segment in segments if segment is not None]

    def close(self) -> None:
        """Ends the child process."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _transcribe(self, sound: Sound, language: str) -> Transcript:
        utterances = find_speech(sound) if language == "en" else []
        return Transcript(language, len(sound) / SAMPLES_PER_SECOND, tuple(self.write_down(sound, utterances)))

    def _segment(self, sound: Sound, start: int, stop: int) -> Segment | None:
        words = tuple(_word(row, start, stop) for row in self._ask(sound[start:stop]))
        if not words:
            return None
        text = " ".join(word.text for word in words)
        return Segment(text, words[0].start_seconds, words[-1].stop_seconds, "en", words)

    def _ask(self, utterance: Sound) -> list[Any]:
        self._child = self._child or _Child()
        patience = _PATIENCE_SECONDS + _PATIENCE_FACTOR * len(utterance) / SAMPLES_PER_SECOND
        samples = (np.clip(utterance, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        try:
            return self._child.ask(samples, patience)
        except RecognitionFailed:
            self.close()
            raise


class _Child:
    """The process, and the two pipes to it."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("sphinx_child.py")
        # -P: this folder has a pocketsphinx.py too, and must not stand in for the package.
        command = [sys.executable, "-P", str(program)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        except OSError as error:
            raise RecognitionFailed(f"the speech process cannot be started: {error}") from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        try:
            self._answer(time.monotonic() + _LOADING_SECONDS)
        except RecognitionFailed:
            self.kill()
            raise

    def ask(self, samples: bytes, patience_seconds: float) -> list[Any]:
        """Sends an utterance and waits for its words.

        Raises:
            RecognitionFailed: The process is gone or takes too long.
        """
        deadline = time.monotonic() + patience_seconds
        self._send(struct.pack("<Q", len(samples)) + samples, deadline)
        return self._answer(deadline)

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        # Leaving the context closes the pipes and waits for the end.
        with self._process:
            pass

    def _send(self, content: bytes, deadline: float) -> None:
        rest = memoryview(content)
        while rest:
            _wait([], [self._input], deadline)
            try:
                rest = rest[os.write(self._input, rest) :]
            except BrokenPipeError as error:
                raise RecognitionFailed("The speech process died.") from error

    def _answer(self, deadline: float) -> list[Any]:
        length = struct.unpack("<I", self._read(4, deadline))[0]
        words: list[Any] = json.loads(self._read(length, deadline))
        return words

    def _read(self, length: int, deadline: float) -> bytes:
        content = b""
        while len(content) < length:
            _wait([self._output], [], deadline)
            part = os.read(self._output, length - len(content))
            if not part:
                raise RecognitionFailed("The speech process died.")
            content += part
        return content


def _wait(readable: list[int], writable: list[int], deadline: float) -> None:
    if not any(select.select(readable, writable, [], max(0.0, deadline - time.monotonic()))):
        raise RecognitionFailed("The speech process takes too long.")


def _word(row: Sequence[Any], start: int, stop: int) -> Word:
    """A word in the time of the sound; frames of the utterance count from `start`, the last one included."""
    text, first, last, probability = row
    offset, limit = start / SAMPLES_PER_SECOND, stop / SAMPLES_PER_SECOND
    begin = min(offset + first / _FRAMES_PER_SECOND, limit)
    end = min(offset + (last + 1) / _FRAMES_PER_SECOND, limit)
    return Word(text, begin, end, min(1.0, max(0.0, float(probability))))
