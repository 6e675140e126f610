"""Pictures and texts in one space, by any open_clip model with its own preprocessing (https://github.com/mlfoundations/open_clip)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch

from encoders.device import TYPES, Precision, memory_errors
from encoders.errors import ModelError
from encoders.ports import ImageTextEncoder
from encoders.values import Frames, PictureInput, Purpose, Vectors, check_frames
from encoders.vocabulary import read_vocabulary

"""A file beside the weights, with a word a line: those that the model was trained on, if it says so."""


class OpenClipEncoder(ImageTextEncoder):
    """One open_clip model on one device.

    Args:
        folder: In open_clip's `local-dir:` layout, which says how pictures must be prepared: weights alone do not,
            and would be loaded with a mean, deviation and crop that may be another model's.
        name: What it is called; by default as its folder.
        device: `cpu` or `cuda`.
        batch: Pictures or texts that are encoded at once.
        precision: The numbers it calculates in; vectors are float32 whatever they are.

    Raises:
        ModelError: It does not say how pictures are prepared, or they are not square.
    """

    def __init__(self, folder: str, *, name: str = "", device: str, batch: int, precision: Precision = "fp32") -> None:
        _check_preprocessing(Path(folder))
        source = f"local-dir:{folder}"
        # A folder without weights would otherwise load as a random model, with a warning only.
        model = open_clip.create_model(source, device=device, require_pretrained=True).eval()
        self._model = model.to(TYPES[precision])
        self._encode_image: Callable[[torch.Tensor], torch.Tensor] = self._model.encode_image
        self._encode_text: Callable[[torch.Tensor], torch.Tensor] = self._model.encode_text
        self._tokenize = open_clip.get_tokenizer(source)
        self._device = torch.device(device)
        self._type = TYPES[precision]
        self._batch = batch
        preprocess: dict[str, Any] = self._model.visual.preprocess_cfg
        self._scale, self._shift = _normalisation(preprocess, self._device)
        self.picture_input = _picture_input(preprocess)
        self.words = read_vocabulary(Path(folder))
        self.name = name or Path(folder).name
        self.dimension = self.embed_frames(self._black(1)).shape[1]

    def compile(self) -> None:
        """Lets torch compile both halves, when they are next used; raises nothing itself."""
        self._encode_image = torch.compile(self._encode_image, dynamic=True)
        self._encode_text = torch.compile(self._encode_text, dynamic=True)

    def warm_up(self) -> None:
        """Encodes as much at once as it ever will, so that no request pays for what is done once."""
        for count in {1, self._batch if self._device.type == "cuda" else 2}:
            self.embed_frames(self._black(count))
            self.embed_texts(["kadr"] * count, "query")

    def embed_frames(self, frames: Frames) -> Vectors:
        """Encodes frames (uint8 N×S×S×3, RGB, S as in `picture_input`), float32 N×`dimension`, rows of length 1."""
        check_frames(frames, size=self.picture_input.size)
        with memory_errors(), torch.inference_mode():
            parts = [self._embed_pixels(frames[at : at + self._batch]) for at in range(0, len(frames), self._batch)]
            return _rows(torch.cat(parts))

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts, float32 N×`dimension`, rows of length 1; texts beyond the model's context are cut.

        Such models encode every text alike, so the purpose changes nothing.
        """
        with memory_errors(), torch.inference_mode():
            parts = [self._embed_tokens(texts[at : at + self._batch]) for at in range(0, len(texts), self._batch)]
            return _rows(torch.cat(parts))

    def _embed_pixels(self, frames: Frames) -> torch.Tensor:
        prepared = torch.addcmul(self._shift, self._upload(frames).permute(0, 3, 1, 2).float(), self._scale)
        return _unit_rows(self._encode_image(prepared.to(self._type)))

    def _upload(self, frames: Frames) -> torch.Tensor:
        """Bytes travel to the device, since numbers of four bytes would be four times as many; nobody waits for it."""
        if self._device.type == "cpu" and frames.flags.writeable:
            return torch.from_numpy(frames)
        # Frames of a request are read-only, which torch does not know.
        pixels = torch.empty(frames.shape, dtype=torch.uint8, pin_memory=self._device.type == "cuda")
        np.copyto(pixels.numpy(), frames)
        return pixels.to(self._device, non_blocking=True)

    def _embed_tokens(self, texts: Sequence[str]) -> torch.Tensor:
        return _unit_rows(self._encode_text(self._tokenize(list(texts)).to(self._device)))

    def _black(self, count: int) -> Frames:
        size = self.picture_input.size
        return np.zeros((count, size, size, 3), np.uint8)


def _check_preprocessing(folder: Path) -> None:
    """open_clip puts its own mean and deviation where a folder names none, without a word."""
    path = folder / "open_clip_config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        said = config["preprocess_cfg"] or {}
        complete = {"mean", "std"} <= said.keys()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        complete = False
    if not complete:
        raise ModelError(
            f"The picture model's {path} does not say how pictures are prepared (preprocess_cfg with mean and std): "
            "take that file from where the model was published, or correct KADR_PICTURE_MODEL."
        )


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


def _unit_rows(vectors: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vectors.float(), dim=-1)


def _rows(vectors: torch.Tensor) -> Vectors:
    rows: Vectors = vectors.cpu().numpy()
    return rows
