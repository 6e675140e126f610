"""How many items go to a model at once, as its memory allows."""

from __future__ import annotations

_PATIENCE = 32
_LONGEST_PATIENCE = 4096


class BatchSize:
    """Halves when memory runs out and grows by a quarter after many full batches; each failure asks for more of them.

    Args:
        largest: Where it starts, and its upper bound.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._patience = _PATIENCE
        self._full_batches = 0
        self.items = largest

    def shrink(self, failed: int) -> None:
        """Notes that a batch of `failed` items was too large."""
        self.items = max(1, min(self.items, failed // 2))
        self._patience = min(_LONGEST_PATIENCE, self._patience * 2)
        self._full_batches = 0

    def worked(self, items: int) -> None:
        """Notes that a batch of so many items went through."""
        if self.items == self._largest or items < self.items:
            return
        self._full_batches += 1
        if self._full_batches >= self._patience:
            self._full_batches = 0
            self.items = min(self._largest, self.items + max(1, self.items // 4))
