"""The benchmark of media runs and writes its figures; how good they are is for `make bench` to say."""

import json
import math
from pathlib import Path

import pytest
from bench_media import f1, main


def test_the_benchmark_runs_and_finds_what_full_decoding_finds(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    out.write_text('{"wer_en": 0.04}')
    main(["--short", "--out", str(out)])
    figures = json.loads(out.read_text())
    assert figures["wer_en"] == 0.04
    wanted = {"sampling_speedup", "sampling_same_moments", "cut_f1", "fade_f1", "rss_growth", "span_bytes_ratio"}
    assert wanted <= figures.keys()
    assert all(math.isfinite(value) and value >= 0 for value in figures.values())
    assert figures["sampling_same_moments"] == 1.0 and figures["cut_f1"] >= 0.9


def test_each_true_cut_counts_once() -> None:
    assert f1([1.0, 1.2], [1.1]) == pytest.approx(2 / 3)
    assert f1([], []) == 0.0 and f1([1.0, 5.0], [1.4, 4.6]) == 1.0
    assert f1([1.0], [1.6]) == 0.0
