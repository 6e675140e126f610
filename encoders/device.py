"""Where a model runs, and what it says when memory runs out there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from encoders.errors import ModelError


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> Literal["cpu", "cuda"]:
    """CUDA where it is wanted or `auto` finds it, otherwise the CPU.

    Raises:
        ModelError: CUDA is wanted and not there.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ModelError("KADR_DEVICE is cuda, but no CUDA device can be used here: set it to auto or cpu.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


@contextmanager
def memory_errors() -> Iterator[None]:
    """Turns torch's ways to say that memory ran out (CUDA, CPU) into MemoryError, after freeing CUDA's cache."""
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)):
            raise
        reason = str(error).strip().splitlines()[0]
    else:
        return
    torch.cuda.empty_cache()
    raise MemoryError(reason)


def thread_count(wanted: int) -> int:
    """The wanted number of threads; for 0, half of the cores that this process may use, at least one."""
    return wanted or max(1, len(os.sched_getaffinity(0)) // 2)
