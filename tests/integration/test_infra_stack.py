import asyncio
import io
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from aiokafka import AIOKafkaConsumer
from services import Scope, session_folder

from infra.clients import object_store
from infra.errors import KadrError
from infra.java import find_java
from infra.plan import plan
from infra.ports import free_ports
from infra.settings import StackSettings, read_settings
from infra.stack import LocalStack


@pytest.fixture
def small(stack: LocalStack) -> Iterator[StackSettings]:
    """Settings of a stack of its own that is quick to start: its MinIO notifies the session's Kafka."""
    folder = session_folder()
    yield read_settings(
        data=folder,
        kafka_brokers=stack.settings.kafka_brokers,
        minio_url=f"http://127.0.0.1:{free_ports(1)[0]}",
        stop_seconds=5.0,
    )
    shutil.rmtree(folder)


def kadr(settings: StackSettings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings.environment()}
    command = [sys.executable, "-m", "infra.cli", *arguments]
    return subprocess.run(command, env=environment, cwd=settings.data, capture_output=True, text=True, timeout=120)


def answers(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(address.hostname), int(address.port or 0))) == 0


def test_every_server_listens_on_this_machine_only(stack: LocalStack) -> None:
    listening = 0
    for service in stack.state().services.values():
        if service.pid:
            for connection in psutil.Process(service.pid).net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    address = ipaddress.ip_address(connection.laddr[0])
                    assert (getattr(address, "ipv4_mapped", None) or address).is_loopback
                    listening += 1
    assert listening >= 6


async def test_an_upload_notifies_the_topic_of_its_scope_at_the_broker_s_time(ready_scope: Scope) -> None:
    settings = ready_scope.settings
    data = b"not a video"
    await asyncio.to_thread(
        object_store(settings).put_object, ready_scope.bucket, "a b/ю.mp4", io.BytesIO(data), len(data)
    )
    consumer = AIOKafkaConsumer(
        settings.uploads_topic, bootstrap_servers=settings.kafka_brokers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            record = await consumer.getone()
    finally:
        await consumer.stop()
    log_append_time = 1
    assert record.timestamp_type == log_append_time
    assert json.loads(record.value)["Records"][0]["s3"]["object"]["key"] == "a+b%2F%D1%8E.mp4"


def test_initialising_twice_changes_nothing(ready_scope: Scope) -> None:
    assert ready_scope.initialise() == []


def test_a_killed_service_comes_back_and_the_stop_leaves_nothing(small: StackSettings) -> None:
    with LocalStack(small, ("minio",)) as stack:
        first = stack.kill("minio")
        stack.wait_restarted("minio", first)
        service = stack.state().services["minio"]
        assert (service.restarts, service.error) == (1, "killed by SIGKILL")
        assert answers(small.minio_url)
    assert not answers(small.minio_url)
    assert not psutil.pid_exists(service.pid)


def test_nothing_survives_a_killed_supervisor(small: StackSettings) -> None:
    stack = LocalStack(small, ("minio",))
    stack.start()
    stack.wait_ready()
    state = stack.state()
    os.kill(state.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while answers(small.minio_url) and time.monotonic() < until:
        time.sleep(0.05)
    assert not answers(small.minio_url)
    stack.stop()
    # And the next start finds nothing in its way.
    with LocalStack(small, ("minio",)) as again:
        assert again.state().services["minio"].state == "ready"


def test_a_second_stack_joins_and_leaves_the_first_running(small: StackSettings) -> None:
    with LocalStack(small, ("minio",)):
        with LocalStack(small, ("minio",)) as second:
            assert second.joined
        assert answers(small.minio_url)
        with pytest.raises(KadrError, match=r"already runs with the data in .* but without encoder"):
            LocalStack(small, ("minio", "encoder")).start()


def test_a_taken_port_is_one_sentence(small: StackSettings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(urlsplit(small.minio_url).port or 0)))
        other.listen()
        answer = kadr(small, "up", "--only", "minio")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert f"process {os.getpid()}" in answer.stderr
    assert "KADR_MINIO_URL" in answer.stderr


def test_a_dead_service_is_one_sentence_with_its_log(small: StackSettings) -> None:
    wrong = small.model_copy(update={"minio_access_key": "x"})
    answer = kadr(wrong, "up", "--only", "minio")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: minio does not start: ended with exit status 1: FATAL")
    log = small.logs_folder / "minio.log"
    assert f"(its log is {log})" in answer.stderr
    assert log.exists()


def test_a_missing_java_is_one_sentence(small: StackSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.servers.find_java", lambda: find_java(Path("/nowhere")))
    for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KadrError, match=r"needs a JDK ≥ 21: install one, .* openjdk-21-jdk-headless"):
        plan(small, ("kafka",))


def test_a_server_that_runs_elsewhere_is_waited_for_and_not_started(small: StackSettings) -> None:
    elsewhere = small.model_copy(update={"local_servers": ("minio",)})
    with LocalStack(elsewhere, ("kafka", "minio")) as stack:
        services = stack.state().services
        assert (services["kafka"].state, services["kafka"].pid) == ("ready", 0)
        assert services["minio"].pid


def test_up_status_and_down(small: StackSettings) -> None:
    assert kadr(small, "status").returncode == 1
    up = kadr(small, "up", "--only", "minio")
    assert up.returncode == 0, up.stderr
    assert "minio is ready after" in up.stdout
    status = kadr(small, "status", "--json")
    assert status.returncode == 0
    shown = json.loads(status.stdout)
    assert (shown["running"], shown["services"]["minio"]["state"]) == (True, "ready")
    assert "minio" in kadr(small, "status").stdout
    assert kadr(small, "down").returncode == 0
    assert not answers(small.minio_url)
    assert "Nothing runs" in kadr(small, "down").stdout


def test_foreground_stops_everything_on_ctrl_c(small: StackSettings) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "infra.cli", "up", "--foreground", "--only", "minio"],
        env={**os.environ, **small.environment()},
        cwd=small.data,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if "minio ready" in line:
            break
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert not answers(small.minio_url)
