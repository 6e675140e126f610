"""Videos whose title or description has what a query puts into quotation marks or leaves out.

Moments and videos lie in two indices, and a moment may be wanted, or not, for what the metadata of its video says. So
these videos are asked for first, in one `_msearch`, and only by queries that have phrases or exclusions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch

from search_api.connection import pack_lines
from search_api.syntax import Wanted
from search_api.wording import METADATA, Clause, excluded_clauses, phrase_clause

MOST_VIDEOS = 10_000


@dataclass(frozen=True, slots=True)
class Mentions:
    """Ids of the videos that mention each phrase, and of those that mention anything excluded.

    `complete` is false where there are more such videos than are looked at, or there was no time for all of them.
    """

    of_phrases: tuple[tuple[str, ...], ...] = ()
    of_excluded: tuple[str, ...] = ()
    complete: bool = True


NONE = Mentions()


async def read_mentions(
    client: AsyncOpenSearch, alias: str, wanted: Wanted, filters: Sequence[Clause], *, timeout_seconds: float
) -> Mentions:
    """Ask for the videos that mention the phrases and the excluded words of a query.

    Raises:
        TransportError: OpenSearch does not answer.
    """
    if not wanted.phrases and not wanted.excluded:
        return NONE
    asked = [phrase_clause(phrase, METADATA) for phrase in wanted.phrases]
    if wanted.excluded:
        asked.append({"bool": {"should": excluded_clauses(wanted, METADATA)}})
    lines = (line for query in asked for line in ({"index": alias}, _body(query, filters, timeout_seconds)))
    answer = await client.msearch(body=pack_lines(lines))
    # An index that is missing is an error here, too; the legs say so.
    found = [tuple(hit["_id"] for hit in part.get("hits", {}).get("hits", ())) for part in answer["responses"]]
    return Mentions(
        of_phrases=tuple(found[: len(wanted.phrases)]),
        of_excluded=found[-1] if wanted.excluded else (),
        complete=all(len(ids) < MOST_VIDEOS for ids in found)
        and not any(part.get("timed_out") for part in answer["responses"]),
    )


def _body(query: Clause, filters: Sequence[Clause], timeout_seconds: float) -> dict[str, Any]:
    return {
        "timeout": f"{max(1, round(timeout_seconds * 1000))}ms",
        "size": MOST_VIDEOS,
        "_source": False,
        "track_total_hits": False,
        "query": {"bool": {"filter": [query, *filters], "must_not": [{"term": {"status": "deleted"}}]}},
    }
