"""An evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from evaluation.measures import Estimate
from evaluation.plots import bars, lines, pairs
from evaluation.summary import Summary
from evaluation.tables import TITLES
from evaluation.values import HYBRID, RUNS

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1e21; --dim: #666c75; --grid: #e2e5ea;
  --c0: #1f5fbf; --c1: #c2571a; --c2: #2b8a57; --c3: #8a4bb0; --c4: #8b8f97; }
@media (prefers-color-scheme: dark) { :root { --ground: #15171b; --ink: #e6e8ec; --dim: #9aa1ac; --grid: #2c3038;
  --c0: #6fa3ef; --c1: #ef9a62; --c2: #63c493; --c3: #c191e3; --c4: #7d838d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .dim { color: var(--dim); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; }
table { font-size: .9rem; }
th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: normal; }
tr.all { font-weight: 600; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 1rem; margin: 1rem 0; }
dt { color: var(--dim); font-size: .875rem; } dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--ink); } svg .label { text-anchor: end; }
svg .centre { text-anchor: middle; fill: var(--dim); } svg .grid { stroke: var(--grid); fill: none; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; } svg .line { fill: none; stroke-width: 2; }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); }
.c4 { fill: var(--c4); } .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
.s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); }
"""


def page(summary: Summary, about: str) -> str:
    """Writes the page; `about` says in a few sentences what was measured on."""
    sections = [
        _key_figures(summary),
        _section("nDCG@10", bars(summary.means["ndcg10"], "nDCG@10 of all legs together and of each alone")),
        _section("All measures", _measures(summary)),
        _section("nDCG@10 by kind of question", _kinds(summary)),
        _languages(summary),
        _section("Recall by depth", lines(summary.curves, summary.ranks, "Mean recall by number of hits looked at")),
        _section("Answered worst", _worst(summary)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>kadr: evaluation</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>How well kadr finds</h1>\n"
        f'<p class="dim">{escape(about)}</p>\n{"".join(sections)}</body>\n</html>\n'
    )


def _key_figures(summary: Summary) -> str:
    told: list[tuple[str, str]] = [
        (f"{TITLES[name]}, all legs", f"{estimates[HYBRID].value:.3f}")
        for name, estimates in summary.means.items()
        if HYBRID in estimates
    ]
    if summary.gap:
        told.append(("English over Russian", f"{summary.gap.value:+.3f}"))
    if summary.violations:
        told.append(("hits that must not come", f"{100 * summary.violations.value:.1f} %"))
    if summary.nothing:
        told.append(("“nothing found”: precision", f"{summary.nothing.precision:.3f}"))
        told.append(("“nothing found”: recall", f"{summary.nothing.recall:.3f}"))
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in told)
    return f"<dl>{cells}</dl>\n"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>\n" if content else ""


def _measures(summary: Summary) -> str:
    head = "".join(f"<th>{TITLES[name]}</th>" for name in summary.means)
    rows = "".join(
        f'<tr class="{"all" if run == HYBRID else ""}"><td>{run}</td>'
        + "".join(f"<td>{_cell(estimates.get(run))}</td>" for estimates in summary.means.values())
        + "</tr>"
        for run in RUNS
    )
    note = '<p class="dim">In brackets: where 95 of 100 samples of as many questions would lie (bootstrap).</p>'
    return f'<div class="wide"><table><tr><th>legs</th>{head}</tr>{rows}</table></div>{note}'


def _kinds(summary: Summary) -> str:
    head = "".join(f"<th>{run}</th>" for run in RUNS)
    rows = "".join(
        f"<tr><td>{escape(kind or '–')}</td><td>{estimates[HYBRID].questions}</td>{_values(estimates)}</tr>"
        for kind, estimates in summary.by_kind.items()
    )
    return f'<div class="wide"><table><tr><th>kind</th><th>questions</th>{head}</tr>{rows}</table></div>'


def _values(estimates: Mapping[str, Estimate]) -> str:
    return "".join(f"<td>{estimates[run].value:.3f}</td>" if run in estimates else "<td></td>" for run in RUNS)


def _languages(summary: Summary) -> str:
    groups = {language: kinds for language, kinds in summary.by_language.items() if language}
    return _section("nDCG@10 by language", pairs(groups, "nDCG@10 by language and kind")) if len(groups) > 1 else ""


def _worst(summary: Summary) -> str:
    rows = "".join(
        f'<tr><td>{value:.2f}</td><td class="text">{escape(question.text)}</td><td>{escape(question.kind)}</td>'
        f"<td>{escape(question.language)}</td></tr>"
        for question, value in summary.worst
    )
    if not rows:
        return "<p>None.</p>"
    head = "<tr><th>nDCG@10</th><th>query</th><th>kind</th><th>language</th></tr>"
    return f'<div class="wide"><table>{head}{rows}</table></div>'


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    return f'{estimate.value:.3f} <span class="dim">({estimate.low:.3f}–{estimate.high:.3f})</span>'
