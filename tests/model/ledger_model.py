"""An explicit-state model of the ledger protocol, for one video of one span.

It explores every order of steps of a publisher, planners and span workers, with processes killed between any two steps
and zombies that go on after their record was given to another. What a look decides is the product's own code
(`stream.look`); the scripts are modelled by small functions here. Each rule can be left out, to show that it is needed.
Time is the offset of events: content `A@3` was stored when event 3 was sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from world import (
    Document,
    Event,
    Moment,
    Planner,
    Record,
    State,
    Step,
    Worker,
    as_changes,
    as_entry,
    as_look,
    as_source,
    is_pending,
    lose,
    mark_emitted,
    moment_of,
    publish,
    received,
    reconcile,
    replay,
    same_content,
)

from stream.look import (
    Plan,
    Verdict,
    asks_to_resend,
    fields_of_absence,
    fields_of_metadata,
    fields_of_resend,
    fields_of_revision,
    fields_of_same,
    fields_of_withdrawal,
    verdict,
)

RULES = frozenset(
    {
        "a look is guarded by the looks it read",
        "the ledger is read before the object",
        "an unchanged look counts too",
        "spans are sent before the event is acknowledged",
        "only the winning run is shown",
        "done is refused for another revision",
        "a changed object parks the span",
        "a withdrawal outdates the events before it",
        "a withdrawal spares what was stored after it",
        "spans that are lost are sent again",
        "a failed span is revived by its replay",
    }
)
FULL = RULES


@dataclass(frozen=True)
class Model:
    """Which rules hold, and what the publisher does; stores tell the second only, so operations can share one.

    Attributes:
        losses: Records of spans that are lost.
        failures: Tries at a span that end in a dead letter; somebody replays it.
    """

    script: Sequence[str]
    rules: frozenset[str] = FULL
    planners: int = 1
    workers: int = 1
    kills: int = 1
    zombies: int = 0
    losses: int = 0
    failures: int = 0
    per_second: int = 1

    def start(self) -> State:
        return State(
            tuple(self.script),
            planners=(Planner(),) * self.planners,
            workers=(Worker(),) * self.workers,
            kills=self.kills,
            zombies=self.zombies,
            losses=self.losses,
            failures=self.failures,
        )

    def steps(self, s: State) -> Iterator[Step]:
        yield from publish(s, self.per_second)
        yield from lose(s)
        if self._holds("spans that are lost are sent again"):
            yield from reconcile(s)
        if self._holds("a failed span is revived by its replay"):
            yield from replay(s)
        for number, planner in enumerate(s.planners):
            yield from self._planner_steps(s, number, planner)
        for number, worker in enumerate(s.workers):
            yield from self._worker_steps(s, number, worker)

    def _planner_steps(self, s: State, number: int, p: Planner) -> Iterator[Step]:
        def to(label: str, planner: Planner, **world: Any) -> Step:
            planners = (*s.planners[:number], planner, *s.planners[number + 1 :])
            return f"planner {number} {label}", s._replace(planners=planners, **world)

        if p.step != "idle" and s.kills:
            yield to("is killed", Planner(), kills=s.kills - 1)
        first = "read" if self._holds("the ledger is read before the object") else "stat"
        match p.step:
            case "idle":
                for event in s.events:
                    held = any(other.event == event for other in s.planners)
                    if not held:
                        yield to(f"takes {event.kind}", Planner(first, event))
                    elif s.zombies:
                        yield to(f"takes {event.kind} from a zombie", Planner(first, event), zombies=s.zombies - 1)
            case "read":
                step = "stat" if first == "read" else "write"
                yield to("reads the ledger", p._replace(step=step, read=s.ledger or Document()))
            case "stat":
                step = "write" if first == "read" else "read"
                yield to(f"sees {s.stored}", p._replace(step=step, stat=s.stored))
            case "write":
                yield self._write(s, p, first, to)
            case "send":
                assert s.ledger is not None and p.read is not None
                if p.read.span is None:
                    yield to("tells of the end", p._replace(step="mark"))
                else:
                    record = Record(p.read.revision, str(p.read.source), s.sent)
                    yield to("sends the span", p._replace(step="mark"), records=s.records | {record}, sent=s.sent + 1)
            case "mark":
                yield to("marks it sent", p._replace(step="ack"), ledger=mark_emitted(s.ledger, p.read))
            case "ack":
                yield to("acknowledges", Planner(), events=s.events - {p.event})

    def _write(self, s: State, p: Planner, first: str, to: Any) -> Step:
        assert p.read is not None and p.event is not None
        now = s.ledger or Document()
        changed = self._decide(s, p)
        stale = now.looks != p.read.looks
        if self._holds("a look is guarded by the looks it read") and stale:
            return to("comes too late", p._replace(step=first, read=None, stat=None))  # type: ignore[no-any-return]
        counted = changed is not None or self._holds("an unchanged look counts too")
        new = now._replace(**(changed or {}), looks=now.looks + counted)
        step = "send" if not new.emitted else "ack"
        events = s.events
        if step == "send" and not self._holds("spans are sent before the event is acknowledged"):
            events = s.events - {p.event}
        label = f"writes revision {new.revision} {new.status}"
        return to(label, p._replace(step=step, read=new), ledger=new, events=events)  # type: ignore[no-any-return]

    def _decide(self, s: State, p: Planner) -> dict[str, Any] | None:
        """Asks the product's code what the look means; None if nothing changes."""
        assert p.read is not None and p.event is not None
        entry, look, at = as_entry(p.read), as_look(p.event.kind), received(p.event.offset)
        source = as_source(p.stat)
        if source is not None and look.withdraw and not self._holds("a withdrawal spares what was stored after it"):
            source = replace(source, last_modified=moment_of(p.event.offset))
        found = verdict(entry, source, look, at)
        metadata = fields_of_metadata(entry, look, at, found)
        fields: dict[str, Any] = {}
        if source is None:
            fields = fields_of_absence(entry, found) if found is Verdict.VANISHED else {}
        elif found is Verdict.WITHDRAWN:
            fields = fields_of_withdrawal(entry, source, at)
            if not self._holds("a withdrawal outdates the events before it"):
                metadata.pop("metadata_at", None)
        elif found is Verdict.SAME:
            fields = fields_of_same(source)
            if asks_to_resend(entry, look) and not s.records:
                fields |= fields_of_resend()
        elif found is Verdict.NEW:
            fields = fields_of_revision(entry, source, Plan(1.0, ((0.0, 1.0),), {}))
        changed = as_changes(fields | metadata)
        return changed if any(getattr(p.read, name) != value for name, value in changed.items()) else None

    def _worker_steps(self, s: State, number: int, w: Worker) -> Iterator[Step]:
        def to(label: str, worker: Worker, **world: Any) -> Step:
            workers = (*s.workers[:number], worker, *s.workers[number + 1 :])
            return f"worker {number} {label}", s._replace(workers=workers, **world)

        if w.step != "idle" and s.kills:
            yield to("is killed", Worker(), kills=s.kills - 1)
        wanted = w.record is not None and is_pending(s.ledger, w.record)
        match w.step:
            case "idle":
                for record in s.records:
                    held = any(other.record == record for other in s.workers)
                    if not held:
                        yield to("takes the span", Worker("claim", record))
                    elif s.zombies:
                        yield to("takes the span of a zombie", Worker("claim", record), zombies=s.zombies - 1)
            case "claim" if wanted:
                yield to("claims", w._replace(step="decode", run=f"run{s.runs}"), runs=s.runs + 1)
            case "claim":
                yield to("has nothing to do", w._replace(step="ack"))
            case "decode":
                yield self._decode(s, w, to)
                if s.failures:
                    yield to("sends a dead letter", w._replace(step="fail"), letter=True, failures=s.failures - 1)
            case "fail":
                yield to("fails the span", w._replace(step="ack"), ledger=_failed(s.ledger, w))
            case "parked" if not wanted or (w.record is not None and same_content(s.stored, w.record.source)):
                yield to("goes on", w._replace(step="claim"))
            case "index":
                assert w.record is not None
                moment = Moment(w.record.revision, w.run, w.content)
                yield to("writes its moment", w._replace(step="done"), moments=s.moments | {moment})
            case "done":
                yield to("is done", w._replace(step="ack"), ledger=self._done(s.ledger, w))
            case "ack":
                yield to("acknowledges", Worker(), records=s.records - {w.record})

    def _decode(self, s: State, w: Worker, to: Any) -> Step:
        assert w.record is not None
        if same_content(s.stored, w.record.source):
            return to("reads", w._replace(step="index", content=s.stored))  # type: ignore[no-any-return]
        if not self._holds("a changed object parks the span"):
            return to("gives the span up", w._replace(step="ack"))  # type: ignore[no-any-return]
        look = Event("look", s.offset)
        return to(  # type: ignore[no-any-return]
            "parks the span", w._replace(step="parked"), events=s.events | {look}, offset=s.offset + 1
        )

    def _done(self, ledger: Document | None, w: Worker) -> Document | None:
        assert ledger is not None and w.record is not None
        if ledger.span not in ("p", "f") or ledger.status == "deleted":
            return ledger
        if ledger.revision != w.record.revision and self._holds("done is refused for another revision"):
            return ledger
        return ledger._replace(span="d", run=w.run, status="ready")

    def _holds(self, rule: str) -> bool:
        assert rule in RULES
        return rule in self.rules

    def shown(self, s: State) -> set[Moment]:
        """SHOW: what the search API lets through."""
        if s.ledger is None or s.ledger.status == "deleted" or s.ledger.span != "d":
            return set()
        wins = self._holds("only the winning run is shown")
        return {m for m in s.moments if m.revision == s.ledger.revision and (not wins or m.run == s.ledger.run)}


def _failed(ledger: Document | None, w: Worker) -> Document | None:
    """The script of FAIL: a span that is done stays so."""
    assert w.record is not None
    return ledger._replace(span="f", status="failed") if ledger is not None and is_pending(ledger, w.record) else ledger
