import pytest

from search_api.ranges import ByteRange, Unsatisfiable, is_known, range_applies, wanted_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("Bytes=10-19", (10, 20)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        (None, None),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=1-2,5-6", None),
        ("bytes=²-3", None),
        ("bytes=" + "9" * 40 + "-", None),
        ("seconds=1-2", None),
        ("bytes=one-two", None),
    ],
)
def test_reads_one_range_of_bytes_and_nothing_else(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == (ByteRange(*wanted) if wanted else None)


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_a_range_outside_the_object_is_said_to_be_one(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_range(header, size)


@pytest.mark.parametrize(
    ("if_range", "applies"),
    [(None, True), ('"a"', True), ('W/"a"', False), ('"b"', False), ("Sat, 21 Nov 2026 12:00:00 GMT", True)],
)
def test_a_range_applies_only_to_the_content_that_is_named(if_range: str | None, applies: bool) -> None:
    assert range_applies(if_range, etag='"a"', last_modified="Sat, 21 Nov 2026 12:00:00 GMT") == applies


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ('"a"', True), ('W/"a"', True), ("*", True), ('"b", "a"', True), ('"b"', False)],
)
def test_knows_what_a_client_has(header: str | None, known: bool) -> None:
    assert is_known(header, '"a"') == known
