"""Writes moments to OpenSearch in bulk: every document succeeds, or the whole call does not."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from opensearchpy import AsyncOpenSearch

from stream.errors import TransientError
from stream.outage import is_outage, outages

_BULK_BYTES = 4 * 1024 * 1024
_TRIES = 6
_IN_FLIGHT = 2


class RejectedDocument(Exception):
    """OpenSearch refuses a document for what it holds: a defect of kadr or of the index."""


class MomentsIndex:
    """The moments index of one model set.

    At most two bulks are under way at a time, whichever spans they belong to; the next is only made when one has ended.
    """

    def __init__(self, client: AsyncOpenSearch, *, index: str) -> None:
        self._client = client
        self._index = index
        self._places = asyncio.Semaphore(_IN_FLIGHT)

    async def write(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Indexes documents by id.

        Raises:
            TransientError: OpenSearch is down, or went on rejecting some of them for load.
            RejectedDocument: It refuses one for another reason.
        """
        batches = _batches(documents)
        writers = [asyncio.create_task(self._write_all(batches)) for _ in range(_IN_FLIGHT)]
        try:
            await asyncio.gather(*writers)
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)

    async def refresh(self) -> None:
        """Makes everything written so far visible to searches."""
        with outages("the moments index"):
            await self._client.indices.refresh(index=self._index)

    async def _write_all(self, batches: Iterator[dict[str, bytes]]) -> None:
        """Writes one batch after the other, until those that share the iterator have none left."""
        while True:
            async with self._places:
                batch = next(batches, None)
                if batch is None:
                    return
                await self._write(batch)

    async def _write(self, lines: dict[str, bytes]) -> None:
        for attempt in range(_TRIES):
            with outages("a bulk of moments"):
                answer = await self._client.transport.perform_request(
                    "POST",
                    f"/{self._index}/_bulk",
                    body=b"".join(lines.values()),
                    headers={"content-type": "application/x-ndjson"},
                )
            lines = {id_: lines[id_] for id_ in _rejected_for_load(answer["items"])}
            if not lines:
                return
            await asyncio.sleep(random.uniform(0, 0.1 * 2**attempt))
        raise TransientError(f"OpenSearch went on rejecting {len(lines)} moments for load")


def _batches(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, bytes]]:
    batch: dict[str, bytes] = {}
    size = 0
    for id_, line in _lines(documents.items()):
        if batch and size + len(line) > _BULK_BYTES:
            yield batch
            batch, size = {}, 0
        batch[id_] = line
        size += len(line)
    if batch:
        yield batch


def _lines(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, bytes]]:
    for id_, body in documents:
        action = orjson.dumps({"index": {"_id": id_}})
        yield id_, action + b"\n" + orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"


def _rejected_for_load(results: list[dict[str, Any]]) -> list[str]:
    """Returns the ids to try again."""
    again = []
    for result in (entry["index"] for entry in results):
        if is_outage(result["status"]):
            again.append(result["_id"])
        elif "error" in result:
            raise RejectedDocument(f"{result['_id']}: {result['status']} {result['error']}")
    return again
