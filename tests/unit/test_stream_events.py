import orjson
import pytest

from stream.errors import InvalidEvent
from stream.events import (
    Look,
    Metadata,
    VideoDeleted,
    VideoLook,
    VideoUploaded,
    event_key,
    event_value,
    parse_event,
    video_id,
)


def s3(*keys: str, bucket: str = "videos") -> bytes:
    records = [
        {"eventName": "s3:ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 3}}}
        for key in keys
    ]
    return orjson.dumps({"EventName": "s3:ObjectCreated:Put", "Key": "x", "Records": records})


def test_own_event_carries_its_metadata() -> None:
    event = VideoUploaded(bucket="videos", key="кот.mp4", title="Кот", attributes={"year": 2024})
    (look,) = parse_event(event_value(event))
    assert look == Look("videos", "кот.mp4", metadata=Metadata(title="Кот", attributes={"year": 2024}))


def test_uploaded_without_metadata_is_still_an_upload() -> None:
    (look,) = parse_event(b'{"type":"video.uploaded","bucket":"videos","key":"a"}')
    assert look.metadata == Metadata()


def test_deleted_withdraws_and_look_says_nothing() -> None:
    assert parse_event(event_value(VideoDeleted(bucket="videos", key="a"))) == (Look("videos", "a", withdraw=True),)
    assert parse_event(event_value(VideoLook(bucket="videos", key="a"))) == (Look("videos", "a"),)
    assert parse_event(event_value(VideoLook(bucket="videos", key="a", resend="revision")))[0].resend


def test_notification_with_form_quoted_keys_and_several_records() -> None:
    looks = parse_event(s3("dir%2Fmy+video.mp4", "%D0%BA%D0%BE%D1%82.webm"))
    assert [look.key for look in looks] == ["dir/my video.mp4", "кот.webm"]
    assert all(look.metadata is None and not look.withdraw for look in looks)


@pytest.mark.parametrize(
    ("value", "reason", "says"),
    [
        (None, "empty", "no value"),
        (b"", "empty", "no value"),
        (b"nonsense", "not_json", "not JSON"),
        (b"\xff\xfe", "not_json", "not JSON"),
        (b"[1]", "not_an_object", "list"),
        (b"{}", "unknown_shape", "neither"),
        (b'{"type":"video.uploaded","bucket":"videos"}', "invalid_event", "key"),
        (b'{"type":"video.uploaded","bucket":"videos","key":""}', "invalid_event", "key"),
        (b'{"type":"video.exploded","bucket":"videos","key":"a"}', "invalid_event", "video.exploded"),
        (b'{"type":"video.deleted","bucket":"videos","key":"a","titel":"x"}', "invalid_event", "titel"),
        (
            b'{"type":"video.uploaded","bucket":"videos","key":"a","published_at":"soon"}',
            "invalid_event",
            "published_at",
        ),
        (b'{"type":"video.uploaded","bucket":"videos","key":"a","language":"english"}', "invalid_event", "language"),
        (b'{"Records":[]}', "invalid_event", "Records"),
        (b'{"Records":[{"s3":{}}]}', "invalid_event", "bucket"),
    ],
)
def test_anything_else_is_refused_with_a_reason(value: bytes | None, reason: str, says: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        parse_event(value)
    assert caught.value.reason == reason
    assert says in str(caught.value)


def test_video_id_is_stable_and_distinguishes_buckets() -> None:
    assert video_id("videos", "a.mp4") == "0c5f529ffd0ca9bf2a24ad51a8a61165"
    assert len({video_id("videos", "a"), video_id("videos", "b"), video_id("archive", "a")}) == 3
    assert len(video_id("videos", "a")) == 32


def test_one_objects_events_share_a_kafka_key() -> None:
    assert event_key(VideoUploaded(bucket="videos", key="a")) == event_key(VideoDeleted(bucket="videos", key="a"))
