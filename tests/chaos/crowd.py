"""A bucket and a ledger of any size that exist nowhere: pages are made up when they are asked for.

Serves what the real clients ask of S3 and OpenSearch while they list. Every thousandth object is one that the ledger
does not know, and every thousandth video of the ledger one whose object is gone.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from xml.sax.saxutils import escape

import orjson
from aiohttp import web

from infra.ports import free_ports
from stream.events import video_id

BUCKET = "videos"
_PAGE = 1000
_EACH = 1000
_UNKNOWN, _VANISHED = 250, 750
_MODIFIED = "2026-01-01T00:00:00.000Z"


def key_of(number: int) -> str:
    """Names the object of a number; the order of the names is that of the numbers."""
    return f"{number // 5000:04d}/видео {number:07d} + one & more.mp4"


def number_of(key: str) -> int:
    return int(key.split()[1])


def is_in_bucket(number: int) -> bool:
    return number % _EACH != _VANISHED


def is_in_ledger(number: int) -> bool:
    return number % _EACH != _UNKNOWN


class Crowd:
    """Answers for `count` keys.

    Attributes:
        count: How many keys there are; each is in the bucket, in the ledger, or in both.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._vanished = {video_id(BUCKET, key): key for key in map(key_of, range(_VANISHED, count, _EACH))}

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get(f"/{BUCKET}", self._objects)
        app.router.add_post("/{index}/_refresh", _nothing)
        app.router.add_post("/{index}/_search/point_in_time", _opened)
        app.router.add_delete("/_search/point_in_time", _nothing)
        app.router.add_post("/_search", self._rows)
        app.router.add_post("/{index}/_mget", self._read)
        return app

    async def _objects(self, request: web.Request) -> web.Response:
        if "location" in request.query:
            return _xml('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>')
        numbers, after = self._page(int(request.query.get("continuation-token") or 0), is_in_bucket)
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{after}</NextContinuationToken>" if after else ""
        found = "".join(map(_object, numbers))
        return _xml(
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{BUCKET}</Name>'
            f"{more or '<IsTruncated>false</IsTruncated>'}{found}</ListBucketResult>"
        )

    async def _rows(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        after = body.get("search_after")
        numbers, _ = self._page(number_of(after[0]) + 1 if after else 0, is_in_ledger)
        hits = [{"_source": _row(key_of(number)), "sort": [key_of(number)]} for number in numbers]
        return _json({"hits": {"hits": hits}})

    async def _read(self, request: web.Request) -> web.Response:
        ids = [doc["_id"] for doc in orjson.loads(await request.read())["docs"]]
        found = {id_: _row(key) for id_ in ids if (key := self._vanished.get(id_))}
        return _json({"docs": [{"_id": id_, "found": id_ in found, "_source": found.get(id_)} for id_ in ids]})

    def _page(self, start: int, belongs: Any) -> tuple[list[int], int]:
        """Returns the numbers of a page, and where the next one begins; 0 if there is none."""
        numbers: list[int] = []
        for number in range(start, self.count):
            if len(numbers) == _PAGE:
                return numbers, number
            if belongs(number):
                numbers.append(number)
        return numbers, 0


def _object(number: int) -> str:
    return (
        f"<Contents><Key>{escape(key_of(number))}</Key><LastModified>{_MODIFIED}</LastModified>"
        f"<ETag>&quot;{_etag(key_of(number))}&quot;</ETag><Size>1000</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )


def _row(key: str) -> dict[str, Any]:
    return {
        "video_id": video_id(BUCKET, key),
        "key": key,
        "status": "ready",
        "source": {"etag": _etag(key), "version_id": None, "last_modified": _MODIFIED, "size": 1000},
        "withdrawn": None,
        "emitted": True,
        "emissions": 1,
        "updated_at": "2026-01-01T00:00:00.000+00:00",
    }


def _etag(key: str) -> str:
    return f"{number_of(key):032x}"


def _xml(text: str) -> web.Response:
    return web.Response(body=text.encode(), content_type="application/xml")


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


async def _nothing(_: web.Request) -> web.Response:
    return _json({})


async def _opened(_: web.Request) -> web.Response:
    return _json({"pit_id": "all"})


async def main() -> None:
    """Serves as many keys as the first argument says; prints its address, and ends with its standard input."""
    runner = web.AppRunner(Crowd(int(sys.argv[1])).app(), access_log=None)
    await runner.setup()
    port = free_ports(1)[0]
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
