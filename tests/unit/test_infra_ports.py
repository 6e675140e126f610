import os
import socket

import pytest

from infra.errors import KadrError
from infra.ports import Port, check_free, free_ports, is_taken


def test_a_taken_port_names_its_holder_and_the_setting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number = listener.getsockname()[1]
        assert is_taken(number)
        with pytest.raises(KadrError) as caught:
            check_free([Port(number, "minio", "KADR_MINIO_URL")])
    assert f"Port {number}, which minio needs, is taken by" in str(caught.value)
    assert f"(process {os.getpid()})" in str(caught.value)
    assert "KADR_MINIO_URL" in str(caught.value)
    check_free([Port(number, "minio", "KADR_MINIO_URL")])


def test_two_parts_cannot_share_a_port() -> None:
    number = free_ports(1)[0]
    with pytest.raises(KadrError, match=f"kafka and minio both want port {number}"):
        check_free([Port(number, "kafka", "KADR_KAFKA_BROKERS"), Port(number, "minio", "KADR_MINIO_URL")])


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_port_knows_its_range() -> None:
    with pytest.raises(ValueError, match="70000"):
        Port(70000, "x", "y")
