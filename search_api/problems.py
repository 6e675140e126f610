"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from search_api.found import SearchUnavailable

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """A problem document."""

    type: str = Field(description="What kind of problem this is.", examples=["urn:kadr:problem:search-unavailable"])
    title: str = Field(description="The same in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time, and what to do.")
    missing: list[str] | None = Field(default=None, description="What is missing, for /readyz.")


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, description in {
        422: "The request is wrong; `detail` says what.",
        503: "Search cannot answer now; `detail` says why.",
    }.items()
}


class Refusal(Exception):
    """A request that is not done; says why, and what to do, as a problem document."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        """Keep what the client is told; `kind` is the last part of the problem's type."""
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers


def described_problems(descriptions: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Describe problem responses for the OpenAPI document: a sentence for each status."""
    schema = Problem.model_json_schema()
    return {
        status: {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, description in descriptions.items()
    }


def problem_response(
    status: int, kind: str, detail: str, *, missing: list[str] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem document as a response; `kind` is the last part of its type."""
    problem = Problem(
        type=f"urn:kadr:problem:{kind}", title=HTTPStatus(status).phrase, status=status, detail=detail, missing=missing
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def install_problems(app: FastAPI) -> None:
    """Make every error of the app a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(SearchUnavailable, _unavailable)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(Exception, _defect)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem_response(422, "invalid-request", "; ".join(_sentence(each) for each in error.errors()))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, UnicodeDecodeError):
        return problem_response(422, "invalid-request", "The body is not UTF-8, which JSON is written in.")
    headers = dict(error.headers) if error.headers else None
    return problem_response(
        error.status_code, "http", f"{request.method} {request.url.path}: {error.detail}", headers=headers
    )


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    _log.warning("search unavailable", error=str(error))
    return problem_response(503, "search-unavailable", str(error), headers={"Retry-After": "5"})


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return problem_response(error.status, error.kind, error.detail, headers=error.headers)


async def _defect(request: Request, error: Exception) -> JSONResponse:
    return problem_response(500, "defect", "kadr made a mistake; its log says more.")


def _sentence(error: Any) -> str:
    # The input itself is not repeated: it may be long, secret, or text that JSON cannot carry.
    place: Sequence[Any] = error["loc"][1:] if len(error["loc"]) > 1 else error["loc"]
    return f"{'.'.join(str(part) for part in place)}: {error['msg']}"
