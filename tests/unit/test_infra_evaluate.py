"""`kadr evaluate` with files of one's own, against a search API that knows two videos."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infra.errors import KadrError
from infra.evaluate import evaluate


def hit(key: str) -> dict[str, Any]:
    return {"key": key, "bucket": "videos", "video_id": key, "external_id": None, "moments": []}


class Api(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        alone = asked.get("legs", {"speech_text": 1.0})
        hits = [hit("talk.mp4"), hit("b.mp4")] if "speech_text" in alone and asked["query"] != "volcano" else []
        body = json.dumps({"hits": hits, "warnings": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("KADR_API_URL", url)
    yield url
    server.shutdown()
    server.server_close()


def run(folder: Path, *more: str) -> Result:
    (folder / "q.tsv").write_text("q1\tfrozen river\nq2\tvolcano\n", "utf-8")
    (folder / "qrels").write_text("q1 0 b.mp4 1\n", "utf-8")
    arguments = [str(folder / "q.tsv"), str(folder / "qrels"), "--out", str(folder / "out" / "e.json"), *more]
    return CliRunner().invoke(evaluate, arguments)


def test_files_of_ones_own_are_measured(api: str, tmp_path: Path) -> None:
    result = run(tmp_path)

    assert result.exit_code == 0, result.output
    assert "MRR" in result.output and "Written" in result.output
    told = json.loads((tmp_path / "out" / "e.json").read_text("utf-8"))
    assert told["mrr"] == {
        "hybrid": 0.5,
        "speech_text": 0.5,
        "speech_vector": 0.0,
        "picture_vector": 0.0,
        "metadata_text": 0.0,
    }
    assert (told["absent_precision"], told["absent_recall"]) == (1.0, 1.0)
    assert told["ru_en_gap"] is None and told["negation_violations"] is None
    assert api in (tmp_path / "out" / "e.html").read_text("utf-8")
    assert "q1 Q0 talk.mp4 1" in (tmp_path / "out" / "e" / "hybrid.run").read_text("utf-8")


def test_an_api_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KADR_API_URL", "http://127.0.0.1:9")

    result = run(tmp_path)

    assert isinstance(result.exception, KadrError)
    assert "does not answer" in str(result.exception) and "KADR_API_URL" in str(result.exception)


def test_a_file_that_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("no tab\n", "utf-8")
    (tmp_path / "qrels").write_text("", "utf-8")

    result = CliRunner().invoke(evaluate, [str(tmp_path / "q.tsv"), str(tmp_path / "qrels")])

    assert isinstance(result.exception, KadrError)
    assert "q.tsv:1 is no question" in str(result.exception)


@pytest.mark.parametrize("arguments", [[], ["q.tsv"], ["--corpus", "q.tsv", "qrels"]])
def test_arguments_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(evaluate, arguments).exit_code == 2
