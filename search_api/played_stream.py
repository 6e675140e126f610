"""A video that browsers cannot play as it is, on its way to a player as fragmented MP4."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass

import structlog
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from search_api.object_store import Content, ObjectStore
from search_api.playable import Playability
from search_api.problems import Refusal
from search_api.video_routes import inline
from search_api.videos import Video
from stream.errors import InvalidMedia, TransientError
from stream.media.player import Player, PlayerBusy, Playing

MEDIA_TYPE = "video/mp4"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object in the store, pinned to one content, as players read it."""

    store: ObjectStore
    content: Content

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.content.size

    @property
    def identity(self) -> Hashable:
        """The content, as the store names it."""
        return self.content.etag

    async def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes."""
        return await self.store.read(self.content, offset, length)


async def plays_as_it_is(video: Video, store: ObjectStore, playability: Playability) -> bool:
    """Whether browsers play the video's own file.

    Raises:
        Refusal: the object is gone or has other content now, or the store does not answer.
    """
    content = video.content
    file = StoredFile(store, content)
    return await playability.find_out(content.etag, video.container, content.size, file.read)


async def played(player: Player, video: Video, store: ObjectStore, start_seconds: float) -> StreamingResponse:
    """Begin to play a video from a second on, as MP4 that is made while it is taken.

    Raises:
        Refusal: too many play already, nothing can be played there, or a service does not answer.
    """
    content = video.content
    try:
        playing = await player.play(StoredFile(store, content), start_seconds)
    except PlayerBusy as error:
        raise Refusal(503, "too-many-players", f"{error} Try again.", headers={"Retry-After": "10"}) from error
    except InvalidMedia as error:
        raise _unplayable(error) from error
    except TransientError as error:
        raise Refusal(503, "player-unavailable", f"{error} Try again.", headers={"Retry-After": "5"}) from error
    pieces = playing.pieces()
    try:
        # What can go wrong goes wrong before the answer starts: then it can still say so.
        first = await anext(pieces, b"")
    except InvalidMedia as error:
        await playing.close()
        raise _unplayable(error) from error
    except BaseException:
        await playing.close()
        raise
    return _PlayedResponse(playing, first, pieces, headers=headers_of(video, playing.begin_seconds))


def headers_of(video: Video, begin_seconds: float | None = None) -> dict[str, str]:
    """The headers of such an answer; it has no ranges, because its bytes are made anew each time."""
    headers = {
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Content-Type": MEDIA_TYPE,
        "Content-Disposition": inline(video.content.key, ".mp4"),
        "Kadr-Playback": "converted",
    }
    return headers if begin_seconds is None else headers | {"Kadr-Start-Seconds": f"{begin_seconds:.3f}"}


class _PlayedResponse(StreamingResponse):
    """Ends the child when the answer is over, also when the client went away."""

    def __init__(
        self, playing: Playing, first: bytes, others: AsyncIterator[bytes], *, headers: dict[str, str]
    ) -> None:
        super().__init__(self._pieces(first, others), headers=headers)
        self._playing = playing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._playing.close()

    async def _pieces(self, first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield first
        try:
            async for piece in others:
                yield piece
        except InvalidMedia as error:
            # The connection is cut: a player must not take this for the end of the video.
            _log.warning("playing ended early", reason=error.reason, message=error.message)
            raise ConnectionAbortedError(error.message) from error


def _unplayable(error: InvalidMedia) -> Refusal:
    status = 416 if error.reason == "nothing_there" else 422
    return Refusal(status, "cannot-be-played", error.message)
