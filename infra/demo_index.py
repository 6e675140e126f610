"""Uploads videos and waits until they can be found."""

import asyncio
from collections.abc import Sequence
from typing import Any

from minio import Minio

from infra.clients import object_store, search_engine
from infra.content import publish
from infra.demo_progress import StageProgress
from infra.ledger_view import Awaited, LedgerView
from infra.settings import StackSettings
from infra.uploads import Upload, expected_etag, is_stored, lacks_metadata, put


def index_videos(settings: StackSettings, uploads: Sequence[Upload], progress: StageProgress) -> list[str]:
    """Uploads what is not there with the same content and waits for the ledger.

    Returns:
        A sentence for every video that did not become ready.

    Raises:
        KadrError: A service does not answer, or nothing moves any more.
    """
    client = search_engine(settings)
    try:
        view = LedgerView(settings, client)
        awaited = store_missing(settings, uploads, view, progress)
        entries = view.wait(awaited, show=progress.counted)
        view.refresh()
    finally:
        client.close()
    return [sentence for one in awaited if (sentence := trouble_of(one, entries[one.upload.video_id]))]


def store_missing(
    settings: StackSettings, uploads: Sequence[Upload], view: LedgerView, progress: StageProgress
) -> list[Awaited]:
    """Publishes missing metadata, then stores missing content: the bucket's notification starts the work."""
    known = view.entries([upload.video_id for upload in uploads])
    events = [one.event for one in uploads if one.event and lacks_metadata(one, known.get(one.video_id))]
    asyncio.run(publish(settings, events))
    store = object_store(settings, timeout_seconds=120.0)
    awaited = []
    for number, upload in enumerate(uploads, start=1):
        awaited.append(Awaited(upload, store_one(store, upload)))
        progress.uploaded(number, len(uploads))
    return awaited


def store_one(store: Minio, upload: Upload) -> str:
    """Stores a file unless it is there already; returns its ETag."""
    etag = expected_etag(upload.path)
    return etag if is_stored(store, upload, etag) else put(store, upload)


def trouble_of(one: Awaited, entry: dict[str, Any]) -> str:
    """Says what is wrong with a video; nothing if it is ready."""
    if entry["status"] == "ready":
        return ""
    reason = str(entry.get("reason") or "some of its spans failed; `kadr doctor` and the dead letters say more")
    return f"{one.upload.bucket}/{one.upload.key} is {entry['status']}: {reason}"
