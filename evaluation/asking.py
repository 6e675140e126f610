"""Asks a running search API every question, with all legs and with each leg alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx

from evaluation.values import HYBRID, RUNS, Answer, Answers, Judged, Question, second_of

DEPTH = 100
"""So many hits of a question are looked at; the API gives no more at once."""
AT_ONCE = 2


class NotAsked(Exception):
    """The search API does not answer as it should; the message says how."""


class Names:
    """Gives hits the names that were judged, where they are what was judged, and names of their own else."""

    def __init__(self, judged: Iterable[str]) -> None:
        self._videos: set[str] = set()
        self._seconds: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for name in judged:
            video, second = second_of(name)
            if second is None:
                self._videos.add(name)
            else:
                self._seconds[video].append((second, name))

    def of_video(self, hit: Mapping[str, Any]) -> str:
        """The name of a hit that stands for a video."""
        names = _names(hit)
        return next((name for name in names if name in self._videos), names[0])

    def of_moment(self, hit: Mapping[str, Any], moment: Mapping[str, Any]) -> str:
        """The name of a moment: that of a judged second, if it holds one."""
        start, stop = moment["start_seconds"], moment["stop_seconds"]
        names = _names(hit)
        for name in names:
            for second, judged in self._seconds.get(name, ()):
                if start <= second < stop:
                    return judged
        return f"{names[0]}@{start:g}"


def _names(hit: Mapping[str, Any]) -> list[str]:
    own = [hit["key"], f"{hit['bucket']}/{hit['key']}", hit["video_id"]]
    return [hit["external_id"], *own] if hit.get("external_id") else own


async def ask_all(
    api: httpx.AsyncClient, judged: Judged, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> Answers:
    """Asks every question once for each of `RUNS`.

    Args:
        api: a client whose base address is that of the search API.
        judged: questions and judgements; the latter only give the hits their names.
        progress: told how many requests were answered, and how many there are.

    Raises:
        NotAsked: the API does not answer, or refuses a question.
    """
    slots, done = asyncio.Semaphore(AT_ONCE), 0
    total = len(RUNS) * len(judged.questions)

    async def one(run: str, question: Question) -> Answer:
        nonlocal done
        async with slots:
            answer = await _ask(api, run, question, judged)
        done += 1
        progress(done, total)
        return answer

    pairs = [(run, question) for run in RUNS for question in judged.questions]
    found = await asyncio.gather(*(one(run, question) for run, question in pairs))
    answers: dict[str, dict[str, Answer]] = {run: {} for run in RUNS}
    for (run, question), answer in zip(pairs, found, strict=True):
        answers[run][question.question_id] = answer
    return answers


def told(tell: Callable[[str], None]) -> Callable[[int, int], None]:
    """Tells now and then how many requests were answered."""

    def progress(done: int, total: int) -> None:
        if done % 100 == 0 or done == total:
            tell(f"{done} of {total} requests answered")

    return progress


async def _ask(api: httpx.AsyncClient, run: str, question: Question, judged: Judged) -> Answer:
    by_second = judged.by_second(question)
    wanted: dict[str, Any] = {
        "query": question.text,
        "limit": DEPTH,
        "group_by": "moment" if by_second else "video",
    }
    if run != HYBRID:
        wanted["legs"] = {run: 1.0}
    try:
        response = await api.post("/search", json=wanted)
    except httpx.HTTPError as error:
        raise NotAsked(f"The search API at {api.base_url} does not answer ({type(error).__name__})") from error
    if response.status_code != 200:
        raise NotAsked(f"The search API refuses the question {question.question_id}: {response.text[:300]}")
    body = response.json()
    names = Names(judged.grades.get(question.question_id, ()))
    if by_second:
        hits = [names.of_moment(hit, hit["moments"][0]) for hit in body["hits"]]
    else:
        hits = [names.of_video(hit) for hit in body["hits"]]
    return Answer(tuple(dict.fromkeys(hits)), tuple(warning["message"] for warning in body["warnings"]))
