import base64
from typing import Any

import orjson
import pytest

from stream.cloud_events import event_id
from stream.errors import InvalidEvent
from stream.events import Look, Metadata, parse_event

OWN = {"bucket": "videos", "key": "a.mp4", "title": "Кот"}
LOOK = Look("videos", "a.mp4", metadata=Metadata(title="Кот"))
BINARY = {"ce_specversion": b"1.0", "ce_type": b"video.uploaded", "ce_id": b"7", "ce_source": b"/cms"}


def structured(**changes: Any) -> bytes:
    body = {"specversion": "1.0", "type": "video.uploaded", "id": "7", "source": "/cms", "data": OWN} | changes
    return orjson.dumps({name: value for name, value in body.items() if value is not None})


def binary(**changes: bytes | None) -> dict[str, bytes]:
    headers = {**BINARY, **{name.replace("content_type", "content-type"): value for name, value in changes.items()}}
    return {name: value for name, value in headers.items() if value is not None}


@pytest.mark.parametrize(
    "value",
    [
        structured(),
        structured(data=OWN | {"type": "video.uploaded"}),
        structured(datacontenttype="application/json; charset=utf-8", subject="a.mp4", time="2026-01-01T00:00:00Z"),
        structured(datacontenttype="application/vnd.cms+json", traceparent="00-1-2-3"),
        structured(data=None, data_base64=base64.b64encode(orjson.dumps(OWN)).decode()),
    ],
)
def test_a_structured_cloud_event_is_the_own_event_in_it(value: bytes) -> None:
    assert parse_event(value) == (LOOK,)
    assert parse_event(value, {"content-type": b"application/cloudevents+json; charset=UTF-8"}) == (LOOK,)


@pytest.mark.parametrize("data", [OWN, OWN | {"type": "video.uploaded"}])
@pytest.mark.parametrize("content_type", [None, b"application/json", b"application/json; charset=utf-8"])
def test_a_binary_cloud_event_is_the_own_event_in_its_value(data: dict[str, str], content_type: bytes | None) -> None:
    assert parse_event(orjson.dumps(data), binary(content_type=content_type)) == (LOOK,)


def test_every_own_event_may_come_as_a_cloud_event() -> None:
    data = {"bucket": "videos", "key": "a.mp4"}
    assert parse_event(structured(type="video.deleted", data=data)) == (Look("videos", "a.mp4", withdraw=True),)
    assert parse_event(structured(type="video.look", data=data)) == (Look("videos", "a.mp4"),)
    assert parse_event(orjson.dumps(data), binary(ce_type=b"video.look")) == (Look("videos", "a.mp4"),)


def test_other_headers_make_no_cloud_event() -> None:
    own = orjson.dumps(OWN | {"type": "video.uploaded"})
    assert parse_event(own, {"traceparent": b"\xff", "content-type": b"application/json"}) == (LOOK,)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (structured(specversion="0.3"), "specversion: kadr reads CloudEvents 1.0, not '0.3'"),
        (structured(type=None), "type: the CloudEvent has none"),
        (structured(type=7), "type: the CloudEvent has none"),
        (structured(data=None), "data: the CloudEvent has none"),
        (structured(data=[OWN]), "data: it must be an object, not list"),
        (structured(data_base64="e30="), "both data and data_base64"),
        (structured(data=None, data_base64="!"), "data_base64: it is not JSON in base64"),
        (structured(datacontenttype="application/xml"), "datacontenttype: the data must be JSON"),
        (structured(data=OWN | {"type": "video.deleted"}), "says 'video.uploaded' and its data say 'video.deleted'"),
    ],
)
def test_a_wrong_structured_cloud_event_is_refused_with_a_reason(value: bytes, says: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        parse_event(value)
    assert caught.value.reason == "invalid_cloud_event"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        (binary(ce_specversion=None), "specversion: kadr reads CloudEvents 1.0, it is missing"),
        (binary(ce_specversion=b"0.3"), "not '0.3'"),
        (binary(ce_type=None), "type: the CloudEvent has none"),
        (binary(ce_type=b"\xff"), "ce_type: the header is not UTF-8"),
        (binary(content_type=b"application/avro"), "datacontenttype: the data must be JSON"),
    ],
)
def test_a_wrong_binary_cloud_event_is_refused_with_a_reason(headers: dict[str, bytes], says: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        parse_event(orjson.dumps(OWN), headers)
    assert caught.value.reason == "invalid_cloud_event"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (structured(type="video.exploded"), "video.exploded"),
        (structured(data=OWN | {"bucket": ""}), "bucket"),
        (structured(data=OWN | {"titel": "x"}), "titel"),
    ],
)
def test_what_is_in_a_cloud_event_is_checked_as_any_own_event(value: bytes, says: str) -> None:
    with pytest.raises(InvalidEvent, match=says) as caught:
        parse_event(value)
    assert caught.value.reason == "invalid_event"


def test_the_id_is_found_where_there_is_one() -> None:
    assert event_id(structured(), {}) == "7"
    assert event_id(b"{", BINARY) == "7"
    for value in (None, b"", b"{", b"[]", b'{"id":"7"}', structured(id=7), structured(id=None)):
        assert event_id(value, {}) is None
