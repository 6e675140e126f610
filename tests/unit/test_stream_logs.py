import logging

from stream.logs import Seldom


def complaint(line: int) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, "client.py", line, "no connection to %s", ("b",), None)


def test_the_same_complaint_passes_once_and_another_is_not_held_back() -> None:
    seldom = Seldom()
    assert [seldom.filter(complaint(1)) for _ in range(3)] == [True, False, False]
    assert seldom.filter(complaint(2))


def test_it_passes_again_after_the_pause() -> None:
    seldom = Seldom(pause_seconds=0.0)
    assert all(seldom.filter(complaint(1)) for _ in range(3))
