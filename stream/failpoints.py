"""Places in the protocol where a test can have the worker killed: a step was taken, and nothing after it.

They do nothing unless the environment names one of them (`KADR_FAILPOINT=span.done`), which only tests do.
"""

import os
import signal

VARIABLE = "KADR_FAILPOINT"
LOOK = (
    "look.read",
    "look.stat",
    "look.attempt",
    "look.probe",
    "look.write",
    "look.status",
    "look.send",
    "look.emitted",
    "look.sweep",
)
SPAN = (
    "span.claim",
    "span.decode",
    "span.encode",
    "span.thumbnails",
    "span.bulk",
    "span.refresh",
    "span.done",
    "span.status",
    "span.sweep",
)
FAILURE = ("span.letter", "span.fail")


def passed(step: str) -> None:
    """Kills this process as a crash would, if the environment names the step that was just taken."""
    if os.environ.get(VARIABLE) == step:
        os.kill(os.getpid(), signal.SIGKILL)
