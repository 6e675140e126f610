"""Finds a Java that OpenSearch and Kafka can run on. Standard library only: the bootstrap uses it too."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.errors import KadrError

OLDEST = 21
INSTALLED = Path("/usr/lib/jvm")


@dataclass(frozen=True, slots=True)
class Java:
    """One Java installation: its home folder and its feature version (21, 25, ...)."""

    home: Path
    version: int

    @property
    def executable(self) -> Path:
        """The `java` program."""
        return self.home / "bin" / "java"


def find_java(installed: Path = INSTALLED) -> Java:
    """Takes the first Java ≥ 21 of OPENSEARCH_JAVA_HOME, JAVA_HOME, PATH and /usr/lib/jvm.

    Raises:
        KadrError: there is none; the sentence names those that are too old and the package to install.
    """
    too_old = []
    for home in _candidates(installed):
        version = _version(home)
        if version >= OLDEST:
            return Java(home, version)
        if version:
            too_old.append(f"Java {version} in {home}")
    found = f" (found only {', '.join(too_old)})" if too_old else ""
    raise KadrError(
        f"OpenSearch needs a JDK ≥ {OLDEST}{found}: install one, for example the Debian package "
        f"openjdk-{OLDEST}-jdk-headless, or set OPENSEARCH_JAVA_HOME to its folder."
    )


def _candidates(installed: Path) -> Iterator[Path]:
    """Names the homes to try, each once, in the order in which they are preferred."""
    named = [Path(os.environ[name]) for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = shutil.which("java")
    if on_path:
        named.append(Path(on_path).resolve().parent.parent)
    known = sorted(installed.iterdir()) if installed.is_dir() else []
    seen = set()
    for home in [*named, *known]:
        if home.resolve() not in seen and (home / "bin" / "java").is_file():
            seen.add(home.resolve())
            yield home


def _version(home: Path) -> int:
    """Reads the feature version of a Java; 0 if it does not run."""
    try:
        written = (home / "release").read_text(encoding="utf-8", errors="replace")
        stated = re.search(r'^JAVA_VERSION="?(\d+)(?:\.(\d+))?', written, re.MULTILINE)
    except OSError:
        stated = None
    if stated is None:
        try:
            answer = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return 0
        stated = re.search(r'version "(\d+)(?:\.(\d+))?', answer.stderr)
    if stated is None:
        return 0
    major, minor = int(stated[1]), int(stated[2] or 0)
    return minor if major == 1 else major  # Java 8 and older call themselves 1.8.
