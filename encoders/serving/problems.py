"""Errors as problem documents (RFC 9457), with OpenAI's `error` beside, which its clients show."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from encoders.batching.lane import LaneBlocked, LaneFull
from encoders.errors import RecognitionFailed

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class RequestProblem(Exception):
    """A request that cannot be served as it is; `kind` is the last part of the problem's type.

    `more` are further members of the problem document.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.headers = headers
        self.more = more or {}


def problem_response(
    status: int,
    kind: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    body = {
        "type": f"urn:kadr:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **(more or {}),
        "error": {"message": detail, "type": _openai_type(status), "param": None, "code": kind},
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _openai_type(status: int) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "authentication_error"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"


def install_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""

    @app.exception_handler(RequestProblem)
    async def show_request_problem(_: Request, error: RequestProblem) -> JSONResponse:
        return problem_response(error.status, error.kind, str(error), error.headers, error.more)

    @app.exception_handler(LaneFull)
    async def show_full(_: Request, error: LaneFull) -> JSONResponse:
        return problem_response(429, "encoder-busy", str(error), {"retry-after": str(error.retry_after_seconds)})

    @app.exception_handler(LaneBlocked)
    async def show_blocked(_: Request, error: LaneBlocked) -> JSONResponse:
        return problem_response(503, "encoder-busy", str(error), {"retry-after": str(error.retry_after_seconds)})

    @app.exception_handler(RecognitionFailed)
    async def show_failed(_: Request, error: RecognitionFailed) -> JSONResponse:
        _log.error("speech recognition failed: %s", error)
        return problem_response(503, "recognition-failed", str(error), {"retry-after": "5"})

    @app.exception_handler(ClientDisconnect)
    async def show_nobody(_: Request, __: ClientDisconnect) -> JSONResponse:
        return problem_response(408, "client-gone", "The client went away before its answer was there.")

    @app.exception_handler(HTTPException)
    async def show_http(request: Request, error: HTTPException) -> JSONResponse:
        detail = f"{request.method} {request.url.path}: {error.detail}"
        return problem_response(error.status_code, "http", detail, error.headers)

    @app.exception_handler(Exception)
    async def show_bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem_response(500, "internal", "The encoder server broke down on this request; its log says where.")
