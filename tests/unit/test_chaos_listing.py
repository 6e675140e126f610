"""The short form of comparing a million objects with the ledger: with the real clients, in bounded memory."""

from chaos.listing import compared, failures


def test_comparing_ten_times_as_many_objects_takes_no_more_memory() -> None:
    found = compared((2_000, 14_000))
    assert failures(found) == []
