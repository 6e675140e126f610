"""The watchdog: notices a worker that is alive but consumes nothing, so that it can be ended and started again."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

EXIT_STATUS = 70
"""With this a worker ends that its watchdog finds stuck: EX_SOFTWARE of sysexits.h."""
_UUID = 36


@dataclass(frozen=True, slots=True)
class Course:
    """How far a worker has come with one topic.

    Attributes:
        lag: Records in this worker's partitions that are not committed.
        busy: Records at hand: worked on, parked, or waiting for a service.
        committed: Sum of the committed offsets.
        admitted: Messages taken so far.
    """

    lag: int = 0
    busy: int = 0
    committed: int = 0
    admitted: int = 0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What can be seen of a worker at one time.

    Attributes:
        outage: Whether a service is down; that excuses everything.
        in_group: Whether it is a settled member of its consumer group.
        topics: Its course with each topic.
        rival: The name of the worker, if another one has taken its place in the group under it.
        broken: What of it can never work again.
    """

    outage: bool = False
    in_group: bool = True
    topics: Mapping[str, Course] = field(default_factory=dict)
    rival: str = ""
    broken: str = ""


class Watchdog:
    """Compares glimpses. What counts as progress: work at hand, a commit, a message taken, or an outage.

    Args:
        patience_seconds: How long a worker may be without progress although something waits for it.
        join_seconds: How much longer it may be without a place in its group, which waits for members that died.

    Attributes:
        complaint: Why the worker must end; empty as long as all is well.
    """

    def __init__(self, patience_seconds: float, *, join_seconds: float) -> None:
        self.complaint = ""
        self._patience_seconds = patience_seconds
        self._join_seconds = join_seconds
        self._wrong_since: dict[str, float] = {}
        self._last = Glimpse()

    def look(self, now: Glimpse, at_seconds: float) -> str:
        """Takes a glimpse into account, at a monotonic time; returns the complaint."""
        wrongs = dict(_wrongs(self._last, now))
        self._wrong_since = {topic: self._wrong_since.get(topic, at_seconds) for topic in wrongs}
        self._last = now
        durations = {topic: at_seconds - since for topic, since in self._wrong_since.items()}
        patience_seconds = self._patience_seconds + (0 if now.in_group else self._join_seconds)
        complaints = {
            f"{wrong} for {durations[topic]:.0f} s"
            for topic, wrong in wrongs.items()
            if durations[topic] >= patience_seconds
        }
        if now.rival:
            complaints.add(f"another worker has the name {now.rival}: give each its own (KADR_WORKER_NAME)")
        if now.broken:
            complaints.add(now.broken)
        self.complaint = "; ".join(sorted(complaints))
        return self.complaint


def _wrongs(before: Glimpse, now: Glimpse) -> Iterator[tuple[str, str]]:
    """Names, for each topic, what does not move at the moment."""
    if now.outage:
        return
    for topic, course in now.topics.items():
        last = before.topics.get(topic, Course())
        moved = (course.committed, course.admitted) != (last.committed, last.admitted)
        if not now.in_group:
            yield topic, "the worker has had no place in its consumer group"
        elif course.lag and not course.busy and not moved:
            yield topic, f"{course.lag} records have waited in {topic} and none was taken or finished"


def taken_by_another(name: str, member: str, members: Collection[str]) -> bool:
    """Says whether another worker joined the group with this worker's name.

    The broker then has forgotten this one's membership; it calls a member with a name `<name>-<UUID>`.
    """
    same = [other for other in members if other[:-_UUID] == f"{name}-"]
    return bool(name and member and same) and member not in members
