"""All legs of a search in one `_msearch`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from opensearchpy import AsyncOpenSearch

from search_api.connection import pack_lines
from search_api.fusion import LegName
from search_api.legs import Body

RawHit = Mapping[str, Any]
OUT_OF_TIME = "it ran out of time"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of every leg that answered, best first, the reason of every leg that did not, and what is incomplete.

    A leg that ran out of its time is in `cut_short` and gave the hits that it had by then. `took_ms` is the time that
    OpenSearch says a leg took inside.
    """

    hits: dict[LegName, list[RawHit]]
    failures: dict[LegName, str]
    cut_short: tuple[LegName, ...] = ()
    took_ms: Mapping[LegName, float] = field(default_factory=dict)


async def retrieve(
    client: AsyncOpenSearch,
    bodies: Mapping[LegName, Body],
    aliases: Mapping[LegName, str],
    *,
    cancel_after_seconds: float | None = None,
) -> Retrieved:
    """Ask all legs at once; a leg that OpenSearch refuses, or that it is told to cancel, does not spoil the others.

    Raises:
        TransportError: the request as a whole failed.
    """
    if not bodies:
        return Retrieved({}, {})
    limit = (
        {}
        if cancel_after_seconds is None
        else {"cancel_after_time_interval": f"{round(cancel_after_seconds * 1000)}ms"}
    )
    lines = (line for leg, body in bodies.items() for line in ({"index": aliases[leg], **limit}, body))
    answer = await client.msearch(body=pack_lines(lines))
    hits, failures = {}, {}
    cut_short = []
    for leg, response in zip(bodies, answer["responses"], strict=True):
        if "error" in response:
            failures[leg] = _reason(response["error"])
            _log.warning("leg failed", leg=leg.value, index=aliases[leg], error=failures[leg])
        else:
            hits[leg] = response["hits"]["hits"]
            if response.get("timed_out"):
                cut_short.append(leg)
                _log.warning("leg ran out of time", leg=leg.value, index=aliases[leg])
    took_ms = {
        leg: float(response["took"])
        for leg, response in zip(bodies, answer["responses"], strict=True)
        if "took" in response
    }
    return Retrieved(hits, failures, tuple(cut_short), took_ms)


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    causes = error.get("root_cause") or [error]
    if causes[0].get("type") == "task_cancelled_exception":
        return OUT_OF_TIME
    return f"{causes[0].get('type')}: {causes[0].get('reason')}"
