"""The page with an API behind it that answers what a test wants, on a port of its own."""

import asyncio
import io
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from flow import until
from PIL import Image

from infra.ports import free_ports
from search_api.headers import SecurityHeaders
from search_api.page_files import PageFiles
from search_api.routes import PAGE

Answer = dict[str, Any]


def leg(rank: int, share: float, score: float = 1.5, confidence: float | None = None) -> Answer:
    """What a leg adds to a hit."""
    return {"rank": rank, "score": score, "share": share, "confidence": confidence}


def moment(start: float, speech: str | None = None, *marked: str, **changes: Any) -> Answer:
    """A moment of five seconds, two words a second; the words that are named are marked in it."""
    pieces: list[Answer] = []
    terms: list[Answer] = []
    for n, word in enumerate((speech or "").split(" ")):
        pieces += [{"text": " ", "match": False}] if pieces else []
        pieces.append({"text": word, "match": word in marked})
        said = {"start_seconds": start + n / 2, "stop_seconds": start + n / 2 + 0.4, "precision": "word"}
        terms += [{"text": word, "field": "speech", **said}] if word in marked else []
    legs = {"speech_vector": leg(1, 0.0026, 1.65, 0.993), "picture_vector": leg(2, 0.0039, 1.59, 0.97)}
    if marked:
        legs["speech_text"] = leg(1, 0.0056, 12.25)
    return {
        "moment_id": f"m:{start}",
        "start_seconds": start,
        "stop_seconds": start + 5.0,
        "score": sum(cast(float, one["share"]) for one in legs.values()),
        "speech": speech,
        "thumbnail": f"v/1/0/run/{start:.0f}.jpg",
        "highlight": pieces if marked else None,
        "terms": terms,
        "legs": legs,
        **changes,
    }


def video(video_id: str = "v1", *moments: Answer, **changes: Any) -> Answer:
    """A hit."""
    legs = moments[0]["legs"] if moments else {"metadata_text": leg(1, 0.0043, 7.7)}
    return {
        "video_id": video_id,
        "bucket": "videos",
        "key": f"talks/{video_id}.mp4",
        "external_id": None,
        "title": f"Video {video_id}",
        "duration_seconds": 20.0,
        "published_at": None,
        "score": 0.01,
        "legs": legs,
        "terms": [],
        "moments": list(moments),
        **changes,
    }


def found(*hits: Answer, **changes: Any) -> Answer:
    """An answer to a search."""
    understood = {"text": "", "phrases": [], "without": []}
    return {
        "hits": list(hits),
        "took_ms": 21.4,
        "query": "",
        "understood": understood,
        "warnings": [],
        **changes,
    }


def problem(status: int, detail: str) -> Response:
    """A problem document."""
    body = {"type": "urn:kadr:problem:test", "title": "Problem", "status": status, "detail": detail}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


