"""The world of the model: its values, how the product's own code sees them, and what happens to them from outside."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from stream.entry import Entry, Received, Source, blank
from stream.events import Look, Metadata


class Event(NamedTuple):
    """An event on the uploads topic: what it says, and where the broker put it."""

    kind: str
    offset: int


class Document(NamedTuple):
    """The ledger document, as far as the model needs it."""

    looks: int = 0
    revision: int = 0
    status: str = "deleted"
    source: str | None = None
    emitted: bool = True
    span: str | None = None
    run: str | None = None
    withdrawn: tuple[str, int] | None = None
    own_at: int | None = None


class Moment(NamedTuple):
    """A moment in the index: of which revision and run, and what content it was made of."""

    revision: int
    run: str
    content: str


class Record(NamedTuple):
    """A record on the spans topic."""

    revision: int
    source: str
    number: int


class Planner(NamedTuple):
    """Where a planner is in LOOK."""

    step: str = "idle"
    event: Event | None = None
    read: Document | None = None
    stat: str | None = None


class Worker(NamedTuple):
    """Where a span worker is in SPAN."""

    step: str = "idle"
    record: Record | None = None
    run: str = ""
    content: str = ""


class State(NamedTuple):
    """The whole world."""

    script: tuple[str, ...]
    stored: str | None = None
    events: frozenset[Event] = frozenset()
    offset: int = 0
    ledger: Document | None = None
    records: frozenset[Record] = frozenset()
    sent: int = 0
    moments: frozenset[Moment] = frozenset()
    planners: tuple[Planner, ...] = ()
    workers: tuple[Worker, ...] = ()
    runs: int = 0
    kills: int = 0
    zombies: int = 0
    losses: int = 0
    failures: int = 0
    letter: bool = False
    replayer: str = "idle"


Step = tuple[str, State]


def publish(s: State, per_second: int) -> Iterator[Step]:
    """The publisher's next operation: `A` and `B` are stored, `-` removes, the others are own events."""
    if not s.script:
        return
    operation, rest = s.script[0], s.script[1:]
    second = s.offset // per_second * per_second
    stored = {"A": f"A@{second}", "B": f"B@{second}", "-": None}.get(operation, s.stored)
    kind = operation if operation in ("uploaded", "withdraw") else "notice"
    events = s.events | {Event(kind, s.offset)}
    yield f"publisher {operation}", s._replace(script=rest, stored=stored, events=events, offset=s.offset + 1)


def lose(s: State) -> Iterator[Step]:
    """A record that was sent is lost, whatever the reason."""
    for record in s.records if s.losses else ():
        if all(worker.record != record for worker in s.workers):
            yield "a record is lost", s._replace(records=s.records - {record}, losses=s.losses - 1)


def reconcile(s: State) -> Iterator[Step]:
    """The reconciler finds a span that has been pending although the group has passed all that was sent."""
    asked = any(event.kind == "resend" for event in s.events)
    if s.ledger is not None and s.ledger.emitted and s.ledger.span == "p" and not s.records and not asked:
        event = Event("resend", s.offset)
        yield "the reconciler asks again", s._replace(events=s.events | {event}, offset=s.offset + 1)


def replay(s: State) -> Iterator[Step]:
    """Somebody replays the open dead letter; the process can die between the two steps, and the letter stays open."""
    match s.replayer:
        case "idle" if s.letter and s.ledger is not None and s.ledger.span == "f":
            revived = s.ledger._replace(span="p", run=None, status="indexing")
            yield "the replay revives the span", s._replace(replayer="send", ledger=revived)
        case "idle" if s.letter and s.ledger is not None and s.ledger.span == "p":
            # Its failure may yet be written: the letter stays open. Twice would be once too often for the model.
            if not s.records:
                yield "the replay finds it pending", s._replace(replayer="send once more")
        case "idle" if s.letter:
            yield "the replay has nothing to do", s._replace(letter=False)
        case "send" | "send once more":
            assert s.ledger is not None
            record = Record(s.ledger.revision, str(s.ledger.source), s.sent)
            still = s.ledger.span == "p"
            records = s.records | {record} if still else s.records
            letter = s.replayer == "send once more"
            sent = s._replace(replayer="idle", letter=letter, records=records, sent=s.sent + still)
            yield f"the replay does {s.replayer} the span", sent
            if s.kills:
                yield "the replay is killed", s._replace(replayer="idle", kills=s.kills - 1)


def mark_emitted(ledger: Document | None, sent: Document | None) -> Document | None:
    """The script of that name: only if the revision is still the same."""
    if ledger is None or sent is None or ledger.revision != sent.revision:
        return ledger
    return ledger._replace(emitted=True)


def is_pending(ledger: Document | None, record: Record) -> bool:
    """The guard of CLAIM."""
    return (
        ledger is not None and ledger.status != "deleted" and ledger.revision == record.revision and ledger.span == "p"
    )


def same_content(one: str | None, other: str) -> bool:
    """The ETag says whether the content is the same, not when it was stored."""
    return one is not None and one.split("@")[0] == other.split("@")[0]


def moment_of(offset: int) -> str:
    return datetime.fromtimestamp(offset, UTC).isoformat()


def received(offset: int) -> Received:
    return Received(offset * 1000, 0)


def as_source(content: str | None) -> Source | None:
    if content is None:
        return None
    etag, offset = content.split("@")
    return Source(etag, None, moment_of(int(offset)), 1)


def as_content(source: dict[str, Any]) -> str:
    return f"{source['etag']}@{round(datetime.fromisoformat(source['last_modified']).timestamp())}"


def as_look(kind: str) -> Look:
    metadata = Metadata() if kind == "uploaded" else None
    return Look("videos", "a", metadata=metadata, withdraw=kind == "withdraw", resend=kind == "resend")


def as_entry(d: Document) -> Entry:
    """Shows a model's document to the product's code."""
    source = as_source(d.source)
    withdrawn = None
    if d.withdrawn is not None:
        content = as_source(d.withdrawn[0])
        assert content is not None
        withdrawn = {"source": content.body(), "at": received(d.withdrawn[1]).body()}
    own = received(d.own_at).body() if d.own_at is not None else None
    return Entry.of(
        blank("videos", "a", "id")
        | {
            "looks": d.looks,
            "revision": d.revision,
            "status": d.status,
            "source": source.body() if source else None,
            "withdrawn": withdrawn,
            "metadata_at": own,
            "emitted": d.emitted,
            "spans": [{"state": d.span, "run": d.run, "lost": 0, "record": None}] if d.span else [],
        }
    )


def as_changes(fields: dict[str, Any]) -> dict[str, Any]:
    """Takes over what the product's code would write."""
    changes = {name: fields[name] for name in ("revision", "status", "emitted") if name in fields}
    if "source" in fields:
        changes["source"] = as_content(fields["source"]) if fields["source"] else None
    if "spans" in fields:
        changes |= {"span": "p" if fields["spans"] else None, "run": None}
    if "withdrawn" in fields:
        gone = fields["withdrawn"]
        changes["withdrawn"] = (as_content(gone["source"]), gone["at"]["timestamp_ms"] // 1000) if gone else None
    if "metadata_at" in fields:
        changes["own_at"] = fields["metadata_at"]["timestamp_ms"] // 1000
    return changes
