"""An answer as a table: comma-separated values, a moment each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from search_api.answer import MomentAnswer, SearchAnswer, VideoAnswer

MEDIA_TYPE = "text/csv"
COLUMNS = (
    *("hit", "score", "video_id", "bucket", "key", "external_id", "title", "published_at", "duration_seconds"),
    *("start_seconds", "stop_seconds", "moment_score", "confidence", "legs", "speech", "thumbnail"),
    *("then_start_seconds", "then_stop_seconds", "then_speech"),
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | float | int | None


def as_csv(answer: SearchAnswer) -> str:
    """The answer as RFC 4180 says, UTF-8, with the names of the columns first; a video without moments has one line.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(
        [_safe(cell) for cell in row] for hit, video in enumerate(answer.hits, start=1) for row in _rows(hit, video)
    )
    return text.getvalue()


def _rows(hit: int, video: VideoAnswer) -> Iterator[tuple[Cell, ...]]:
    moments: list[MomentAnswer | None] = [*video.moments]
    for moment in moments or [None]:
        yield (
            *(hit, video.score, video.video_id, video.bucket, video.key, video.external_id, video.title),
            *(video.published_at, video.duration_seconds),
            *_moment(moment, video),
        )


def _moment(moment: MomentAnswer | None, video: VideoAnswer) -> tuple[Cell, ...]:
    if moment is None:
        return None, None, None, None, " ".join(video.legs), *5 * (None,)
    sure = [share.confidence for share in moment.legs.values() if share.confidence is not None]
    return (
        *(moment.start_seconds, moment.stop_seconds, moment.score, max(sure, default=None)),
        *(" ".join(moment.legs), moment.speech, moment.thumbnail),
        *((then.start_seconds, then.stop_seconds, then.speech) if (then := moment.then) else 3 * (None,)),
    )


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
