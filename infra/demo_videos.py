"""The demo's videos in a folder: rendered once, side by side, and found again the next time."""

import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from importlib.resources import files
from pathlib import Path

from encoders.training.voices import VoiceError
from infra.demo_catalogue import films
from infra.demo_film import Film, render
from infra.errors import KadrError

DRAWN_BY = {
    "infra": ("demo_catalogue.py", "demo_film.py", "demo_takes.py"),
    "encoders.training": (
        "voices.py",
        "world/actors.py",
        "world/canvas.py",
        "world/landscapes.py",
        "world/matrix.py",
        "world/scenery.py",
    ),
}
MOST_PROCESSES = 4

Progress = Callable[[str, int, int], None]


def version() -> str:
    """Names the present look of the demo's videos: another drawing or sentence gives another name."""
    digest = hashlib.sha256()
    for package, names in DRAWN_BY.items():
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return digest.hexdigest()[:12]


def demo_folder(home: Path) -> Path:
    """Names the folder of the present demo videos below KADR_HOME."""
    return home / "demo-videos" / version()


def demo_videos(home: Path, *, progress: Progress | None = None) -> tuple[Path, ...]:
    """Returns the demo's videos in the catalogue's order, and renders those that are missing.

    Args:
        home: KADR_HOME.
        progress: Called with the name of a video that is there, how many are, and how many there will be.

    Raises:
        KadrError: The folder cannot be written, or espeak-ng cannot speak.
    """
    folder = demo_folder(home)
    catalogue = films()
    missing = [film for film in catalogue if not (folder / film.name).exists()]
    say = progress or (lambda name, done, total: None)
    for done, film in enumerate((film for film in catalogue if film not in missing), start=1):
        say(film.name, done, len(catalogue))
    if missing:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _render_all(
                missing, folder, lambda name, done: say(name, len(catalogue) - len(missing) + done, len(catalogue))
            )
        except OSError as error:
            raise KadrError(
                f"The demo's videos cannot be written to {folder} ({error.strerror or error}): free some space there, "
                "or set KADR_HOME to another folder."
            ) from error
        except (VoiceError, BrokenProcessPool) as error:
            raise KadrError(f"The demo's videos cannot be made: {error}") from error
    return tuple(folder / film.name for film in catalogue)


def _render_all(missing: Sequence[Film], folder: Path, say: Callable[[str, int], None]) -> None:
    """Renders each film in a fresh process: what espeak-ng spoke before would show in the samples of the next film."""
    pool = ProcessPoolExecutor(
        min(MOST_PROCESSES, os.cpu_count() or 1, len(missing)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interrupts_to_parent,
        max_tasks_per_child=1,
    )
    try:
        futures = {pool.submit(render, film, folder): film.name for film in missing}
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            say(futures[future], done)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
