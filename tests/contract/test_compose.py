"""The compose file starts the same parts as the local stack, with settings that exist."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from encoders.settings import EncoderSettings
from infra import obtain
from infra.settings import StackSettings, port_of
from search_api.settings import SearchSettings
from stream.settings import StreamSettings

PROGRAMS: dict[str, type[BaseSettings]] = {
    "topics": StackSettings,
    "init": StackSettings,
    "worker": StreamSettings,
    "api": SearchSettings,
    "encoder": EncoderSettings,
}
STEPS = {"topics", "init"}
SERVERS = {"kafka", "opensearch", "minio"}
LOCAL_ONLY = {"home", "data", "local_servers", "workers", "notification_targets", "stop_seconds", "log_level"}
# What the image calls the part of `plan.PARTS`.
PUBLISHED = {
    "kafka": "kafka_brokers",
    "opensearch": "opensearch_url",
    "minio": "minio_url",
    "encoder": "encoder_url",
    "api": "api_url",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load(files("infra").joinpath("compose.yaml").read_text(encoding="utf-8"))
    return body


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def dockerfile(name: str) -> str:
    return files("infra").joinpath(name).read_text(encoding="utf-8")


def kadr_variables(service: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in service["environment"].items() if name.startswith("KADR_")}


def test_it_starts_the_parts_of_the_local_stack(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == SERVERS | set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_variable_is_a_setting_and_its_value_is_valid(
    name: str, services: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"KADR_{field.upper()}" for settings in PROGRAMS.values() for field in settings.model_fields}
    variables = kadr_variables(services[name])
    assert set(variables) <= known
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    settings = PROGRAMS[name]()
    for variable, value in variables.items():
        field = variable.removeprefix("KADR_").lower()
        if field in PROGRAMS[name].model_fields:
            read = getattr(settings, field)
            assert str(read.get_secret_value() if hasattr(read, "get_secret_value") else read) == value


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_address_of_another_container_is_left_at_this_machine(
    name: str, services: dict[str, dict[str, Any]]
) -> None:
    variables = kadr_variables(services[name])
    for field, info in PROGRAMS[name].model_fields.items():
        if "127.0.0.1" in str(info.default) and not (field == "api_url" and name != "api"):
            assert f"KADR_{field.upper()}" in variables, f"{name} looks for {field} in its own container"
    assert not [name for name, value in variables.items() if "127.0.0.1" in value or "localhost" in value]


def test_addresses_name_services_and_ports_where_these_listen(services: dict[str, dict[str, Any]]) -> None:
    listening = {"kafka": {19092}, "opensearch": {9200}, "minio": {9000}, "encoder": {8801}}
    for name in PROGRAMS:
        for variable, value in kadr_variables(services[name]).items():
            if variable.endswith(("_URL", "_BROKERS")) and "0.0.0.0" not in value:
                host = value.removeprefix("http://").partition(":")[0]
                assert port_of(value) in listening[host], f"{name}: {variable}={value}"


@pytest.mark.parametrize(("name", "field"), PUBLISHED.items())
def test_published_ports_are_the_default_ones_on_this_machine_only(
    name: str, field: str, services: dict[str, dict[str, Any]]
) -> None:
    port = port_of(StackSettings.model_fields[field].default)
    assert services[name]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_nothing_else_publishes_a_port(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == set(PUBLISHED)


@pytest.mark.parametrize("name", sorted((SERVERS | set(PROGRAMS)) - STEPS))
def test_what_stays_has_a_health_check_and_is_started_again(name: str, services: dict[str, dict[str, Any]]) -> None:
    check = services[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("api", "/readyz"),
        ("encoder", "/readyz"),
        ("minio", "/minio/health/cluster"),
        ("opensearch", "/_cluster/health"),
    ],
)
def test_health_checks_ask_the_port_of_their_own_service(
    name: str, path: str, services: dict[str, dict[str, Any]]
) -> None:
    port = port_of(StackSettings.model_fields[PUBLISHED[name]].default)
    assert f"http://127.0.0.1:{port}{path}" in services[name]["healthcheck"]["test"][-1]


def test_the_health_check_of_the_worker_asks_the_port_that_it_was_given(services: dict[str, dict[str, Any]]) -> None:
    port = services["worker"]["environment"]["KADR_WORKER_HEALTH_PORT"]
    assert services["worker"]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/ready"


def test_steps_end_and_others_wait_for_them(services: dict[str, dict[str, Any]]) -> None:
    for name in STEPS:
        assert services[name]["restart"] == "no"
    waits = {name: set(service.get("depends_on", {})) for name, service in services.items()}
    assert waits["minio"] == {"topics"}, "MinIO's notification target needs its topic"
    assert waits["worker"] == waits["api"] == {"init"}
    assert waits["init"] == {"kafka", "opensearch", "minio", "encoder"}
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if name in STEPS else "service_healthy"
            assert wait == {"condition": wanted}


def test_every_volume_is_declared_and_every_server_has_one(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    used = {name: service["volumes"][0].split(":") for name, service in services.items() if "volumes" in service}
    assert {volume for volume, _ in used.values()} == set(compose["volumes"])
    assert set(used) >= SERVERS
    assert used["kafka"][1] == services["kafka"]["environment"]["KAFKA_LOG_DIRS"]
    assert used["encoder"][1] == services["encoder"]["environment"]["KADR_MODELS_DIR"]
    assert used["minio"][1] in services["minio"]["command"]


def test_the_versions_are_those_of_the_local_stack(services: dict[str, dict[str, Any]]) -> None:
    assert services["kafka"]["image"] == f"apache/kafka:{obtain.KAFKA}"
    assert services["opensearch"]["image"] == f"opensearchproject/opensearch:{obtain.OPENSEARCH}"
    assert f"ARG MINIO={obtain.MINIO}\n" in dockerfile(services["minio"]["build"]["dockerfile"])


def test_minio_tells_the_uploads_topic_with_the_credentials_that_the_programs_have(
    services: dict[str, dict[str, Any]],
) -> None:
    minio, worker = services["minio"]["environment"], services["worker"]["environment"]
    assert minio["MINIO_NOTIFY_KAFKA_TOPIC_KADR"] == StackSettings(home="/x").uploads_topic  # type: ignore[arg-type]
    assert minio["MINIO_NOTIFY_KAFKA_BROKERS_KADR"] == worker["KADR_KAFKA_BROKERS"]
    assert minio["MINIO_ROOT_USER"] == worker["KADR_MINIO_ACCESS_KEY"]
    assert minio["MINIO_ROOT_PASSWORD"] == worker["KADR_MINIO_SECRET_KEY"]


def test_kafka_advertises_where_others_look_for_it(services: dict[str, dict[str, Any]]) -> None:
    advertised = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"//{services['worker']['environment']['KADR_KAFKA_BROKERS']}," in advertised
    assert advertised.endswith(f"//{StackSettings.model_fields['kafka_brokers'].default}")
    assert services["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_the_image_runs_the_commands_of_kadr(services: dict[str, dict[str, Any]]) -> None:
    from infra.cli import COMMANDS

    assert 'ENTRYPOINT ["kadr"]' in dockerfile("Dockerfile")
    for name in ("init", "worker", "api", "encoder"):
        assert services[name]["command"] == [name]
        assert name in COMMANDS
    for package in ("stream", "encoders", "search_api", "opensearch", "infra"):
        assert f"COPY {package} {package}\n" in dockerfile("Dockerfile")


def test_every_setting_that_a_container_may_need_is_the_same_everywhere() -> None:
    """A name means the same in every package."""
    seen: dict[str, tuple[str, Any, str | None]] = {}
    for settings in (StackSettings, StreamSettings, SearchSettings, EncoderSettings):
        for field, info in settings.model_fields.items():
            if field in LOCAL_ONLY:
                continue
            here = (settings.__name__, info.default, info.description)
            first = seen.setdefault(field, here)
            assert first[1:] == here[1:], f"{field} differs between {first[0]} and {settings.__name__}"
