"""The routes of the search API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from opensearchpy import AsyncOpenSearch

from encoders.client import EncoderClient
from search_api.answer import SearchAnswer, answer_of
from search_api.fusion import LegName
from search_api.problems import PROBLEM_RESPONSES, problem_response
from search_api.query import Limit, MomentsPerVideo, QueryText, SearchRequest
from search_api.readiness import check_readiness
from search_api.search import Searcher
from search_api.settings import SearchSettings

PAGE = Path(__file__).with_name("page")
router = APIRouter()


class Services:
    """What the routes work with; made in `app.py`."""

    def __init__(self, client: AsyncOpenSearch, encoder: EncoderClient, settings: SearchSettings) -> None:
        self.client = client
        self.encoder = encoder
        self.settings = settings
        self.searcher = Searcher(client, encoder, settings)
        self.weights = {leg: cast(float, getattr(settings, f"leg_weight_{leg}")) for leg in LegName}


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesNow = Annotated[Services, Depends(_services)]


@router.post("/search", responses=PROBLEM_RESPONSES, tags=["search"])
async def search(request: SearchRequest, services: ServicesNow) -> SearchAnswer:
    """Find the moments of videos in which something is said or shown."""
    query = request.to_query(services.weights)
    return answer_of(await services.searcher.search(query), query, explain=request.explain)


@router.get("/search", responses=PROBLEM_RESPONSES, tags=["search"])
async def search_by_address(
    services: ServicesNow,
    q: Annotated[QueryText, Query()],
    limit: Annotated[Limit, Query()] = 10,
    moments_per_video: Annotated[MomentsPerVideo, Query()] = 3,
) -> SearchAnswer:
    """The same with the query in the address."""
    return await search(SearchRequest(query=q, limit=limit, moments_per_video=moments_per_video), services)


@router.get("/healthz", tags=["health"])
async def health() -> dict[str, str]:
    """Whether this process lives."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: PROBLEM_RESPONSES[503]}, tags=["health"])
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
