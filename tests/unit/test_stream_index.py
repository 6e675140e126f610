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
