"""Plays what browsers cannot: the parent's side of children that make fragmented MP4 of hostile files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass

from stream.errors import InvalidMedia, TransientError
from stream.media.child import RangeReader
from stream.media.sandbox import child_command, child_environment
from stream.media.source import BLOCK_BYTES
from stream.media.wire import Message, WireError, pack, receive

__all__ = ["Player", "PlayerBusy", "PlayerLimits", "Playing", "RangeReader"]

_MOST_PIECE_BYTES = 8 << 20
_BUFFER_BYTES = 256 << 10
_SPARE_READ_BYTES = 64 << 20
_STDERR_BYTES = 1024


class PlayerBusy(Exception):
    """As many files are played as may be at once."""


@dataclass(frozen=True, slots=True)
class PlayerLimits:
    """What playing may cost: `at_once` children, each for so long in all and so long between two steps.

    A step is the child's (it gives something) or the client's (it takes something); a player that is paused for longer
    comes back with another `start`.
    """

    at_once: int = 4
    most_seconds: float = 6 * 3600.0
    idle_seconds: float = 120.0
    cpu_seconds: int = 2 * 3600
    memory_bytes: int = 2 << 30
    max_pixels: int = 8192 * 4608
    max_streams: int = 64
    most_height: int = 720
    threads: int = 2

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be more than 0: {value = }")


class Player:
    """Starts children, a bounded number at once."""

    def __init__(self, limits: PlayerLimits) -> None:
        self._limits = limits
        self._running = 0

    @property
    def running(self) -> int:
        """How many play now."""
        return self._running

    async def play(self, source: RangeReader, start_seconds: float) -> Playing:
        """Begin to play a file from a second on; whoever calls closes what comes back.

        Raises:
            PlayerBusy: as many play as may.
            InvalidMedia: nothing can be played there.
            TransientError: the machine has no process left; and whatever the source raises.
        """
        if self._running >= self._limits.at_once:
            raise PlayerBusy(f"{self._limits.at_once} files are being converted for players already.")
        self._running += 1
        try:
            process = await _start()
        except BaseException:
            self._running -= 1
            raise
        playing = Playing(process, source, self._limits, self._end_one)
        try:
            await playing.begin(start_seconds)
        except BaseException:
            await playing.close()
            raise
        return playing

    def _end_one(self) -> None:
        self._running -= 1


class Playing:
    """A file that is being played; `begin_seconds` says from where, once it has begun."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        source: RangeReader,
        limits: PlayerLimits,
        on_end: Callable[[], None],
    ) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._source = source
        self._limits = limits
        self._on_end: Callable[[], None] | None = on_end
        self._left_bytes = 4 * source.size + _SPARE_READ_BYTES
        self._words = b""
        self._listener = asyncio.create_task(self._listen(), name="player stderr")
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(limits.most_seconds, self._kill)
        self._idle = loop.call_later(limits.idle_seconds, self._kill)
        self.begin_seconds = 0.0
        self.copies_picture = False

    @property
    def pid(self) -> int:
        """The child's process."""
        return self._process.pid

    async def begin(self, start_seconds: float) -> None:
        """Ask for the file and wait until its first piece can come."""
        limits = self._limits
        fields = {
            "parent_pid": os.getpid(),
            "size": self._source.size,
            "start_seconds": start_seconds,
            "cpu_seconds": limits.cpu_seconds,
            "memory_bytes": limits.memory_bytes,
            "max_pixels": limits.max_pixels,
            "max_streams": limits.max_streams,
            "most_height": limits.most_height,
            "threads": limits.threads,
        }
        await self._send(Message("play", fields))
        message = await self._next()
        if message.kind != "began":
            raise InvalidMedia("player_broken", f"The player began with {message.kind!r}.")
        self.begin_seconds = float(message.fields["begin_seconds"])
        self.copies_picture = bool(message.fields["copies_picture"])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file, piece by piece, as fast as they are taken.

        Raises:
            InvalidMedia: the child died or was too slow; what came so far can be played.
        """
        while True:
            message = await self._next()
            if message.kind == "ended":
                return
            if message.kind != "data":
                raise InvalidMedia("player_broken", f"The player sent {message.kind!r}.")
            yield message.body
            self._moved()

    async def close(self) -> None:
        """End the child, however far it is, and leave nothing open."""
        self._kill()
        self._end.cancel()
        self._idle.cancel()
        self._stdin.close()
        # A pipe is closed only when it has been read to its end.
        while await self._stdout.read(_BUFFER_BYTES):
            pass
        await self._listener
        await self._process.wait()

    async def _next(self) -> Message:
        """The child's next message that is no question."""
        while True:
            try:
                message = await receive(self._stdout, max_body_bytes=_MOST_PIECE_BYTES)
            except WireError as error:
                words = self._words.decode(errors="replace").strip()[-300:]
                raise InvalidMedia("player_died", f"The player ended too early. {words}") from error
            self._moved()
            if message.kind == "refused":
                raise InvalidMedia(str(message.fields.get("reason")), str(message.fields.get("message")))
            if message.kind != "read":
                return message
            await self._send(Message("bytes", {}, await self._read(message)))

    async def _read(self, message: Message) -> bytes:
        offset, length = message.fields.get("offset"), message.fields.get("length")
        if (
            not isinstance(offset, int)
            or not isinstance(length, int)
            or offset < 0
            or not 0 < length <= BLOCK_BYTES
            or offset + length > self._source.size
        ):
            raise InvalidMedia("player_broken", f"The player asked for a strange range: {offset!r}, {length!r}.")
        self._left_bytes -= length
        if self._left_bytes < 0:
            raise InvalidMedia("unreadable", "The file makes the player read it over and over again.")
        return await self._source.read(offset, length)

    async def _send(self, message: Message) -> None:
        # A child that has died is noticed, and explained, when its answer does not come.
        with contextlib.suppress(ConnectionError):
            self._stdin.write(pack(message))
            await self._stdin.drain()

    def _moved(self) -> None:
        self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(self._limits.idle_seconds, self._kill)

    def _kill(self) -> None:
        """End the child with its whole group; its place is free from now on."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        if self._on_end is not None:
            self._on_end()
            self._on_end = None

    async def _listen(self) -> None:
        while piece := await self._stderr.read(_STDERR_BYTES):
            self._words = (self._words + piece)[-_STDERR_BYTES:]


async def _start() -> asyncio.subprocess.Process:
    try:
        # The child's folder is removed under its feet: it is empty, stays so, and is never left behind.
        with tempfile.TemporaryDirectory(prefix="kadr-player-") as folder:
            return await asyncio.create_subprocess_exec(
                *child_command("stream.media.player_child"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=folder,
                env=child_environment(),
                start_new_session=True,
                limit=_BUFFER_BYTES,
            )
    except OSError as error:
        raise TransientError(f"The player's process cannot be started: {error}") from error
