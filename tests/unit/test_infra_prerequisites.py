from pathlib import Path

import pytest

from infra import prerequisites
from infra.errors import KadrError


def program(folder: Path, name: str, says: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setattr(prerequisites, "find_java", lambda: None)
    with pytest.raises(KadrError) as caught:
        prerequisites.check_servers(["kafka", "minio"], tmp_path)
    sentences = str(caught.value).splitlines()
    assert len(sentences) == 2
    assert "Debian package maven" in sentences[0]
    assert "Debian package golang-go" in sentences[1]


def test_an_installed_server_needs_no_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "minio-v1").mkdir()
    prerequisites.check_servers(["minio"], tmp_path)


def test_an_old_go_is_refused_with_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "bin", "go", "go version go1.19.8 linux/amd64")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(KadrError, match=r"Go ≥ 1.21 .* is go1\.19"):
        prerequisites.find_go()


def test_a_full_disk_is_told_with_numbers(tmp_path: Path) -> None:
    with pytest.raises(KadrError, match=r"GB free and kadr needs about 1000000 GB"):
        prerequisites.check_disk([(tmp_path / "a", 5 * 10**14), (tmp_path / "b" / "c", 5 * 10**14)])
    prerequisites.check_disk([(tmp_path / "a", 1)])


def test_the_home_folder_is_the_one_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from infra.settings import StackSettings

    monkeypatch.delenv("KADR_HOME", raising=False)
    assert prerequisites.home_folder() == StackSettings().home
    monkeypatch.setenv("KADR_HOME", str(tmp_path))
    assert prerequisites.home_folder() == StackSettings().home == tmp_path
