"""What the routes about videos work with."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Path, Request
from minio import Minio
from opensearchpy import AsyncOpenSearch

from search_api.object_store import ObjectStore
from search_api.playable import Playability
from search_api.progress import ProgressBoard
from search_api.publishing import Events
from search_api.settings import SearchSettings
from search_api.upload import Uploader
from search_api.videos import Videos
from stream.media.player import Player, PlayerLimits


class VideoServices:
    """Everything about single videos; made in `app.py`, and closed there."""

    def __init__(self, client: AsyncOpenSearch, store: Minio, settings: SearchSettings) -> None:
        self.settings = settings
        self.ledger = Videos(
            client,
            videos_alias=settings.videos_alias,
            moments_alias=settings.moments_alias,
            deadline_seconds=settings.deadline_seconds,
        )
        self.store = ObjectStore(store, uploads=settings.concurrent_uploads)
        self.player = Player(PlayerLimits(at_once=settings.concurrent_players))
        self.playability = Playability()
        self.events = Events(settings.kafka_brokers, topic=settings.uploads_topic)
        self.board = ProgressBoard(self.ledger.progress, most_watchers=settings.concurrent_watchers)
        self.uploader = Uploader(
            self.store,
            self.events,
            bucket=settings.buckets[0],
            most_bytes=settings.upload_limit_mb * 10**6,
            at_once=settings.concurrent_uploads,
        )

    async def close(self) -> None:
        """Give connections and threads back."""
        self.board.close()
        self.store.close()
        await self.events.close()


def _services(request: Request) -> VideoServices:
    return cast(VideoServices, request.app.state.videos)


VideosNow = Annotated[VideoServices, Depends(_services)]
VideoId = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="kadr's id of the video.",
        examples=["5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11"],
    ),
]
