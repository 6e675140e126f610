"""Waits until nothing moves any more, and compares what there is with the oracle."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from chaos.judging import Document, Wrongs, judge_video
from chaos.oracle import Oracle
from chaos.world import World
from infra.clients import object_store


@dataclass(slots=True)
class Verdict:
    """What a run came to.

    Attributes:
        wrongs: Of the raw indices.
        shown: Of what the API shows.
        unannounced: Videos whose last state no status event told.
        letters: Dead letters that nothing explains.
        leftovers: Moments that the last sweep still had to delete.
        strays: Thumbnails that belong to no moment.
    """

    wrongs: Wrongs = field(default_factory=Wrongs)
    shown: Wrongs = field(default_factory=Wrongs)
    unannounced: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    leftovers: int = 0
    strays: int = 0
    quiet_seconds: float = 0.0
    revisions: int = 0
    span_records: int = 0


async def command(world: World, *arguments: str, **environment: str) -> dict[str, Any]:
    """Runs a kadr command and reads its report."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "infra.cli", *arguments, "--json"),
        env={**world.scope.environment, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    if process.returncode:
        raise AssertionError(errors.decode())
    report: dict[str, Any] = json.loads(out)
    return report


async def become_quiet(
    world: World, oracle: Oracle, *, seconds: float, reconcile: bool = True, tell: Callable[[str], None]
) -> float:
    """Waits until the workers have nothing left to do; says how long that took, or gives up after some time."""
    loop = asyncio.get_running_loop()
    begun, state = loop.time(), ""
    while loop.time() < begun + seconds:
        report = await command(world, "reconcile") if reconcile else {"differences": {}}
        waiting = await _until_idle(world, oracle, stop=begun + seconds)
        if not report["differences"] and not waiting:
            return loop.time() - begun
        if (now := f"differences {report['differences']}, not final {waiting}") != state:
            tell(f"not quiet yet: {now}"[:300])
        state = now
    tell("never became quiet")
    return loop.time() - begun


async def _until_idle(world: World, oracle: Oracle, *, stop: float) -> list[str]:
    """Waits until everything is committed and nothing is being indexed; names what is."""
    ids = {world.id_of(name): name for name in oracle.keys}
    while True:
        entries = await world.ledger(ids)
        waiting = [ids[id_] for id_, entry in entries.items() if entry["status"] == "indexing"]
        if not await world.lag() and (not waiting or asyncio.get_running_loop().time() > stop - 1):
            return waiting
        if asyncio.get_running_loop().time() > stop:
            return waiting or ["records that nobody commits"]
        await asyncio.sleep(0.5)


async def judge(world: World, oracle: Oracle) -> Verdict:
    """Compares indices, API, topics and thumbnails with the oracle."""
    verdict = Verdict(leftovers=(await command(world, "sweep"))["leftovers"])
    names = {world.id_of(name): name for name in oracle.keys}
    entries, moments = await world.ledger(names), await world.moments()
    by_video: dict[str, dict[str, Document]] = defaultdict(dict)
    for id_, moment in moments.items():
        by_video[moment["video_id"]][id_] = moment
    verdict.wrongs.stale += [f"moments of the unknown video {id_}" for id_ in by_video.keys() - names.keys()]
    for video, name in names.items():
        key, entry = oracle.keys[name], entries.get(video)
        found = by_video[video]
        verdict.wrongs.add(judge_video(name, key.expected, key.names, entry, list(found.values())))
        await _judge_answer(world, video, name, set(found) if key.expected is not None else None, verdict.shown)
        verdict.revisions += entry["revision"] if entry else 0
    await _judge_topics(world, oracle, entries, verdict)
    verdict.strays = await asyncio.to_thread(_strays, world, {m["thumbnail"] for m in moments.values()})
    return verdict


async def _judge_answer(world: World, video: str, name: str, expected: set[str] | None, shown: Wrongs) -> None:
    """Compares what the API shows of a video with what lies in the index, which is compared with the oracle."""
    answer = await world.api.get(f"/videos/{video}/moments", params={"limit": 1000})
    if expected is None:
        if answer.status_code not in (404, 410):
            shown.stale.append(f"{name}: the API answers {answer.status_code} although it is gone")
        return
    if answer.status_code != 200:
        shown.lost.append(f"{name}: the API answers {answer.status_code}")
        return
    ids = [moment["moment_id"] for moment in answer.json()["moments"]]
    shown.lost += [f"{name}: the API does not show {id_}" for id_ in expected - set(ids)]
    shown.stale += [f"{name}: the API shows {id_}" for id_ in set(ids) - expected]
    if len(ids) != len(set(ids)):
        shown.duplicates.append(f"{name}: the API shows a moment twice")


async def _judge_topics(world: World, oracle: Oracle, entries: dict[str, Any], verdict: Verdict) -> None:
    told = {
        (event["subject"], event["type"], event["data"]["revision"])
        for event in [orjson.loads(record.value) for record in await world.records(world.stream.status_topic)]
    }
    verdict.unannounced = [
        f"{entry['key']}: {entry['status']} with revision {entry['revision']}"
        for video, entry in entries.items()
        if entry["revision"] and (video, f"video.{entry['status']}", entry["revision"]) not in told
    ]
    verdict.letters = [describe(record) for record in await world.records(world.stream.dead_letters_topic)]
    verdict.span_records = len(await world.records(world.stream.spans_topic))


def describe(letter: Any) -> str:
    said = {name: value.decode() for name, value in letter.headers}
    return f"{said.get('kadr-reason')}: {said.get('kadr-subject')}: {said.get('kadr-message')}"


def _strays(world: World, wanted: set[str]) -> int:
    """Counts thumbnails that no moment has."""
    store = object_store(world.scope.settings)
    listed = store.list_objects(world.scope.thumbnail_bucket, recursive=True)
    return sum(found.object_name not in wanted for found in listed)
