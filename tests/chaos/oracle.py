"""What must be found in the end: the last operation on each key, as its publisher knows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from chaos.contents import Content

NOTHING_SAID = None


@dataclass(slots=True)
class Key:
    """One object as its publisher left it.

    Attributes:
        content: What lies in the bucket; None if nothing does.
        withdrawn: Whether the publisher withdrew that.
        names: The external ids that its metadata may have: a deletion that the planner sees clears them, one that was
            followed by an upload at once is never seen.
        withdrawn_at: Time of the last withdrawal (monotonic). Content stored within the next two seconds could have
            been stored before it, as far as a store's whole seconds tell.
    """

    name: str
    content: Content | None = None
    withdrawn: bool = False
    names: set[str | None] = field(default_factory=lambda: {NOTHING_SAID})
    withdrawn_at: float = float("-inf")
    operations: int = 0

    @property
    def expected(self) -> Content | None:
        """What must be found; None if nothing."""
        return None if self.withdrawn else self.content

    def stored(self, content: Content) -> None:
        self.content, self.withdrawn = content, False

    def removed(self) -> None:
        self.content, self.withdrawn = None, False
        self.names.add(NOTHING_SAID)

    def described(self, name: str) -> None:
        self.names, self.withdrawn = {name}, False

    def withdrew(self, at: float) -> None:
        self.withdrawn, self.withdrawn_at = self.content is not None, at
        self.names = {NOTHING_SAID}


@dataclass(slots=True)
class Oracle:
    """All keys, and how often which operation was done."""

    keys: dict[str, Key] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, number: int) -> Oracle:
        names = [f"{number % 7}/видео {number:03d}+.mp4" for number in range(number)]
        return cls({name: Key(name) for name in names})

    def add(self, name: str) -> Key:
        return self.keys.setdefault(name, Key(name))

    @property
    def operations(self) -> int:
        return self.done.total()

    def live(self) -> dict[str, Content]:
        """The keys that must be found, with their content."""
        return {name: key.expected for name, key in self.keys.items() if key.expected is not None}
