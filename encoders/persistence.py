"""How persistently a client asks again, and when it stops asking a server that does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tenacity import RetryCallState, wait_random_exponential

_PAUSE = wait_random_exponential(multiplier=0.1, max=2.0)


@dataclass(frozen=True, slots=True)
class Persistence:
    """What a client does when the server cannot answer now.

    Attributes:
        attempts: How often one request is sent at most, all within the client's timeout. 1: never again.
        failures_to_open: After so many failures in a row, requests fail at once, without being sent. 0: never.
        open_seconds: How long they do; then one request tries the server.
    """

    attempts: int = 1
    failures_to_open: int = 0
    open_seconds: float = 2.0


ASK_ONCE = Persistence()


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row, and says when not to ask.

    Attributes:
        persistence: The limits.
        clock: Seconds that only grow; a test gives its own.
    """

    persistence: Persistence
    clock: Callable[[], float] = time.monotonic
    _failures: int = field(default=0, init=False)
    _asked_again_at: float = field(default=0.0, init=False)

    def allows(self) -> bool:
        """Whether to send a request now; after a rest, only the first one of those that ask is allowed."""
        limit = self.persistence.failures_to_open
        if not limit or self._failures < limit:
            return True
        if self.clock() < self._asked_again_at:
            return False
        self._asked_again_at = self.clock() + self.persistence.open_seconds
        return True

    def succeeded(self) -> None:
        """The server answered, be it with a refusal."""
        self._failures = 0

    def failed(self) -> None:
        """The server could not answer."""
        self._failures += 1
        self._asked_again_at = self.clock() + self.persistence.open_seconds


def pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: what the server wishes, else a random time that grows."""
    error = state.outcome.exception() if state.outcome is not None else None
    wished = getattr(error, "retry_after_seconds", None)
    return float(_PAUSE(state) if wished is None else wished)
