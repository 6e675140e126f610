"""A picture model that has learned nothing: the right shape and format, random weights of a fixed seed.

It stands in where no trained model is at hand, so that everything around it is real. Its vectors say nothing about
what is shown.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from open_clip import CLIP
from safetensors.torch import save_file

from encoders.errors import ModelError

NAME = "untrained-clip-128"
_SEED = 20_260_101
_CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 256,
        "vision_cfg": {"image_size": 128, "layers": 2, "width": 128, "head_width": 32, "patch_size": 16},
        "text_cfg": {"context_length": 64, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "interpolation": "bicubic",
        "resize_mode": "squash",
        "fill_color": 0,
    },
}


def write_untrained_model(models_dir: Path) -> Path:
    """Writes the model into a folder of its name unless it is there, in open_clip's `local-dir:` layout.

    The folder appears complete or not at all, also when several processes write it at once.

    Returns:
        The model's folder.

    Raises:
        ModelError: The folder cannot be written.
    """
    folder = models_dir / NAME
    if (folder / "open_clip_config.json").is_file():
        return folder
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=models_dir))
        try:
            _write(temporary)
            temporary.chmod(0o755)
            _publish(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"The folder {models_dir} cannot be written ({error}): set KADR_MODELS_DIR.") from error
    return folder


def _write(folder: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        model = CLIP(**_CONFIG["model_cfg"])
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    (folder / "open_clip_config.json").write_text(json.dumps(_CONFIG, indent=2), encoding="utf-8")


def _publish(temporary: Path, folder: Path) -> None:
    try:
        os.rename(temporary, folder)
    except OSError:
        # Another process was first; renaming never replaces a folder with something in it.
        if not (folder / "open_clip_config.json").is_file():
            raise
