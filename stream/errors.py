"""What can go wrong in the stream, by what follows from it.

KadrStreamError
├── InvalidEvent     a record that can never be understood: a dead letter with its reason
├── InvalidMedia     a file that can never be decoded: a dead letter with its reason
├── TransientError   something outside is down or slow: wait and try again, nothing is lost
└── SourceChanged    the object is no longer the one that was looked at: this work is stale, look again

Anything else that is raised is a bug.
"""

from typing import Literal

Dependency = Literal["opensearch", "object store", "encoder", "kafka"]
"""What the worker needs from outside."""


class KadrStreamError(Exception):
    """The root of the stream's own errors."""


class _Refused(KadrStreamError):
    """Something that trying again cannot mend."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep why it is refused.

        Args:
            reason: short code in snake_case, the same for all cases of a kind (for counting).
            message: plain English for the publisher: what is wrong and, where known, what to do.
        """
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class InvalidEvent(_Refused):
    """A record on an input topic that no retry can make right."""


class InvalidMedia(_Refused):
    """A file that no retry can decode."""


class TransientError(KadrStreamError):
    """A service or the machine is in trouble; the same work may succeed later.

    Args:
        message: plain English: what did not work.
        dependency: the service that seems to be down as a whole; None where only this one thing is in trouble.
    """

    def __init__(self, message: str, *, dependency: Dependency | None = None) -> None:
        super().__init__(message)
        self.dependency = dependency


class SourceChanged(KadrStreamError):
    """The object has been replaced or removed since it was looked at."""
