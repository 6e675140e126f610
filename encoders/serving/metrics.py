"""What the encoder server counts, for Prometheus (https://prometheus.io/docs/practices/naming/).

Every label has few values: routes, statuses, the three models, and what they take.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "kadr_encoder"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

Model = Literal["picture", "text", "speech"]


class Metrics:
    """The counters of one server, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_requests", "Requests that were answered.", ["route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "Time from a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._items = Counter(
            f"{_PREFIX}_items",
            "Texts, pictures and sounds that a model worked on.",
            ["model", "kind"],
            registry=registry,
        )
        self._batch_items = Histogram(
            f"{_PREFIX}_batch_items",
            "Items that a model worked on at once.",
            ["model"],
            buckets=_ITEMS,
            registry=registry,
        )
        self._model_seconds = Histogram(
            f"{_PREFIX}_model_seconds", "Time of a model's call.", ["model"], buckets=_SECONDS, registry=registry
        )
        self._wait_seconds = Histogram(
            f"{_PREFIX}_wait_seconds",
            "How long a request waited until the model began with it.",
            ["model", "kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._halvings = Counter(
            f"{_PREFIX}_memory_halvings", "Batches halved because memory ran out.", ["model"], registry=registry
        )
        self._waiting = Gauge(
            f"{_PREFIX}_waiting_items", "Items that wait for a model.", ["model", "line"], registry=registry
        )
        self._batch_limit = Gauge(
            f"{_PREFIX}_batch_limit_items", "Items that a model is given at once at most.", ["model"], registry=registry
        )
        registry.register(_DeviceMemory())
        ProcessCollector(namespace=_PREFIX, registry=registry)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Counts an answer."""
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def meter(self, model: Model) -> Meter:
        """What one model's way to it counts with."""
        return Meter(self, model)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class Meter:
    """Counts for one model; safe to call from any thread."""

    def __init__(self, metrics: Metrics, model: Model) -> None:
        self._metrics = metrics
        self._model = model
        # Without this, the first one would not be seen as an increase.
        metrics._halvings.labels(model)

    def ran(self, kind: str, items: int, seconds: float) -> None:
        """Counts a call of the model that went well."""
        self._metrics._items.labels(self._model, kind).inc(items)
        self._metrics._batch_items.labels(self._model).observe(items)
        self._metrics._model_seconds.labels(self._model).observe(seconds)

    def waited(self, kind: str, seconds: float) -> None:
        """Notes how long a request waited."""
        self._metrics._wait_seconds.labels(self._model, kind).observe(seconds)

    def halved(self) -> None:
        """Counts a batch for which memory did not last."""
        self._metrics._halvings.labels(self._model).inc()

    def watch(self, line: Literal["query", "bulk"], waiting: Callable[[], float]) -> None:
        """Asks for the number of items that wait in a line, whenever the metrics are read."""
        self._metrics._waiting.labels(self._model, line).set_function(waiting)

    def watch_limit(self, limit: Callable[[], float]) -> None:
        """Asks for the largest batch, whenever the metrics are read."""
        self._metrics._batch_limit.labels(self._model).set_function(limit)


class _DeviceMemory(Collector):
    """Memory of the CUDA devices; nothing where there is none."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Asks the devices."""
        # The models loaded torch, if any of them needs it; counting alone must not.
        torch: Any = sys.modules.get("torch")
        family = GaugeMetricFamily(
            f"{_PREFIX}_device_memory_bytes", "Memory of the device that models run on.", labels=["device", "state"]
        )
        if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
            for index in range(torch.cuda.device_count()):
                free, total = torch.cuda.mem_get_info(index)
                family.add_metric([f"cuda:{index}", "used"], total - free)
                family.add_metric([f"cuda:{index}", "total"], total)
                family.add_metric([f"cuda:{index}", "torch_peak"], torch.cuda.max_memory_allocated(index))
        yield family
