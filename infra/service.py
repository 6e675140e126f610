"""What the supervisor keeps alive: one value per process, and the order among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.errors import KadrError
from infra.ports import Port
from infra.process import Launch
from infra.readiness import Check


@dataclass(frozen=True, slots=True)
class Service:
    """One part of the local stack.

    Attributes:
        name: what the user calls it.
        launch: how to start it; None for one that runs already and is only waited for.
        check: says why it is not ready; None for a step that is done when it ends with status 0.
        after: names of the services that must be ready (or done) before it starts.
        start_seconds: how long it may take until it is ready.
        ports: the ports that it listens on.
        address: where users find it; empty if it has no address.
    """

    name: str
    launch: Launch | None
    check: Check | None
    after: tuple[str, ...] = ()
    start_seconds: float = 60.0
    ports: tuple[Port, ...] = ()
    address: str = ""

    def __post_init__(self) -> None:
        if self.launch is None and self.check is None:
            raise ValueError(f"a service is started, or waited for: {self.name = }")
        if self.start_seconds <= 0:
            raise ValueError(f"a service needs time to start: {self.start_seconds = }")

    @property
    def is_step(self) -> bool:
        """Whether it runs once, to its end."""
        return self.check is None


def levels(services: Sequence[Service]) -> list[list[Service]]:
    """Orders services so that each comes in a later level than everything it starts after.

    Raises:
        KadrError: they wait for each other, or for one that is not there.
    """
    remaining = {service.name: service for service in services}
    done: set[str] = set()
    ordered: list[list[Service]] = []
    while remaining:
        level = [service for service in remaining.values() if done.issuperset(service.after)]
        if not level:
            raise KadrError(f"These services wait for each other or for one that is absent: {', '.join(remaining)}.")
        ordered.append(level)
        for service in level:
            done.add(service.name)
            del remaining[service.name]
    return ordered
