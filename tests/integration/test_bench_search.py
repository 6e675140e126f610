"""The benchmark itself: it runs on a small index; how good its figures are is for `make bench` to say."""

import math

from bench_search import SHORT, measure
from services import Scope


async def test_the_benchmark_of_searches_measures_both_sides(scope: Scope) -> None:
    figures = await measure(SHORT, scope)

    assert {"api_p50_ratio", "api_p99_ratio", "api_4_clients_p50_ms"} <= figures.keys()
    assert all(math.isfinite(figure) for figure in figures.values())
    assert figures["bare_p50_ms"] > 0 and figures["moments"] == SHORT.videos * SHORT.moments
