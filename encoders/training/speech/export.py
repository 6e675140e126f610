"""Writes a checkpoint as a CTranslate2 Whisper: `python -m encoders.training.speech.export CHECKPOINT FOLDER`.

The folder holds everything that faster-whisper needs, so that it never asks the hub. It is written beside and renamed,
so that a reader always sees a whole model.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from transformers import (
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from encoders.training.speech.alignment import choose_heads
from encoders.training.speech.checkpoint import load_checkpoint
from encoders.training.speech.model import SmallWhisper
from encoders.training.speech.tokenizer import Tokens

Heads = Sequence[tuple[int, int]]


def export(model: SmallWhisper, tokens: Tokens, folder: Path, heads: Heads) -> None:
    """Writes the model as int8; files of other kinds that are in the folder already are kept.

    Args:
        model: With the weights to write.
        tokens: Its tokens.
        folder: Made where it is missing.
        heads: Layer and head of the decoder's attention that give the times of words.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        hugging_face, new = Path(scratch) / "hugging-face", Path(scratch) / "new"
        _write_hugging_face(model, tokens, hugging_face)
        TransformersConverter(str(hugging_face), copy_files=["tokenizer.json", "preprocessor_config.json"]).convert(
            str(new), quantization="int8"
        )
        _complete(new / "config.json", tokens, heads)
        os.chmod(new, 0o755)
        _replace(folder, new, Path(scratch) / "old")


def set_heads(folder: Path, heads: Heads) -> None:
    """Changes the heads of a written model."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["alignment_heads"] = [list(head) for head in heads]
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


def _write_hugging_face(model: SmallWhisper, tokens: Tokens, folder: Path) -> None:
    shape = model.shape
    config = WhisperConfig(
        vocab_size=shape.vocabulary,
        num_mel_bins=80,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.inner,
        decoder_ffn_dim=shape.inner,
        pad_token_id=tokens.end,
        bos_token_id=tokens.end,
        eos_token_id=tokens.end,
        decoder_start_token_id=tokens.start,
    )
    whole = WhisperForConditionalGeneration(config)
    weights = {f"model.{name}": weight for name, weight in model.state_dict().items() if not name.startswith("ctc.")}
    weights["proj_out.weight"] = weights["model.decoder.embed_tokens.weight"]
    whole.load_state_dict(weights)
    whole.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)  # type: ignore[no-untyped-call]
    end = "<|endoftext|>"
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokens.tokenizer, bos_token=end, eos_token=end, unk_token=end
    )
    fast.save_pretrained(folder)
    # As it was trained: the library above may add rules of its own.
    tokens.tokenizer.save(str(folder / "tokenizer.json"))


def _complete(path: Path, tokens: Tokens, heads: Heads) -> None:
    """Adds what the converter leaves out: the languages, the heads, and that a window may have no text at all."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config["lang_ids"] = sorted(tokens.languages.values())
    config["suppress_ids"] = []
    config["suppress_ids_begin"] = []
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    set_heads(path.parent, heads)


def _replace(folder: Path, new: Path, old: Path) -> None:
    if folder.is_dir():
        for kept in folder.iterdir():
            if kept.is_file() and not (new / kept.name).exists():
                shutil.copy2(kept, new / kept.name)
        os.rename(folder, old)
    os.rename(new, folder)


def every_head(model: SmallWhisper) -> list[tuple[int, int]]:
    """All heads of the decoder's attention to the sound."""
    return [(layer, head) for layer in range(model.shape.decoder_layers) for head in range(model.shape.heads)]


def main() -> None:
    """Exports a checkpoint and chooses its alignment heads."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    learner = load_checkpoint(asked.checkpoint, "cpu")
    heads = every_head(learner.averaged)
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "trial"
        export(learner.averaged, learner.tokens, trial, heads)
        chosen, error = choose_heads(trial, heads, set_heads)
    export(learner.averaged, learner.tokens, asked.folder, chosen)
    print(f"{asked.folder}: alignment heads {chosen}, words begin within {error:.3f} s (median)")


if __name__ == "__main__":
    main()
