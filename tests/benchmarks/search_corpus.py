"""An index of many moments with made-up vectors, and queries about them, for measuring how long a search takes.

What is said are sentences of the language that kadr's models are trained on; the vector of a text is the sum of its
words' random vectors, so that what sounds alike lies together. What is shown comes from some hundreds of subjects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from opensearchpy import OpenSearch

from encoders.training.language.grammar import pair
from search_api.connection import pack_lines
from search_api.settings import SearchSettings

PICTURE_DIMENSION, TEXT_DIMENSION = 512, 384
MOMENT_SECONDS = 5.0
_SUBJECTS = 400
_NOISE = 0.6
_BULK = 1000
_WORDS_A_QUERY = (1, 4)

Row = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """A query, its vectors in the space of texts and of pictures, each of length 1."""

    text: str
    speech: Row
    picture: Row


class Corpus:
    """Draws moments and questions.

    Args:
        videos: how many.
        moments: of each video.
        seed: the same seed draws the same.
    """

    def __init__(self, videos: int, moments: int, seed: int = 7) -> None:
        self.videos, self.moments = videos, moments
        self._random = Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._subjects = _units(self._numbers.normal(size=(_SUBJECTS, PICTURE_DIMENSION)))

    def fill(self, client: OpenSearch, settings: SearchSettings) -> None:
        """Writes everything, and waits until OpenSearch has put its segments in order."""
        lines: list[dict[str, Any]] = []
        for number in range(self.videos):
            name = f"v{number:05d}"
            lines += [{"index": {"_index": settings.videos_alias, "_id": name}}, self._ledger(name)]
            for n in range(self.moments):
                target = {"_index": settings.moments_alias, "_id": f"{name}:1:0:won:{n}"}
                lines += [{"index": target}, self._moment(name, n)]
            if len(lines) > 2 * _BULK or number == self.videos - 1:
                answer = client.bulk(body=pack_lines(lines), request_timeout=300)
                if answer["errors"]:
                    raise RuntimeError(f"OpenSearch refuses what is to be measured: {str(answer)[:500]}")
                lines = []
        client.indices.forcemerge(index=settings.moments_alias, params={"max_num_segments": "1"})
        client.indices.refresh(index=f"{settings.videos_alias},{settings.moments_alias}")

    def question(self) -> Question:
        """Draws a query."""
        words = re.findall(r"\w+", self._sentence())
        count = min(len(words), self._random.randint(*_WORDS_A_QUERY))
        text = " ".join(self._random.sample(words, count))
        return Question(text, _text_vector(text), self._shown())

    def _ledger(self, name: str) -> dict[str, Any]:
        return {
            "video_id": name,
            "bucket": "videos",
            "key": f"{name}.mp4",
            "title": self._sentence(),
            "revision": 1,
            "status": "ready",
            "duration_seconds": self.moments * MOMENT_SECONDS,
            "spans": [{"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}],
        }

    def _moment(self, name: str, n: int) -> dict[str, Any]:
        speech = self._sentence()
        return {
            "video_id": name,
            "bucket": "videos",
            "revision": 1,
            "span": 0,
            "run": "won",
            "start_seconds": MOMENT_SECONDS * n,
            "stop_seconds": MOMENT_SECONDS * (n + 1),
            "speech": speech,
            "speech_vector": self._heard(speech),
            "visual": self._shown(),
            "thumbnail": f"{name}/1/0/won/{n}.jpg",
        }

    def _sentence(self) -> str:
        both = pair(self._random)
        return both.english if self._random.random() < 0.5 else both.russian

    def _heard(self, text: str) -> Row:
        noise = self._numbers.normal(size=TEXT_DIMENSION) * _NOISE / TEXT_DIMENSION**0.5
        return _units(_text_vector(text) + noise)

    def _shown(self) -> Row:
        subject = self._subjects[self._random.randrange(_SUBJECTS)]
        return _units(subject + self._numbers.normal(size=PICTURE_DIMENSION) * _NOISE / PICTURE_DIMENSION**0.5)


def _text_vector(text: str) -> Row:
    rows = [_word_vector(word) for word in re.findall(r"\w+", text.lower())]
    return _units(np.sum(rows or [_word_vector("")], axis=0))


@cache
def _word_vector(word: str) -> Row:
    seed = int.from_bytes(word.encode(), "little") % 2**63
    return np.asarray(np.random.default_rng(seed).normal(size=TEXT_DIMENSION), np.float32)


def _units(rows: npt.NDArray[Any]) -> Row:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)
