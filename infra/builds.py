"""Runs one long external step (Maven, Go, a plugin installer) so that its progress can be seen."""

import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from infra.errors import KadrError

HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 0.2
# Maven says "Downloaded from <repository>: <address>/<file> (<size> at <speed>)".
FETCHED = re.compile(r"Downloaded from \S+ \S+/([^/\s]+\.(?:zip|jar)) \((\d[\d.]* MB)")
COMPILED = re.compile(r"^[a-z0-9][\w.~-]*(/[\w.~-]+)+$")


@dataclass(frozen=True, slots=True)
class Build:
    """An external step: what runs, where its output goes, who is told, and what ends it early."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    progress: Callable[[str], None]
    stop: threading.Event


def run_build(build: Build) -> None:
    """Runs a step to its end, telling what it fetched or compiled, and at least that it goes on.

    Raises:
        KadrError: it failed or was stopped; the sentence has its first error line and the path of its log.
    """
    with build.log.open("w+", encoding="utf-8", errors="replace") as log:
        try:
            running = subprocess.Popen(
                build.command,
                cwd=build.folder,
                env=dict(build.environment),
                stdin=subprocess.DEVNULL,
                stdout=log.fileno(),
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise KadrError(f"{build.command[0]} does not start: {error.strerror}.") from error
        try:
            with build.log.open(encoding="utf-8", errors="replace") as output:
                _follow(build, running, output)
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                running.wait()
    if build.stop.is_set():
        raise KadrError(f"{build.name} was interrupted.")
    if running.returncode != 0:
        raise KadrError(
            f"Obtaining {build.name} failed with exit status {running.returncode}: "
            f"{first_error(build.log)} (the whole output is in {build.log})."
        )


def _follow(build: Build, running: subprocess.Popen[bytes], output: TextIO) -> None:
    started = told = time.monotonic()
    compiled = 0
    while running.poll() is None and not build.stop.is_set():
        for line in output:
            fetched = FETCHED.search(line)
            compiled += bool(COMPILED.match(line))
            if fetched:
                build.progress(f"{build.name}: fetched {fetched[1]} ({fetched[2]})")
                told = time.monotonic()
        if time.monotonic() - told >= HEARTBEAT_SECONDS:
            told = time.monotonic()
            packages = f", {compiled} packages compiled" if compiled else ""
            build.progress(f"{build.name}: still at work after {told - started:.0f} s{packages}")
        build.stop.wait(POLL_SECONDS)


def first_error(log: Path) -> str:
    """Finds the line of a log that says best what went wrong; else its last line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\b(error|failed|fatal|exception)\b", line, re.IGNORECASE)]
    chosen = errors[0] if errors else (lines[-1] if lines else "it said nothing")
    return chosen.removeprefix("[ERROR]").strip().rstrip(".")[:400]
