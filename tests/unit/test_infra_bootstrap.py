import contextlib
import sys
from pathlib import Path

import pytest

from infra import bootstrap


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    (folder / ".venv").mkdir(parents=True)
    (folder / "requirements.txt").write_text("click==8.3.3 --hash=sha256:00\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    for name, path in (
        ("REPOSITORY", folder),
        ("ENVIRONMENT", folder / ".venv"),
        ("LOCK", folder / "requirements.txt"),
        ("STAMP", folder / ".venv" / ".kadr-stamp"),
    ):
        monkeypatch.setattr(bootstrap, name, path)
    monkeypatch.setattr(sys, "argv", ["bootstrap"])
    return folder


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", commands.append)
    monkeypatch.setattr("infra.prerequisites.check_disk", lambda needs: None)
    return commands


@pytest.mark.parametrize("uv", [None, "/usr/bin/uv"])
def test_every_package_is_checked_against_its_hash(
    monkeypatch: pytest.MonkeyPatch, project: Path, commands: list[list[str]], uv: str | None
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: uv)
    assert bootstrap.main() == 0
    made, locked, own = commands
    assert (made[0] == uv) if uv else (made[1:3] == ["-m", "venv"])
    assert "--require-hashes" in locked and str(project / "requirements.txt") in locked
    assert {"--no-deps", "--no-build-isolation", "-e"} <= set(own)


def test_a_second_run_does_nothing_until_the_lock_changes(project: Path, commands: list[list[str]]) -> None:
    bootstrap.main()
    commands.clear()
    assert bootstrap.main() == 0
    assert commands == []
    (project / "requirements.txt").write_text("click==8.3.4 --hash=sha256:00\n")
    assert bootstrap.main() == 0
    assert len(commands) == 3


def test_an_environment_that_was_moved_here_is_made_anew(project: Path, commands: list[list[str]]) -> None:
    (project / ".venv" / "stale").touch()
    (project / ".venv" / ".kadr-stamp").write_text("/elsewhere/.venv\nhash\n")
    with contextlib.suppress(FileNotFoundError):  # The faked installer makes no folder for the stamp.
        bootstrap.main()
    assert not (project / ".venv").exists()


def test_an_old_python_gets_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert bootstrap.main() == 1
    assert capsys.readouterr().err == "kadr needs Python 3.11 or newer, this is 3.9: run make PYTHON=python3.11.\n"


def test_a_missing_tool_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KADR_HOME", str(tmp_path))
    monkeypatch.setenv("KADR_LOCAL_SERVERS", "minio")
    monkeypatch.setattr(sys, "argv", ["bootstrap", "--for", "demo"])
    assert bootstrap.main() == 1
    assert capsys.readouterr().err.startswith("Go is missing, it builds MinIO: install the Debian package golang-go")
