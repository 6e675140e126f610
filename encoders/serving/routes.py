"""The HTTP routes of the encoder server: health and metrics here, the work in the routers beside."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from encoders.serving import embedding_routes, metrics, speech_routes
from encoders.serving.services import Running, check_key
from encoders.wire import write_model_set

router = APIRouter()
_asked_for_key = APIRouter(dependencies=[Depends(check_key)])


@router.get("/healthz", summary="Says that the process runs.")
async def healthz() -> dict[str, str]:
    """Says that the process runs."""
    return {"status": "ok"}


@router.get("/readyz", summary="Says that every model is loaded.")
async def readyz(services: Running) -> dict[str, str]:
    """Says that every model is loaded; 503 before."""
    return {"status": "ready", "model_set": services.models.set_name}


@_asked_for_key.get("/metrics", summary="Counters and gauges, as Prometheus reads them.", response_class=Response)
async def read_metrics(request: Request) -> Response:
    """What the server counts; there before the models are."""
    return Response(request.app.state.metrics.text(), media_type=metrics.MEDIA_TYPE)


@_asked_for_key.get("/v1/models", summary="Lists the models, and what they take.")
async def models(services: Running) -> dict[str, Any]:
    """Lists the models as OpenAI does; what is kadr's own stands under `kadr`."""
    return write_model_set(services.models.model_set)


_asked_for_key.include_router(embedding_routes.router)
_asked_for_key.include_router(speech_routes.router)
router.include_router(_asked_for_key)
