"""A keyframe with what follows it up to the next one, and what the sizes of its packets tell about cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from stream.media.cuts import CUT_DISTANCE
from stream.media.picture import distance

if TYPE_CHECKING:
    from concurrent.futures import Future

    import numpy as np
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

# A packet nearly as large as a keyframe, and larger than its neighbours, holds a picture that changes throughout ...
_LARGE_SHARE = 0.5
_LARGE_TIMES = 1.5
# ... and so does one whose size departs from the one before it as none of its neighbours do.
_JUMP_SHARE = 0.1
_JUMP_TIMES = 4.0
_USUAL_JUMPS = 0.75
# Where small packets stand between large ones, these count as the usual.
_MOST = 0.9
# Encoders place keyframes as far apart as before where nothing happens, give or take so many frames ...
_GIVE_OR_TAKE = 2
_OFTEN = 2
_REMEMBERED = 50
# ... and at first so many frames apart: seconds of 24 to 60 frames, and FFmpeg's own 250.
_USUAL_DISTANCES = frozenset(rate * seconds for rate in (12, 24, 25, 30, 50, 60) for seconds in (1, 2, 3, 4, 5, 8, 10))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a keyframe shows.

    Args:
        histogram: of its colours, see stream.media.picture.
    """

    seconds: float
    frame: VideoFrame
    histogram: NDArray[np.float32]

    def is_like(self, other: Look) -> bool:
        """Whether no cut need lie between the two."""
        return distance(self.histogram, other.histogram) < CUT_DISTANCE


@dataclass(slots=True, eq=False)
class Gap:
    """The packets from a keyframe up to the next one.

    Args:
        packets: in the order of the file, the keyframe first.
        coming: what the keyframe shows, if another thread was asked for it.
        look: what the keyframe shows; None where it cannot be decoded alone, or that was not tried.
        begins_shot: whether the keyframe stands at a cut; None where it is to be compared with the frame before it.
    """

    start_seconds: float
    packets: list[Packet[VideoStream]]
    coming: Future[Look | None] | None = None
    look: Look | None = None
    is_tried: bool = False
    begins_shot: bool | None = None

    @property
    def size_bytes(self) -> int:
        return sum(packet.size for packet in self.packets)

    def last_sign_of_cut(self, *, is_reordered: bool) -> int:
        """The last packet at which the picture may change, as far as can be told undecoded; 0 if there is none.

        Args:
            is_reordered: whether frames that lean on later ones, and take few bytes, are among the others.
        """
        within = (number for number, packet in enumerate(self.packets) if number and packet.is_keyframe)
        sizes = [packet.size for packet in self.packets]
        return max(_last_large(sizes) if is_reordered else _last_sign(sizes), *within, 0)


class Distances:
    """How far apart, in packets, a file's keyframes stand."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def is_regular(self, count: int) -> bool:
        """Whether a keyframe after so many packets comes when it had to; an earlier one was called for by a change."""
        before, self._seen = self._seen, [*self._seen[-_REMEMBERED:], count]
        if count < max(before, default=0) - _GIVE_OR_TAKE:
            return False
        as_before = sum(abs(count - other) <= _GIVE_OR_TAKE for other in before)
        return count in _USUAL_DISTANCES or as_before >= _OFTEN


def _last_large(sizes: Sequence[int]) -> int:
    """The last packet nearly as large as the keyframe, among packets whose sizes go up and down; 0 if none is."""
    later = sizes[1:]
    if not later:
        return 0
    large = max(_LARGE_SHARE * sizes[0], _LARGE_TIMES * sorted(later)[int(_MOST * len(later))])
    return max((number for number, size in enumerate(later, 1) if size >= large), default=0)


def _last_sign(sizes: Sequence[int]) -> int:
    """The last packet whose size says that the picture changes there; 0, the keyframe itself, if none does."""
    later = sizes[1:]
    if not later:
        return 0
    middle = median(later)
    large = max(_LARGE_SHARE * sizes[0], _LARGE_TIMES * middle)
    jumps = [abs(size - before) for before, size in pairwise(later)]
    usual = sorted(jumps)[int(_USUAL_JUMPS * len(jumps))] if jumps else 0
    far = max(_JUMP_SHARE * middle, _JUMP_TIMES * usual)
    signs = [number for number, size in enumerate(later, 1) if size >= large]
    signs += [number for number, jump in enumerate(jumps, 2) if jump > far]
    return max(signs, default=0)
