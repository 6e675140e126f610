"""A hub on this machine that speaks as much of Hugging Face's protocol as fetching a model needs."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0de"
LARGE_BYTES = 4_096


@dataclass
class FakeHub:
    """What it holds (repository → file → content), how it misbehaves, and what it was asked for."""

    url: str
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    cut_after_bytes: dict[str, int] = field(default_factory=dict)
    other_content: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, repository: str, folder: Path) -> None:
        """Takes over a folder as a repository."""
        files = (file for file in folder.rglob("*") if file.is_file())
        self.repositories[repository] = {str(file.relative_to(folder)): file.read_bytes() for file in files}

    def gets(self, name: str) -> list[str]:
        """Returns the ranges of the GET requests for a file, in order; "" where the whole was asked for."""
        return [span for method, path, span in self.requests if method == "GET" and path.endswith(f"/{name}")]


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    """Runs a hub."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    hub = FakeHub(f"http://127.0.0.1:{server.server_port}")
    server.hub = hub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, *, with_body: bool) -> None:
        hub: FakeHub = self.server.hub  # type: ignore[attr-defined]
        path = unquote(urlsplit(self.path).path)
        hub.requests.append((self.command, path, self.headers.get("Range", "")))
        if path.startswith("/api/models/"):
            self._describe(hub, path.removeprefix("/api/models/").partition("/revision/")[0])
            return
        repository, _, rest = path.lstrip("/").partition("/resolve/")
        name = rest.partition("/")[2]
        content = hub.repositories.get(repository, {}).get(name)
        if content is None:
            self._send(404, {"X-Error-Code": "EntryNotFound"}, b"", with_body)
            return
        self._file(hub, name, content, with_body)

    def _describe(self, hub: FakeHub, repository: str) -> None:
        files = hub.repositories.get(repository)
        if files is None:
            self._send(404, {"X-Error-Code": "RepoNotFound"}, b"{}", True)
            return
        siblings = [_sibling(name, content) for name, content in files.items()]
        body = {"id": repository, "sha": COMMIT, "siblings": siblings, "cardData": {"license": "mit"}}
        self._send(200, {"Content-Type": "application/json"}, json.dumps(body).encode(), True)

    def _file(self, hub: FakeHub, name: str, content: bytes, with_body: bool) -> None:
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{_etag(content)}"', "Accept-Ranges": "bytes"}
        sent = hub.other_content.get(name, content)
        start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(sent) - 1}/{len(sent)}"
        cut = hub.cut_after_bytes.pop(name, None) if with_body else None
        self._send(206 if start else 200, headers, sent[start:], with_body, cut=cut)

    def _send(
        self, status: int, headers: dict[str, str], body: bytes, with_body: bool, *, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


def _sibling(name: str, content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": _git_sha1(content)}
    if len(content) > LARGE_BYTES:
        told["lfs"] = {"sha256": _etag(content), "size": len(content), "pointerSize": 134}
    return told


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if len(content) > LARGE_BYTES else _git_sha1(content)


def _git_sha1(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
