import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pytest
from opensearchpy.exceptions import ConnectionError as OpenSearchConnectionError

from stream import index as index_module
from stream.errors import TransientError
from stream.index import MomentsIndex, RejectedDocument


class Transport:
    """Answers bulks with the statuses that a test gives for each call, by document id; 201 otherwise."""

    def __init__(self, *answers: dict[str, int]) -> None:
        self._answers = list(answers)
        self.bulks: list[list[str]] = []

    async def perform_request(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Any:
        lines = body.splitlines()
        ids = [orjson.loads(line)["index"]["_id"] for line in lines[::2]]
        self.bulks.append(ids)
        statuses = self._answers.pop(0) if self._answers else {}
        return {"items": [{"index": _result(id_, statuses.get(id_, 201))} for id_ in ids]}


def _result(id_: str, status: int) -> dict[str, Any]:
    return {"_id": id_, "status": status} | ({"error": {"reason": "why"}} if status >= 300 else {})


def moments(transport: Any) -> MomentsIndex:
    client: Any = SimpleNamespace(transport=transport)
    return MomentsIndex(client, index="moments")


async def test_only_what_was_rejected_for_load_is_sent_again() -> None:
    transport = Transport({"b": 429, "c": 503}, {"c": 429})
    await moments(transport).write({id_: {"visual": np.ones(2, np.float32)} for id_ in "abc"})
    assert transport.bulks == [["a", "b", "c"], ["b", "c"], ["c"]]


async def test_a_document_that_cannot_be_indexed_is_not_taken_for_done() -> None:
    with pytest.raises(RejectedDocument, match="b: 400"):
        await moments(Transport({"b": 400})).write({"a": {}, "b": {}})


async def test_lasting_overload_is_an_outage() -> None:
    with pytest.raises(TransientError, match="1 moments"):
        await moments(Transport(*[{"a": 429}] * 20)).write({"a": {}})


async def test_a_lost_connection_is_an_outage() -> None:
    class Dead:
        async def perform_request(self, *_: Any, **__: Any) -> Any:
            raise OpenSearchConnectionError("N/A", "refused", Exception("refused"))

    with pytest.raises(TransientError, match="does not answer"):
        await moments(Dead()).write({"a": {}})


async def test_large_writes_are_several_bulks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_BULK_BYTES", 100)
    transport = Transport()
    await moments(transport).write({str(number): {"speech": "x" * 40} for number in range(5)})
    assert [id_ for bulk in transport.bulks for id_ in bulk] == list("01234")
    assert len(transport.bulks) == 5


async def test_nothing_to_write_is_no_request() -> None:
    transport = Transport()
    await moments(transport).write({})
    assert transport.bulks == []


class Counting(Transport):
    """Counts the bulks that are under way."""

    def __init__(self, *answers: dict[str, int]) -> None:
        super().__init__(*answers)
        self.under_way = self.most = 0

    async def perform_request(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Any:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        return await super().perform_request(method, url, body, headers)


async def test_two_bulks_are_under_way_whatever_is_to_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Documents(dict[str, dict[str, Any]]):
        def items(self) -> Any:
            for id_ in self:
                made.append(id_)
                yield id_, {"speech": "x" * 40}

    monkeypatch.setattr(index_module, "_BULK_BYTES", 100)
    transport = Counting()
    index = moments(transport)
    spans = [Documents.fromkeys((f"{span}-{number}" for number in range(6)), {}) for span in range(3)]
    writing = [asyncio.create_task(index.write(span)) for span in spans]
    await asyncio.sleep(0.005)
    assert len(made) <= 6, "bulks are made that cannot be sent yet"
    await asyncio.gather(*writing)
    assert transport.most == 2
    assert sorted(id_ for bulk in transport.bulks for id_ in bulk) == sorted(id_ for span in spans for id_ in span)


async def test_after_a_failure_no_bulk_is_left_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_BULK_BYTES", 100)
    transport = Counting({"0": 400})
    with pytest.raises(RejectedDocument):
        await moments(transport).write({str(number): {"speech": "x" * 40} for number in range(9)})
    sent = len(transport.bulks)
    await asyncio.sleep(0.01)
    assert len(transport.bulks) == sent < 4
