"""Where a model runs, in which numbers, and what it says when memory runs out there."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch

from encoders.errors import ModelError

Device = Literal["cpu", "cuda"]
Precision = Literal["fp32", "bf16", "fp16"]

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# What /proc/cpuinfo calls arithmetic on bf16: Intel and AMD, then ARM.
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
_WORTH_IT = 1.25


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> Device:
    """CUDA where it is wanted or `auto` finds it, otherwise the CPU.

    Raises:
        ModelError: CUDA is wanted and not there.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ModelError("KADR_DEVICE is cuda, but no CUDA device can be used here: set it to auto or cpu.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def choose_precision(wanted: Literal["auto", "fp32", "bf16", "fp16"], device: Device) -> Precision:
    """The numbers in which vector models calculate; their vectors are float32 whatever they are.

    `auto` means on CUDA bf16, or fp16 where the GPU has no bf16; on the CPU fp32, or bf16 where the CPU has
    instructions for it and a trial shows that they pay.

    Raises:
        ModelError: fp16 is wanted on the CPU, which calculates in it only by detours.
    """
    if wanted == "fp16" and device == "cpu":
        raise ModelError("KADR_PRECISION is fp16, which is for GPUs: set it to auto, fp32 or bf16.")
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if _BF16_FLAGS & _cpu_flags() and bf16_speedup() >= _WORTH_IT else "fp32"


def bf16_speedup() -> float:
    """How many times as fast as in fp32 this CPU multiplies matrices in bf16, tried on a layer of a ViT-B.

    The instructions alone say little: with avx512_bf16 but no AMX, bf16 took 1.7 times as long as fp32, and so did
    the whole ViT-B-32; so did this trial, which takes about 0.1 s.
    """
    return _layer_seconds(torch.float32) / _layer_seconds(torch.bfloat16)


def speech_precision(device: Device) -> str:
    """What CTranslate2 calls the numbers in which the speech model calculates."""
    return "int8_float16" if device == "cuda" else "int8"


def _layer_seconds(numbers: torch.dtype) -> float:
    layer = torch.nn.Linear(768, 3072).to(numbers)
    tokens = torch.ones(256, 768, dtype=numbers)
    took = []
    with torch.inference_mode():
        for _ in range(4):
            started = time.perf_counter()
            layer(tokens)
            took.append(time.perf_counter() - started)
    return min(took)


def _cpu_flags() -> frozenset[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    named = [line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))]
    return frozenset(named[0].split()) if named else frozenset()


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
