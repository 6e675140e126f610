"""PocketSphinx in a process of its own: it holds Python's lock while it listens, and would stop a server for seconds.

Run as a file. It reads utterances from stdin (8 bytes of length, little-endian, then 16-bit samples, mono, 16 kHz)
and answers each on stdout (4 bytes of length, then JSON: a list of word, first frame, last frame, probability; 100
frames a second). The first answer, an empty list, says that the model is loaded. It ends with its input.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from contextlib import suppress

from pocketsphinx import Decoder

# Wider than the defaults, which lose content words of real speech once it was compressed: more Gaussians for each
# sound, and beams that drop fewer hypotheses.
OPTIONS = {"topn": 8, "beam": 1e-60, "wbeam": 1e-40, "pbeam": 1e-60}


def main() -> None:
    """Answers utterances until the input ends."""
    # Ctrl-C in a terminal reaches every process; the server ends this one in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decoder = Decoder(loglevel="FATAL", **OPTIONS)
    with suppress(BrokenPipeError):
        answer([])
        while len(header := sys.stdin.buffer.read(8)) == 8:
            samples = sys.stdin.buffer.read(struct.unpack("<Q", header)[0])
            answer(recognise(decoder, samples))


def recognise(decoder: Decoder, samples: bytes) -> list[tuple[str, int, int, float]]:
    """The words of one utterance, without silence and noises."""
    # What it learned about noise in one utterance changes the words of the next: forget it.
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    logarithm = decoder.get_logmath()
    return [
        (part.word.partition("(")[0], part.start_frame, part.end_frame, logarithm.exp(part.prob))
        for part in decoder.seg()
        if part.word[0] not in "<[+"
    ]


def answer(words: list[tuple[str, int, int, float]]) -> None:
    """Writes one answer to stdout."""
    body = json.dumps(words).encode()
    content = struct.pack("<I", len(body)) + body
    while content:
        content = content[os.write(1, content) :]


if __name__ == "__main__":
    main()
