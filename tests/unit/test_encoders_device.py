"""Where models run, and how they say that memory ran out."""

import pytest
import torch

from encoders.device import memory_errors


def test_torch_s_ways_to_run_out_of_memory_are_memory_errors() -> None:
    with pytest.raises(MemoryError, match="allocate"), memory_errors():
        torch.empty(10**15)
    with pytest.raises(MemoryError, match="CUDA"), memory_errors():
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.\nDetails.")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_errors():
        raise RuntimeError("shapes differ")
