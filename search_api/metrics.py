"""What the search API counts and times, for Prometheus. Every metric is defined here."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.found import Found
from search_api.warned import WarningCode

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
router = APIRouter(tags=["health"])


class Metrics:
    """The metrics of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "kadr_api_requests_total",
            "Requests that were answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "kadr_api_request_seconds",
            "Seconds until an answer starts.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._running = Gauge(
            "kadr_api_requests_running", "Requests that are being answered, streams included.", registry=self.registry
        )
        self._search_seconds = Histogram(
            "kadr_search_seconds", "Seconds that a search took inside.", buckets=_SECONDS, registry=self.registry
        )
        self._leg_seconds = Histogram(
            "kadr_search_leg_seconds",
            "Seconds that a leg of a search took inside OpenSearch.",
            ("leg",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._pages = Counter(
            "kadr_search_pages_total", "Further pages of searches that were turned to.", registry=self.registry
        )
        self._empty = Counter("kadr_search_empty_total", "Searches that found nothing.", registry=self.registry)
        self._warnings = Counter(
            "kadr_search_warnings_total",
            "Warnings: parts of answers that were missing, by code.",
            ("code",),
            registry=self.registry,
        )
        for code in WarningCode:
            self._warnings.labels(code.value)
        self._hits = Counter(
            "kadr_search_leg_hits_total",
            "Hits of a leg, by what became of them: shown, cut (as chance) or hidden (the ledger does not vouch).",
            ("leg", "fate"),
            registry=self.registry,
        )

    def count_search(self, found: Found) -> None:
        """Count a search that was answered."""
        self._search_seconds.observe(found.took_ms / 1000)
        for warning in found.warnings:
            self._warnings.labels(warning.code.value).inc()
        if not found.videos:
            self._empty.inc()
        for leg, report in found.legs.items():
            if report.took_ms is not None:
                self._leg_seconds.labels(leg.value).observe(report.took_ms / 1000)
            shown = report.hits - report.cut - report.hidden
            for fate, hits in (("shown", shown), ("cut", report.cut), ("hidden", report.hidden)):
                self._hits.labels(leg.value, fate).inc(hits)

    def count_page(self) -> None:
        """Count a further page: its search was counted with the first."""
        self._pages.inc()

    def written(self) -> bytes:
        """All of them as Prometheus reads them."""
        return generate_latest(self.registry)

    def start_request(self) -> None:
        """Count a request that comes in."""
        self._running.inc()

    def count_answer(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer that starts."""
        self._requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def end_request(self) -> None:
        """Count a request that is done."""
        self._running.dec()


class MeasuredRequests:
    """ASGI middleware that counts requests by route: addresses themselves would be too many names."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; time its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                seconds = time.perf_counter() - started
                self._metrics.count_answer(route, scope["method"], message["status"], seconds)
            await send(message)

        self._metrics.start_request()
        try:
            await self._app(scope, receive, send_and_count)
        finally:
            self._metrics.end_request()


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Metrics for Prometheus.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """What this process counted and timed since it started."""
    return Response(request.app.state.metrics.written(), media_type=CONTENT_TYPE_LATEST)
