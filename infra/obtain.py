"""Brings Kafka, OpenSearch and MinIO into KADR_HOME/servers, once, without Docker.

Maven fetches the first two (and this module checks every file against `checksums.json`), Go builds the third from its
source (and checks that against its checksum database). What was fetched before an interruption stays in Maven's and
Go's own caches, so trying again goes on from there. A server's folder appears under its name only when it is complete.
"""

import fcntl
import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra import prerequisites
from infra.builds import Build, run_build
from infra.errors import KadrError
from infra.java import find_java

KAFKA = "4.1.0"
OPENSEARCH = "3.6.0"
MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"
FOLDERS = {"kafka": f"kafka-{KAFKA}", "opensearch": f"opensearch-{OPENSEARCH}", "minio": f"minio-{MINIO}"}
SERVERS_BYTES = 4 * 10**9

# Kafka logs through slf4j 1.7 and brings no backend for it.
KAFKA_JARS = (("org.apache.kafka", "kafka_2.13", KAFKA), ("org.slf4j", "slf4j-simple", "1.7.36"))
OPENSEARCH_ZIP = ("org.opensearch.distribution.integ-test-zip", "opensearch", OPENSEARCH)
# In the order in which they need each other.
PLUGIN_ZIPS = tuple(
    ("org.opensearch.plugin", name, f"{OPENSEARCH}.0")
    for name in ("opensearch-job-scheduler", "opensearch-knn", "opensearch-ml-plugin", "neural-search")
)
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where one server is put together, and how to tell and be told while doing it."""

    servers: Path
    staging: Path
    progress: Progress
    stop: threading.Event

    def build(self, name: str, command: Sequence[str], environment: dict[str, str]) -> Build:
        """Describes one external step with its log."""
        log = self.servers / f"obtain-{name}.log"
        return Build(name, tuple(command), environment, self.servers, log, self.progress, self.stop)


def server_folder(servers: Path, name: str) -> Path:
    """Names the folder of an installed server.

    Raises:
        KadrError: it is not installed.
    """
    folder = servers / FOLDERS[name]
    if not folder.is_dir():
        raise KadrError(f"{name} is not installed in {servers}: run kadr up, it obtains what is missing.")
    return folder


def obtain(names: Sequence[str], servers: Path, progress: Progress) -> None:
    """Makes sure that these servers are installed; quick when they are.

    Args:
        names: out of kafka, opensearch, minio.
        servers: the folder that holds one folder per server.
        progress: told one line at a time, from several threads.

    Raises:
        KadrError: a tool, room on the disk or a download is missing, or a file is not the one that was pinned.
    """
    if all((servers / FOLDERS[name]).is_dir() for name in names):
        return
    prerequisites.check_servers(names, servers)
    with _only_one(servers, progress):
        absent = [name for name in names if not (servers / FOLDERS[name]).is_dir()]
        if absent:
            prerequisites.check_disk([(servers, SERVERS_BYTES)])
            _obtain_absent(absent, servers, progress)


@contextmanager
def _only_one(servers: Path, progress: Progress) -> Iterator[None]:
    """Lets one process at a time obtain; the others wait and then find everything there."""
    try:
        servers.mkdir(parents=True, exist_ok=True)
        lock = (servers / ".lock").open("a")
    except OSError as error:
        raise KadrError(f"{servers} cannot be written ({error.strerror}): set KADR_HOME to another folder.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another kadr is obtaining the servers, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _obtain_absent(absent: Sequence[str], servers: Path, progress: Progress) -> None:
    """Fetches and builds at the same time: Maven waits for the network, Go for the processor."""
    stop = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        fetched = [name for name in absent if name != "minio"]
        built = [name for name in absent if name == "minio"]
        works = [pool.submit(_install_all, part, servers, progress, stop) for part in (built, fetched) if part]
        try:
            for work in as_completed(works):
                work.result()
        finally:
            stop.set()


def _install_all(names: Sequence[str], servers: Path, progress: Progress, stop: threading.Event) -> None:
    installers = {"kafka": _install_kafka, "opensearch": _install_opensearch, "minio": _install_minio}
    for name in names:
        staging = servers / f".{FOLDERS[name]}.part"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        installers[name](Workshop(servers, staging, progress, stop))
        _open_for_all(staging)
        staging.rename(servers / FOLDERS[name])
        progress(f"{name} is installed in {servers / FOLDERS[name]}")


def _install_kafka(shop: Workshop) -> None:
    shop.progress(f"kafka: fetching Kafka {KAFKA} with Maven (43 MB)")
    jars = _fetch(shop, "kafka", KAFKA_JARS, "jar")
    jars.rename(shop.staging / "libs")


def _install_opensearch(shop: Workshop) -> None:
    shop.progress(f"opensearch: fetching OpenSearch {OPENSEARCH} and its plugins with Maven (560 MB)")
    zips = _fetch(shop, "opensearch", (OPENSEARCH_ZIP, *PLUGIN_ZIPS), "zip")
    shop.progress("opensearch: unpacking")
    with zipfile.ZipFile(zips / f"opensearch-{OPENSEARCH}.zip") as archive:
        archive.extractall(shop.staging)
    inner = shop.staging / f"opensearch-{OPENSEARCH}"
    for part in inner.iterdir():
        part.rename(shop.staging / part.name)
    inner.rmdir()
    shop.progress("opensearch: installing plugins")
    _install_plugins(shop, [zips / f"{name}-{version}.zip" for _, name, version in PLUGIN_ZIPS])
    shutil.rmtree(zips)


def _install_plugins(shop: Workshop, zips: Sequence[Path]) -> None:
    home = shop.staging
    command = [
        str(find_java().executable),
        "-Xmx128m",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={home / 'config'}",
        "-Dopensearch.distribution.type=zip",
        "-cp",
        f"{home / 'lib'}/*:{home / 'lib' / 'tools' / 'plugin-cli'}/*",
        "org.opensearch.tools.cli.plugin.PluginCli",
        "install",
        "--batch",
        *(file.as_uri() for file in zips),
    ]
    run_build(shop.build("opensearch-plugins", command, dict(os.environ)))


def _install_minio(shop: Workshop) -> None:
    shop.progress(f"minio: building MinIO {MINIO.rpartition('-')[2]} with Go (2 to 5 minutes the first time)")
    environment = {
        "GOTOOLCHAIN": "auto",  # The user's own choice, if there is one, wins.
        **os.environ,
        "GOBIN": str(shop.staging / "bin"),
        "GOFLAGS": "",  # Flags such as -mod=vendor cannot install a foreign program.
        "CGO_ENABLED": "0",
    }
    command = [prerequisites.find_go(), "install", "-v", f"github.com/minio/minio@{MINIO}"]
    run_build(shop.build("minio", command, environment))


def _fetch(shop: Workshop, name: str, artifacts: Sequence[tuple[str, str, str]], kind: str) -> Path:
    """Lets Maven copy artifacts into a folder, and checks each file there."""
    folder = shop.staging / "fetched"
    project = shop.staging / "pom.xml"
    project.write_text(_project(artifacts, kind), encoding="utf-8")
    environment = {**os.environ, "JAVA_HOME": str(find_java().home)}
    command = [
        prerequisites.find_maven(),
        "--batch-mode",
        # The plugins' archives lie there without checksums of their own; check_files has one for every file.
        "--strict-checksums" if kind == "jar" else "--lax-checksums",
        "-Dstyle.color=never",
        "-f",
        str(project),
        COPY,
        "-DincludeScope=runtime",
        f"-DoutputDirectory={folder}",
    ]
    run_build(shop.build(name, command, environment))
    project.unlink()
    check_files(folder)
    return folder


def _project(artifacts: Sequence[tuple[str, str, str]], kind: str) -> str:
    """Writes the smallest Maven project that depends on these; of a zip, without what it depends on itself."""
    alone = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        f"<type>{kind}</type>{alone if kind == 'zip' else ''}</dependency>"
        for group, artifact, version in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>kadr</groupId><artifactId>servers</artifactId><version>1</version>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def check_files(folder: Path) -> None:
    """Compares every file of a folder with its pinned SHA-256.

    Raises:
        KadrError: a file differs, or is not pinned.
    """
    pinned = json.loads(Path(__file__).with_name("checksums.json").read_text(encoding="utf-8"))
    for file in sorted(folder.iterdir()):
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        if found != pinned.get(file.name):
            raise KadrError(
                f"{file.name} is not the file that kadr expects (its SHA-256 is {found}): "
                "remove it from Maven's cache and try again."
            )


def _open_for_all(folder: Path) -> None:
    """Lets every user read: OpenSearch runs as another one when kadr is started by root."""
    for where, _, files in os.walk(folder):
        os.chmod(where, 0o755)
        for file in files:
            path = Path(where, file)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
