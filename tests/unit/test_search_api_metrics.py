import asyncio

import httpx
from video_fakes import VideoWorld, ledger_document

from search_api.fusion import LegName
from search_api.metrics import MeasuredRequests, Metrics
from search_api.search import Found, LegReport
from search_api.warned import SearchWarning, WarningCode


async def test_counts_requests_by_route_and_never_by_address() -> None:
    world = VideoWorld()
    world.engine.videos["v1"] = ledger_document()
    async with world.client() as client:
        await client.get("/videos/v1")
        await client.get("/videos/v2")
        await client.get("/nothing/of/the/kind")
        text = (await client.get("/metrics")).text

    assert 'kadr_api_requests_total{method="GET",route="/videos/{video_id}",status="200"}' in text
    assert 'kadr_api_requests_total{method="GET",route="/videos/{video_id}",status="404"}' in text
    assert 'kadr_api_requests_total{method="GET",route="other",status="404"}' in text
    assert 'kadr_api_request_seconds_count{route="/videos/{video_id}"}' in text
    assert "v2" not in text and "/nothing" not in text


async def test_an_odd_method_is_no_new_name() -> None:
    world = VideoWorld()
    async with world.client() as client:
        await client.request("BREW", "/videos/v1")
        text = (await client.get("/metrics")).text

    assert "BREW" not in text
    assert 'method="other"' in text


async def test_a_request_runs_until_its_stream_ends() -> None:
    metrics, release = Metrics(), asyncio.Event()

    async def app(scope: object, receive: object, send: object) -> None:
        await release.wait()
        raise ConnectionError("the client went away")

    transport = httpx.ASGITransport(MeasuredRequests(app, metrics))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://kadr") as client:
        asking = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0.05)
        assert b"kadr_api_requests_running 1.0" in metrics.written()
        release.set()
        await asyncio.wait([asking])

    assert isinstance(asking.exception(), ConnectionError)
    assert b"kadr_api_requests_running 0.0" in metrics.written()


def test_counts_what_became_of_the_hits_of_a_search() -> None:
    metrics = Metrics()
    report = LegReport(weight=0.5, hits=10, cut=6, hidden=1, took_ms=7.0)

    away = SearchWarning(WarningCode.ENCODER_UNAVAILABLE, "The encoder is away.")
    metrics.count_search(Found((), {}, {}, {LegName.SPEECH_VECTOR: report}, (away,), 40.0))
    text = metrics.written().decode()

    assert 'kadr_search_leg_hits_total{fate="shown",leg="speech_vector"} 3.0' in text
    assert 'kadr_search_leg_hits_total{fate="cut",leg="speech_vector"} 6.0' in text
    assert 'kadr_search_leg_hits_total{fate="hidden",leg="speech_vector"} 1.0' in text
    assert "kadr_search_empty_total 1.0" in text
    assert 'kadr_search_warnings_total{code="encoder_unavailable"} 1.0' in text
    assert 'kadr_search_warnings_total{code="leg_failed"} 0.0' in text
    assert 'kadr_search_seconds_bucket{le="0.05"} 1.0' in text
    assert 'kadr_search_leg_seconds_bucket{le="0.005",leg="speech_vector"} 0.0' in text
    assert 'kadr_search_leg_seconds_bucket{le="0.01",leg="speech_vector"} 1.0' in text
