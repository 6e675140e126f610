from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from stream.dead_letters import Selection
from stream.entry import Received
from stream.letter import Answer, Cause, Letter, LetterId, Outgoing
from stream.record import Record, header_map

CAUSE = Cause("probe", "not_media", "This is no video.", 3, "videos/a.mp4", "id", 4)


def record(value: bytes | None = b"{}", **headers: bytes) -> Record:
    return Record("uploads", 1, 7, 1000, b"k", value, headers)


def arrived(sent: Outgoing) -> Any:
    """The record that a letter becomes in the topic."""
    return SimpleNamespace(key=sent.key, value=sent.value, headers=tuple(sent.headers), timestamp=9000)


def letter(of: Record, cause: Cause = CAUSE) -> Letter:
    return Letter.of(LetterId(0, 3), "open", arrived(Outgoing.of(of, cause, spans_topic="spans")))


@pytest.mark.parametrize(
    "headers", [[("a", b"1"), ("b", b"")], (("a", b"0"), ("a", b"1"), ("b", None)), {"a": "1", "b": None}]
)
def test_headers_are_taken_as_faust_and_kafka_give_them(headers: Any) -> None:
    message = SimpleNamespace(topic="t", partition=0, offset=1, timestamp=1.0, key=None, value=None, headers=headers)
    assert Record.of(message).headers == {"a": b"1", "b": b""}
    assert header_map(None) == {}


def test_a_letter_says_where_what_and_why_and_keeps_the_record() -> None:
    found = letter(record(b"garbage", ce_type=b"video.look"))
    assert (found.record.name, found.record.value, found.record.key) == ("uploads:1:7", b"garbage", b"k")
    assert found.record.headers == {"ce_type": b"video.look"}
    assert (found.stage, found.reason, found.message, found.attempts) == ("probe", "not_media", "This is no video.", 3)
    assert (found.subject, found.video_id, found.revision) == ("videos/a.mp4", "id", 4)
    assert found.first_seen_ms == 1000 < found.last_seen_ms


@pytest.mark.parametrize(
    ("of", "trace"),
    [
        (record(ce_id=b"7", traceparent=b"00-1"), "7"),
        (record(b'{"specversion":"1.0","id":"8"}', traceparent=b"00-1"), "8"),
        (record(traceparent=b"00-1"), "00-1"),
        (record(), "uploads:1:7"),
        (record(**{"kadr-trace": b"first", "ce_id": b"7"}), "first"),
    ],
)
def test_a_letter_names_the_trace_it_belongs_to(of: Record, trace: str) -> None:
    assert letter(of).trace == trace


def test_what_is_sent_again_keeps_its_place_in_time_and_its_trace() -> None:
    first = letter(record(ce_id=b"7"))
    again = replace(record(), offset=70, timestamp_ms=5000, headers=dict(first.headers_to_send_again()))
    assert again.headers["ce_id"] == b"7"
    assert again.received == Received(1000, 7)
    second = letter(again)
    assert (second.first_seen_ms, second.trace, second.record.name) == (1000, "7", "uploads:1:70")
    assert dict(second.headers_to_send_again()) == again.headers


@pytest.mark.parametrize("claimed", [b"", b"x", b"1:", b"-1:0", b"1:2:3", b"9999:0", b"9" * 5000 + b":1"])
def test_nobody_claims_a_later_place_in_time(claimed: bytes) -> None:
    assert record(**{"kadr-received": claimed}).received == Received(1000, 7)


def test_a_publisher_cannot_write_our_headers() -> None:
    forged = letter(record(**{"kadr-handled": b"0:1", "kadr-stage": b"x"}))
    assert forged.stage == "probe"
    sent = Outgoing.of(record(**{"kadr-handled": b"0:1"}), CAUSE, spans_topic="spans")
    assert Answer.of(arrived(sent)) is None


def test_a_record_that_fills_a_message_still_becomes_a_letter() -> None:
    large = replace(record(b"x" * 1_000_000, note=b"n" * 48_000), key=b"k" * 500)
    sent = Outgoing.of(large, CAUSE, spans_topic="spans")
    assert sent.value == b""
    assert sum(len(name) + len(value) for name, value in sent.headers) < 5000
    assert letter(large).cut_bytes == 1_000_000 + 48_000 + 500 + len("note")


def test_a_record_of_nothing_becomes_a_letter_that_can_be_sent() -> None:
    sent = Outgoing.of(replace(record(None), key=None), CAUSE, spans_topic="spans")
    assert (sent.key, sent.value) == (None, b"")


def test_a_letter_of_somebody_else_is_read_without_complaint() -> None:
    headers = [("kadr-attempts", b"many"), ("kadr-origin", b"?"), ("kadr-message", b"\xff"), ("kadr-handled", b"?")]
    found = SimpleNamespace(key=None, value=None, headers=headers, timestamp=9000)
    assert Answer.of(found) is None
    odd = Letter.of(LetterId(0, 1), "open", found)
    assert (odd.attempts, odd.stage, odd.last_seen_ms) == (0, "", 9000)


def test_an_answer_names_its_letter() -> None:
    for answer in (Answer(LetterId(2, 5), "replayed"), Answer(LetterId(0, 0), "discarded")):
        assert Answer.of(SimpleNamespace(headers=answer.headers())) == answer


@pytest.mark.parametrize("text", ["", "1", "1:", ":1", "a:b", "1:-2", "1:2:3"])
def test_an_id_is_partition_and_offset(text: str) -> None:
    with pytest.raises(ValueError, match="looks like 0:17"):
        LetterId.parse(text)
    assert str(LetterId.parse("1:23")) == "1:23"


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(ids=frozenset({LetterId(0, 3)})), True),
        (Selection(ids=frozenset({LetterId(0, 4)})), False),
        (Selection(reasons=frozenset({"not_media", "empty"})), True),
        (Selection(reasons=frozenset({"empty"})), False),
        (Selection(stages=frozenset({"span"})), False),
        (Selection(stages=frozenset({"probe"}), reasons=frozenset({"empty"})), False),
        (Selection(since_ms=5000), True),
        (Selection(since_ms=5001), False),
        (Selection(until_ms=5001), True),
        (Selection(until_ms=5000), False),
    ],
)
def test_letters_are_selected_by_all_that_is_said(selection: Selection, taken: bool) -> None:
    assert selection.takes(replace(letter(record()), last_seen_ms=5000)) is taken


def test_what_is_handled_is_meant_only_by_its_id_or_when_all_are() -> None:
    handled = replace(letter(record()), state="replayed")
    assert not Selection().takes(handled)
    assert Selection(handled=True).takes(handled)
    assert Selection(ids=frozenset({handled.id})).takes(handled)
