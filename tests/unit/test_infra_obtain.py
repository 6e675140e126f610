import hashlib
import sys
import threading
from pathlib import Path

import pytest

from infra import obtain
from infra.builds import Build, first_error, run_build
from infra.errors import KadrError


def build(tmp_path: Path, script: str, lines: list[str]) -> Build:
    command = (sys.executable, "-c", script)
    return Build("kafka", command, {}, tmp_path, tmp_path / "log", lines.append, threading.Event())


def test_what_maven_fetches_is_told_without_its_address(tmp_path: Path) -> None:
    lines: list[str] = []
    said = "[INFO] Downloaded from central: https://registry.example/o/p/opensearch-3.6.0.zip (161 MB at 20 MB/s)"
    run_build(build(tmp_path, f"print({said!r}, flush=True); import time; time.sleep(1)", lines))
    assert lines == ["kafka: fetched opensearch-3.6.0.zip (161 MB)"]


def test_a_failed_step_says_why_and_where_its_log_is(tmp_path: Path) -> None:
    with pytest.raises(KadrError, match=r"exit status 3: Could not transfer artifact .*log"):
        script = (
            "print('[INFO] x'); print('[ERROR] Could not transfer artifact a:b'); print('bye'); raise SystemExit(3)"
        )
        run_build(build(tmp_path, script, []))


def test_a_stopped_step_ends_at_once(tmp_path: Path) -> None:
    step = build(tmp_path, "import time; time.sleep(60)", [])
    step.stop.set()
    with pytest.raises(KadrError, match="interrupted"):
        run_build(step)


def test_a_log_without_errors_answers_with_its_last_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("one\ntwo\n\n")
    assert first_error(tmp_path / "log") == "two"


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "neural-search-3.6.0.0.zip").write_bytes(b"something else")
    with pytest.raises(KadrError, match=hashlib.sha256(b"something else").hexdigest()):
        obtain.check_files(tmp_path)


def test_a_server_that_is_absent_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KadrError, match="kafka is not installed in"):
        obtain.server_folder(tmp_path, "kafka")


def test_nothing_is_asked_of_the_machine_when_all_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    for folder in obtain.FOLDERS.values():
        (tmp_path / folder).mkdir()
    obtain.obtain(("kafka", "opensearch", "minio"), tmp_path, lambda line: None)


def test_a_folder_appears_only_when_it_is_complete(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("infra.prerequisites.check_servers", lambda names, folder: None)
    monkeypatch.setattr("infra.prerequisites.check_disk", lambda needs: None)

    def interrupted(shop: obtain.Workshop) -> None:
        (shop.staging / "half").touch()
        raise KadrError("no network")

    def complete(shop: obtain.Workshop) -> None:
        assert not (shop.staging / "half").exists()
        (shop.staging / "minio").touch()

    monkeypatch.setattr(obtain, "_install_minio", interrupted)
    with pytest.raises(KadrError, match="no network"):
        obtain.obtain(["minio"], tmp_path, lambda line: None)
    assert not (tmp_path / obtain.FOLDERS["minio"]).exists()
    monkeypatch.setattr(obtain, "_install_minio", complete)
    obtain.obtain(["minio"], tmp_path, lambda line: None)
    assert (obtain.server_folder(tmp_path, "minio") / "minio").exists()
