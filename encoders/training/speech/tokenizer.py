"""Whisper's tokens with a small vocabulary: byte pairs learnt from the grammar, specials, and 1501 timestamps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.models.whisper.tokenization_whisper import LANGUAGES

LANGUAGES_KNOWN = ("en", "ru")
SECONDS_PER_TIMESTAMP = 0.02
_TIMESTAMPS = 1501
# CTranslate2 takes a Whisper for multilingual when its vocabulary holds the empty token.
_EMPTY = ""
_SPECIALS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    # faster-whisper expects a token for each of Whisper's first 99 languages.
    *(f"<|{code}|>" for code in list(LANGUAGES)[:99]),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)


def train_tokenizer(texts: Iterable[str], size: int = 1536) -> Tokenizer:
    """Learns byte pairs and adds what Whisper needs.

    Args:
        texts: Sentences as they are to be written.
        size: Text tokens, at least the 256 bytes.
    """
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, special_tokens=[], show_progress=False)
    learnt.train_from_iterator((f" {text}" for text in texts), trainer)
    pairs = json.loads(learnt.to_str())["model"]
    vocabulary = dict(pairs["vocab"])
    vocabulary[_EMPTY] = len(vocabulary)
    whole = Tokenizer(models.BPE(vocab=vocabulary, merges=[tuple(merge) for merge in pairs["merges"]]))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    whole.add_special_tokens([AddedToken(special, special=True, normalized=False) for special in _SPECIALS])
    stamps = [f"<|{index * SECONDS_PER_TIMESTAMP:.2f}|>" for index in range(_TIMESTAMPS)]
    whole.add_tokens([AddedToken(stamp, normalized=False) for stamp in stamps])
    return whole


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenizer and the numbers of its specials."""

    tokenizer: Tokenizer
    size: int
    end: int
    start: int
    languages: dict[str, int]
    transcribe: int
    no_speech: int
    no_timestamps: int
    first_timestamp: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Tokens:
        """Reads the numbers from a tokenizer of `train_tokenizer`."""

        def number(token: str) -> int:
            found = tokenizer.token_to_id(token)
            if found is None:
                raise ValueError(f"the tokenizer lacks {token}: train it with train_tokenizer")
            return found

        return cls(
            tokenizer=tokenizer,
            size=tokenizer.get_vocab_size(),
            end=number("<|endoftext|>"),
            start=number("<|startoftranscript|>"),
            languages={code: number(f"<|{code}|>") for code in LANGUAGES_KNOWN},
            transcribe=number("<|transcribe|>"),
            no_speech=number("<|nospeech|>"),
            no_timestamps=number("<|notimestamps|>"),
            first_timestamp=number("<|0.00|>"),
        )

    @classmethod
    def loaded(cls, text: str) -> Tokens:
        """Reads a tokenizer from its JSON text."""
        return cls.of(Tokenizer.from_str(text))

    def encoded(self, text: str) -> list[int]:
        """Tokens of one sentence, with the space that Whisper writes before it."""
        return list(self.tokenizer.encode(f" {text}", add_special_tokens=False).ids)

    def decoded(self, tokens: Iterable[int]) -> str:
        """Text of the tokens; specials and timestamps are left out."""
        return str(self.tokenizer.decode([token for token in tokens if token < self.end])).strip()

    def timestamp(self, frames: int) -> int:
        """Token of a time in the window, given in mel frames."""
        return self.first_timestamp + min(frames // 2, _TIMESTAMPS - 1)
