"""Where models run, and how they say that memory ran out."""

import pytest
import torch

from encoders import device
from encoders.device import choose_precision, memory_errors, speech_precision
from encoders.errors import ModelError


def test_torch_s_ways_to_run_out_of_memory_are_memory_errors() -> None:
    with pytest.raises(MemoryError, match="allocate"), memory_errors():
        torch.empty(10**15)
    with pytest.raises(MemoryError, match="CUDA"), memory_errors():
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.\nDetails.")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_errors():
        raise RuntimeError("shapes differ")


def test_auto_means_bf16_where_the_gpu_has_it_and_else_fp16(monkeypatch: pytest.MonkeyPatch) -> None:
    for has, expected in ((True, "bf16"), (False, "fp16")):
        monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation, has=has: has)
        assert choose_precision("auto", "cuda") == expected
    assert [choose_precision(wanted, "cuda") for wanted in ("fp32", "bf16", "fp16")] == ["fp32", "bf16", "fp16"]


@pytest.mark.parametrize(
    ("flags", "speedup", "expected"),
    [
        ({"avx2"}, None, "fp32"),
        ({"avx512_bf16"}, 0.58, "fp32"),
        ({"avx512_bf16", "amx_bf16"}, 4.0, "bf16"),
        ({"bf16"}, 1.1, "fp32"),
    ],
)
def test_auto_means_bf16_on_a_cpu_that_has_it_and_gains_by_it(
    flags: set[str], speedup: float | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried() -> float:
        assert speedup is not None, "without the instructions, nothing is tried"
        return speedup

    monkeypatch.setattr(device, "_cpu_flags", lambda: frozenset(flags))
    monkeypatch.setattr(device, "bf16_speedup", tried)
    assert choose_precision("auto", "cpu") == expected
    assert choose_precision("bf16", "cpu") == "bf16"


def test_the_trial_takes_a_moment_and_gives_a_ratio() -> None:
    assert 0.01 < device.bf16_speedup() < 100


def test_fp16_on_the_cpu_is_refused() -> None:
    with pytest.raises(ModelError, match="KADR_PRECISION"):
        choose_precision("fp16", "cpu")


def test_speech_is_int8_with_float16_on_a_gpu() -> None:
    assert (speech_precision("cpu"), speech_precision("cuda")) == ("int8", "int8_float16")
