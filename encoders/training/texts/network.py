"""The network and its pieces of words, in the form that sentence-transformers loads.

A text's vector is the mean of what was learned for its pieces. Order counts for little in what people search for, and
a text costs microseconds on any processor, in training as in use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PIECES, WIDTH = 8192, 320
_RARE = 1e-3
"""Pieces that are more frequent than this begin with a smaller weight, because they tell little."""


def pieces_of(texts: Iterable[str]) -> Tokenizer:
    """Learns pieces of words from texts; every text can be written in them, because single bytes are among them.

    Case, composed accents and the difference between ё and е are left out; numbers fall into digits.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex("ё"), "е")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=PIECES, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def new_model(tokenizer: Tokenizer, texts: list[str], seed: int) -> SentenceTransformer:
    """An untrained model.

    Args:
        tokenizer: Its pieces.
        texts: By which it knows what is frequent.
        seed: For the first weights.
    """
    torch.manual_seed(seed)
    words = StaticEmbedding(tokenizer, embedding_dim=WIDTH)
    counts = Counter(piece for encoding in tokenizer.encode_batch(texts) for piece in encoding.ids)
    shares = torch.tensor([counts[piece] / max(1, counts.total()) for piece in range(tokenizer.get_vocab_size())])
    weights = words.embedding.weight
    with torch.no_grad():
        weights.copy_(0.3 * torch.randn_like(weights) * (_RARE / (_RARE + shares))[:, None])
    return SentenceTransformer(modules=[words, Normalize()], device="cpu")


def pieces(model: SentenceTransformer) -> Tokenizer:
    """The tokenizer of a model that `new_model` made."""
    words = model[0]
    if not isinstance(words, StaticEmbedding):
        raise TypeError(f"This is no model of this training: {words}")
    return words.tokenizer


def save(model: SentenceTransformer, folder: Path) -> None:
    """Writes the model in half precision; the one that is passed stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    precise = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.half().save(str(folder), create_model_card=False)
    model.float().load_state_dict(precise)
