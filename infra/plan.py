"""Which services a local stack has, and how kadr's own programs among them are started."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from infra import servers
from infra.errors import KadrError
from infra.ports import Port
from infra.process import Launch
from infra.readiness import (
    Check,
    group_settled,
    http_answers,
    http_ready,
    kafka_ready,
    opensearch_ready,
    worker_joined,
)
from infra.service import Service
from infra.settings import PREFIX, StackSettings, port_of

PARTS = ("kafka", "opensearch", "minio", "encoder", "worker", "api")
MODEL_SECONDS = 300.0


def plan(settings: StackSettings, parts: Sequence[str] = PARTS) -> list[Service]:
    """Lists every service of a stack: servers, steps and programs, with the order among them.

    Servers that `local_servers` does not name are waited for and not started.

    Args:
        settings: where everything is.
        parts: which of PARTS are wanted.

    Raises:
        KadrError: a part is unknown, a server is not installed, or a folder cannot be used.
    """
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise KadrError(f"kadr has the parts {', '.join(PARTS)}, not {', '.join(unknown)}.")
    try:
        settings.logs_folder.mkdir(parents=True, exist_ok=True)
        return _services(settings, [part for part in PARTS if part in parts])
    except OSError as error:
        raise KadrError(
            f"{error.filename or settings.data} cannot be used: {error.strerror}; set KADR_DATA."
        ) from error


def _services(settings: StackSettings, parts: Sequence[str]) -> list[Service]:
    services: list[Service] = []
    for name, local, waited in _server_builders(settings):
        if name in parts:
            services += local(settings) if name in settings.local_servers else [_elsewhere(name, *waited)]
    if "kafka" in parts and {"minio", "worker"} & set(parts):
        services.append(_step(settings, "topics", "topics", after=("kafka",)))
    if {"worker", "api"} & set(parts):
        needed = [part for part in parts if part in ("kafka", "opensearch", "minio", "encoder")]
        services.append(_step(settings, "init", "all", after=tuple(needed)))
    if "worker" in parts:
        services += [_worker(settings, number) for number in range(1, settings.workers + 1)]
    if "api" in parts:
        services.append(_api(settings))
    return _without_absent(services)


def _server_builders(
    settings: StackSettings,
) -> list[tuple[str, Callable[[StackSettings], list[Service]], tuple[str, Check]]]:
    """Lists, for each server: its name, how to start it here, and address and check of one elsewhere."""
    return [
        ("kafka", servers.kafka, (settings.kafka_brokers, kafka_ready(settings))),
        ("opensearch", lambda s: [servers.opensearch(s)], (settings.opensearch_url, opensearch_ready(settings))),
        ("minio", lambda s: [servers.minio(s)], (settings.minio_url, http_answers(settings.minio_url))),
        ("encoder", lambda s: [_encoder(s)], (settings.encoder_url, http_ready(f"{settings.encoder_url}/readyz"))),
    ]


def _without_absent(services: Sequence[Service]) -> list[Service]:
    """Drops from the order what this stack does not have."""
    present = {service.name for service in services}
    return [replace(service, after=tuple(name for name in service.after if name in present)) for service in services]


def _elsewhere(name: str, address: str, check: Check) -> Service:
    return Service(name=name, launch=None, check=check, start_seconds=30.0, address=address)


def _program(settings: StackSettings, name: str, module: str, *arguments: str) -> Launch:
    return Launch(
        command=(sys.executable, "-m", module, *arguments),
        environment=program_environment(settings),
        folder=settings.data,
        log=settings.logs_folder / f"{name}.log",
    )


def program_environment(settings: StackSettings) -> dict[str, str]:
    """Passes on the user's environment, with every `KADR_*` variable as this stack has it.

    Models that kadr writes itself lie beside the servers, unless the user says otherwise.
    """
    models = {f"{PREFIX}MODELS_DIR": str(settings.home / "models")}
    return {**models, **os.environ, **settings.environment(), "PYTHONUNBUFFERED": "1"}


def _step(settings: StackSettings, name: str, argument: str, after: tuple[str, ...]) -> Service:
    launch = _program(settings, name, "infra.prepare", argument)
    return Service(name=name, launch=launch, check=None, after=after, start_seconds=120.0)


def _encoder(settings: StackSettings) -> Service:
    return Service(
        name="encoder",
        launch=_program(settings, "encoder", "infra.cli", "encoder"),
        check=http_ready(f"{settings.encoder_url}/readyz"),
        start_seconds=MODEL_SECONDS,
        ports=(Port(port_of(settings.encoder_url), "the encoder server", f"{PREFIX}ENCODER_URL"),),
        address=settings.encoder_url,
    )


def _worker(settings: StackSettings, number: int) -> Service:
    name = "worker" if settings.workers == 1 else f"worker-{number}"
    launch, port = _program(settings, name, "infra.cli", "worker"), settings.worker_health_port(number)
    own = {
        f"{PREFIX}WORKER_HEALTH_PORT": str(port),
        # Stacks on other machines may share the consumer group.
        f"{PREFIX}WORKER_NAME": f"{socket.gethostname()}-worker-{number}",
    }
    wanted = Port(port, name, f"{PREFIX}FIRST_WORKER_HEALTH_PORT") if port else None
    return Service(
        name=name,
        launch=replace(launch, environment={**launch.environment, **own}),
        check=worker_joined(port) if port else group_settled(settings),
        after=("init",),
        start_seconds=120.0,
        ports=(wanted,) if wanted else (),
    )


def _api(settings: StackSettings) -> Service:
    return Service(
        name="api",
        launch=_program(settings, "api", "infra.cli", "api"),
        check=http_ready(f"{settings.api_url}/healthz"),
        after=("init",),
        ports=(Port(port_of(settings.api_url), "the search API", f"{PREFIX}API_URL"),),
        address=settings.api_url,
    )
