"""What a decoder child gives up before it reads the first hostile byte, and what its parent gives it to live on."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 64
# What a Python needs to start in places where it is not where it was built.
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")


def child_environment() -> dict[str, str]:
    """The child's whole environment: no credentials, no settings, and single-threaded arithmetic."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def child_command(module: str) -> list[str]:
    """How to start a module of ours as a child: nothing of the user's, no current folder on the path, no byte code."""
    return [sys.executable, "-s", "-P", "-B", "-m", module]


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent ends, and take no new privileges (Linux only).

    The kernel means the thread that started the child: children are started from the event loop's own thread.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process for good: memory, processor time, open files; no file may grow, no core is dumped."""
    _limit(resource.RLIMIT_AS, memory_bytes)
    # A second between the polite signal and the other one, so that the signal names the reason.
    _limit(resource.RLIMIT_CPU, cpu_seconds, spare=1)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int, *, spare: int = 0) -> None:
    _, hard = resource.getrlimit(what)
    allowed = most + spare if hard == resource.RLIM_INFINITY else min(most + spare, hard)
    resource.setrlimit(what, (min(most, allowed), allowed))
