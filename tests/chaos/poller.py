"""Asks the search API all the time, and holds each answer against the ledger before and after it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from opensearchpy.exceptions import OpenSearchException

from chaos.contents import Contents
from chaos.judging import Origin, fits, owner_of
from chaos.world import World

_EXAMPLES = 20


class Poller:
    """Searches by colour, and lists the moments of a video.

    Attributes:
        counts: Answers, moments in them, and answers that said that OpenSearch is away.
        foreign: Moments that the ledger did not vouch for, neither before nor after the answer.
        errors: Answers of the API that no outage explains.
    """

    def __init__(self, world: World, contents: Contents, keys: Iterable[str], rng: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._world = world
        self._contents = contents
        self._ids = sorted(world.id_of(key) for key in keys)
        self._rng = rng

    @asynccontextmanager
    async def polling(self, *, pause_seconds: float = 0.2) -> AsyncIterator[None]:
        """Polls for as long as the block lasts."""
        task = asyncio.create_task(self._poll(pause_seconds))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (defect := task.exception()) is not None:
            raise defect

    async def _poll(self, pause_seconds: float) -> None:
        while True:
            try:
                await self.ask()
            except OpenSearchException:
                self.counts["away"] += 1
            await asyncio.sleep(pause_seconds)

    async def ask(self) -> None:
        """Asks once for a colour and once for a video's moments."""
        before = await self._world.ledger(self._ids)
        content = self._rng.choice(self._contents.all)
        wish = {"limit": 50, "group_by": "moment", "min_confidence": 0, "legs": {"picture_vector": 1.0}}
        colour = " ".join(map(str, content.colours[0]))
        found = await self._read("POST", "/search", json={"query": f"colour {colour}", **wish})
        hits = [moment for hit in found.get("hits", []) for moment in hit["moments"]]
        video = self._rng.choice(self._ids)
        listed = (await self._read("GET", f"/videos/{video}/moments")).get("moments", [])
        after = await self._world.ledger(self._ids)
        await self._judge([moment["thumbnail"] for moment in [*hits, *listed]], before, after)

    async def _read(self, method: str, path: str, **wish: Any) -> dict[str, Any]:
        answer = await self._world.api.request(method, path, **wish)
        self.counts["answers"] += 1
        if answer.status_code == 200:
            body: dict[str, Any] = answer.json()
            return body
        if answer.status_code == 503:
            self.counts["unavailable"] += 1
        elif answer.status_code not in (404, 410):
            self.errors.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        return {}

    async def _judge(self, thumbnails: list[str], before: dict[str, Any], after: dict[str, Any]) -> None:
        self.counts["moments"] += len(thumbnails)
        for key in thumbnails:
            origin = Origin.of_thumbnail(key)
            if not fits(origin, before.get(origin.video_id), after.get(origin.video_id)):
                self._report(f"{key} fits neither revision {_brief(before, origin)} nor {_brief(after, origin)}")
        await self._judge_colours(thumbnails, before, after)

    async def _judge_colours(self, thumbnails: list[str], before: dict[str, Any], after: dict[str, Any]) -> None:
        """Holds what is shown in the moments against the content of their revisions."""
        ids = sorted({key.removesuffix(".jpg").replace("/", ":") for key in thumbnails})
        if not ids:
            return
        answer = await self._world.search.mget(index=self._world.stream.moments_index, body={"ids": ids})
        for moment in [doc["_source"] for doc in answer["docs"] if doc.get("found")]:
            for ledger in (before, after):
                entry = ledger.get(moment["video_id"])
                if entry is None or entry["revision"] != moment["revision"] or entry["source"] is None:
                    continue
                shown = owner_of(self._contents, moment)
                if shown is None or shown.etag != entry["source"]["etag"]:
                    self._report(f"{moment['key']} shows other content than that of revision {entry['revision']}")

    def _report(self, what: str) -> None:
        self.counts["foreign"] += 1
        if len(self.foreign) < _EXAMPLES:
            self.foreign.append(what)


def _brief(ledger: dict[str, Any], origin: Origin) -> str:
    entry = ledger.get(origin.video_id)
    return f"{entry['revision']} ({entry['status']})" if entry else "none"
