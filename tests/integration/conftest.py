"""Kafka, OpenSearch, MinIO and the encoder server: started once for the session, real, never skipped."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from services import PARTS, Scope, scopes, session_folder, session_settings

from infra.errors import KadrError
from infra.obtain import FOLDERS, obtain
from infra.settings import read_settings
from infra.stack import LocalStack

OBTAINED = pytest.StashKey[str]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Obtain the servers before the first test: the time limit of a test is too short for the first time."""
    if session.config.option.collectonly or not any("stack" in getattr(i, "fixturenames", ()) for i in session.items):
        return
    settings = read_settings()
    try:
        obtain([part for part in PARTS if part in FOLDERS], settings.servers_folder, _teller(session.config))
    except KadrError as error:
        session.config.stash[OBTAINED] = str(error)


def _teller(config: pytest.Config) -> Callable[[str], None]:
    reporter = config.pluginmanager.getplugin("terminalreporter")
    capture = config.pluginmanager.getplugin("capturemanager")

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.write_line(f"  {line}")

    return tell


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[LocalStack]:
    """The services of this session; what the machine lacks for them fails the tests that need them."""
    missing = request.config.stash.get(OBTAINED, "")
    if missing:
        pytest.fail(missing, pytrace=False)
    tell = _teller(request.config)
    folder = session_folder()
    stack = LocalStack(session_settings(folder), PARTS, on_progress=tell)
    try:
        with stack:
            yield stack
    except KadrError as error:
        pytest.fail(str(error), pytrace=False)
    finally:
        if request.session.testsfailed:
            tell(f"the logs of the services are in {folder / 'logs'}")
        else:
            shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _scopes(stack: LocalStack) -> Iterator[Scope]:
    return scopes(stack)


@pytest.fixture
def scope(_scopes: Iterator[Scope]) -> Iterator[Scope]:
    """Names of this test's own topics, indices and buckets; nothing of them exists yet."""
    scope = next(_scopes)
    yield scope
    scope.remove()


@pytest.fixture
def ready_scope(scope: Scope) -> Scope:
    """A scope whose topics, buckets, notifications and indices exist."""
    scope.initialise()
    return scope
