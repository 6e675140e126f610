"""How the model libraries behave, where the environment does not say otherwise."""

from __future__ import annotations

import os


def set_library_defaults() -> None:
    """Sets what the libraries read when they are imported: call it before anything imports them.

    No progress bars in logs, no counting of users, no threads that a tokenizer starts on its own, and downloads that
    go on where they stopped.
    """
    for name, value in {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }.items():
        os.environ.setdefault(name, value)
