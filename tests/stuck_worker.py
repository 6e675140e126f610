"""A worker that stops consuming after its first records, in the way that the first argument names.

Its process, its threads and its membership in the group go on: from outside only its progress tells.
"""

import asyncio
import sys
from typing import Any

from stream import app
from stream.intake import Intake
from stream.transport import StrictConsumer

TAKEN = 1


async def for_ever(*_: object) -> None:
    await asyncio.Event().wait()


def stop_fetching() -> None:
    """Faust's consumer delivers nothing any more, as if its fetcher hung."""
    plain, delivered = StrictConsumer.__init__, 0

    def init(self: Any, *args: Any, callback: Any, **kwargs: Any) -> None:
        async def deliver(message: Any) -> None:
            nonlocal delivered
            delivered += 1
            await (callback(message) if delivered <= TAKEN else for_ever())

        plain(self, *args, callback=deliver, **kwargs)

    StrictConsumer.__init__ = init  # type: ignore[method-assign]


def stop_taking() -> None:
    """The agents receive messages and do nothing with them."""
    plain, taken = Intake.admit, 0

    async def admit(self: Intake, message: Any) -> None:
        nonlocal taken
        taken += 1
        await (plain(self, message) if taken <= TAKEN else for_ever())

    Intake.admit = admit  # type: ignore[method-assign]


if __name__ == "__main__":
    {"fetching": stop_fetching, "taking": stop_taking}[sys.argv[1]]()
    app.main()
