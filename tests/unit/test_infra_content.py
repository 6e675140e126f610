"""`kadr upload` and `kadr search`: plans, ETags, and one sentence for everything that goes wrong."""

import hashlib
import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from minio.error import S3Error

from infra import uploads
from infra.cli import main
from infra.clients import reason_of
from infra.content import plan_uploads
from infra.errors import KadrError
from infra.settings import StackSettings
from infra.uploads import Upload, check_files, expected_etag, lacks_metadata
from stream.events import VideoUploaded

ANSWER = '{"hits": [],   "took_ms": 1.50, "query": "кот", "warnings": []}'


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(home=tmp_path, buckets=("videos", "archive"))


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("KADR_HOME", str(tmp_path))
    monkeypatch.setenv("KADR_KAFKA_BROKERS", address)
    for name in ("OPENSEARCH", "MINIO", "API"):
        monkeypatch.setenv(f"KADR_{name}_URL", f"http://{address}")


@pytest.fixture
def search_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, list[str]]]]:
    """A search API that always answers the same, or refuses the query `bad`; yields what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            refused = asked[-1]["q"] == ["bad"]
            self.send_response(422 if refused else 200)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.end_headers()
            body = json.dumps({"title": "Wrong", "detail": "The query is too long."}) if refused else ANSWER
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("KADR_API_URL", f"http://127.0.0.1:{server.server_port}")
    yield asked
    server.shutdown()
    server.server_close()


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_an_upload_becomes_an_object_of_the_first_bucket_without_an_event(settings: StackSettings) -> None:
    (upload,) = plan_uploads(settings, (Path("a/talk.mp4"),), None, {})
    assert (upload.bucket, upload.key, upload.event) == ("videos", "talk.mp4", None)


def test_what_the_publisher_says_travels_in_an_own_event(settings: StackSettings) -> None:
    said = {"title": "Доклад", "external_id": "t-1", "language": "ru"}
    (upload,) = plan_uploads(settings, (Path("talk.mp4"),), "archive", said)
    assert upload.event == VideoUploaded(
        bucket="archive", key="talk.mp4", title="Доклад", external_id="t-1", language="ru"
    )


@pytest.mark.parametrize(
    ("files", "bucket", "said", "sentence"),
    [
        (("a.mp4",), "private", {}, "kadr serves the buckets videos, archive"),
        (("a/x.mp4", "b/x.mp4"), None, {}, "same name"),
        (("a.mp4", "b.mp4"), None, {"title": "T"}, "give one file"),
        (("a.mp4",), None, {"language": "russian"}, "--language is wrong"),
    ],
)
def test_what_cannot_be_uploaded_is_one_sentence(
    settings: StackSettings, files: tuple[str, ...], bucket: str | None, said: dict[str, str], sentence: str
) -> None:
    with pytest.raises(KadrError, match=sentence):
        plan_uploads(settings, tuple(map(Path, files)), bucket, said)


def test_a_language_may_be_said_of_several_files(settings: StackSettings) -> None:
    both = plan_uploads(settings, (Path("a.mp4"), Path("b.mp4")), None, {"language": "ru"})
    assert [upload.event.language for upload in both if upload.event] == ["ru", "ru"]


def test_an_event_is_of_its_own_object() -> None:
    with pytest.raises(ValueError, match="another object"):
        Upload(Path("a.mp4"), "videos", "a.mp4", VideoUploaded(bucket="videos", key="b.mp4"))


def test_files_are_checked_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "there.mp4").touch()
    check_files([tmp_path / "there.mp4"])
    with pytest.raises(KadrError, match=r"There is no file .*gone\.mp4"):
        check_files([tmp_path / "there.mp4", tmp_path / "gone.mp4"])
    with pytest.raises(KadrError, match="is not a file"):
        check_files([tmp_path])


@pytest.mark.parametrize(("size", "parts"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (25, 3)])
def test_the_etag_is_computed_as_s3_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, parts: int
) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 10)
    data = bytes(range(size))
    (tmp_path / "file").write_bytes(data)
    pieces = [data[start : start + 10] for start in range(0, max(size, 1), 10)]
    together = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in pieces)).hexdigest()
    wanted = hashlib.md5(data).hexdigest() if parts == 1 else f"{together}-{parts}"
    assert expected_etag(tmp_path / "file") == wanted


def test_metadata_are_published_only_where_the_ledger_lacks_them() -> None:
    upload = Upload(Path("a.mp4"), "videos", "a.mp4", VideoUploaded(bucket="videos", key="a.mp4", title="A cat"))
    assert lacks_metadata(upload, None)
    assert lacks_metadata(upload, {"title": "A dog"})
    assert not lacks_metadata(upload, {"title": "A cat", "description": "more than was said"})
    assert not lacks_metadata(Upload(Path("b.mp4"), "videos", "b.mp4"), None)


def test_reasons_are_a_few_words() -> None:
    refused = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
    assert reason_of(urllib3.exceptions.MaxRetryError(None, "/", refused)) == "nothing listens there"  # type: ignore[arg-type]
    assert reason_of(urllib3.exceptions.ReadTimeoutError(None, "/", "slow")) == "no answer in time"  # type: ignore[arg-type]
    denied = S3Error(None, "AccessDenied", "Access Denied.", None, None, None)  # type: ignore[arg-type]
    assert reason_of(denied) == "AccessDenied: Access Denied"


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("upload", "video.mp4"), "The object store does not answer"),
        (("upload", "video.mp4", "--title", "A cat"), "Kafka does not answer"),
        (("upload", "gone.mp4"), "There is no file gone.mp4"),
        (("search", "cat"), "The search API does not answer"),
    ],
)
def test_a_service_that_is_down_is_one_sentence(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "video.mp4").write_bytes(b"not a video")
    assert run(*arguments) == 1
    error = capfd.readouterr().err
    assert error.startswith("Error: ") and says in error
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error


def test_the_answer_is_printed_as_it_is(search_api: list[dict[str, list[str]]], capfd: Any) -> None:
    assert run("search", "кот", "на", "снегу", "--limit", "3", "--json") == 0
    assert capfd.readouterr().out == ANSWER + "\n"
    assert search_api == [{"q": ["кот на снегу"], "limit": ["3"]}]


@pytest.mark.usefixtures("search_api")
def test_nothing_found_is_said(capfd: Any) -> None:
    assert run("search", "кот") == 0
    assert capfd.readouterr().out == "Nothing was found.\n"


@pytest.mark.usefixtures("search_api")
def test_a_refused_query_says_why(capfd: Any) -> None:
    assert run("search", "bad") == 1
    assert "The query is too long." in capfd.readouterr().err
