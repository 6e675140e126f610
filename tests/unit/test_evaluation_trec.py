from pathlib import Path

import pytest

from evaluation.trec import UnreadableFile, read_judged, write_answers, write_judged
from evaluation.values import Answer, Judged, Question

QUESTIONS = "q1\tfrozen river\tspoken\ten\tp1\nq2\tзамёрзшая река\n\n# a remark\nq3\tvolcano\n"
JUDGEMENTS = "q1 0 talk.mp4@12.5 2\nq1 0 my holiday.mp4 1\nq2 0 talk.mp4 -1\n"


def files(folder: Path, questions: str = QUESTIONS, judgements: str = JUDGEMENTS) -> tuple[Path, Path]:
    asked, judged = folder / "q.tsv", folder / "qrels.txt"
    asked.write_text(questions, "utf-8")
    judged.write_text(judgements, "utf-8")
    return asked, judged


def test_users_files_are_read(tmp_path: Path) -> None:
    judged = read_judged(*files(tmp_path))

    first, second, third = judged.questions
    assert first == Question("q1", "frozen river", "spoken", "en", "p1")
    assert judged.right(first) == {"talk.mp4@12.5": 2, "my holiday.mp4": 1}
    assert judged.by_second(first) and not judged.by_second(second)
    assert judged.wrong(second) == {"talk.mp4"}
    assert judged.right(third) == {}


@pytest.mark.parametrize(
    ("questions", "judgements", "told"),
    [
        ("q1\n", JUDGEMENTS, r"q\.tsv:1 is no question"),
        ("q 1\ttext\n", "", r"q\.tsv:1 is no question.*one word"),
        (QUESTIONS, "q1 0 talk.mp4\n", r"qrels\.txt:1 is no judgement"),
        (QUESTIONS, "q1 0 talk.mp4 good\n", r"qrels\.txt:1 ends in 'good'"),
        (QUESTIONS, "q9 0 talk.mp4 1\n", r"qrels\.txt:1 judges the question q9"),
        ("", "", r"there are no questions"),
        ("q1\ta\nq1\tb\n", "", r"two questions have one name"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    tmp_path: Path, questions: str, judgements: str, told: str
) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read_judged(*files(tmp_path, questions, judgements))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.tsv cannot be read"):
        read_judged(tmp_path / "nowhere.tsv", tmp_path / "qrels.txt")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    judged = Judged((Question("q1", "река", "shown", "ru", "p"),), {"q1": {"a b.mp4@3.25": 2, "c.mp4": -1}})

    write_judged(judged, tmp_path / "q.tsv", tmp_path / "qrels.txt")

    assert read_judged(tmp_path / "q.tsv", tmp_path / "qrels.txt") == judged


def test_runs_are_written_as_trec_reads_them(tmp_path: Path) -> None:
    write_answers({"hybrid": {"q1": Answer(("a.mp4", "b.mp4"))}}, tmp_path)

    assert (tmp_path / "hybrid.run").read_text().splitlines() == [
        "q1 Q0 a.mp4 1 1.000000 hybrid",
        "q1 Q0 b.mp4 2 0.500000 hybrid",
    ]
