"""A quick look at the errors while training: greedy decoding of a few held-out sentences, without CTranslate2."""

from __future__ import annotations

import jiwer
import numpy as np
import torch
from torch import Tensor

from encoders.training.language.grammar import normalised
from encoders.training.speech.data import Example
from encoders.training.speech.learner import Learner
from encoders.training.speech.mel import BANDS, log_mel, scaled
from encoders.training.speech.model import Heard, SmallWhisper, sample_padding
from encoders.training.speech.tokenizer import LANGUAGES_KNOWN, Tokens

_LONGEST = 60


@torch.no_grad()
def greedy_errors(learner: Learner, tests: list[Example], *, padded: bool) -> str:
    """One line: word error rate in per cent of each language, and the share of languages told right.

    Args:
        learner: Its averaged weights are used.
        tests: Sentences.
        padded: Whether to decode as if padded to 30 s, which the model learns late.
    """
    model, tokens = learner.averaged, learner.tokens
    written, told = _written(model, tokens, tests, 60 if padded else 0)
    parts = []
    for language in LANGUAGES_KNOWN:
        for unseen in (False, True):
            chosen = [
                (normalised(test.text), normalised(text))
                for test, text in zip(tests, written, strict=True)
                if test.language == language and test.unseen_voice == unseen
            ]
            errors = jiwer.wer([truth for truth, _ in chosen], [text for _, text in chosen])
            parts.append(f"{language}{' unseen voice' if unseen else ''} {100 * errors:.1f}")
    right = sum(test.language == language for test, language in zip(tests, told, strict=True)) / len(tests)
    return f"errors: {', '.join(parts)}; language {right:.2f}; e.g. {written[0]!r} {written[1]!r}"


def _written(model: SmallWhisper, tokens: Tokens, tests: list[Example], padding: int) -> tuple[list[str], list[str]]:
    device = model.ctc.weight.device
    mels = [scaled(log_mel(test.sound)) for test in tests]
    frames = max(len(mel) for mel in mels)
    frames += 2 + frames % 2
    rows = np.zeros((len(mels), BANDS, frames), np.float32)
    for row, mel in zip(rows, mels, strict=True):
        row[:, : len(mel)] = mel.T
    heard = model.encoder(torch.from_numpy(rows).to(device), sample_padding(frames // 2, padding).to(device))
    start = torch.full((len(tests), 1), tokens.start, device=device)
    numbers = torch.tensor([tokens.languages[language] for language in LANGUAGES_KNOWN], device=device)
    best = model.decoder(start, heard)[:, -1, numbers].argmax(-1)
    prompt = torch.tensor([[tokens.transcribe, tokens.no_timestamps]] * len(tests), device=device)
    sequences = _continued(model, heard, torch.cat([start, numbers[best][:, None], prompt], 1), tokens)
    texts = [tokens.decoded(sequence.tolist()) for sequence in sequences]
    return texts, [LANGUAGES_KNOWN[int(choice)] for choice in best]


def _continued(model: SmallWhisper, heard: Heard, sequences: Tensor, tokens: Tokens) -> Tensor:
    """Takes the best token again and again; after the end, only the end."""
    done = torch.zeros(len(sequences), dtype=torch.bool, device=sequences.device)
    for _ in range(_LONGEST):
        following = model.decoder(sequences, heard)[:, -1, : tokens.end + 1].argmax(-1)
        following = torch.where(done, tokens.end, following)
        done |= following == tokens.end
        sequences = torch.cat([sequences, following[:, None]], 1)
        if bool(done.all()):
            break
    return sequences
