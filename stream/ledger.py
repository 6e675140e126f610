"""The ledger: one document per video, changed only by the guarded scripts under `opensearch/scripts`."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError

from stream.entry import Entry, now
from stream.outage import outages

_CONFLICTS = 20


class Ledger:
    """Reads and moves ledger documents. Every method may raise TransientError when OpenSearch cannot answer."""

    def __init__(self, client: AsyncOpenSearch, *, index: str, script_prefix: str = "") -> None:
        self._client = client
        self._index = index
        self._prefix = script_prefix

    async def read(self, video_id: str) -> Entry | None:
        """Reads a document in real time; None if there is none."""
        with outages("the ledger"):
            try:
                found = await self._client.get(index=self._index, id=video_id)
            except NotFoundError as error:
                if error.error == "index_not_found_exception":
                    raise
                return None
        return Entry.of(found["_source"])

    async def create(self, body: Mapping[str, Any]) -> bool:
        """Writes a first document; False if another look was quicker."""
        with outages("the ledger"):
            try:
                await self._client.create(index=self._index, id=body["video_id"], body=dict(body))
            except ConflictError:
                return False
        return True

    async def look(self, entry: Entry, fields: Mapping[str, Any]) -> Entry | None:
        """Writes what a look decided; None if another look came between."""
        changed = {**fields, "updated_at": now()}
        return await self._run("look", entry.video_id, {"looks": entry.looks, "fields": changed})

    async def attempt(self, entry: Entry) -> bool:
        """Counts an attempt to plan; False if another look came between."""
        return await self._run("attempt", entry.video_id, {"looks": entry.looks, "now": now()}) is not None

    async def emitted(self, video_id: str, revision: int) -> bool:
        """Marks that the broker has every span of the revision."""
        return await self._run("emitted", video_id, {"revision": revision, "now": now()}) is not None

    async def claim(self, video_id: str, revision: int, span: int, *, record: str, run: str) -> Entry | None:
        """Claims a span for a run; None if there is nothing to do: done, failed, deleted, or another revision."""
        return await self._run("claim", video_id, {"revision": revision, "span": span, "record": record, "run": run})

    async def release(self, video_id: str, revision: int, span: int, *, run: str) -> None:
        """Gives a claim back, so that it does not count as lost."""
        await self._run("release", video_id, {"revision": revision, "span": span, "run": run})

    async def done(
        self,
        video_id: str,
        revision: int,
        span: int,
        *,
        run: str,
        tags: tuple[str, ...] = (),
        timings: Mapping[str, float] | None = None,
    ) -> Entry | None:
        """Marks a span done by a run; None if another run won or the revision moved on."""
        params = {"revision": revision, "span": span, "run": run, "tags": list(tags), "timings": dict(timings or {})}
        return await self._run("done", video_id, {**params, "now": now()})

    async def fail(self, video_id: str, revision: int, span: int, *, reason: str) -> Entry | None:
        """Marks a span failed, after its dead letter was sent."""
        params = {"revision": revision, "span": span, "reason": reason, "now": now()}
        return await self._run("fail", video_id, params)

    async def replan(self, video_id: str, revision: int) -> Entry | None:
        """Lets the next look plan content that failed as a whole; None if that is not what the ledger says of it."""
        return await self._run("replan", video_id, {"revision": revision, "now": now()})

    async def replay(self, video_id: str, revision: int, span: int) -> Entry | None:
        """Makes a failed span pending again; None if it is not failed, or the revision moved on."""
        return await self._run("replay", video_id, {"revision": revision, "span": span, "now": now()})

    async def _run(self, script: str, video_id: str, params: Mapping[str, Any]) -> Entry | None:
        """Runs a stored script on a document; None if its guard refused.

        `retry_on_conflict` alone loses updates under load, so conflicts are tried again here, with jitter.
        """
        body = {"script": {"id": f"{self._prefix}ledger-{script}", "params": dict(params)}, "_source": True}
        for attempt in range(_CONFLICTS):
            with outages("the ledger"):
                try:
                    answer = await self._client.update(index=self._index, id=video_id, body=body)
                except ConflictError:
                    await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 7)))
                    continue
            return None if answer["result"] == "noop" else Entry.of(answer["get"]["_source"])
        raise ConflictError(409, "version_conflict", f"{script} of {video_id}: {_CONFLICTS} conflicts in a row")
