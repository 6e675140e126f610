"""The parent's side of a decoder child: started for one content, fed with its bytes, and always ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Hashable, Mapping
from typing import Any, Protocol

from stream.errors import InvalidMedia, TransientError
from stream.media.sandbox import child_command, child_environment
from stream.media.source import BLOCK_BYTES
from stream.media.wire import Message, WireError, pack_head, receive

# Starting is the machine's business, not the file's.
_START_SECONDS = 60.0
_END_SECONDS = 5.0
_REFUSAL_LETTERS = 1000
_STDERR_BYTES = 1024
_STREAM_BUFFER_BYTES = 1 << 20


class RangeReader(Protocol):
    """An object in storage, pinned to one content."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def identity(self) -> Hashable:
        """The same only for the same content; None where that is not known. Children are reused for the same alone."""

    async def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes.

        Raises:
            SourceChanged: the object is no longer the one that was looked at.
            TransientError: storage cannot answer now.
        """


class ChildFailure(Exception):
    """The child died, hung or spoke nonsense: the file's fault, or once in a while bad luck."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message


class DecoderChild:
    """A running child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._stderr = process.stderr
        self._tail = b""
        self.served = 0
        self._tail_reader = asyncio.create_task(self._read_tail(), name="decoder stderr")

    async def converse(
        self, request: Message, source: RangeReader, *, wall_seconds: float, max_body_bytes: int, max_read_bytes: int
    ) -> Message:
        """Send the request and answer the child's reads until it gives its answer.

        Args:
            wall_seconds: how long the child may work; time spent waiting for storage does not count.

        Raises:
            InvalidMedia: the child refuses the file.
            ChildFailure: the child died, hung or spoke nonsense.
            TransientError: the child does not even start; and whatever the source raises.
        """
        await self._send(request)
        if not self.served:
            await self._wait_for_start()
        self.served += 1
        return await self._serve(source, wall_seconds, max_body_bytes, max_read_bytes)

    async def _wait_for_start(self) -> None:
        try:
            started = await self._receive(_START_SECONDS, max_body_bytes=0)
            if started.kind != "ready":
                raise ChildFailure("decoder_broken", f"The decoder began with {started.kind!r}.")
        except ChildFailure as failure:
            raise TransientError(f"The decoder process does not start. {failure.message}") from failure

    async def _serve(
        self, source: RangeReader, wall_seconds: float, max_body_bytes: int, max_read_bytes: int
    ) -> Message:
        left_seconds, left_bytes = wall_seconds, max_read_bytes
        while True:
            began = time.monotonic()
            message = await self._receive(left_seconds, max_body_bytes=max_body_bytes)
            left_seconds -= time.monotonic() - began
            match message.kind:
                case "read":
                    body = await _read_exactly(source, message.fields)
                    left_bytes -= len(body)
                    if left_bytes < 0:
                        raise InvalidMedia("unreadable", "The file makes the decoder read it over and over again.")
                    await self._send(Message("bytes", {}, body))
                case "refused":
                    raise InvalidMedia(_text(message.fields, "reason"), _text(message.fields, "message"))
                case _:
                    return message

    async def _send(self, message: Message) -> None:
        # A child that has died is noticed, and explained, when its answer does not come.
        with contextlib.suppress(ConnectionError):
            self._stdin.write(pack_head(message.kind, message.fields, len(message.body)))
            self._stdin.write(message.body)
            await self._stdin.drain()

    async def _receive(self, seconds: float, *, max_body_bytes: int) -> Message:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await receive(self._stdout, max_body_bytes=max_body_bytes)
        except TimeoutError as error:
            await self.stop()
            raise ChildFailure("decoder_hung", f"The decoder gave no answer in time{self._last_words()}") from error
        except WireError as error:
            how = await self._how_it_ended()
            await self.stop()
            raise ChildFailure("decoder_died", f"The decoder {how}{self._last_words()}") from error

    async def _how_it_ended(self) -> str:
        """Say how the child ended by itself, if it did."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return "sent something that makes no sense"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def _last_words(self) -> str:
        words = self._tail.decode(errors="replace").strip()
        return f"; its last words: {words}" if words else "."

    async def stop(self) -> None:
        """Kill the child with its whole group and leave nothing open."""
        self.kill()
        self._stdin.close()
        # A pipe is closed only when it has been read to its end.
        while await self._stdout.read(_STREAM_BUFFER_BYTES):
            pass
        await self._tail_reader
        await self._process.wait()

    @property
    def lives(self) -> bool:
        return self._process.returncode is None

    def kill(self) -> None:
        """Send the signal, if the child still lives."""
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _read_tail(self) -> None:
        while piece := await self._stderr.read(_STDERR_BYTES):
            self._tail = (self._tail + piece)[-_STDERR_BYTES:]


async def start_child() -> DecoderChild:
    """Start a child in a session of its own.

    Raises:
        TransientError: the machine has no process or memory left for it.
    """
    try:
        # The child's folder is removed under its feet: it is empty, stays so, and is never left behind.
        with tempfile.TemporaryDirectory(prefix="kadr-decoder-") as folder:
            process = await asyncio.create_subprocess_exec(
                *child_command("stream.media.decoder"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=folder,
                env=child_environment(),
                start_new_session=True,
                limit=_STREAM_BUFFER_BYTES,
            )
    except OSError as error:
        raise TransientError(f"The decoder process cannot be started: {error}") from error
    return DecoderChild(process)


async def _read_exactly(source: RangeReader, fields: Mapping[str, Any]) -> bytes:
    """Answer a read of the child, which is not trusted to ask for what exists."""
    offset, length = fields.get("offset"), fields.get("length")
    if not (isinstance(offset, int) and isinstance(length, int)):
        raise ChildFailure("decoder_broken", f"The decoder asked for a strange range: {offset!r}, {length!r}.")
    if offset < 0 or not 0 < length <= BLOCK_BYTES or offset + length > source.size:
        raise ChildFailure("decoder_broken", f"The decoder asked for a strange range: {offset = }, {length = }.")
    body = await source.read(offset, length)
    if len(body) != length:
        raise TransientError(f"Storage gave {len(body)} bytes of {length} at {offset}.")
    return body


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name, "unknown"))[:_REFUSAL_LETTERS]
