"""The routes of the search API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from opensearchpy import AsyncOpenSearch

from encoders.client import EncoderClient
from search_api import table
from search_api.answer import SearchAnswer, answer_of
from search_api.fusion import LegName
from search_api.metrics import Metrics
from search_api.problems import PROBLEM_RESPONSES, described_problems, problem_response
from search_api.query import Format, SearchAddress, SearchRequest
from search_api.readiness import check_readiness
from search_api.search import Searcher
from search_api.sequence import search_sequence
from search_api.sequence_answer import sequence_answer
from search_api.settings import SearchSettings

PAGE = Path(__file__).with_name("page")
router = APIRouter()


class Services:
    """What the routes work with; made in `app.py`."""

    def __init__(
        self,
        client: AsyncOpenSearch,
        encoder: EncoderClient,
        settings: SearchSettings,
        metrics: Metrics | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self.client = client
        self.encoder = encoder
        self.settings = settings
        self.searcher = Searcher(client, encoder, settings)
        self.weights = {leg: cast(float, getattr(settings, f"leg_weight_{leg}")) for leg in LegName}


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesNow = Annotated[Services, Depends(_services)]


_CSV_EXAMPLE = (
    "hit,score,video_id,bucket,key,…,start_seconds,stop_seconds,…\r\n"
    "1,0.3295,5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11,videos,speeches/inauguration.mp4,…,5.2,10.9,…\r\n"
)
_RESPONSES = {
    **PROBLEM_RESPONSES,
    **described_problems({410: "The page is no longer kept; search again without it."}),
    200: {
        "description": (
            "What was found. Of a table, the header Kadr-Warnings has the codes of what is missing from it, "
            "comma-separated, and Kadr-Next is the token of its next page."
        ),
        "content": {table.MEDIA_TYPE: {"schema": {"type": "string"}, "example": _CSV_EXAMPLE}},
    },
}
Accept = Annotated[str, Header(include_in_schema=False)]


@router.post("/search", response_model=SearchAnswer, responses=_RESPONSES, tags=["search"])
async def search(
    request: SearchRequest,
    services: ServicesNow,
    format: Annotated[Format | None, Query(description="csv or json, whatever the Accept header says.")] = None,
    accept: Accept = "",
) -> SearchAnswer | Response:
    """Find the moments of videos in which something is said or shown."""
    query = request.to_query(services.weights)
    then = request.to_then()
    if then is not None:
        both = await search_sequence(
            services.searcher, query, then, deadline_seconds=services.settings.deadline_seconds
        )
        services.metrics.count_search(both)
        answer = sequence_answer(both, query, typed=request.query, explain=request.explain)
    else:
        found = await services.searcher.search(query, request.page)
        if request.page is None:
            services.metrics.count_search(found)
        else:
            services.metrics.count_page()
        answer = answer_of(found, query, explain=request.explain)
    if format is Format.JSON or (format is None and not _wants_table(accept)):
        return answer
    headers = {"Content-Disposition": 'inline; filename="kadr.csv"'}
    if answer.warnings:
        headers["Kadr-Warnings"] = ", ".join(dict.fromkeys(warning.code.value for warning in answer.warnings))
    if answer.next is not None:
        headers["Kadr-Next"] = answer.next
    return Response(table.as_csv(answer), media_type=table.MEDIA_TYPE, headers=headers)


@router.get("/search", response_model=SearchAnswer, responses=_RESPONSES, tags=["search"])
async def search_by_address(
    address: Annotated[SearchAddress, Query()], services: ServicesNow, accept: Accept = ""
) -> SearchAnswer | Response:
    """The same with the query in the address."""
    return await search(address.to_request(), services, address.format, accept)


def _wants_table(accept: str) -> bool:
    kinds = {kind.split(";")[0].strip().lower() for kind in accept.split(",")}
    return table.MEDIA_TYPE in kinds and "application/json" not in kinds


def _shown_as(example: dict[str, object]) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {"application/json": {"example": example}}}}


@router.get("/healthz", responses=_shown_as({"status": "ok"}), tags=["health"])
async def health() -> dict[str, str]:
    """Whether this process lives."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    responses={**_shown_as({"status": "ready", "missing": []}), 503: PROBLEM_RESPONSES[503]},
    tags=["health"],
)
async def readiness(services: ServicesNow) -> Response:
    """Whether searches are answered. `missing` says what is not there, also where text can be found without it."""
    now = await check_readiness(services.client, services.encoder, services.settings)
    if not now.ready:
        return problem_response(503, "not-ready", " ".join(now.missing), missing=list(now.missing))
    return JSONResponse({"status": "ready", "missing": list(now.missing)})


@router.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """The search page."""
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})
