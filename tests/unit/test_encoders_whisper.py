"""faster-whisper through the port, on a Whisper of random weights: what it says is nonsense, what it gives is not."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ctranslate2.converters import TransformersConverter
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)
from transformers.models.whisper.tokenization_whisper import LANGUAGES

import encoders.whisper
import encoders.whisper_decoder
from encoders.errors import ModelError
from encoders.hallucination import Limits
from encoders.values import Transcript
from encoders.whisper import Manner, WhisperRecognizer

END, START = "<|endoftext|>", "<|startoftranscript|>"
TASKS = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]


def _tokenizer() -> Tokenizer:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    # The empty token is what makes CTranslate2 call a Whisper multilingual.
    tokenizer = Tokenizer(models.BPE(vocab={**{letter: at for at, letter in enumerate(letters)}, "": 256}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [END, START, *(f"<|{code}|>" for code in list(LANGUAGES)[:99]), *TASKS]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in special])
    tokenizer.add_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", normalized=False) for step in range(1501)])
    return tokenizer


def _write_random_whisper(source: Path, target: Path) -> None:
    tokenizer = _tokenizer()
    number = tokenizer.token_to_id
    end = {"pad_token_id": number(END), "bos_token_id": number(END), "eos_token_id": number(END)}
    sizes = {f"{part}_{what}": n for part in ("encoder", "decoder") for what, n in _SIZES.items()}
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(), d_model=16, decoder_start_token_id=number(START), **sizes, **end
    )
    model = WhisperForConditionalGeneration(config)
    generation: Any = model.generation_config
    generation.lang_to_id = {f"<|{code}|>": number(f"<|{code}|>") for code in ("en", "ru")}
    generation.alignment_heads = [[0, 0]]
    generation.no_timestamps_token_id = number("<|notimestamps|>")
    model.save_pretrained(source)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(source)
    names = {"bos_token": END, "eos_token": END, "unk_token": END}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(source)
    files = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(source), copy_files=files).convert(str(target), quantization="int8")
    written = json.loads((target / "config.json").read_text())
    written |= {"lang_ids": sorted(generation.lang_to_id.values()), "suppress_ids": [], "suppress_ids_begin": []}
    (target / "config.json").write_text(json.dumps(written))


_SIZES = {"layers": 1, "attention_heads": 2, "ffn_dim": 32}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("whisper")
    _write_random_whisper(place / "source", place / "random-whisper")
    return place / "random-whisper"


@pytest.fixture(scope="module")
def recognizer(folder: Path) -> WhisperRecognizer:
    return WhisperRecognizer(str(folder), device="cpu", threads=1)


def test_a_model_says_its_folder_s_name_and_its_languages(recognizer: WhisperRecognizer, folder: Path) -> None:
    assert (recognizer.name, recognizer.languages) == ("random-whisper", ("en", "ru"))
    with pytest.raises(ModelError, match="KADR_SPEECH_LANGUAGES"):
        WhisperRecognizer(str(folder), device="cpu", threads=1, languages=("de",))


def test_silence_and_noise_give_no_text(recognizer: WhisperRecognizer) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 5 * 16_000).astype(np.float32)
    expected = Transcript("ru", 5.0, ())
    assert recognizer.transcribe([np.zeros(5 * 16_000, np.float32), noise], "ru") == [expected, expected]


@pytest.mark.parametrize(("asked", "languages", "batch"), [("en", {"en"}, 1), (None, {"en", "ru"}, 2)])
def test_whatever_is_decoded_becomes_segments_within_their_windows(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, languages: set[str], batch: int
) -> None:
    cuts = [(8_000, 24_000), (60_000, 76_000)]
    monkeypatch.setattr(encoders.whisper, "find_speech", lambda sound: cuts)
    everything = Limits(-100.0, 0.0, 1.0, -100.0, 0.0, 1e9, 1e9, 1e9)
    monkeypatch.setattr("encoders.hallucination._repeats", lambda words: False)
    recognizer = WhisperRecognizer(str(folder), device="cpu", threads=1, manner=Manner(everything, window_seconds=0.0))
    recognizer._decoder._batch = batch
    sound = np.random.default_rng(3).normal(0, 0.1, 5 * 16_000).astype(np.float32)
    hearing = recognizer.listen(sound, asked)
    assert {segment.language for segment in hearing.segments} <= languages
    assert {segment.language for segment in hearing.segments} or hearing.lost
    for segment in hearing.segments:
        assert any(start / 16_000 <= segment.start_seconds <= stop / 16_000 + 0.1 for start, stop in cuts)


def test_words_outside_the_sound_or_out_of_order_are_put_right() -> None:
    words = [
        SimpleNamespace(word=" b", start=1.0, end=2.7, probability=1.00001),
        SimpleNamespace(word=" a", start=-0.1, end=0.5, probability=0.5),
        SimpleNamespace(word=" ", start=0.0, end=0.1, probability=0.5),
    ]
    details = {"avg_logprob": -0.5, "no_speech_prob": 0.1}
    found = [
        SimpleNamespace(text=" a b ", words=words, **details),
        SimpleNamespace(text="", words=None, **details),
    ]
    (heard,) = encoders.whisper_decoder._heard(found, 0.0, 2.0)
    assert [(word.text, word.start_seconds, word.stop_seconds) for word in heard.words] == [
        ("a", 0.0, 0.5),
        ("b", 1.0, 2.0),
    ]
    assert heard.text == "a b"


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_a_folder_without_one_of_its_files_is_one_sentence(folder: Path, tmp_path: Path, missing: str) -> None:
    for file in folder.iterdir():
        if file.name != missing:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=missing):
        WhisperRecognizer(str(tmp_path), device="cpu", threads=1)
