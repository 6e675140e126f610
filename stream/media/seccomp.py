"""System calls that a decoder child gives up, by seccomp filters (Linux on x86-64 and ARM64).

Filters only ever add up, so there are two: one before anything is imported, one when nothing more is to be opened.
What is given up answers EPERM, so that libraries which merely ask go on. See seccomp(2) and linux/filter.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass
from typing import Literal

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Where struct seccomp_data holds the call's number, the architecture and the low half of the first argument.
_NUMBER_AT, _MACHINE_AT, _ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD = 0x00010000
# Calls of the x32 ABI stand above this on x86-64.
_X32 = 0x40000000


@dataclass(frozen=True, slots=True)
class _Machine:
    name: int
    socket: tuple[int, ...]
    process: tuple[int, ...]
    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    open: tuple[int, ...]
    clone: int
    to_own_threads: int


_MACHINES = {
    "x86_64": _Machine(
        name=0xC000003E,
        socket=(41, 42, 43, 49, 50, 53, 288),
        process=(57, 58, 59, 322),
        signal=(62, 129, 200, 297, 424),
        kernel=(101, 155, 161, 165, 166, 248, 249, 250, 272, 298, 304, 308, 310, 311, 321, 323, 425, 426, 427),
        open=(2, 85, 257, 437),
        clone=56,
        to_own_threads=234,
    ),
    "aarch64": _Machine(
        name=0xC00000B7,
        socket=(198, 199, 200, 201, 202, 203, 242),
        process=(221, 281),
        signal=(129, 130, 138, 240, 424),
        kernel=(117, 41, 51, 40, 39, 217, 218, 219, 97, 241, 265, 268, 270, 271, 280, 282, 425, 426, 427),
        open=(56, 437),
        clone=220,
        to_own_threads=131,
    ),
}
_CLONE3 = 435


def give_up(what: Literal["network and processes", "files"]) -> bool:
    """Give system calls up for good, in every thread that this one starts.

    `network and processes`: sockets, new processes and programs, signals to others, and the kernel's rarer doors.
    `files`: opening any file.

    Returns:
        Whether the kernel agreed; the process must have given up new privileges before (PR_SET_NO_NEW_PRIVS).
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or sys.maxsize < 2**32:
        return False
    rules = _files(machine) if what == "files" else _network_and_processes(machine)
    return _load(_program(machine, rules))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _refuse(number: int, error: int = errno.EPERM) -> list[bytes]:
    return [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | error)]


def _network_and_processes(machine: _Machine) -> list[bytes]:
    refused = (*machine.socket, *machine.process, *machine.signal, *machine.kernel)
    rules = [step for number in refused for step in _refuse(number)]
    # Threads are made by clone with a flag that can be seen; clone3 hides its flags, and libraries do without it.
    rules += _refuse(_CLONE3, errno.ENOSYS)
    rules += _unless(machine.clone, _instruction(_ANY_BIT, _CLONE_THREAD, 1, 0))
    # abort() sends its signal to a thread of its own process.
    rules += _unless(machine.to_own_threads, _instruction(_EQUAL, os.getpid(), 1, 0))
    return rules


def _unless(number: int, fits: bytes) -> list[bytes]:
    """Refuse a call unless its first argument fits."""
    return [
        _instruction(_EQUAL, number, 0, 4),
        _instruction(_LOAD, _ARGUMENT_AT),
        fits,
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]


def _files(machine: _Machine) -> list[bytes]:
    return [step for number in machine.open for step in _refuse(number)]


def _program(machine: _Machine, rules: list[bytes]) -> bytes:
    head = [
        _instruction(_LOAD, _MACHINE_AT),
        _instruction(_EQUAL, machine.name, 1, 0),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_AT_LEAST, _X32, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
    ]
    return b"".join([*head, *rules, _instruction(_RETURN, _ALLOW)])


def _load(program: bytes) -> bool:
    code = ctypes.create_string_buffer(program, len(program))
    count = len(program) // 8
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", count, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_void_p(ctypes.addressof(head)), 0, 0)
    return bool(done == 0)