class FakeApi:
    """Answers as it is told; `asked` keeps what it was asked, `told` is what the events of an upload say."""

    def __init__(self, film: Path) -> None:
        self.film = film
        self.address = ""
        self.app = FastAPI()
        self.app.add_middleware(SecurityHeaders)
        self.app.mount("/page", PageFiles(directory=PAGE))
        self._add_routes()
        self.reset()

    def reset(self) -> None:
        """Forget the last test."""
        self.answer: Callable[[Answer], Answer | Response] = lambda asked: found(query=asked.get("query", ""))
        self.asked: list[Answer] = []
        self.uploads: list[Answer] = []
        self.upload_answer: Response | None = None
        self.suggestions: list[Answer] = []
        self.detail: Answer | None = None
        self.moments: list[Answer] = []
        self.stream_status = 200
        self.converted = False
        self.played: list[Answer] = []
        self.told: queue.Queue[Answer | None] = queue.Queue()

    def tell(self, stage: str, done: int = 0, total: int = 0, **changes: Any) -> None:
        """Say how far the upload is."""
        final = stage in ("ready", "partial", "failed")
        counts = {"spans_total": total, "spans_done": done, "spans_failed": 0}
        self.told.put({"video_id": "new", "stage": stage, "reason": None, "final": final, **counts, **changes})

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve for as long as the block lasts."""
        (port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{port}"
        server = uvicorn.Server(uvicorn.Config(self.app, host="127.0.0.1", port=port, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until(lambda: server.started, "the fake API to start")
        try:
            yield
        finally:
            self.told.put(None)
            server.should_exit = True
            thread.join(20)

    def _answered(self, asked: Answer) -> Answer | Response:
        self.asked.append(asked)
        return self.answer(asked)

    def _add_routes(self) -> None:
        routes: tuple[tuple[str, str, Callable[..., Any]], ...] = (
            ("/", "GET", self._page),
            ("/search", "POST", self._search),
            ("/search/image", "POST", self._search_image),
            ("/moments/{moment_id}/similar", "GET", self._similar),
            ("/suggest", "GET", self._suggest),
            ("/videos", "POST", self._upload),
            ("/videos/{video_id}", "GET", self._detail),
            ("/videos/{video_id}/moments", "GET", self._moments),
            ("/videos/{video_id}/events", "GET", self._events),
            ("/videos/{video_id}/stream", "GET", self._stream),
            ("/videos/{video_id}/stream", "HEAD", self._stream),
            ("/videos/{video_id}/transcript.{kind}", "GET", self._transcript),
            ("/thumbnails/{key:path}", "GET", self._thumbnail),
        )
        for path, method, route in routes:
            self.app.add_api_route(path, route, methods=[method], response_model=None)

    async def _page(self) -> Response:
        return FileResponse(PAGE / "index.html")

    async def _search(self, request: Request) -> Answer | Response:
        return self._answered(await request.json())

    async def _search_image(self, request: Request) -> Answer | Response:
        form = await request.form()
        asked: Answer = {name: value for name, value in form.items() if isinstance(value, str)}
        file = cast(Any, form["file"])
        return self._answered({**asked, "image": await file.read(), "image_name": file.filename})

    async def _similar(self, moment_id: str, request: Request) -> Answer | Response:
        return self._answered({**request.query_params, "similar": moment_id})

    async def _suggest(self, q: str) -> Answer:
        return {"suggestions": self.suggestions}

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        self.uploads.append({name: getattr(value, "filename", value) for name, value in form.items()})
        if self.upload_answer is not None:
            return self.upload_answer
        body = {"video_id": "new", "bucket": "videos", "key": "uploads/new.mp4", "size": 1}
        return JSONResponse({**body, "events": "/videos/new/events"}, status_code=202)

    async def _detail(self, video_id: str) -> Answer | Response:
        return self.detail or problem(404, f"kadr knows no video {video_id}.")

    async def _moments(self, video_id: str) -> Answer:
        return {"moments": self.moments, "next_start_seconds": None}

    async def _events(self, video_id: str) -> Response:
        async def events() -> AsyncIterator[bytes]:
            while (told := await asyncio.to_thread(self.told.get)) is not None:
                kind = "final" if told["final"] else "progress"
                yield f"event: {kind}\ndata: ".encode() + orjson.dumps(told) + b"\n\n"
                if told["final"]:
                    return

        return StreamingResponse(events(), media_type="text/event-stream")

    async def _stream(self, video_id: str, request: Request) -> Response:
        if self.stream_status != 200:
            return problem(self.stream_status, "no")
        if request.method == "GET":
            self.played.append(dict(request.query_params))
        return FileResponse(self.film, headers={"Kadr-Playback": "converted"} if self.converted else None)

    async def _transcript(self, video_id: str, kind: str) -> Response:
        return PlainTextResponse("WEBVTT\n\n00:00.000 --> 00:02.000\nAnd so\n", media_type="text/vtt")

    async def _thumbnail(self, key: str) -> Response:
        written = io.BytesIO()
        shade = sum(key.encode()) % 200
        Image.new("RGB", (320, 180), (shade, 90, 160)).save(written, "JPEG")
        return Response(written.getvalue(), media_type="image/jpeg")
