"""A decoder child is fed, watched, ended and never trusted; what storage says passes through."""

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest
from media import MemoryReader, Video, made

from stream.errors import InvalidMedia, SourceChanged, TransientError
from stream.media import child
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits


@pytest.fixture
def decoder() -> MediaDecoder:
    return MediaDecoder(MediaLimits())


def _child_runs(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let the child be a script of the test: `channel` is its end of the wire."""
    start = (
        "import os, signal, sys, time\n"
        "from stream.media.wire import Channel\n"
        "channel = Channel(sys.stdin.buffer, sys.stdout.buffer)\n"
        "request = channel.receive(max_body_bytes=0)\n"
    )
    monkeypatch.setattr(child, "child_command", lambda module: [sys.executable, "-c", start + script])


READY = "channel.send('ready', {})\n"


async def test_a_child_that_is_killed_is_tried_twice_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    source = MemoryReader(b"12345678")
    read = "channel.send('read', {'offset': 0, 'length': 8})\nchannel.receive(max_body_bytes=8)\n"
    death = "print('stack smashed', file=sys.stderr, flush=True)\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    _child_runs(monkeypatch, READY + read + death)
    with pytest.raises(InvalidMedia, match=r"failed twice.*SIGSEGV.*stack smashed") as refusal:
        await MediaDecoder(MediaLimits()).probe(source)
    assert refusal.value.reason == "decoder_died"
    assert source.bytes_read == 16


async def test_a_child_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = psutil.Process().children(recursive=True)
    _child_runs(monkeypatch, READY + "time.sleep(60)\n")
    with pytest.raises(InvalidMedia, match="no answer in time") as refusal:
        await MediaDecoder(MediaLimits(wall_seconds=0.3)).probe(MemoryReader(b"1"))
    assert refusal.value.reason == "decoder_hung"
    assert psutil.Process().children(recursive=True) == before


@pytest.mark.parametrize(
    "script",
    [
        "channel.send('probed', {'duration_seconds': 1.0})\n",
        "channel.send('probed', {'duration_seconds': -1.0, 'has_picture': True, 'has_sound': True, 'width': 1,"
        " 'height': 1, 'language': None, 'container': 'x'})\n",
        "channel.send('read', {'offset': 0, 'length': 9})\n",
        "channel.send('read', {'offset': -1, 'length': 1})\n",
        "channel.send('read', {'offset': 'x'})\n",
        "sys.stdout.buffer.write(b'nonsense' * 10)\n",
        "channel.send('decoded', {}, bytes(1000))\n",
        "",
    ],
)
async def test_a_child_that_was_taken_over_gets_nowhere(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    _child_runs(monkeypatch, READY + script)
    source = MemoryReader(b"12345678")
    with pytest.raises(InvalidMedia):
        await MediaDecoder(MediaLimits()).probe(source)
    assert source.bytes_read == 0


async def test_a_child_that_reads_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    read = "    channel.send('read', {'offset': 0, 'length': 524288})\n    channel.receive(max_body_bytes=524288)\n"
    _child_runs(monkeypatch, READY + "while True:\n" + read)
    with pytest.raises(InvalidMedia, match="over and over"):
        await MediaDecoder(MediaLimits()).probe(MemoryReader(bytes(524288)))


async def test_a_machine_that_cannot_start_children_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    _child_runs(monkeypatch, "sys.exit('no numpy here')\n")
    with pytest.raises(TransientError, match="no numpy here"):
        await MediaDecoder(MediaLimits()).probe(MemoryReader(b"1"))
    monkeypatch.setattr(child, "child_command", lambda module: ["/nonexistent"])
    with pytest.raises(TransientError, match="cannot be started"):
        await MediaDecoder(MediaLimits()).probe(MemoryReader(b"1"))


class _FailingReader(MemoryReader):
    def __init__(self, data: bytes, error: Exception) -> None:
        super().__init__(data)
        self.error = error

    async def read(self, offset: int, length: int) -> bytes:
        raise self.error


@pytest.mark.parametrize("error", [SourceChanged("replaced"), TransientError("down")])
async def test_errors_of_storage_pass_unchanged(decoder: MediaDecoder, tmp_path: Path, error: Exception) -> None:
    before = psutil.Process().children(recursive=True)
    with pytest.raises(type(error)) as passed:
        await decoder.probe(_FailingReader(b"0" * 100, error))
    assert passed.value is error
    assert psutil.Process().children(recursive=True) == before


async def test_a_short_answer_of_storage_is_no_damage(decoder: MediaDecoder) -> None:
    source = MemoryReader(b"0" * 100)
    source.__class__ = type("Short", (MemoryReader,), {"size": property(lambda self: 200)})
    with pytest.raises(TransientError, match="100 bytes of 200"):
        await decoder.probe(source)


class _SlowReader(MemoryReader):
    """Stops at the first read and tells that it has."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def read(self, offset: int, length: int) -> bytes:
        self.reached.set()
        await self.go_on.wait()
        return await super().read(offset, length)


async def test_cancelling_kills_the_child_and_leaves_nothing_open(decoder: MediaDecoder, tmp_path: Path) -> None:
    source = made(tmp_path, "a.mp4", Video((1.0,)))
    await decoder.probe(source)
    before = sorted(os.listdir("/proc/self/fd"))
    others = psutil.Process().children(recursive=True)
    for _ in range(3):
        slow = _SlowReader(source.data)
        probing = asyncio.create_task(decoder.probe(slow))
        await slow.reached.wait()
        assert len(psutil.Process().children(recursive=True)) == len(others) + 1
        probing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probing
        assert psutil.Process().children(recursive=True) == others
    await asyncio.sleep(0.05)
    assert sorted(os.listdir("/proc/self/fd")) == before


async def test_storage_may_be_slow(tmp_path: Path) -> None:
    slow = _SlowReader(made(tmp_path, "a.mp4", Video((1.0,))).data)
    probing = asyncio.create_task(MediaDecoder(MediaLimits(wall_seconds=1.0)).probe(slow))
    await asyncio.sleep(1.5)
    slow.go_on.set()
    assert (await probing).has_picture


async def test_the_child_has_nothing_to_take(
    decoder: MediaDecoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KADR_MINIO_SECRET_KEY", "secret")
    others = set(psutil.Process().children())
    slow = _SlowReader(made(tmp_path, "a.mp4", Video((1.0,))).data)
    probing = asyncio.create_task(decoder.probe(slow))
    await slow.reached.wait()
    (process,) = set(psutil.Process().children()) - others
    assert not [name for name in process.environ() if "KADR" in name or "HOME" in name]
    assert not Path(process.cwd()).exists()
    assert os.getsid(process.pid) == os.getpgid(process.pid) == process.pid
    assert process.rlimit(psutil.RLIMIT_AS)[0] == MediaLimits().memory_bytes
    # What the start has cost does not count.
    assert 0 <= process.rlimit(psutil.RLIMIT_CPU)[0] - MediaLimits().cpu_seconds < 10
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_NOFILE)[0] <= 64
    assert process.net_connections() == []
    slow.go_on.set()
    assert (await probing).has_picture


async def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from stream.media.client import MediaDecoder\n"
        "from stream.media.values import MediaLimits\n"
        "class Stuck:\n"
        "    size, identity = 1000, None\n"
        "    async def read(self, offset, length):\n"
        "        print('reading', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(MediaDecoder(MediaLimits()).probe(Stuck()))\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    await parent.stdout.readline()
    (orphan,) = psutil.Process(parent.pid).children()
    parent.kill()
    await parent.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, [orphan], 5)
    assert gone and not alive
