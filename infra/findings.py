"""What `kadr doctor` found out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What was looked at, in a word or two.
        healthy: False only for what keeps kadr from working.
        text: How it is.
        advice: What to do; only for what is not healthy.
    """

    name: str
    healthy: bool
    text: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.healthy == bool(self.advice):
            raise ValueError(f"advice belongs to what is not healthy, and only to that: {self.name = }")


def well(name: str, text: str) -> Finding:
    """Something is as it should be."""
    return Finding(name, True, text)


def ill(name: str, text: str, advice: str) -> Finding:
    """Something keeps kadr from working."""
    return Finding(name, False, text, advice)
