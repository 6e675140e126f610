"""Asks the search API, and shows its answers as tables."""

import sys
from collections.abc import Mapping
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.errors import KadrError
from infra.settings import StackSettings

TIMEOUT_SECONDS = 20.0
PLAIN_WIDTH = 120


def ask(settings: StackSettings, query: str, *, limit: int = 10) -> httpx.Response:
    """Sends a query to the search API.

    Raises:
        KadrError: It does not answer, or refuses the query; says what it said.
    """
    try:
        answer = httpx.get(
            f"{settings.api_url}/search",
            params={"q": query, "limit": limit},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise KadrError(
            f"The search API does not answer at {settings.api_url} ({type(error).__name__}): start it with `kadr up` "
            "or `kadr api`, or set KADR_API_URL to where it runs."
        ) from error
    if answer.status_code != 200:
        raise KadrError(f"The search API refuses the query: {_complaint(answer)}")
    return answer


def _complaint(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    said = (problem.get("detail") or problem.get("title")) if isinstance(problem, dict) else None
    return str(said) if said else f"HTTP {answer.status_code}."


def console() -> Console:
    """Returns a console for standard output; outside a terminal it is wide enough for the tables."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def clock(seconds: float) -> str:
    """Writes a time as m:ss.s.

    Example:
        `clock(75.25)` is `1:15.2`.
    """
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def hits_table(answer: Mapping[str, Any]) -> Table:
    """Shows an answer of the search API: one row per moment, and one for a video of which only the metadata match."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("video", overflow="fold", max_width=36)
    table.add_column("time", no_wrap=True)
    table.add_column("text", overflow="fold", ratio=1)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("found by", overflow="fold", max_width=34)
    for hit in answer["hits"]:
        name = escape(hit["key"]) + (f"\n[dim]{escape(hit['title'])}[/dim]" if hit["title"] else "")
        if not hit["moments"]:
            table.add_row(name, "", "", f"{hit['score']:.4f}", legs_text(hit["legs"]))
        for number, moment in enumerate(hit["moments"]):
            times = f"{clock(moment['start_seconds'])}\u2013{clock(moment['stop_seconds'])}"
            # The first moment's row also says which legs found the video itself, for example by its title.
            legs = {**moment["legs"], **hit["legs"]} if number == 0 else moment["legs"]
            score = hit["score"] if number == 0 else moment["score"]
            table.add_row(name if number == 0 else "", times, moment_text(moment), f"{score:.4f}", legs_text(legs))
    return table


def moment_text(moment: Mapping[str, Any]) -> str:
    """Returns what is said in a moment, with the words of the query in bold (as rich markup)."""
    if moment.get("highlight"):
        pieces = ((escape(piece["text"]), piece["match"]) for piece in moment["highlight"])
        return "".join(f"[bold]{text}[/bold]" if match else text for text, match in pieces)
    return escape(moment.get("speech") or "")


def legs_text(legs: Mapping[str, Mapping[str, Any]]) -> str:
    """Names the legs that found a hit, each with its rank, the most important one first."""
    ordered = sorted(legs.items(), key=lambda leg: -leg[1]["share"])
    return ", ".join(f"{name} {leg['rank']}" for name, leg in ordered)
