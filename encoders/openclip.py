"""Pictures and texts in one space, by any open_clip model with its own preprocessing (https://github.com/mlfoundations/open_clip)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch

from encoders.device import memory_errors
from encoders.errors import ModelError
from encoders.ports import ImageTextEncoder
from encoders.values import Frames, PictureInput, Purpose, Vectors, check_frames

_LOCAL = "local-dir:"
_HUB = "hf-hub:"


class OpenClipEncoder(ImageTextEncoder):
    """One open_clip model on one device.

    Args:
        model: A folder in open_clip's `local-dir:` layout, `hf-hub:owner/name`, or `architecture:tag`.
        device: `cpu` or `cuda`.
        batch: Pictures or texts that are encoded at once.

    Raises:
        ModelError: There is no such model, it has no weights, or its input is not square.
    """

    def __init__(self, model: str, *, device: str, batch: int) -> None:
        source, tag = _locate(model)
        # A folder or repository without weights would otherwise load as a random model, with a warning only.
        self._model = open_clip.create_model(source, pretrained=tag, device=device, require_pretrained=True).eval()
        self._tokenize = open_clip.get_tokenizer(source)
        self._device = torch.device(device)
        self._batch = batch
        preprocess: dict[str, Any] = self._model.visual.preprocess_cfg
        self._scale, self._shift = _normalisation(preprocess, self._device)
        self.picture_input = _picture_input(preprocess)
        self.name = Path(source.removeprefix(_LOCAL)).name if source.startswith(_LOCAL) else model
        size = self.picture_input.size
        self.dimension = self.embed_frames(np.zeros((1, size, size, 3), np.uint8)).shape[1]

    def embed_frames(self, frames: Frames) -> Vectors:
        """Encodes frames (uint8 N×S×S×3, RGB, S as in `picture_input`), float32 N×`dimension`, rows of length 1."""
        check_frames(frames, size=self.picture_input.size)
        with memory_errors(), torch.inference_mode():
            parts = [self._embed_pixels(frames[at : at + self._batch]) for at in range(0, len(frames), self._batch)]
        return np.concatenate(parts)

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts, float32 N×`dimension`, rows of length 1; texts beyond the model's context are cut.

        Such models encode every text alike, so the purpose changes nothing.
        """
        with memory_errors(), torch.inference_mode():
            parts = [self._embed_tokens(texts[at : at + self._batch]) for at in range(0, len(texts), self._batch)]
        return np.concatenate(parts)

    def _embed_pixels(self, frames: Frames) -> Vectors:
        # Bytes travel to the device, numbers of four bytes would be four times as many. Frames from a request are
        # read-only, which torch does not know; nothing here writes to them.
        pixels = torch.from_numpy(np.array(frames)).to(self._device).permute(0, 3, 1, 2)
        return _unit_rows(self._model.encode_image(torch.addcmul(self._shift, pixels.float(), self._scale)))

    def _embed_tokens(self, texts: Sequence[str]) -> Vectors:
        return _unit_rows(self._model.encode_text(self._tokenize(list(texts)).to(self._device)))


def _locate(model: str) -> tuple[str, str | None]:
    path = model.removeprefix(_LOCAL)
    if model.startswith(_HUB):
        return model, None
    if model.startswith(_LOCAL) or Path(path).is_absolute() or Path(path).is_dir():
        _check_folder(Path(path))
        return f"{_LOCAL}{path}", None
    architecture, _, tag = model.partition(":")
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if not tags:
        raise ModelError(f"The picture model {model!r} is neither a folder nor one that open_clip knows.")
    if tag not in tags:
        raise ModelError(f"Name the picture model's weights, as {architecture}:TAG; TAG is one of {', '.join(tags)}.")
    return architecture, tag


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(f"The picture model's folder {folder} is missing: correct KADR_PICTURE_MODEL.")
    if not (folder / "open_clip_config.json").is_file():
        raise ModelError(f"The folder {folder} holds no open_clip model: its open_clip_config.json is missing.")


def _picture_input(preprocess: dict[str, Any]) -> PictureInput:
    size = preprocess["size"]
    sides = {int(side) for side in (size if isinstance(size, (list, tuple)) else (size,))}
    if len(sides) != 1:
        raise ModelError(f"Only models with square pictures are supported: this one takes {size}.")
    return PictureInput(
        size=sides.pop(),
        resize_mode=preprocess["resize_mode"],
        interpolation=preprocess["interpolation"],
        fill=int(preprocess["fill_color"]),
    )


def _normalisation(preprocess: dict[str, Any], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Scale and shift that turn bytes straight into what the model was trained on: (x / 255 - mean) / std."""
    mean = torch.tensor(preprocess["mean"], device=device).view(1, 3, 1, 1)
    std = torch.tensor(preprocess["std"], device=device).view(1, 3, 1, 1)
    return 1.0 / (255.0 * std), -mean / std


def _unit_rows(vectors: torch.Tensor) -> Vectors:
    rows: Vectors = torch.nn.functional.normalize(vectors.float(), dim=-1).cpu().numpy()
    return rows
