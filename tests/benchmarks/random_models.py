"""Picture models of real shapes and random weights: what a batch costs does not depend on them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file

VIT_B_32 = "ViT-B-32-256"
"""The picture tower of the `cpu` profile."""
SO400M = "ViT-SO400M-16-SigLIP2-256"
"""The picture tower of the `gpu` profile."""
# The tokenizers of the larger models are on the hub; texts cost little beside pictures.
_SMALL_TEXT_TOWER = {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 4}
_PREPROCESSING = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "squash",
    "fill_color": 0,
}


def write_random_model(architecture: str, parent: Path) -> Path:
    """Writes a model of one of open_clip's architectures into a new folder, and names it."""
    config = _config(architecture)
    kind = open_clip.CustomTextCLIP if config.pop("custom_text", False) else open_clip.CLIP
    torch.manual_seed(1)
    model = kind(**config)
    folder = parent / f"random-{architecture}"
    folder.mkdir()
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    said = {"model_cfg": _config(architecture), "preprocess_cfg": _PREPROCESSING}
    (folder / "open_clip_config.json").write_text(json.dumps(said))
    return folder


def _config(architecture: str) -> dict[str, Any]:
    config: dict[str, Any] = copy.deepcopy(open_clip.get_model_config(architecture))
    if "hf_tokenizer_name" in config["text_cfg"]:
        config["text_cfg"] = dict(_SMALL_TEXT_TOWER)
    return config
