"""What a decoder child gives up before it reads the first hostile byte, and what its parent gives it to live on."""

import ctypes
import math
import os
import resource
import signal
import sys
from pathlib import Path

from stream.media.seccomp import give_up

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_OPEN_FILES = 64
_THREADS = 128
# What a Python needs to start in places where it is not where it was built.
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")


def child_environment() -> dict[str, str]:
    """The child's whole environment: no credentials, no settings, and single-threaded arithmetic."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
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


def leave_the_network() -> list[str]:
    """Give up the network, other processes and new programs, as far as the kernel allows.

    Must come before anything starts a thread.

    Returns:
        What holds from now on: `namespace` (an empty network, no privileges), `seccomp` (no sockets, no processes).
    """
    active = []
    if sys.platform == "linux" and _unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC):
        active.append("namespace")
        # In a user namespace of its own, this counts the threads of this process alone.
        _limit(resource.RLIMIT_NPROC, _THREADS)
    if give_up("network and processes"):
        active.append("seccomp")
    return active


def _unshare(flags: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.unshare(flags) == 0)


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process: memory, processor time from now on, open files; no file may grow, no core is dumped."""
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    # The signal that can be told from others ends it; every request has its own time, so the hard limit stays.
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + cpu_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))
