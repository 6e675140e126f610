"""The picture model's own tokenizer: pieces of Russian and English words, learned from its captions."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from encoders.training.pictures import captions
from encoders.training.pictures.facts import trained

PAD, UNKNOWN, END = "<pad>", "<unknown>", "<end>"
_CAPTIONS = 20_000
_PIECES = 1_600


def learned(seed: int) -> Tokenizer:
    """Learns the pieces from captions; case, punctuation and the dots of ё make no difference."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace("ё", "е"),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}]+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    alphabet = [chr(code) for code in (*range(ord("a"), ord("z") + 1), *range(ord("а"), ord("я") + 1))]
    trainer = trainers.BpeTrainer(
        vocab_size=_PIECES,
        special_tokens=[PAD, UNKNOWN],
        initial_alphabet=[*alphabet, *"0123456789"],
        show_progress=False,
    )
    random = Random(seed)
    tokenizer.train_from_iterator((_line(random) for _ in range(_CAPTIONS)), trainer)
    # The text tower reads the vector where the highest number stands: the end.
    tokenizer.add_special_tokens([END])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, tokenizer.token_to_id(END))]
    )
    return tokenizer


def _line(random: Random) -> str:
    facts = trained(random)
    return " ".join(captions.full(facts, language, random).text for language in captions.LANGUAGES)


def save(tokenizer: Tokenizer, folder: Path, *, context: int) -> None:
    """Writes the files from which `transformers.AutoTokenizer` loads it without a hub."""
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "pad_token": PAD,
        "unk_token": UNKNOWN,
        "eos_token": END,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
