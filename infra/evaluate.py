"""`kadr evaluate`: how well search finds, measured with judged questions."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx

from evaluation.asking import NotAsked, ask_all, told
from evaluation.page import page
from evaluation.summary import Summary, figures, summarise
from evaluation.tables import show
from evaluation.trec import UnreadableFile, read_judged, write_answers, write_judged
from evaluation.values import Answers, Judged
from infra.answers import console
from infra.clients import quiet_libraries
from infra.errors import KadrError
from infra.settings import read_settings

OUT = Path("build/evaluation.json")


@click.command()
@click.argument("questions", required=False, type=click.Path(path_type=Path))
@click.argument("judgements", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True, help="Figures, as JSON.")
@click.option("--corpus", is_flag=True, help="Measure kadr's own models on films made for this.")
@click.option("--films", type=click.IntRange(20, 5000), default=320, show_default=True, help="With --corpus.")
@click.option("--seed", type=int, default=7, show_default=True, help="With --corpus: other films and questions.")
def evaluate(questions: Path | None, judgements: Path | None, out: Path, corpus: bool, films: int, seed: int) -> None:
    """Measure how well search finds.

    QUESTIONS has a query a line: its name, a tab, its text, and if you like, divided by tabs, its kind, its language
    and what it shares with the same query in another language. JUDGEMENTS are in TREC's form, `name 0 video grade`: a
    video is an external id or a key, with @SECONDS behind it if that second is meant; the grade is 1 or more for what
    is right, below 0 for what must not come. Queries without anything right should find nothing. All are asked of the
    search API at KADR_API_URL, with all legs and with each alone.

    Beside the figures, a page with plots and a run file for TREC's tools for each leg are written.

    \b
    Examples:
      kadr evaluate queries.tsv qrels.txt
      kadr evaluate --corpus
    """
    quiet_libraries()
    settings = read_settings()
    if corpus:
        if questions or judgements:
            raise click.UsageError("--corpus brings its own questions")
        from infra.evaluate_corpus import measure_corpus

        measured = measure_corpus(settings, films=films, seed=seed, tell=_tell())
        report(measured.judged, measured.answers, out, measured.about, **measured.more)
        write_judged(measured.judged, out.with_suffix(".questions.tsv"), out.with_suffix(".qrels"))
        return
    if questions is None or judgements is None:
        raise click.UsageError("name a file with questions and one with judgements, or say --corpus")
    try:
        judged = read_judged(questions, judgements)
    except UnreadableFile as error:
        raise KadrError(f"{error}.") from error
    answers = asyncio.run(ask_api(settings.api_url, judged, _tell()))
    report(judged, answers, out, f"{questions.name}, {judgements.name} and the search API at {settings.api_url}.")


async def ask_api(url: str, judged: Judged, tell: Callable[[str], None]) -> Answers:
    """Asks a running search API.

    Raises:
        KadrError: It does not answer, or refuses a question.
    """

    async with httpx.AsyncClient(base_url=url, timeout=60.0, trust_env=False) as api:
        try:
            return await ask_all(api, judged, progress=told(tell))
        except NotAsked as error:
            raise KadrError(f"{error}: start it with `kadr up`, or set KADR_API_URL to where it runs.") from error


def report(judged: Judged, answers: Answers, out: Path, about: str, **more: Any) -> Summary:
    """Prints the tables and writes figures, page and runs."""
    summary = summarise(judged, answers)
    show(summary, console())
    runs = out.with_suffix("")
    try:
        runs.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures(summary, about=about, **more), indent=2, ensure_ascii=False) + "\n", "utf-8")
        out.with_suffix(".html").write_text(page(summary, about), "utf-8")
        write_answers(answers, runs)
    except OSError as error:
        raise KadrError(f"The results cannot be written to {out} ({error.strerror}): choose another --out.") from error
    click.echo(f"Written: {out}, {out.with_suffix('.html')} and the runs in {runs}.")
    return summary


def _tell() -> Callable[[str], None]:
    """Progress goes to where errors go, and over itself in a terminal."""
    if not sys.stderr.isatty():
        return lambda line: click.echo(line, err=True)
    return lambda line: click.echo(f"\r\x1b[K{line}", nl=False, err=True)
