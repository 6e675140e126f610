"""Puts a run into figures."""

from __future__ import annotations

from typing import Any

from chaos.fleet import Fleet
from chaos.oracle import Oracle
from chaos.poller import Poller
from chaos.proxy import FaultProxy
from chaos.relay import Relay
from chaos.saboteur import SERVICES, Saboteur
from chaos.verdict import Verdict

_EXAMPLES = 20
ZEROES = (
    "lost",
    "duplicates",
    "stale",
    "foreign_answers",
    "unannounced",
    "dead_letters_unexpected",
    "api_errors",
)


def report(
    seed: int,
    oracle: Oracle,
    fleet: Fleet,
    saboteur: Saboteur,
    proxy: FaultProxy,
    relay: Relay,
    poller: Poller,
    verdict: Verdict,
) -> dict[str, Any]:
    """Returns JSON values; those that `ZEROES` names must be 0."""
    wrongs, shown, done = verdict.wrongs, verdict.shown, saboteur.done
    return {
        "seed": seed,
        "operations": oracle.operations,
        "operations_by_kind": dict(sorted(oracle.done.items())),
        "keys": len(oracle.keys),
        "live_at_the_end": len(oracle.live()),
        "kills": done["kills"] + len(fleet.reached),
        "kills_at_random": done["kills"],
        "kills_at_failpoints": sorted(fleet.reached),
        "failpoints_not_reached": sorted(fleet.missed),
        "zombies": done["zombies"],
        "rebalances": done["rebalances"],
        "restarts": sum(done[f"restarts of {name}"] for name in SERVICES),
        "restarts_by_service": {name: done[f"restarts of {name}"] for name in SERVICES},
        "outages": done["outages"],
        "faults": dict(sorted(proxy.counts.items())),
        "notifications": {**relay.counts, "silences": done["silences"]},
        "workers_that_ended_by_themselves": {str(status): count for status, count in fleet.endings.items()},
        "answers": poller.counts["answers"],
        "moments_in_answers": poller.counts["moments"],
        "revisions": verdict.revisions,
        "span_records": verdict.span_records,
        "quiet_after_seconds": round(verdict.quiet_seconds, 1),
        "leftovers_of_the_last_sweep": verdict.leftovers,
        "thumbnails_without_a_moment": verdict.strays,
        "lost": len(wrongs.lost) + len(shown.lost),
        "duplicates": len(wrongs.duplicates) + len(shown.duplicates),
        "stale": len(wrongs.stale) + len(shown.stale),
        "foreign_answers": poller.counts["foreign"],
        "unannounced": len(verdict.unannounced),
        "dead_letters_unexpected": len(verdict.letters),
        "api_errors": len(poller.errors),
        "examples": {
            "lost": (wrongs.lost + shown.lost)[:_EXAMPLES],
            "duplicates": (wrongs.duplicates + shown.duplicates)[:_EXAMPLES],
            "stale": (wrongs.stale + shown.stale)[:_EXAMPLES],
            "foreign_answers": poller.foreign,
            "unannounced": verdict.unannounced[:_EXAMPLES],
            "dead_letters_unexpected": verdict.letters[:_EXAMPLES],
            "api_errors": poller.errors[:_EXAMPLES],
        },
    }
