"""What a decoder child has given up stays given up, and `kadr doctor` says what that is."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from media import MemoryReader, Video, made

from infra.checks_media import check_sandbox
from infra.settings import StackSettings
from stream.errors import InvalidMedia
from stream.media import sandbox, seccomp
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits

_ATTEMPTS = """
import json, os, socket, subprocess, sys, threading
from stream.media.sandbox import confine, die_with_parent, leave_the_network
from stream.media.seccomp import give_up
die_with_parent(os.getppid())
active = leave_the_network()
confine(memory_bytes=1 << 30, cpu_seconds=5)
if give_up("files"):
    active.append("files")
def tried(action):
    try:
        action()
    except OSError:
        return "refused"
    return "done"
def thread():
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()
attempts = {
    "connection": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5),
    "local socket": lambda: socket.socketpair(),
    "process": os.fork,
    "program": lambda: os.execv("/bin/true", ["true"]),
    "signal": lambda: os.kill(os.getppid(), 0),
    "file": lambda: open("/etc/passwd"),
    "new file": lambda: open("/tmp/kadr-should-not-be", "w"),
    "thread": thread,
}
print(json.dumps({"active": active, "tried": {name: tried(action) for name, action in attempts.items()}}))
"""


def _attempt(port: int) -> dict[str, dict[str, str]]:
    command = [sys.executable, "-c", _ATTEMPTS, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, env=sandbox.child_environment(), check=True)
    answer: dict[str, dict[str, str]] = json.loads(done.stdout)
    return answer


def test_no_network_no_process_no_signal_no_file() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        answer = _attempt(server.getsockname()[1])
    assert {"seccomp", "files"} <= set(answer["active"])
    allowed = {name for name, what in answer["tried"].items() if what == "done"}
    assert allowed == {"thread"}


def test_a_machine_without_filters_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "pdp11")
    assert not seccomp.give_up("files")


async def test_a_child_has_a_network_of_its_own_or_no_sockets(tmp_path: Path) -> None:
    decoder = MediaDecoder(MediaLimits())
    active = await decoder.confinement()
    assert "seccomp" in active and "files" in active
    if "namespace" in active:
        source = made(tmp_path, "a.mp4", Video((1.0,), rate=5, width=64, height=64))
        source.identity = "a"
        others = set(psutil.Process().children())
        await decoder.probe(source)
        (child,) = set(psutil.Process().children()) - others
        assert os.readlink(f"/proc/{child.pid}/ns/net") != os.readlink("/proc/self/ns/net")
        assert child.rlimit(psutil.RLIMIT_NPROC)[0] <= 128
    await decoder.close()


class _Children:
    """A decoder with one small video, and the children that it has started."""

    def __init__(self, folder: Path, **limits: int) -> None:
        self.decoder = MediaDecoder(MediaLimits(**limits))
        self._data = made(folder, "a.mp4", Video((1.0,), rate=5, width=64, height=64, sound_codec=None)).data
        self._others = set(psutil.Process().children())

    async def probe(self, identity: str | None, data: bytes | None = None) -> set[int]:
        source = MemoryReader(self._data if data is None else data)
        source.identity = identity
        await self.decoder.probe(source)
        return self.pids()

    def pids(self) -> set[int]:
        return {child.pid for child in set(psutil.Process().children()) - self._others}


async def test_a_child_is_kept_for_its_own_content_only_and_not_for_ever(tmp_path: Path) -> None:
    children = _Children(tmp_path, requests_per_child=2)
    first = await children.probe("a")
    assert len(first) == 1
    # The second request is its last one.
    assert await children.probe("a") == set()
    second = await children.probe("a")
    assert len(second) == 1 and not second & first
    both = await children.probe("b")
    assert len(both) == 2 and second < both
    assert await children.probe(None) == both
    await children.decoder.close()
    assert children.pids() == set()


async def test_few_children_wait(tmp_path: Path) -> None:
    children = _Children(tmp_path)
    for identity in "abcd":
        await children.probe(identity)
    async with asyncio.timeout(10):
        while len(children.pids()) > 2:
            await asyncio.sleep(0.01)
    await children.decoder.close()


async def test_a_child_that_failed_is_not_used_again(tmp_path: Path) -> None:
    children = _Children(tmp_path)
    with pytest.raises(InvalidMedia):
        await children.probe("a", b"no media at all")
    assert children.pids() == set()
    assert len(await children.probe("a")) == 1
    await children.decoder.close()


async def test_a_child_that_died_while_it_waited_is_replaced(tmp_path: Path) -> None:
    children = _Children(tmp_path)
    (pid,) = await children.probe("a")
    psutil.Process(pid).kill()
    assert pid not in await children.probe("a")
    await children.decoder.close()


async def test_the_doctor_says_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = await check_sandbox(StackSettings())
    assert finding.healthy and "seccomp" in finding.text and "no other files" in finding.text

    async def nothing(_: MediaDecoder) -> tuple[str, ...]:
        return ()

    monkeypatch.setattr(MediaDecoder, "confinement", nothing)
    (finding,) = await check_sandbox(StackSettings())
    assert not finding.healthy and "network namespace" in finding.text and finding.advice
