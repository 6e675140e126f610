import asyncio
import threading

import pytest

from search_api.pipe import Pipe, PipeBroken


async def test_carries_bytes_to_a_thread_in_order() -> None:
    pipe = Pipe(10)
    reading = asyncio.create_task(asyncio.to_thread(lambda: [pipe.read(4), pipe.read(4), pipe.read(100), pipe.read(1)]))

    for piece in (b"a", b"bcdef", b"", b"ghi", b"j" * 20):
        await pipe.write(piece)
    pipe.finish()

    assert await reading == [b"abcd", b"efgh", b"i" + b"j" * 20, b""]


async def test_the_writer_waits_for_a_slow_reader() -> None:
    pipe = Pipe(10)
    await pipe.write(b"x" * 10)
    writing = asyncio.create_task(pipe.write(b"y" * 10))

    await asyncio.sleep(0.05)
    assert not writing.done()
    assert await asyncio.to_thread(pipe.read, 10) == b"x" * 10
    await asyncio.wait_for(writing, 5)


async def test_breaking_off_wakes_both_sides() -> None:
    pipe = Pipe(10)
    caught: list[BaseException] = []

    def read() -> None:
        try:
            pipe.read(1)
        except PipeBroken as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    pipe.break_off()
    await asyncio.to_thread(thread.join, 5)
    assert caught

    with pytest.raises(PipeBroken):
        await pipe.write(b"x")


async def test_a_waiting_writer_is_told_that_the_reader_is_gone() -> None:
    pipe = Pipe(10)
    await pipe.write(b"x" * 10)
    writing = asyncio.create_task(pipe.write(b"y" * 10))
    await asyncio.sleep(0)

    await asyncio.to_thread(pipe.break_off)

    with pytest.raises(PipeBroken):
        await asyncio.wait_for(writing, 5)
