import json
import math
from io import StringIO

import pytest
from rich.console import Console

from evaluation.measures import Estimate, language_gap, nothing_found, values_of, violations
from evaluation.page import page
from evaluation.summary import figures, summarise
from evaluation.tables import show
from evaluation.values import RUNS, Answer, Judged, Question

QUESTIONS = (
    Question("cat-en", "a cat <without> snow", "shown", "en", "cat"),
    Question("cat-ru", "кошка без снега", "shown", "ru", "cat"),
    Question("river-en", "river", "spoken", "en", "river"),
    Question("river-ru", "река", "spoken", "ru", "river"),
    Question("volcano", "volcano", "absent", "en"),
    Question("sumo", "sumo", "absent", "en"),
)
GRADES = {
    "cat-en": {"a@1": 2, "b@1": 1, "c@1": -1},
    "cat-ru": {"a@1": 2, "b@1": 1, "c@1": -1},
    "river-en": {"r@1": 1},
    "river-ru": {"r@1": 1},
}
JUDGED = Judged(QUESTIONS, GRADES)
FOUND = {
    "cat-en": ("a@1", "b@1"),
    "cat-ru": ("c@1", "a@1"),
    "river-en": ("r@1",),
    "river-ru": (),
    "volcano": (),
    "sumo": ("x@1",),
}
HYBRID = {name: Answer(names) for name, names in FOUND.items()}
NOTHING = {name: Answer(()) for name in FOUND}
ANSWERS = {run: HYBRID if run == "hybrid" else NOTHING for run in RUNS}


def test_measures_are_those_of_the_field() -> None:
    values = values_of(JUDGED, HYBRID)

    assert values["ndcg10"]["cat-en"] == pytest.approx(1)
    # The best, of grade 2, at rank 2; what must not come counts as nothing.
    best = 2 + 1 / math.log2(3)
    assert values["ndcg10"]["cat-ru"] == pytest.approx(2 / math.log2(3) / best)
    assert values["mrr"] == {"cat-en": 1, "cat-ru": 0.5, "river-en": 1, "river-ru": 0}
    assert values["recall10"]["cat-ru"] == 0.5
    assert values["recall1"]["cat-ru"] == 0


def test_a_question_without_an_answer_counts_as_zero_and_an_absent_one_not_at_all() -> None:
    ndcg = values_of(JUDGED, HYBRID)["ndcg10"]

    assert ndcg["river-ru"] == 0 and "volcano" not in ndcg


def test_what_must_not_come_is_counted_among_what_came() -> None:
    assert violations(JUDGED, HYBRID) == {"cat-en": 0, "cat-ru": 0.5}


def test_nothing_found_is_judged_both_ways() -> None:
    told = nothing_found(JUDGED, HYBRID)

    assert told is not None
    assert (told.precision, told.recall) == (0.5, 0.5)  # river-ru is empty and should not be; sumo finds something.
    assert nothing_found(Judged(QUESTIONS[:1], GRADES), HYBRID) is None


def test_the_gap_is_over_pairs() -> None:
    gap = language_gap(JUDGED, {"cat-en": 1.0, "cat-ru": 0.8, "river-en": 0.6, "river-ru": 0.6, "alone": 0.0})

    assert gap is not None
    assert gap.value == pytest.approx(0.1)
    assert gap.questions == 2


def test_an_estimate_holds_its_mean_and_narrows_with_more_questions() -> None:
    few, many = Estimate.of([0.0, 1.0] * 5), Estimate.of([0.0, 1.0] * 500)

    assert few is not None and many is not None
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 4
    assert Estimate.of([]) is None
    assert Estimate.of([0.2, 0.9]) == Estimate.of([0.2, 0.9])


def test_the_figures_are_json_with_the_names_that_were_promised() -> None:
    told = json.loads(json.dumps(figures(summarise(JUDGED, ANSWERS), films=3)))

    assert set(told["ndcg10"]) == set(RUNS)
    assert told["ndcg10"]["hybrid"] > told["ndcg10"]["speech_text"] == 0
    assert told["negation_violations"] == 0.25
    assert (told["absent_precision"], told["absent_recall"]) == (0.5, 0.5)
    assert told["ru_en_gap"] > 0
    assert told["films"] == 3
    assert told["intervals"]["ndcg10"]["hybrid"][0] <= told["ndcg10"]["hybrid"]


def test_the_page_is_whole_and_shows_text_as_text() -> None:
    html = page(summarise(JUDGED, ANSWERS), "About <this>.")

    assert "About &lt;this&gt;." in html
    assert "a cat &lt;without&gt; snow" not in html or "<without>" not in html
    assert "prefers-color-scheme: dark" in html
    assert html.count("<svg") == 3
    assert "http://" not in html and "https://" not in html and "<script" not in html
    assert "сумо" not in html and "sumo" in html  # It found something and should not have.


def test_the_tables_name_every_leg_and_warn() -> None:
    warned = {**ANSWERS, "hybrid": {**HYBRID, "river-ru": Answer((), ("The encoder server gave no vector.",))}}
    text = StringIO()

    show(summarise(JUDGED, warned), Console(file=text, width=200))

    assert all(run in text.getvalue() for run in RUNS)
    assert "1 answers came with a warning: The encoder server gave no vector." in text.getvalue()
    assert '"nothing found": precision 0.500' in text.getvalue()
