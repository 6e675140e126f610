"""Makes `.venv` from the lock and checks the machine, before anything else of kadr can be imported.

Run as `python3 -m infra.bootstrap [--for demo|test]`. It needs nothing but the standard library; what it imports of
ours is imported after the check of the Python version.
"""

from __future__ import annotations  # An older Python must get as far as the sentence in main.

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv"
LOCK = REPOSITORY / "requirements.txt"
STAMP = ENVIRONMENT / ".kadr-stamp"
ENVIRONMENT_BYTES = 8 * 10**9
SERVERS_BYTES = 4 * 10**9


def main() -> int:
    """Checks, then brings `.venv` up to date; returns the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs on whatever python3 is.
        found = ".".join(map(str, sys.version_info[:2]))
        print("kadr needs Python 3.11 or newer, this is " + found + ": run make PYTHON=python3.11.", file=sys.stderr)
        return 1
    from infra.errors import KadrError

    parser = argparse.ArgumentParser(description="Makes .venv from requirements.txt.")
    parser.add_argument("--for", dest="purpose", choices=["demo", "test"], help="what the machine must be able to run")
    try:
        prepare(parser.parse_args().purpose)
    except KadrError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(
            f"Installing stopped: {error.cmd[0]} ended with {error.returncode}, see its output above.", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def prepare(purpose: str | None) -> None:
    """Checks the machine for a purpose and brings the environment up to date; quick if there is nothing to do."""
    from infra import prerequisites

    home = prerequisites.home_folder()
    if purpose:
        local = os.environ.get("KADR_LOCAL_SERVERS", "kafka,opensearch,minio").split(",")
        prerequisites.check_servers([name.strip() for name in local], home / "servers")
    if is_current():
        return
    if not STAMP.exists():
        needs = [(ENVIRONMENT, ENVIRONMENT_BYTES)]
        if purpose and not (home / "servers").exists():
            needs.append((home, SERVERS_BYTES))
        prerequisites.check_disk(needs)
    install()


def is_current() -> bool:
    """Says whether `.venv` was made from this lock and this project file, in this place."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == fingerprint()


def fingerprint() -> str:
    """Writes what `.venv` depends on: its own place, because its scripts carry it, and a hash of the two files."""
    digest = hashlib.sha256()
    for file in (LOCK, REPOSITORY / "pyproject.toml"):
        digest.update(file.read_bytes())
    return f"{ENVIRONMENT}\n{digest.hexdigest()}\n"


def install() -> None:
    """Installs the locked packages, every one checked against its hash, and the project itself."""
    from infra.prerequisites import check_virtual_environments

    started = time.monotonic()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8").splitlines()[0] != str(ENVIRONMENT):
        shutil.rmtree(ENVIRONMENT)  # It was moved or copied here: its scripts start a Python elsewhere.
    uv = shutil.which("uv")
    python = str(ENVIRONMENT / "bin" / "python")
    if uv:
        print("Making .venv with uv from requirements.txt", flush=True)
        run([uv, "venv", "--allow-existing", "--python", sys.executable, str(ENVIRONMENT)])
        installer = [uv, "pip", "install", "--python", python]
    else:
        check_virtual_environments()
        print("Making .venv with pip from requirements.txt (about 6 GB, some minutes)", flush=True)
        run([sys.executable, "-m", "venv", str(ENVIRONMENT)])
        installer = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    run([*installer, "--require-hashes", "-r", str(LOCK)])
    run([*installer, "--no-deps", "--no-build-isolation", "-e", str(REPOSITORY)])
    STAMP.write_text(fingerprint(), encoding="utf-8")
    print(f".venv is ready ({time.monotonic() - started:.0f} s)", flush=True)


def run(command: list[str]) -> None:
    """Runs an installer with its own progress on the terminal."""
    subprocess.run(command, check=True, cwd=REPOSITORY)


if __name__ == "__main__":
    sys.exit(main())
