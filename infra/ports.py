"""The ports that the local stack listens on, and who holds one that is taken."""

import errno
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from infra.errors import KadrError


@dataclass(frozen=True, slots=True)
class Port:
    """A port on 127.0.0.1, who of kadr wants it, and the setting that names it."""

    number: int
    wanted_by: str
    setting: str

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 65535:
            raise ValueError(f"a port is between 1 and 65535: {self.number = }")


def check_free(ports: Sequence[Port], patience_seconds: float = 0.0) -> None:
    """Checks that every port can be listened on.

    Args:
        ports: the ports to try.
        patience_seconds: how long to wait for one that is taken, say by a process that is just ending.

    Raises:
        KadrError: two parts want the same port, or someone else holds one.
    """
    claimed: dict[int, Port] = {}
    for port in ports:
        other = claimed.setdefault(port.number, port)
        if other is not port:
            raise KadrError(
                f"{other.wanted_by} and {port.wanted_by} both want port {port.number}: "
                f"set {other.setting} or {port.setting} to another one."
            )
    until = time.monotonic() + patience_seconds
    for port in ports:
        while is_taken(port.number):
            if time.monotonic() >= until:
                raise KadrError(
                    f"Port {port.number}, which {port.wanted_by} needs, is taken by {holder(port.number)}: "
                    f"stop that, or choose another port with {port.setting}."
                )
            time.sleep(0.2)


def is_taken(number: int) -> bool:
    """Says whether someone listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise KadrError(f"Port {number} cannot be listened on: {error.strerror}.") from error
    return False


def holder(number: int) -> str:
    """Names who listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (number,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another process"


def free_ports(count: int) -> list[int]:
    """Finds ports that nobody uses now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
