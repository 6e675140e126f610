"""Child processes that never outlive their parent, and how they are ended."""

import asyncio
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
LARGEST_LOG_BYTES = 20 * 2**20
# Lines of a Java log that only say that another line said it.
EMPTY_WORDS = ("at ", "... ", "Error: A fatal exception has occurred", "Error: Could not create the Java Virtual")
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: command, environment, folder, log file, and the user to be (None: the same)."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    user: str | None = None


def die_with_parent(number: int = signal.SIGKILL) -> Callable[[], None]:
    """Builds a `preexec_fn` after which the kernel sends this signal to the child when its parent is gone.

    "Parent" is the thread that started the child: start long-lived children from the main thread.
    """
    parent = os.getpid()

    def arrange() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # The parent died before the kernel was told.

    return arrange


async def start(launch: Launch) -> asyncio.subprocess.Process:
    """Starts a child in a session of its own, its output appended to its log.

    Raises:
        OSError: the program is missing or may not be run.
    """
    rotate(launch.log)
    with launch.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *launch.command,
            cwd=launch.folder,
            env=dict(launch.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log.fileno(),
            stderr=log.fileno(),
            start_new_session=True,
            preexec_fn=die_with_parent(),
            user=launch.user,
            group=pwd.getpwnam(launch.user).pw_gid if launch.user else None,
            extra_groups=[] if launch.user else None,
        )


async def end(running: asyncio.subprocess.Process, grace_seconds: float) -> None:
    """Asks a child to stop, gives it time, then kills it and whatever it left in its process group.

    Only the child itself is asked: what it started is its own to end in order.
    """
    if running.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            running.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.wait(), grace_seconds)
    kill_group(running.pid)
    await running.wait()


def kill_group(leader: int) -> None:
    """Kills every process of a group, if there is one left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def birth_seconds(pid: int) -> float:
    """Reads when a process was started (seconds since the epoch); 0.0 if there is none.

    Together with the number it names a process for good: numbers are used again.
    """
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def end_leftover(pid: int, birth: float, grace_seconds: float) -> bool:
    """Ends a process of an earlier run, if it is still the same one; says whether it was there."""
    if not birth or abs(birth_seconds(pid) - birth) > 1.0:
        return False
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(grace_seconds)
    kill_group(pid)
    return True


def rotate(log: Path) -> None:
    """Keeps a log bounded: its text moves to `<name>.1`, also while a process appends to it."""
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def last_meaningful_line(log: Path, since: int = 0) -> str:
    """Finds the line of a log that says best why a process ended: the last error, else the last line.

    Args:
        log: the log file.
        since: bytes to skip, so that only the last start counts.
    """
    try:
        with log.open("rb") as opened:
            size = log.stat().st_size
            opened.seek(max(since if since <= size else 0, size - 200_000))
            lines = opened.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    lines = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(EMPTY_WORDS)]
    for words in (("Error: ", "Exception: ", "ERROR", "FATAL", "error"), ("",)):
        for line in reversed(lines):
            if any(word in line for word in words):
                return line[:400]
    return ""
