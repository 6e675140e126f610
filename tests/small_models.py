"""Models of random weights in the formats of the real ones, small enough to be made in a test."""

import json
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from open_clip import CustomTextCLIP
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)
from transformers.models.whisper.tokenization_whisper import LANGUAGES

CLIP_TEXT = {
    "context_length": 16,
    "vocab_size": 64,
    # As SigLIP 2 names it; its tokenizer lies beside the weights.
    "hf_tokenizer_name": "timm/ViT-B-32-SigLIP2-256",
    "tokenizer_kwargs": {"clean": "canonicalize"},
    "width": 32,
    "heads": 2,
    "layers": 1,
    "no_causal_mask": True,
    "proj_bias": True,
    "pool_type": "last",
    "norm_kwargs": {"eps": 1e-6},
    "act_kwargs": {"approximate": "tanh"},
}
PREPROCESSING = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}


def write_clip(folder: Path, *, side: int = 32, preprocessing: dict[str, Any] | None = None) -> Path:
    """Writes an open_clip folder laid out as SigLIP 2's: own tokenizer, no config.json."""
    folder.mkdir(parents=True)
    parts = {
        "embed_dim": 32,
        "init_logit_bias": -10,
        "vision_cfg": {"image_size": side, "layers": 2, "width": 32, "head_width": 16, "patch_size": 16},
        "text_cfg": CLIP_TEXT,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        weights = {name: tensor.contiguous() for name, tensor in CustomTextCLIP(**parts).state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    config = {"model_cfg": {**parts, "custom_text": True}, "preprocess_cfg": preprocessing or PREPROCESSING}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    letters = {letter: at for at, letter in enumerate(["<pad>", "<eos>", "<bos>", "<unk>", *"▁abcdefghijklmnopqrst"])}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[], unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {f"{name}_token": f"<{name}>" for name in ("bos", "eos", "pad", "unk")}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "GemmaTokenizer", **names}))
    return folder


def write_sentences(folder: Path, scratch: Path, *, dimension: int = 16) -> Path:
    """Writes a sentence-transformers folder; `scratch` is for what only its making needs."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "kadr", "a", "red", "frog", "красная", "лягушка"]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    sizes = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        BertModel(BertConfig(vocab_size=len(words), hidden_size=dimension, **sizes)).save_pretrained(scratch)
    names = {f"{name.lower()}_token": f"[{name}]" for name in ("PAD", "UNK", "CLS", "SEP", "MASK")}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(scratch)
    SentenceTransformer(modules=[Transformer(str(scratch)), Pooling(dimension)], device="cpu").save(str(folder))
    return folder


END, START = "<|endoftext|>", "<|startoftranscript|>"
TASKS = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]


def write_whisper(folder: Path, scratch: Path) -> Path:
    """Writes a CTranslate2 folder of a multilingual Whisper; `scratch` is for what only its making needs."""
    tokenizer = _whisper_tokenizer()
    number = tokenizer.token_to_id
    end = {"pad_token_id": number(END), "bos_token_id": number(END), "eos_token_id": number(END)}
    sizes = {
        f"{part}_{what}": count
        for part in ("encoder", "decoder")
        for what, count in {"layers": 1, "attention_heads": 2, "ffn_dim": 32}.items()
    }
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(), d_model=16, decoder_start_token_id=number(START), **sizes, **end
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = WhisperForConditionalGeneration(config)
    generation: Any = model.generation_config
    generation.lang_to_id = {f"<|{code}|>": number(f"<|{code}|>") for code in ("en", "ru")}
    generation.alignment_heads = [[0, 0]]
    generation.no_timestamps_token_id = number("<|notimestamps|>")
    model.save_pretrained(scratch)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(scratch)
    names = {"bos_token": END, "eos_token": END, "unk_token": END}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(scratch)
    files = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(scratch), copy_files=files).convert(str(folder), quantization="int8")
    written = json.loads((folder / "config.json").read_text())
    written |= {"lang_ids": sorted(generation.lang_to_id.values()), "suppress_ids": [], "suppress_ids_begin": []}
    (folder / "config.json").write_text(json.dumps(written))
    return folder


def _whisper_tokenizer() -> Tokenizer:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    # The empty token is what makes CTranslate2 call a Whisper multilingual.
    tokenizer = Tokenizer(models.BPE(vocab={**{letter: at for at, letter in enumerate(letters)}, "": 256}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [END, START, *(f"<|{code}|>" for code in list(LANGUAGES)[:99]), *TASKS]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in special])
    tokenizer.add_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", normalized=False) for step in range(1501)])
    return tokenizer
