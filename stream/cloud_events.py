"""CloudEvents 1.0 around kadr's own events: structured JSON, and Kafka's binary mode with `ce_` headers.

The CloudEvent's type is the own event's type, and its data are the own event's other fields. kadr needs no more of it;
the other attributes may say what they like.

See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from stream.errors import InvalidEvent

_STRUCTURED = "application/cloudevents"


def own_event(body: dict[str, Any], headers: Mapping[str, bytes]) -> dict[str, Any] | None:
    """Takes the own event out of a CloudEvent; None if the record is no CloudEvent.

    Args:
        body: the record's value.
        headers: the record's headers.

    Raises:
        InvalidEvent: It is one, but a wrong one; says what is wrong with it.
    """
    content_type = _text(headers, "content-type")
    structured = content_type is not None and content_type.lower().startswith(_STRUCTURED)
    if not structured and ("ce_specversion" in headers or "ce_type" in headers):
        _check_envelope(_text(headers, "ce_specversion"), content_type)
        return _typed(_text(headers, "ce_type"), body)
    if structured or "specversion" in body:
        _check_envelope(body.get("specversion"), body.get("datacontenttype"))
        return _typed(body.get("type"), _data(body))
    return None


def event_id(value: bytes | None, headers: Mapping[str, bytes]) -> str | None:
    """Returns the id of a CloudEvent, as far as there is one; never complains."""
    if "ce_id" in headers:
        return headers["ce_id"].decode(errors="replace")
    try:
        body = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    found = body.get("id") if isinstance(body, dict) and "specversion" in body else None
    return found if isinstance(found, str) and found else None


def _check_envelope(specversion: object, content_type: object) -> None:
    if specversion != "1.0":
        found = "it is missing" if specversion is None else f"not {specversion!r}"
        raise _wrong(f"specversion: kadr reads CloudEvents 1.0, {found}")
    if content_type is not None and not _is_json(content_type):
        raise _wrong(f"datacontenttype: the data must be JSON, not {content_type!r}")


def _is_json(content_type: object) -> bool:
    media_type = content_type.partition(";")[0].strip().lower() if isinstance(content_type, str) else ""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def _data(body: Mapping[str, Any]) -> dict[str, Any]:
    if "data" in body and "data_base64" in body:
        raise _wrong("data: the CloudEvent has both data and data_base64")
    data = _decoded(body["data_base64"]) if "data_base64" in body else body.get("data")
    if data is None:
        raise _wrong("data: the CloudEvent has none")
    if not isinstance(data, dict):
        raise _wrong(f"data: it must be an object, not {type(data).__name__}")
    return data


def _decoded(data: object) -> object:
    try:
        return orjson.loads(base64.b64decode(str(data), validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise _wrong(f"data_base64: it is not JSON in base64: {error}") from error


def _typed(event_type: object, data: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(event_type, str) or not event_type:
        raise _wrong("type: the CloudEvent has none")
    if data.get("type", event_type) != event_type:
        raise _wrong(f"type: the CloudEvent says {event_type!r} and its data say {data['type']!r}")
    return data | {"type": event_type}


def _text(headers: Mapping[str, bytes], name: str) -> str | None:
    try:
        return headers[name].decode() if name in headers else None
    except UnicodeDecodeError as error:
        raise _wrong(f"{name}: the header is not UTF-8") from error


def _wrong(message: str) -> InvalidEvent:
    return InvalidEvent("invalid_cloud_event", message)
