"""`GET /suggest`: how a query that is being typed may go on, from titles, tags and what is said."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from opensearchpy import AsyncOpenSearch
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from search_api.connection import pack_lines
from search_api.deadline import answered_within
from search_api.problems import described_problems
from search_api.routes import ServicesNow
from search_api.show import Claim, Ledger, read_ledger, shows_moment, shows_video

Kind = Literal["title", "tag", "word"]
_SAMPLED_VIDEOS, _SAMPLED_MOMENTS = 20, 100
_SHARD_MILLISECONDS = 200
_DEADLINE_SECONDS = 1.0
_MOST_CHARACTERS = 100
_WORD_REST = r"[\w’'-]*"
_BETWEEN_WORDS = r"[^\w]+"
router = APIRouter(tags=["search"])


class Suggestion(BaseModel):
    """How the query may go on."""

    text: str = Field(description="The whole query.")
    kind: Kind = Field(description="Where it comes from: a title, a tag, or what is said.")


class SuggestAnswer(BaseModel):
    """Suggestions, titles first, then tags, then words by how often they are said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"suggestions": [{"text": "Inaugural address", "kind": "title"}]}]}
    )

    suggestions: list[Suggestion]


@router.get(
    "/suggest", responses=described_problems({422: "The request is wrong.", 503: "OpenSearch does not answer."})
)
async def suggest(
    services: ServicesNow,
    q: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_MOST_CHARACTERS)],
        Query(description="What is typed so far.", examples=["inau"]),
    ],
    limit: Annotated[int, Query(ge=1, le=20, description="Most suggestions.")] = 8,
) -> SuggestAnswer:
    """How a query may go on: titles and tags that it begins, and words that are said after it. A sample, made fast."""
    settings = services.settings
    async with answered_within(_DEADLINE_SECONDS):
        hits = await _sample(services.client, q, settings.videos_alias, settings.moments_alias)
        named = {hit["_source"]["video_id"] for found in hits for hit in found}
        ledger = await read_ledger(services.client, settings.videos_alias, named)
    return SuggestAnswer(suggestions=suggestions_of(q, *_shown(ledger, *hits), limit=limit))


def suggestions_of(
    typed: str, videos: Iterable[Mapping[str, Any]], moments: Iterable[Mapping[str, Any]], *, limit: int
) -> list[Suggestion]:
    """Choose suggestions from sampled documents; the same text comes once, whatever its case."""
    documents = list(videos)
    titles = [video["title"] for video in documents if _completions(typed, video.get("title") or "")]
    tags = [tag for video in documents for tag in video.get("tags") or () if _plain(tag).startswith(_plain(typed))]
    said = Counter(word for moment in moments for word in _completions(typed, moment.get("speech") or ""))
    words = [word for word, _ in sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))]
    candidates: list[tuple[Kind, list[str]]] = [("title", titles), ("tag", tags), ("word", words)]
    chosen: dict[str, Suggestion] = {}
    for kind, texts in candidates:
        for text in texts:
            if (plain := _plain(text)) != _plain(typed):
                chosen.setdefault(plain, Suggestion(text=text, kind=kind))
    return list(chosen.values())[:limit]


def _completions(typed: str, text: str) -> list[str]:
    """What is typed, with its last word as it goes on wherever it stands in a text; in lower case."""
    if not (words := _plain(typed).split()):
        return []
    *before, last = words
    start = "".join(re.escape(word) + _BETWEEN_WORDS for word in before)
    found = re.findall(rf"(?<!\w){start}({re.escape(last)}{_WORD_REST})", _plain(text))
    return [" ".join((*before, word.rstrip("’'-"))) for word in found]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("ё", "е").split())


async def _sample(
    client: AsyncOpenSearch, typed: str, videos_alias: str, moments_alias: str
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Ask for videos and moments that hold what is typed; an index that does not answer in time gives none."""
    title = {"match_phrase_prefix": {"title.exact": {"query": typed}}}
    tag = {"prefix": {"tags": {"value": typed, "case_insensitive": True}}}
    bodies = (
        (videos_alias, {"bool": {"should": [title, tag]}}, ["video_id", "title", "tags"], _SAMPLED_VIDEOS),
        (
            moments_alias,
            {"match_phrase_prefix": {"speech.exact": {"query": typed}}},
            ["video_id", "revision", "span", "run", "speech"],
            _SAMPLED_MOMENTS,
        ),
    )
    lines: list[dict[str, Any]] = []
    for alias, query, fields, size in bodies:
        body = {"query": query, "_source": fields, "size": size, "track_total_hits": False}
        lines += [{"index": alias}, body | {"timeout": f"{_SHARD_MILLISECONDS}ms"}]
    answer = await client.msearch(body=pack_lines(lines))
    videos, moments = (response.get("hits", {}).get("hits", []) for response in answer["responses"])
    return videos, moments


def _shown(
    ledger: Ledger, videos: Iterable[Mapping[str, Any]], moments: Iterable[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Keep what the ledger vouches for."""
    said = (hit["_source"] for hit in moments)
    return (
        [hit["_source"] for hit in videos if shows_video(ledger, hit["_source"]["video_id"])],
        [one for one in said if shows_moment(ledger, Claim(one["video_id"], one["revision"], one["span"], one["run"]))],
    )
