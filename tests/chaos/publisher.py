"""Publishers that store, replace, delete, describe and withdraw videos, and tell the oracle what they did."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from chaos.contents import Contents
from chaos.oracle import Key, Oracle
from chaos.world import World
from stream.events import VideoDeleted, VideoUploaded

# A store tells whole seconds: what was stored within the second of a withdrawal may have been there before it.
SETTLING_SECONDS = 2.1

Operation = Callable[[Key], Awaitable[None]]


class Publishers:
    """Several publishers at once, each with keys of its own, so that the order of a key's operations is known."""

    def __init__(self, world: World, contents: Contents, oracle: Oracle, rng: random.Random) -> None:
        self._world = world
        self._contents = contents
        self._oracle = oracle
        self._rng = rng
        self._named = 0

    async def work(self, operations: int, *, publishers: int, seconds: float) -> None:
        """Does so many operations, spread over about so many seconds; every key gets one at least."""
        keys = list(self._oracle.keys.values())
        self._rng.shuffle(keys)
        shares = [keys[number::publishers] for number in range(publishers)]
        each = [operations // publishers + (number < operations % publishers) for number in range(publishers)]
        async with asyncio.TaskGroup() as group:
            for share, number in zip(shares, each, strict=True):
                group.create_task(self._publish(share, number, pause_seconds=seconds / max(1, number)))

    async def _publish(self, keys: list[Key], operations: int, *, pause_seconds: float) -> None:
        stop = asyncio.get_running_loop().time()
        for number in range(operations):
            key = keys[number] if number < len(keys) else self._rng.choice(keys)
            name, operation = self._choose(key)
            await operation(key)
            key.operations += 1
            self._oracle.done[name] += 1
            stop += self._rng.uniform(0, 2 * pause_seconds)
            await asyncio.sleep(max(0.0, stop - asyncio.get_running_loop().time()))

    def _choose(self, key: Key) -> tuple[str, Operation]:
        choices: list[tuple[float, str, Operation]] = [
            (4, "put" if key.content is None else "overwrite", self._put),
            (1.5, "described before", self._described_put),
            (1.5, "described after", self._put_described),
        ]
        if key.content is not None:
            choices += [
                (2, "identical put", self._put_again),
                (2, "delete", self._delete),
                (2, "delete and put", self._delete_put),
                (1.5, "withdraw", self._withdraw),
                (1.5, "describe", self._describe),
            ]
        _, name, operation = self._rng.choices(choices, [weight for weight, _, _ in choices])[0]
        return name, operation

    async def _put(self, key: Key) -> None:
        await self._settle(key)
        content = self._contents.other_than(key.content, self._rng)
        await self._world.put(key.name, content.data)
        key.stored(content)

    async def _put_again(self, key: Key) -> None:
        await self._settle(key)
        assert key.content is not None
        await self._world.put(key.name, key.content.data)
        key.stored(key.content)

    async def _delete(self, key: Key) -> None:
        await self._world.remove(key.name)
        key.removed()

    async def _delete_put(self, key: Key) -> None:
        await self._settle(key)
        same = key.content if self._rng.random() < 0.5 else None
        await self._delete(key)
        content = same or self._contents.other_than(None, self._rng)
        await self._world.put(key.name, content.data)
        key.stored(content)

    async def _describe(self, key: Key) -> None:
        self._named += 1
        name = f"name-{self._named}"
        event = VideoUploaded(
            bucket=self._world.bucket, key=key.name, external_id=name, title=f"Video {name}", categories=(name,)
        )
        for _ in range(self._rng.choice((1, 1, 2))):
            await self._world.publish(event)
        key.described(name)

    async def _described_put(self, key: Key) -> None:
        await self._describe(key)
        await self._put(key)

    async def _put_described(self, key: Key) -> None:
        await self._put(key)
        await self._describe(key)

    async def _withdraw(self, key: Key) -> None:
        await self._world.publish(VideoDeleted(bucket=self._world.bucket, key=key.name))
        key.withdrew(asyncio.get_running_loop().time())

    async def _settle(self, key: Key) -> None:
        """Stores nothing so soon after a withdrawal that nobody could say which came first."""
        wait = key.withdrawn_at + SETTLING_SECONDS - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
