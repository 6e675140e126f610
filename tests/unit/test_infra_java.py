from pathlib import Path

import pytest

from infra.errors import KadrError
from infra.java import find_java


def java_home(folder: Path, version: str, *, says_so_itself: bool = False) -> Path:
    """Makes something that looks like a Java: a release file, or a program that tells its version."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    if not says_so_itself:
        (folder / "release").write_text(f'IMPLEMENTOR="Someone"\nJAVA_VERSION="{version}"\n')
    return folder


@pytest.fixture(autouse=True)
def no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENSEARCH_JAVA_HOME", raising=False)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_the_variable_for_opensearch_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path / "general", "25.0.3")))
    monkeypatch.setenv("OPENSEARCH_JAVA_HOME", str(java_home(tmp_path / "special", "21.0.1")))
    assert find_java(tmp_path / "none").home == tmp_path / "special"


def test_an_old_java_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path / "old", "17.0.15")))
    java_home(tmp_path / "jvm" / "new", "25.0.3")
    found = find_java(tmp_path / "jvm")
    assert (found.home, found.version) == (tmp_path / "jvm" / "new", 25)


def test_a_java_without_a_release_file_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path / "java", "21.0.2", says_so_itself=True)))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert find_java(tmp_path / "none").version == 21


def test_without_a_java_the_sentence_names_what_was_found_and_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path / "eight", "1.8.0_392")))
    with pytest.raises(KadrError, match=r"found only Java 8 in .*eight.*openjdk-21-jdk-headless"):
        find_java(tmp_path / "none")
