"""The token of a page: which walk it belongs to, and where in its ranking the page begins."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from secrets import token_bytes

from search_api.problems import Refusal

MOST_CHARACTERS = 64
_WALK_BYTES, _POSITION_BYTES = 12, 3


@dataclass(frozen=True, slots=True)
class PageToken:
    """Opaque to clients: it is handed out and taken back as one piece of text."""

    walk: bytes
    position: int

    def written(self) -> str:
        """As clients get it; it needs no quoting in an address."""
        return urlsafe_b64encode(self.walk + self.position.to_bytes(_POSITION_BYTES)).decode()

    @classmethod
    def read(cls, text: str) -> PageToken:
        """Read what a client sends.

        Raises:
            Refusal: it is no token.
        """
        try:
            raw = urlsafe_b64decode(text.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            raw = b""
        if len(raw) != _WALK_BYTES + _POSITION_BYTES:
            raise Refusal(
                422, "invalid-page", "page: this is no token of a page; take `next` of the last answer as it is."
            )
        return cls(raw[:_WALK_BYTES], int.from_bytes(raw[_WALK_BYTES:]))


def new_walk() -> bytes:
    """A name for a walk that nobody can guess."""
    return token_bytes(_WALK_BYTES)
