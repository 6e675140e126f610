"""`POST /search/image` and `GET /moments/{id}/similar`: searches that start from a picture or from a moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from encoders.client import EncoderError, EncoderRejected
from search_api.answer import SearchAnswer, answer_of
from search_api.filters import Filters
from search_api.form import form_with_file
from search_api.found import SearchUnavailable
from search_api.fusion import LegName
from search_api.legs import Vector, usable_vector
from search_api.like_request import LikeRequest
from search_api.picture_form import PictureForm, read_picture_form
from search_api.problems import PROBLEM_RESPONSES, Refusal, described_problems
from search_api.routes import Services, ServicesNow
from search_api.stored_moments import ID_PATTERN, ElsewhereThan, StoredMoments

_FORM = form_with_file(
    "The picture.", LikeRequest.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
)
MomentId = Annotated[
    str,
    Path(
        max_length=200,
        description="A moment's id, as searches and `/videos/{id}/moments` give it.",
        examples=["5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11:1:0:0f3b0a9c110f3b0a:1"],
        json_schema_extra={"pattern": ID_PATTERN},
    ),
]
router = APIRouter(tags=["search"])


@router.post(
    "/search/image",
    openapi_extra=_FORM,
    responses={
        **PROBLEM_RESPONSES,
        **described_problems(
            {
                410: "The page is no longer kept; search again without it.",
                408: "The upload fell silent.",
                413: "The picture is too large.",
                422: "The file is no picture that can be read, or a parameter is wrong; `detail` says which.",
            }
        ),
    },
)
async def search_by_image(
    request: Request, address: Annotated[LikeRequest, Query()], services: ServicesNow
) -> SearchAnswer:
    """Find moments that look like a picture (JPEG, PNG, WebP, GIF, BMP or AVIF).

    Parameters travel in the address or as fields of the form; a field wins.
    """
    form = await _read_form(request, services)
    wish = _wish(address, form)
    vector = await _picture_vector(services, form.content)
    return await _answer(services, wish, {LegName.PICTURE_VECTOR: vector}, wish.to_filters())


@router.get(
    "/moments/{moment_id}/similar",
    responses={
        **PROBLEM_RESPONSES,
        **described_problems(
            {404: "No such moment is shown.", 410: "The page is no longer kept; search again without it."}
        ),
    },
)
async def similar_moments(
    moment_id: MomentId, wish: Annotated[LikeRequest, Query()], services: ServicesNow
) -> SearchAnswer:
    """Find moments that look like one, or in which something like it is said; that moment itself is left out."""
    settings = services.settings
    stored = StoredMoments(
        services.client,
        videos_alias=settings.videos_alias,
        moments_alias=settings.moments_alias,
        deadline_seconds=settings.deadline_seconds,
    )
    moment = await stored.find(moment_id)
    return await _answer(services, wish, moment.vectors, ElsewhereThan.of(wish.to_filters(), moment))


async def _read_form(request: Request, services: Services) -> PictureForm:
    length = request.headers.get("content-length", "")
    try:
        return await read_picture_form(
            request.stream(),
            request.headers.get("content-type"),
            most_bytes=services.settings.image_limit_mb * 10**6,
            announced_bytes=int(length) if length.isdecimal() else None,
        )
    except ClientDisconnect as error:
        raise Refusal(400, "cut-off", "The upload was cut off.") from error


def _wish(address: LikeRequest, form: PictureForm) -> LikeRequest:
    try:
        return LikeRequest.model_validate({**address.model_dump(exclude_unset=True), **form.fields})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in found]) from error


async def _picture_vector(services: Services, content: bytes) -> Vector:
    try:
        (row,) = await services.encoder.embed_picture_file(content)
        return usable_vector(row)
    except EncoderRejected as error:
        detail = f"The file cannot be searched by. {error.detail or error}"
        raise Refusal(422, "no-picture", detail) from error
    except (EncoderError, ValueError) as error:
        raise SearchUnavailable(f"The encoder server gave no vector for the picture ({error}).") from error


async def _answer(
    services: Services, wish: LikeRequest, vectors: dict[LegName, Vector], filters: Filters
) -> SearchAnswer:
    query = wish.to_query(vectors, services.weights, filters)
    found = await services.searcher.search(query, wish.page)
    services.metrics.count_search(found)
    return answer_of(found, query, explain=wish.explain)
