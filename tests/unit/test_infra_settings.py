from pathlib import Path

import pytest

from infra.errors import KadrError
from infra.settings import StackSettings, port_of, read_settings


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KADR_WORKERS", "many", "KADR_WORKERS"),
        ("KADR_HOME", "cache", "must be an absolute folder, not 'cache'"),
        ("KADR_API_URL", "localhost", "must look like http://host:port, not 'localhost'"),
        ("KADR_KAFKA_BROKERS", "one:9092,two", "must look like host:port"),
        ("KADR_LOCAL_SERVERS", "kafka,redis", "not redis"),
        ("KADR_BUCKETS", " , ", "name at least one bucket"),
        ("KADR_NOTIFICATION_TARGETS", "T01", "NAME=TOPIC"),
        ("KADR_LOG_LEVEL", "loud", "debug, info, warning or error"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(KadrError) as caught:
        read_settings()
    assert name in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_thumbnail_bucket_must_not_notify() -> None:
    with pytest.raises(KadrError, match="KADR_THUMBNAIL_BUCKET"):
        read_settings(buckets=("a", "b"), thumbnail_bucket="b")


def test_a_child_reads_back_what_its_parent_has(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = StackSettings(
        home=Path("/srv/kadr home"),
        buckets=("talks", "films"),
        minio_secret_key="quite secret",
        notification_targets={"T01": "t01.uploads", "T02": "t02.uploads"},
        local_servers=(),
    )
    for name, value in mine.environment().items():
        monkeypatch.setenv(name, value)
    assert read_settings() == mine


def test_data_lie_in_the_home_folder_unless_said_otherwise() -> None:
    assert StackSettings(home=Path("/a")).data == Path("/a/data")
    assert StackSettings(home=Path("/a"), data=Path("/b")).data == Path("/b")


def test_secrets_do_not_show() -> None:
    assert "quite secret" not in repr(StackSettings(minio_secret_key="quite secret"))


@pytest.mark.parametrize(("address", "port"), [("http://host:81", 81), ("host:9092", 9092), ("https://[::1]:7", 7)])
def test_the_port_of_an_address(address: str, port: int) -> None:
    assert port_of(address) == port
