"""The shape of the small picture model, and the folder in which open_clip finds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional

from encoders.training.pictures import tokens

PIXELS = 96
CONTEXT = 40
DIMENSION = 256
_PREPROCESS: dict[str, Any] = {
    "size": [PIXELS, PIXELS],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "interpolation": "bicubic",
    "resize_mode": "squash",
    "fill_color": 0,
}


def config(vocabulary: int) -> dict[str, Any]:
    """open_clip's description of the model: a small ResNet with attention pooling and a small text transformer."""
    return {
        "model_cfg": {
            "embed_dim": DIMENSION,
            "vision_cfg": {
                "image_size": PIXELS,
                "layers": [1, 1, 1, 1],
                "width": 24,
                "head_width": 64,
                "patch_size": None,
            },
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": vocabulary,
                "hf_tokenizer_name": "kadr-clip",
                "width": 128,
                "heads": 4,
                "layers": 2,
            },
        },
        "preprocess_cfg": _PREPROCESS,
    }


def built(vocabulary: int) -> open_clip.CLIP:
    """The model with random weights."""
    shape = json.loads(json.dumps(config(vocabulary)["model_cfg"]))
    shape["text_cfg"].pop("hf_tokenizer_name")
    return open_clip.CLIP(**shape)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 N×S×S×3 to what the model takes: float N×3×S×S, as its preprocessing says."""
    mean, std = _PREPROCESS["mean"][0], _PREPROCESS["std"][0]
    prepared: torch.Tensor = (pixels.permute(0, 3, 1, 2).float() / 255.0 - mean) / std
    return prepared


def text_vectors(model: open_clip.CLIP, numbers: torch.Tensor) -> torch.Tensor:
    """What `model.encode_text` gives for texts padded to the whole context, without the work for the padding.

    Args:
        model: The model.
        numbers: N×L, L at most the context; the end of a text is its highest number.
    """
    length = numbers.shape[1]
    flow = model.token_embedding(numbers) + model.positional_embedding[:length]
    flow = model.ln_final(model.transformer(flow, attn_mask=model.attn_mask[:length, :length]))
    last = flow[torch.arange(len(flow), device=flow.device), numbers.argmax(dim=1)]
    projection: torch.Tensor = model.text_projection
    vectors: torch.Tensor = functional.normalize(last @ projection, dim=-1)
    return vectors


def write(model: open_clip.CLIP, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes weights of half precision, description and tokenizer in open_clip's `local-dir:` layout."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in model.state_dict().items()
    }
    path = folder / "open_clip_model.safetensors"
    save_file(weights, path, metadata={"format": "pt"})
    path.chmod(0o644)
    described = json.dumps(config(tokenizer.get_vocab_size()), indent=2) + "\n"
    (folder / "open_clip_config.json").write_text(described, encoding="utf-8")
    tokens.save(tokenizer, folder, context=CONTEXT)
