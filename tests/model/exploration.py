"""Visits every state of the model, and says what is wrong in one of them."""

from collections import deque
from dataclasses import dataclass

from ledger_model import Model
from world import State, same_content


@dataclass(frozen=True)
class Finding:
    """What an exploration found: nothing wrong, or a violation with the steps that lead to it."""

    states: int
    violation: str | None = None
    steps: tuple[str, ...] = ()


def explore(model: Model, *, expected: str | None, limit: int = 400_000) -> Finding:
    """Visits every state, breadth first.

    Args:
        expected: The content that must be found when all is quiet; None if nothing must be.

    Raises:
        RuntimeError: There are more states than the limit.
    """
    start = model.start()
    parents: dict[State, tuple[State, str] | None] = {start: None}
    reached_from: dict[State, list[State]] = {}
    quiet: list[State] = []
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if wrong := unsafe(model, state):
            return Finding(len(parents), wrong, trace(parents, state))
        following = list(model.steps(state))
        for label, after in following:
            reached_from.setdefault(after, []).append(state)
            if after not in parents:
                parents[after] = (state, label)
                queue.append(after)
        if not following:
            if wrong := wrong_when_quiet(model, state, expected):
                return Finding(len(parents), wrong, trace(parents, state))
            quiet.append(state)
        if len(parents) > limit:
            raise RuntimeError(f"more than {limit} states: give the model a shorter script")
    good, stack = set(quiet), list(quiet)
    while stack:
        for before in reached_from.get(stack.pop(), ()):
            if before not in good:
                good.add(before)
                stack.append(before)
    stuck = next((state for state in parents if state not in good), None)
    return Finding(len(parents), "never becomes quiet", trace(parents, stuck)) if stuck else Finding(len(parents))


def unsafe(model: Model, s: State) -> str | None:
    """Says what must never be true."""
    shown = model.shown(s)
    if s.ledger is not None and any(not same_content(moment.content, s.ledger.source or "") for moment in shown):
        return "shows other content than the ledger's"
    return "shows one span twice" if len(shown) > 1 else None


def wrong_when_quiet(model: Model, s: State, expected: str | None) -> str | None:
    """Says what is wrong when nothing more happens."""
    shown = model.shown(s)
    if expected is None:
        return "shows what is gone" if shown else None
    if s.ledger is None or s.ledger.status != "ready":
        return f"the upload is lost: {s.ledger}"
    found = [moment for moment in shown if same_content(moment.content, expected)]
    return None if len(found) == len(shown) == 1 else "the upload cannot be found"


def trace(parents: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    steps = []
    while (parent := parents[state]) is not None:
        state, label = parent
        steps.append(label)
    return tuple(reversed(steps))
