"""What sampling saves, what it finds, and what a long file costs: part of `make bench`, into `build/bench.json`.

`sampling_speedup_gop50` and `_gop250`: seconds that decoding all frames with PyAV takes, as it comes (one thread for
films like these), with nothing done but that the same samples are resized, beside the seconds of kadr's whole way,
sandbox and start included, on the same ten minutes of 720p; `sampling_speedup` is the smaller. The same beside PyAV
told to use as many threads as kadr does (`_threads`), and in processor time of all threads and processes
(`sampling_cpu_ratio`). `sampling_same_moments`: F1 of the moments' edges against those of comparing every frame with
the one before it. `cut_f1`: hard cuts found within half a second; `fade_f1`: the
same for shots that pass into each other. `rss_growth`: peak resident memory of worker and child over three hours beside
ten minutes. `span_bytes_ratio`: bytes read for a span of the long file, less 4 MB, beside the span's share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from long_run import PICTURE, SPAN_SECONDS, FileReader
from media_files import Film, repeat_film, shots, write_film

from stream.look import divide
from stream.media.client import MediaDecoder
from stream.media.cuts import CutFinder
from stream.media.picture import Lens
from stream.media.shots import cut_moments
from stream.media.values import MediaLimits, SpanMedia

RESULTS = Path("build/bench.json")
WITHIN_SECONDS = 0.5
_SPARE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        seconds: of the film that is sampled, and of the one that is repeated.
        size: of the film that is sampled.
        films: in which cuts are looked for, each of `film_seconds`.
        repeats: of the film that becomes the long one.
        rounds: of each side of the speed-up; the medians count.
    """

    seconds: float
    size: tuple[int, int]
    films: int
    film_seconds: float
    repeats: int
    rounds: int


WHOLE = Effort(seconds=600.0, size=(1280, 720), films=20, film_seconds=60.0, repeats=18, rounds=2)
SHORT = Effort(seconds=12.0, size=(160, 96), films=1, film_seconds=20.0, repeats=3, rounds=1)


def measure(effort: Effort, folder: Path, only: str = "") -> dict[str, float]:
    """Measures everything, or only one part of it, with films written into a folder."""
    parts = {"sampling": measure_sampling, "cuts": measure_cuts, "long": measure_long_files}
    figures: dict[str, float] = {}
    for name, part in parts.items():
        figures |= part(effort, folder) if only in ("", name) else {}
    return figures


def measure_sampling(effort: Effort, folder: Path) -> dict[str, float]:
    """Our way beside decoding everything, and whether it finds the same."""
    figures: dict[str, float] = {}
    scores = []
    for gop in (50, 250):
        film = Film(shots(effort.seconds, gop), *effort.size, gop=gop)
        path = write_film(folder / f"gop{gop}.mp4", film)
        costs: dict[str, list[Cost]] = {"ours": [], "as it comes": [], "threads": []}
        for _ in range(effort.rounds):
            with measured(costs["ours"]):
                spans = asyncio.run(decode_all(path))
            times = [float(seconds) for span in spans for seconds in span.frame_seconds]
            with measured(costs["as it comes"]):
                decode_every_frame(path, times)
            with measured(costs["threads"]):
                decode_every_frame(path, times, MediaLimits().threads)
        clock = {name: float(np.median([cost.seconds for cost in each])) for name, each in costs.items()}
        cpu = {name: float(np.median([cost.cpu_seconds for cost in each])) for name, each in costs.items()}
        figures[f"sampling_speedup_gop{gop}"] = clock["as it comes"] / clock["ours"]
        figures[f"sampling_speedup_threads_gop{gop}"] = clock["threads"] / clock["ours"]
        figures[f"sampling_cpu_ratio_gop{gop}"] = cpu["as it comes"] / cpu["ours"]
        figures[f"samples_per_second_gop{gop}"] = len(times) / clock["ours"]
        scores.append(f1(edges(cuts_of(spans), film.seconds), edges(every_cut(path), film.seconds)))
    names = ("sampling_speedup", "sampling_speedup_threads", "sampling_cpu_ratio")
    worst = {name: min(figures[f"{name}_gop{gop}"] for gop in (50, 250)) for name in names}
    return figures | worst | {"sampling_same_moments": min(scores)}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of all processors, ended children included."""

    seconds: float
    cpu_seconds: float


@contextmanager
def measured(costs: list[Cost]) -> Iterator[None]:
    """Add what is done inside to the costs."""
    began, before = time.monotonic(), os.times()
    yield
    seconds = time.monotonic() - began
    costs.append(Cost(seconds, sum(os.times()[:4]) - sum(before[:4])))


async def decode_all(path: Path) -> list[SpanMedia]:
    """Probe a file and decode its spans one after the other, in the sandbox."""
    decoder, source = MediaDecoder(MediaLimits()), FileReader(path)
    try:
        info = await decoder.probe(source)
        return [
            await decoder.decode_span(source, start, stop, PICTURE)
            for start, stop in divide(info.duration_seconds, SPAN_SECONDS)
        ]
    finally:
        await decoder.close()


def decode_every_frame(path: Path, sample_seconds: Sequence[float], threads: int = 0) -> int:
    """Decode a file from the first frame to the last, and resize those that are shown at the given times.

    Args:
        threads: how many PyAV is told to use; 0 to leave that to it.
    """
    lens, wanted, taken = Lens(Fraction(1), PICTURE), list(sample_seconds), 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if threads:
            stream.codec_context.thread_count, stream.thread_type = threads, "AUTO"
        for frame in container.decode(stream):
            if taken < len(wanted) and frame.time is not None and frame.time >= wanted[taken] - 1e-3:
                lens.keep(frame.time, frame)
                taken += 1
    return taken


def every_cut(path: Path) -> list[float]:
    """Cuts found by comparing every frame with the one before it."""
    lens, finder = Lens(Fraction(1), PICTURE), CutFinder(0.0)
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            finder.see(frame.time or 0.0, lens.histogram(frame))
    return finder.cut_seconds


def cuts_of(spans: Sequence[SpanMedia]) -> list[float]:
    """All cuts of a file's spans."""
    return [cut for span in spans for cut in span.cut_seconds]


