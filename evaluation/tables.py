"""The tables of an evaluation in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from evaluation.measures import Estimate
from evaluation.summary import Summary
from evaluation.values import HYBRID, RUNS

TITLES = {"ndcg10": "nDCG@10", "recall10": "Recall@10", "recall100": "Recall@100", "mrr": "MRR"}


def show(summary: Summary, console: Console) -> None:
    """Prints all of it."""
    console.print(_runs(summary))
    if any(summary.by_kind):
        console.print(_kinds(summary))
    for line in _lines(summary):
        console.print(line)
    for warning, times in summary.warnings.items():
        console.print(f"[yellow]{times} answers came with a warning: {warning}[/yellow]")


def _runs(summary: Summary) -> Table:
    table = Table(title=f"{summary.questions} questions; in brackets: 95 of 100 samples of as many questions")
    table.add_column("legs")
    for name in summary.means:
        table.add_column(TITLES[name], justify="right")
    for run in RUNS:
        cells = [_cell(estimates.get(run)) for estimates in summary.means.values()]
        table.add_row(run, *cells, style="bold" if run == HYBRID else "")
    return table


def _kinds(summary: Summary) -> Table:
    table = Table(title="nDCG@10 by kind of question")
    table.add_column("kind")
    table.add_column("questions", justify="right")
    for run in RUNS:
        table.add_column(run, justify="right")
    for kind, estimates in summary.by_kind.items():
        cells = [f"{estimates[run].value:.3f}" if run in estimates else "" for run in RUNS]
        table.add_row(kind or "–", str(estimates[HYBRID].questions), *cells)
    return table


def _lines(summary: Summary) -> list[str]:
    lines = []
    languages = {language: kinds["all"] for language, kinds in summary.by_language.items() if language}
    if len(languages) > 1:
        told = ", ".join(f"{language} {_cell(estimate)}" for language, estimate in languages.items())
        lines.append(f"nDCG@10 by language: {told}")
    if summary.gap:
        lines.append(f"English better than Russian by {_cell(summary.gap)}, over {summary.gap.questions} pairs")
    if summary.violations:
        lines.append(
            f"what must not come: {_cell(summary.violations)} of the first ten hits, "
            f"over {summary.violations.questions} questions"
        )
    if summary.nothing:
        one = summary.nothing
        lines.append(
            f'"nothing found": precision {one.precision:.3f} ({one.empty} empty answers), '
            f"recall {one.recall:.3f} ({one.absent} questions about what is absent)"
        )
    return lines


def _cell(estimate: Estimate | None) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f})" if estimate else ""
