"""The protocol holds in every order of steps within these bounds, and each of its rules is needed."""

from typing import Any

import pytest
from exploration import explore
from ledger_model import RULES, Model

SCRIPTS = [
    (["A"], "A"),
    (["A", "A"], "A"),
    (["A", "B"], "B"),
    (["A", "-"], None),
    (["uploaded", "A"], "A"),
    (["A", "withdraw"], None),
    (["A", "withdraw", "uploaded"], "A"),
    (["A", "withdraw", "B"], "B"),
    (["withdraw", "A"], "A"),
    (["A", "-", "A"], "A"),
]
WORLDS: dict[str, dict[str, Any]] = {
    "a kill": {"kills": 1},
    "two planners": {"planners": 2, "kills": 0},
    "two workers, one a zombie": {"workers": 2, "kills": 0, "zombies": 1},
    "a record is lost": {"kills": 0, "losses": 1},
    "a span fails and is replayed": {"kills": 0, "failures": 1},
}
NEEDED: dict[str, tuple[list[str], str | None, dict[str, Any]]] = {
    "a look is guarded by the looks it read": (["A", "B"], "B", {"planners": 2, "kills": 0}),
    "the ledger is read before the object": (["-", "A"], "A", {"planners": 2, "kills": 0}),
    "an unchanged look counts too": (["A", "-", "A"], "A", {"planners": 2, "kills": 0, "per_second": 9}),
    "spans are sent before the event is acknowledged": (["A"], "A", {}),
    "only the winning run is shown": (["A"], "A", {}),
    "done is refused for another revision": (["A", "B"], "B", {"workers": 2, "kills": 0}),
    "a changed object parks the span": (["A", "-", "A"], "A", {"kills": 0}),
    "a withdrawal outdates the events before it": (["A", "uploaded", "withdraw"], None, {}),
    "a withdrawal spares what was stored after it": (["withdraw", "A"], "A", {}),
    "spans that are lost are sent again": (["A"], "A", {"kills": 0, "losses": 1}),
    "a failed span is revived by its replay": (["A"], "A", {"kills": 0, "failures": 1}),
}
# Sending again what is lost hides a span that was given up, but only after the wait of a reconciler.
MADE_UP_FOR_BY = {"a changed object parks the span": {"spans that are lost are sent again"}}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_nothing_is_lost_doubled_or_stale(script: list[str], expected: str | None, world: dict[str, Any]) -> None:
    found = explore(Model(script, **world), expected=expected)
    assert found.violation is None, "\n".join(found.steps)


def test_a_replay_that_is_killed_is_made_up_for() -> None:
    found = explore(Model(["A"], kills=1, failures=1), expected="A")
    assert found.violation is None, "\n".join(found.steps)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_rule_is_needed(rule: str) -> None:
    script, expected, world = NEEDED[rule]
    rules = RULES - MADE_UP_FOR_BY.get(rule, set())
    assert explore(Model(script, rules=rules, **world), expected=expected).violation is None
    found = explore(Model(script, rules=rules - {rule}, **world), expected=expected)
    assert found.violation is not None
