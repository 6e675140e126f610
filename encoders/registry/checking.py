"""Checks models: whether their files are what they were, and whether they make of known inputs what they made before.

`python -m encoders.registry.checking NAME…` writes down both (`kadr.json`, `check.npz`) for models whose weights come
with kadr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from encoders.device import Device, choose_device, choose_precision, speech_precision, thread_count
from encoders.errors import ModelError
from encoders.loading import load_pictures, load_speech, load_texts, reported
from encoders.registry.catalogue import BUNDLED, KADR_CLIP, KADR_SENTENCES, KADR_WHISPER, OWN_WEIGHTS, UNTRAINED, Kind
from encoders.registry.known_inputs import TEXTS, known_frames, known_sound
from encoders.registry.manifest import compare_files, read_manifest, write_manifest
from encoders.registry.places import Place, find_place
from encoders.registry.profiles import Profile
from encoders.settings import EncoderSettings
from encoders.values import Vectors, check_vectors

Rows = dict[str, Vectors]

# Of the vectors of one input, on whatever device and in whatever numbers.
_LEAST_COSINE: dict[Kind, float] = {"picture": 0.999, "text": 0.999, "speech": 0.98}
_SOUND_ROWS = 8
_KINDS: dict[str, Kind] = {
    KADR_CLIP: "picture",
    KADR_SENTENCES: "text",
    KADR_WHISPER: "speech",
    UNTRAINED: "picture",
    BUNDLED: "text",
}


def check_model(kind: Kind, model: str, settings: EncoderSettings) -> str:
    """Checks one model on the device and in the numbers of the settings.

    A fetched model that was never checked is compared with nothing: what it makes of the inputs is written down.

    Returns:
        What was found right, in words.

    Raises:
        ModelError: It is not there, its files are not what they were, or its vectors are others.
    """
    place = find_place(kind, model, settings.models_dir)
    if not place.present:
        raise ModelError(f"It is not in {place.folder}: run `kadr models fetch {model}`.")
    files = _check_files(place)
    with reported(place):
        rows = encode_known_inputs(place, settings)
    return ", ".join(part for part in (files, _check_rows(place, rows)) if part)


def encode_known_inputs(place: Place, settings: EncoderSettings) -> Rows:
    """What a model makes of the known inputs, float32, rows of length 1; nothing for one without vectors.

    Raises:
        ModelError: It cannot be loaded, or gives no such rows.
    """
    torch.set_num_threads(thread_count(settings.torch_threads))
    device = choose_device(settings.device)
    if place.kind == "speech":
        load_speech(place, settings, device).close()
        with reported(place):
            return {} if place.folder is None else {"sound": _sound_rows(place.folder, device)}
    precision = choose_precision(settings.precision, device)
    if place.kind == "text":
        texts = load_texts(place, Profile("", "", "", "", ""), settings, device, precision)
        return {"texts": check_vectors(texts.embed_texts(TEXTS, "passage"), rows=len(TEXTS), dimension=None)}
    pictures = load_pictures(place, settings, device, precision)
    frames = known_frames(pictures.picture_input.size)
    return {
        "texts": check_vectors(pictures.embed_texts(TEXTS, "passage"), rows=len(TEXTS), dimension=pictures.dimension),
        "pictures": check_vectors(pictures.embed_frames(frames), rows=len(frames), dimension=pictures.dimension),
    }


def record(kind: Kind, model: str, settings: EncoderSettings) -> None:
    """Writes down the files and the vectors of a model that comes with kadr, for later checks.

    Raises:
        ModelError: It cannot be loaded.
    """
    place = find_place(kind, model, settings.models_dir)
    if model in OWN_WEIGHTS and place.folder is not None:
        write_manifest(place.folder, kind=kind, model=model, repository="", revision="", licence="Apache-2.0")
    _write_rows(_reference(place), encode_known_inputs(place, settings))


def _check_files(place: Place) -> str:
    manifest = read_manifest(place.folder) if place.folder is not None else None
    if manifest is None or place.folder is None:
        return ""
    wrong = compare_files(place.folder, manifest)
    if wrong:
        again = f"remove it and run `kadr models fetch {place.name}`" if place.hub else "install kadr anew"
        raise ModelError(f"In {place.folder}, {'; '.join(wrong)}: {again}.")
    megabytes = sum(part.bytes for part in manifest.files.values()) / 1e6
    return f"{len(manifest.files)} files ({megabytes:,.0f} MB) are what they were"


def _check_rows(place: Place, rows: Rows) -> str:
    if not rows:
        return "loads and hears silence"
    path = _reference(place)
    shape = ", ".join(f"{len(part)} {name} × {part.shape[1]}" for name, part in rows.items())
    try:
        with np.load(path, allow_pickle=False) as stored:
            reference = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        if place.hub is None:
            return f"gives {shape}; nothing to compare with (no {path.name} in its folder)"
        _write_rows(path, rows)
        return f"gives {shape}; recorded now, later checks compare"
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise ModelError(f"{path} cannot be read ({error}): remove it, and the next check records anew.") from error
    least = _least_cosine(place, rows, reference)
    if least < _LEAST_COSINE[place.kind]:
        raise ModelError(
            f"The {place.kind} model {place.name!r} makes other vectors of known inputs than it did (cosine "
            f"{least:.4f}): moments indexed before cannot be compared with it; use the model they were made with."
        )
    return f"gives {shape} as recorded (cosine {least:.5f})"


def _least_cosine(place: Place, rows: Rows, reference: Rows) -> float:
    shapes, wanted = ({name: part.shape for name, part in sorted(each.items())} for each in (rows, reference))
    if shapes != wanted:
        raise ModelError(
            f"The {place.kind} model {place.name!r} gives vectors of another shape than it did: {shapes} instead of "
            f"{wanted}."
        )
    return min(float((rows[name] * reference[name]).sum(axis=1).min()) for name in rows)


def _reference(place: Place) -> Path:
    if place.name in (UNTRAINED, BUNDLED) and place.hub is None:
        return Path(__file__).parents[1] / "weights" / place.name / "check.npz"
    assert place.folder is not None
    return place.folder / "check.npz"


def _write_rows(path: Path, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as opened:
        np.savez_compressed(opened, allow_pickle=False, **rows)


def _sound_rows(folder: Path, device: Device) -> Vectors:
    """The encoder's view of the known sound at a few moments, each less what it sees on average."""
    import ctranslate2
    from faster_whisper import WhisperModel
    from faster_whisper.audio import pad_or_trim

    model = WhisperModel(str(folder), device=device, compute_type=speech_precision(device))
    heard = pad_or_trim(model.feature_extractor(known_sound()))
    seen = np.array(model.encode(heard).to_device(ctranslate2.Device.cpu)).astype(np.float32)[0]
    # Two frames of 10 ms make one row of the encoder.
    during = seen[: len(known_sound()) // 320]
    chosen = during[np.linspace(0, len(during) - 1, _SOUND_ROWS).astype(int)] - during.mean(axis=0)
    rows = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    return check_vectors(rows.astype(np.float32), rows=_SOUND_ROWS, dimension=None)


if __name__ == "__main__":
    for named in sys.argv[1:]:
        record(_KINDS[named], named, EncoderSettings(device="cpu", precision="fp32"))
