"""What the routes of the encoder server work with, and who may ask for it."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from encoders.models import Lanes, Models
from encoders.serving.problems import RequestProblem
from encoders.settings import EncoderSettings


@dataclass(frozen=True, slots=True)
class Services:
    """The models, the ways to them, and the threads that decode pictures and sounds beside the event loop."""

    models: Models
    lanes: Lanes
    settings: EncoderSettings
    decoders: ThreadPoolExecutor


async def check_key(request: Request) -> None:
    """Lets pass who sends the key of the settings, or anybody if there is none.

    Raises:
        RequestProblem: Status 401, before the body is read.
    """
    key: bytes = request.app.state.api_key
    if not key:
        return
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(sent.strip().encode(), key):
        said = "is not the server's" if sent else "is missing"
        detail = f"The API key {said}: send it as `Authorization: Bearer KEY` (KADR_ENCODER_API_KEY)."
        raise RequestProblem(401, "key-wrong", detail, {"www-authenticate": "Bearer"})


async def _running(request: Request) -> Services:
    services: Services | None = getattr(request.app.state, "services", None)
    if services is None:
        raise RequestProblem(503, "not-ready", "The encoder server still loads its models: try again later.")
    return services


Running = Annotated[Services, Depends(_running)]
