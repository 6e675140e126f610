"""How the local Kafka, OpenSearch and MinIO are configured and started. All listen on 127.0.0.1 only."""

import base64
import json
import os
import re
import shlex
import shutil
import stat
import uuid
from pathlib import Path

from infra import ports
from infra.errors import KadrError
from infra.java import Java, find_java
from infra.obtain import server_folder
from infra.process import Launch
from infra.readiness import http_ready, kafka_ready, opensearch_ready
from infra.service import Service
from infra.settings import StackSettings, port_of

HOST = "127.0.0.1"
OPENSEARCH_USER = "nobody"
START_SECONDS = 180.0
# Java's second compiler waits for what is really hot: a start takes a third less processor time (15 s for 22 s).
LATE_COMPILER = (
    "-XX:Tier4InvocationThreshold=40000",
    "-XX:Tier4MinInvocationThreshold=8000",
    "-XX:Tier4CompileThreshold=120000",
    "-XX:Tier4BackEdgeThreshold=320000",
)
OPENSEARCH_LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def kafka(settings: StackSettings) -> list[Service]:
    """Prepares Kafka: one broker that is its own controller; a new folder is first formatted, once."""
    port = port_of(settings.kafka_brokers.split(",")[0])
    folder = settings.data / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "server.properties"
    configuration.write_text(_kafka_properties(settings, port, folder / "records"), encoding="utf-8")
    formatted = (folder / "records" / "meta.properties").exists()
    broker = Service(
        name="kafka",
        launch=Launch(
            command=(*_kafka_java(settings), "kafka.Kafka", str(configuration)),
            environment=plain_environment(),
            folder=folder,
            log=settings.logs_folder / "kafka.log",
        ),
        check=kafka_ready(settings),
        after=() if formatted else ("kafka-format",),
        start_seconds=START_SECONDS,
        ports=(
            ports.Port(port, "kafka", "KADR_KAFKA_BROKERS"),
            ports.Port(settings.kafka_controller_port, "kafka's controller", "KADR_KAFKA_CONTROLLER_PORT"),
        ),
        address=settings.kafka_brokers,
    )
    return [broker] if formatted else [_kafka_format(settings, configuration), broker]


def _kafka_format(settings: StackSettings, configuration: Path) -> Service:
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # An identity that begins with a dash would be read as an option.
    tool = ("kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={identity}")
    return Service(
        name="kafka-format",
        launch=Launch(
            command=(*_kafka_java(settings), *tool, "-c", str(configuration)),
            environment=plain_environment(),
            folder=configuration.parent,
            log=settings.logs_folder / "kafka-format.log",
        ),
        check=None,
    )


def _kafka_java(settings: StackSettings) -> tuple[str, ...]:
    libraries = server_folder(settings.servers_folder, "kafka") / "libs"
    return (
        str(find_java().executable),
        *shlex.split(settings.kafka_java_options),
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
        "-Dorg.slf4j.simpleLogger.levelInBrackets=true",
        "-cp",
        f"{libraries}/*",
    )


def _kafka_properties(settings: StackSettings, port: int, records: Path) -> str:
    controller = settings.kafka_controller_port
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(records),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "8",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def opensearch(settings: StackSettings) -> Service:
    """Prepares OpenSearch: one node with k-NN, neural-search and ML Commons.

    It refuses to run as root, so that root starts it as `nobody`, to whom its folder is given.

    Raises:
        KadrError: `nobody` cannot reach a folder.
    """
    home = server_folder(settings.servers_folder, "opensearch")
    java = find_java()
    folder = settings.data / "opensearch"
    _write_opensearch(settings, folder)
    user = OPENSEARCH_USER if os.geteuid() == 0 else None
    if user:
        for where, setting in ((home, "KADR_HOME"), (folder, "KADR_DATA"), (java.home, "OPENSEARCH_JAVA_HOME")):
            check_reachable(where, setting)
        _give(folder, user)
    return Service(
        name="opensearch",
        launch=Launch(
            command=_opensearch_command(settings, java, home, folder),
            environment=plain_environment(),
            folder=folder,
            log=settings.logs_folder / "opensearch.log",
            user=user,
        ),
        check=opensearch_ready(settings),
        start_seconds=START_SECONDS,
        ports=(
            ports.Port(port_of(settings.opensearch_url), "opensearch", "KADR_OPENSEARCH_URL"),
            ports.Port(settings.opensearch_transport_port, "opensearch's transport", "KADR_OPENSEARCH_TRANSPORT_PORT"),
        ),
        address=settings.opensearch_url,
    )


