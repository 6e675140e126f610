"""Speech for the demo's videos, spoken by espeak-ng.

The PyPI package espeakng-loader carries espeak-ng's shared library and its voices, so no system package is needed.
The library keeps its state in process-wide variables: use one `Voices` at a time, from one thread. The same sentences
in the same order give the same samples in a fresh process.
"""

import ctypes
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

SYNCHRONOUS = 2
PARAMETER_RATE, PARAMETER_PITCH, PARAMETER_WORD_GAP = 1, 3, 7
UTF8 = 1
AS_IPA = 2
SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
# Signs of stress and pauses in what espeak-ng says it pronounces.
_NOT_SOUNDS = frozenset(' ˈˌ:"^\n')


class VoiceError(RuntimeError):
    """espeak-ng is missing or refused to speak."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a sentence is spoken.

    Attributes:
        name: espeak-ng's name of the voice, for example `en-us` or `ru`.
        words_per_minute: Speed, 80 to 450.
        pitch: 0 (low) to 99 (high).
        word_gap: Extra pause between words, in units of 10 ms at normal speed.
    """

    name: str
    words_per_minute: int = 150
    pitch: int = 50
    word_gap: int = 0

    def __post_init__(self) -> None:
        if not 80 <= self.words_per_minute <= 450:
            raise ValueError(f"words per minute must be 80 to 450: {self.words_per_minute = }")
        if not 0 <= self.pitch <= 99:
            raise ValueError(f"pitch must be 0 to 99: {self.pitch = }")


class Voices:
    """espeak-ng, loaded once; a context manager that unloads it."""

    def __init__(self) -> None:
        """Loads the library.

        Raises:
            VoiceError: The package espeakng-loader is missing or its data cannot be read.
        """
        self._samples: list[NDArray[np.int16]] = []
        self._library = loaded_library()
        self.samples_per_second = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, data_path().encode(), 0))
        if self.samples_per_second <= 0:
            raise VoiceError(f"espeak-ng cannot read its voices in {data_path()}; install espeakng-loader again.")
        # The library keeps only the address: the reference here keeps the callback alive.
        self._callback = SYNTH_CALLBACK(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, wave: Any, count: int, _events: Any) -> int:
        if wave and count > 0:
            self._samples.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
        return 0

    def speak(self, text: str, voice: Voice) -> NDArray[np.int16]:
        """Speaks a text.

        Returns:
            int16 samples, mono, at `samples_per_second`.

        Raises:
            VoiceError: There is no such voice, or nothing was spoken.
        """
        library = self._library
        if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise VoiceError(f"espeak-ng has no voice {voice.name!r}.")
        library.espeak_SetParameter(PARAMETER_RATE, voice.words_per_minute, 0)
        library.espeak_SetParameter(PARAMETER_PITCH, voice.pitch, 0)
        library.espeak_SetParameter(PARAMETER_WORD_GAP, voice.word_gap, 0)
        # The breath in a voice is random, and is to be the same in the next process.
        library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        self._samples.clear()
        encoded = text.encode()
        library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 0, 0, UTF8, None, None)
        library.espeak_Synchronize()
        if not self._samples:
            raise VoiceError(f"espeak-ng spoke nothing for {text!r} with the voice {voice.name!r}.")
        return np.concatenate(self._samples)

    def phonemes(self, text: str, voice_name: str) -> str:
        """What a voice pronounces for a text, in the signs of IPA, without stress and without spaces.

        Raises:
            VoiceError: There is no such voice.
        """
        if self._library.espeak_SetVoiceByName(voice_name.encode()) != 0:
            raise VoiceError(f"espeak-ng has no voice {voice_name!r}.")
        translate = self._library.espeak_TextToPhonemes
        translate.restype = ctypes.c_char_p
        # The library moves the pointer behind each clause that it translates, and clears it after the last one.
        rest = ctypes.c_char_p(text.encode())
        clauses = []
        while rest.value is not None:
            clauses.append(translate(ctypes.byref(rest), UTF8, AS_IPA).decode())
        return "".join(sign for clause in clauses for sign in clause if sign not in _NOT_SOUNDS)

    def close(self) -> None:
        """Unloads the voices."""
        self._library.espeak_Terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def loaded_library() -> ctypes.CDLL:
    """Loads espeak-ng's shared library.

    Raises:
        VoiceError: It is not installed.
    """
    try:
        import espeakng_loader

        return ctypes.CDLL(str(espeakng_loader.get_library_path()))
    except (ImportError, OSError) as error:
        raise VoiceError(f"espeak-ng cannot be loaded ({error}); pip install espeakng-loader") from error


def data_path() -> str:
    """Folder of espeak-ng's voices."""
    import espeakng_loader

    return str(espeakng_loader.get_data_path())