def edges(cuts: Sequence[float], seconds: float) -> list[float]:
    """Where moments begin, over all spans of a file."""
    return [
        start
        for span_start, span_stop in divide(seconds, SPAN_SECONDS)
        for start, _ in cut_moments(span_start, span_stop, cuts)
    ]


def f1(found: Sequence[float], true: Sequence[float]) -> float:
    """Harmonic mean of precision and recall; each true time counts for one found time within half a second."""
    left = sorted(found)
    hits = 0
    for time_ in sorted(true):
        near = [other for other in left if abs(other - time_) <= WITHIN_SECONDS]
        if near:
            left.remove(min(near, key=lambda other: abs(other - time_)))
            hits += 1
    return 2 * hits / max(1, len(found) + len(true))


def measure_cuts(effort: Effort, folder: Path) -> dict[str, float]:
    """F1 over films with hard cuts (encoded with and without keyframes at them), and over films with fades."""
    hard = [
        Film(
            shots(effort.film_seconds, seed, shortest=0.8),
            320,
            180,
            gop=(50, 250)[seed % 2],
            seed=seed,
            keyframes_at_cuts=seed % 4 != 3,
        )
        for seed in range(effort.films)
    ]
    soft = [replace(film, fade_seconds=0.6) for film in hard[: max(1, effort.films // 4)]]
    return {"cut_f1": _score(hard, folder), "fade_f1": _score(soft, folder)}


def _score(films: Sequence[Film], folder: Path) -> float:
    found: list[float] = []
    true: list[float] = []
    for number, film in enumerate(films):
        spans = asyncio.run(decode_all(write_film(folder / "film.mp4", film)))
        # A fade's cut is anywhere within it.
        middle = [cut - film.fade_seconds / 2 for cut in film.cut_seconds]
        shift = 1000.0 * number
        found += [shift + cut for cut in cuts_of(spans)]
        true += [shift + cut for cut in middle]
    return f1(found, true)


def measure_long_files(effort: Effort, folder: Path) -> dict[str, float]:
    """Memory and bytes of a file that is many times as long."""
    film = Film(shots(effort.seconds, 5), 480, 270, gop=250, bit_rate=1_000_000, sound=True)
    brief = write_film(folder / "brief.mp4", film)
    long = repeat_film(brief, folder / "long.mp4", effort.repeats)
    peaks = [_peak(path) for path in (brief, long)]
    return {
        "rss_growth": peaks[1] / peaks[0],
        "rss_peak_mb": peaks[1] / 2**20,
        "span_bytes_ratio": asyncio.run(_span_bytes(long, film.seconds * effort.repeats)),
    }


def _peak(path: Path) -> float:
    """Peak resident bytes of a worker that decodes a whole file, and of the largest of its children."""
    command = [sys.executable, str(Path(__file__).with_name("long_run.py")), str(path)]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": root})
    return float(done.stdout)


async def _span_bytes(path: Path, seconds: float) -> float:
    decoder, source = MediaDecoder(MediaLimits()), FileReader(path)
    length = min(SPAN_SECONDS, seconds / 4)
    await decoder.decode_span(source, seconds / 2, seconds / 2 + length, PICTURE)
    await decoder.close()
    return max(0.0, source.bytes_read - _SPARE_BYTES) / (source.size * length / seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="only show that it runs; the figures mean nothing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file that the figures are put into")
    parser.add_argument("--only", choices=("sampling", "cuts", "long"), default="", help="one part of it")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(SHORT if chosen.short else WHOLE, Path(folder), chosen.only)
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    print(json.dumps(figures, indent=2))
    # What measures the encoders takes long to import, and its memory is not to be measured here.
    from bench_encoders import write_figures

    write_figures(figures, chosen.out)


if __name__ == "__main__":
    main()
