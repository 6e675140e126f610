"""The parts of `make chaos` say so when their figures are not what they must be."""

from typing import Any

import pytest
from chaos.cost import share_of
from chaos.parts import PARTS
from chaos.report import ZEROES

RIGHT: dict[str, dict[str, Any]] = {
    "run": {**dict.fromkeys(ZEROES, 0), "failpoints_not_reached": []},
    "killer": {"dead_letters": ["kills_workers"], "innocents_lost": [], "rebalances": 10},
    "failing": {"dead_letters": ["broken"], "reached": ["span.letter"], "unannounced": [], "states": ["f"]},
    "outage": {"dead_letters": [], "starts": 2, "lost": []},
    "backlog": {"spans": 30, "span_records": 30, "lost": [], "duplicates": []},
    "offsets": {"lost_with_plain_offsets": 1, "lost_with_strict_offsets": 0},
    "show": {"foreign_without_show": 10, "foreign_with_show": 0},
    "protocol": {"share": 0.04},
    "ten-hours": {"spans": 600, "updates": 1202, "document_bytes": 50_000},
    "million": {
        "sizes": {"2000": {"objects": 1998, "videos": 1998, "unknown": 2, "vanished": 2, "sent": 4}},
        "peak_growth_mb": 0.5,
    },
}
WRONG: list[tuple[str, dict[str, Any]]] = [
    *[("run", {name: 1}) for name in ZEROES],
    ("run", {"failpoints_not_reached": ["span.done"]}),
    ("killer", {"dead_letters": []}),
    ("killer", {"dead_letters": ["kills_workers", "kills_workers"]}),
    ("killer", {"innocents_lost": ["innocent 1.mp4"]}),
    ("killer", {"rebalances": 9}),
    ("failing", {"dead_letters": ["broken"] * 3}),
    ("failing", {"unannounced": ["broken.mp4"]}),
    ("failing", {"states": ["p"]}),
    ("outage", {"dead_letters": ["kills_workers"]}),
    ("outage", {"starts": 3}),
    ("outage", {"lost": ["1.mp4"]}),
    ("backlog", {"span_records": 31}),
    ("backlog", {"duplicates": ["1.mp4"]}),
    ("offsets", {"lost_with_plain_offsets": 0}),
    ("offsets", {"lost_with_strict_offsets": 1}),
    ("show", {"foreign_without_show": 0}),
    ("show", {"foreign_with_show": 1}),
    ("protocol", {"share": 0.051}),
    ("ten-hours", {"updates": 1300}),
    ("ten-hours", {"document_bytes": 200_000}),
    ("million", {"peak_growth_mb": 8.1}),
    ("million", {"sizes": {"2000": {"objects": 1998, "videos": 1998, "unknown": 2, "vanished": 1, "sent": 3}}}),
]


def test_every_part_is_judged() -> None:
    assert RIGHT.keys() == PARTS.keys()


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_right(name: str) -> None:
    assert PARTS[name].wrong(RIGHT[name]) == []


@pytest.mark.parametrize(("name", "changes"), WRONG)
def test_a_part_is_wrong(name: str, changes: dict[str, Any]) -> None:
    assert len(PARTS[name].wrong({**RIGHT[name], **changes})) == 1


def test_the_cost_is_that_of_the_calls_beside_a_span_without_them() -> None:
    found = share_of({"with": [9.0, 1.1, 1.1, 2.1], "without": [9.0, 1.0, 1.0, 2.0], "calls": [9.0, 0.04, 0.05, 0.06]})
    assert (found["pairs_of_spans"], found["share"], found["share_by_difference"]) == (3, 0.05, 0.1)