def _write_opensearch(settings: StackSettings, folder: Path) -> None:
    """Writes the configuration anew; data stay."""
    for part in ("config", "data", "logs", "temporary"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    encoder = re.escape(settings.encoder_url)
    configuration = {
        "cluster.name": "kadr",
        "node.name": "kadr",
        "discovery.type": "single-node",
        "network.host": HOST,
        "http.port": port_of(settings.opensearch_url),
        "transport.port": settings.opensearch_transport_port,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "action.auto_create_index": "+.*,-*",
        "cluster.routing.allocation.disk.threshold_enabled": False,
        # The connector to the encoder server, which lives on this machine or in this network.
        "plugins.ml_commons.only_run_on_ml_node": False,
        "plugins.ml_commons.connector.private_ip_enabled": True,
        "plugins.ml_commons.trusted_connector_endpoints_regex": [
            r"^http://(127\.0\.0\.1|localhost):[0-9]+/.*$",
            f"^{encoder}/.*$",
        ],
    }
    # JSON is YAML, and quotes every path as it should be.
    (folder / "config" / "opensearch.yml").write_text(json.dumps(configuration, indent=2), encoding="utf-8")
    (folder / "config" / "log4j2.properties").write_text(OPENSEARCH_LOG4J, encoding="utf-8")


def _opensearch_command(settings: StackSettings, java: Java, home: Path, folder: Path) -> tuple[str, ...]:
    """Starts Java as `bin/opensearch` would, without the four small Javas before it and with spaces in paths."""
    return (
        str(java.executable),
        "-Dopensearch.networkaddress.cache.ttl=60",
        "-Dopensearch.networkaddress.cache.negative.ttl=10",
        "-Xss1m",
        "-Djava.awt.headless=true",
        "-Dfile.encoding=UTF-8",
        "-Djna.nosys=true",
        "-XX:-OmitStackTraceInFastThrow",
        "-Dio.netty.noUnsafe=true",
        "-Dio.netty.noKeySetOptimization=true",
        "-Dio.netty.recycler.maxCapacityPerThread=0",
        "-Dio.netty.allocator.numDirectArenas=0",
        "-Dlog4j.shutdownHookEnabled=false",
        "-Dlog4j2.disable.jmx=true",
        "-Djava.locale.providers=SPI,CLDR",
        "-XX:+UseG1GC",
        "-XX:G1ReservePercent=25",
        "-XX:InitiatingHeapOccupancyPercent=30",
        f"-Djava.io.tmpdir={folder / 'temporary'}",
        f"-XX:ErrorFile={folder / 'logs' / 'hs_err_pid%p.log'}",
        "--add-modules=jdk.incubator.vector",
        f"-javaagent:{home / 'agent' / 'opensearch-agent.jar'}",
        "--add-opens=java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED",
        "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
        *LATE_COMPILER,
        *shlex.split(settings.opensearch_java_options),
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={folder / 'config'}",
        "-Dopensearch.distribution.type=zip",
        "-Dopensearch.bundled_jdk=false",
        "-cp",
        f"{home / 'lib'}/*",
        "org.opensearch.bootstrap.OpenSearch",
    )


def check_reachable(folder: Path, setting: str) -> None:
    """Checks that every user may enter a folder.

    Raises:
        KadrError: a folder on the way is closed.
    """
    for part in (folder, *folder.parents):
        if not part.stat().st_mode & stat.S_IXOTH and part.stat().st_uid == 0:
            raise KadrError(
                f"OpenSearch runs as the user {OPENSEARCH_USER} when root starts it, and {OPENSEARCH_USER} cannot "
                f"enter {part}: set {setting} to a folder that everybody may enter, such as /var/cache/kadr."
            )


def _give(folder: Path, user: str) -> None:
    for where, _, files in os.walk(folder):
        for path in (where, *(os.path.join(where, file) for file in files)):
            shutil.chown(path, user)


def minio(settings: StackSettings) -> Service:
    """Prepares MinIO with its Kafka notification targets: KADR, and those of the settings."""
    port = port_of(settings.minio_url)
    folder = settings.data / "minio"
    (folder / "certificates").mkdir(parents=True, exist_ok=True)
    program = server_folder(settings.servers_folder, "minio") / "bin" / "minio"
    targets = {"KADR": settings.uploads_topic, **settings.notification_targets}
    environment = {
        **plain_environment(),
        "HOME": str(folder),
        "MINIO_ROOT_USER": settings.minio_access_key,
        "MINIO_ROOT_PASSWORD": settings.minio_secret_key.get_secret_value(),
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    for name, topic in targets.items():
        environment[f"MINIO_NOTIFY_KAFKA_ENABLE_{name}"] = "on"
        environment[f"MINIO_NOTIFY_KAFKA_BROKERS_{name}"] = settings.kafka_brokers
        environment[f"MINIO_NOTIFY_KAFKA_TOPIC_{name}"] = topic
        # A notification waits here while Kafka is away.
        environment[f"MINIO_NOTIFY_KAFKA_QUEUE_DIR_{name}"] = str(folder / "queue" / name)
    command = (str(program), "server", "--address", f"{HOST}:{port}", "--certs-dir", str(folder / "certificates"))
    return Service(
        name="minio",
        launch=Launch(
            command=(*command, str(folder / "objects")),
            environment=environment,
            folder=folder,
            log=settings.logs_folder / "minio.log",
        ),
        check=http_ready(f"{settings.minio_url}/minio/health/cluster"),
        after=("topics",),
        start_seconds=60.0,
        ports=(ports.Port(port, "minio", "KADR_MINIO_URL"),),
        address=settings.minio_url,
    )


def plain_environment() -> dict[str, str]:
    """Passes on what a foreign server needs and nothing of the user's, least of all credentials."""
    names = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
    return {"LANG": "C.UTF-8", **{name: os.environ[name] for name in names if name in os.environ}}
