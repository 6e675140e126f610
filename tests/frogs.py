"""A corpus of made-up videos about frogs that are written straight into the index, and one that keeps changing."""

import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from opensearchpy import OpenSearch

from search_api.settings import SearchSettings

MOMENTS = 3
WORDS = ("pond", "rain", "night", "city", "snow", "river", "morning", "song", "market", "bridge", "train", "tree")


class Corpus:
    """Videos in which frogs are mentioned: some are there all the time, others come and go."""

    def __init__(self, engine: OpenSearch, settings: SearchSettings) -> None:
        self.engine = engine
        self.settings = settings
        self.dice = random.Random(7)
        self.deleted: dict[str, float] = {}
        self.changes = 0

    def write(self, *names: str, refresh: str = "false") -> None:
        """Put videos into the index, as the workers do."""
        lines: list[dict[str, Any]] = []
        for name in names:
            lines += [{"index": {"_index": self.settings.videos_alias, "_id": name}}, self._video(name)]
            for n in range(MOMENTS):
                place = {"_index": self.settings.moments_alias, "_id": f"{name}:1:0:won:{n}"}
                lines += [{"index": place}, self._moment(name, n)]
        body = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        assert not self.engine.bulk(body=body, params={"refresh": refresh})["errors"]

    def delete(self, name: str) -> None:
        """Delete a video in the ledger; its moments stay until they are swept."""
        self.engine.update(index=self.settings.videos_alias, id=name, body={"doc": {"status": "deleted"}})
        self.deleted[name] = time.monotonic()

    def _video(self, name: str) -> dict[str, Any]:
        return {
            **{"video_id": name, "bucket": "videos", "key": f"{name}.mp4", "revision": 1, "status": "ready"},
            **{"title": f"Frogs {name}", "published_at": f"20{self.dice.randrange(10, 25)}-01-01T00:00:00Z"},
            **{
                "source": {"etag": name, "size": 1000, "last_modified": "2026-11-21T12:00:00Z"},
                "duration_seconds": 60.0,
            },
            **{"spans_total": 1, "spans_done": 1, "spans_failed": 0, "language": self.dice.choice(["en", "ru"])},
            "spans": [{"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}],
        }

    def _moment(self, name: str, n: int) -> dict[str, Any]:
        words = " ".join(self.dice.choices(WORDS, k=4))
        return {
            **{"video_id": name, "bucket": "videos", "revision": 1, "span": 0, "run": "won"},
            **{"start_seconds": 20.0 * n, "stop_seconds": 20.0 * n + 5.0, "speech": f"A frog, {words} {name}."},
            "speech_vector": self._unit(3),
            "visual": self._unit(4),
        }

    def _unit(self, dimension: int) -> list[float]:
        """A direction: with inner products, a graph search does not reach every one of vectors of unlike lengths."""
        row = [self.dice.gauss(0, 1) for _ in range(dimension)]
        return [number / math.hypot(*row) for number in row]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Write and delete other videos all the time."""
        over = threading.Event()
        failures: list[BaseException] = []
        changing = threading.Thread(target=self._change, args=(over, failures))
        changing.start()
        try:
            yield
        finally:
            over.set()
            changing.join()
        assert failures == []

    def _change(self, over: threading.Event, failures: list[BaseException]) -> None:
        present = [f"passing{n}" for n in range(20)]
        try:
            while not over.is_set():
                self.changes += 1
                new = f"new{self.changes}"
                self.write(new, refresh="true" if self.changes % 5 == 0 else "false")
                present.append(new)
                gone = present.pop(self.dice.randrange(len(present)))
                self.delete(gone)
                if len(self.deleted) % 20 == 0:
                    self._sweep()
        except BaseException as error:
            failures.append(error)

    def _sweep(self) -> None:
        query = {"terms": {"video_id": list(self.deleted)}}
        options = {"conflicts": "proceed", "refresh": "true"}
        self.engine.delete_by_query(index=self.settings.moments_alias, body={"query": query}, params=options)
