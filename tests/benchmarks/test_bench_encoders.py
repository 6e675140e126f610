"""The benchmark itself: it runs and writes its figures; how good they are is for `make bench` to say."""

import json
import math
from pathlib import Path

import pytest
from bench_encoders import main


def test_the_benchmark_runs_and_adds_its_figures_to_those_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "build" / "bench.json"
    out.parent.mkdir()
    out.write_text('{"wer_en": 0.04, "batcher_vs_loop": -1}')
    main(["--short", "--out", str(out)])
    figures, printed = json.loads(out.read_text()), capsys.readouterr().out
    assert figures.pop("wer_en") == 0.04
    wanted = {"batcher_vs_loop", "server_vs_loop", "query_wait_ratio", "preprocess_mean_diff", "preprocess_speedup"}
    assert wanted <= figures.keys()
    for name, value in figures.items():
        assert math.isfinite(value) and value >= 0 and name in printed
