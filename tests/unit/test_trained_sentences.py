"""The text model that ships: opens without a network, and finds translations, paraphrases and the demo's lines."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from encoders.ports import TextEncoder
from encoders.training.language.demo_lines import ENGLISH, RUSSIAN
from encoders.training.texts import evaluate, losses, meanings
from encoders.training.texts.demo_queries import QUERIES

LEAST = {
    "text_r1_en_ru": 0.97,
    "text_r1_ru_en": 0.97,
    "text_r1_paraphrase": 0.97,
    "text_r1_paraphrase_ru": 0.97,
    "text_r1_keywords_en": 0.95,
    "text_r1_keywords_ru": 0.95,
    "text_r1_keywords_en_ru": 0.94,
    "text_r1_keywords_ru_en": 0.93,
    "text_demo_in_first_two": 1.0,
}


@pytest.fixture(scope="module")
def trained() -> TextEncoder:
    return evaluate.encoder(str(evaluate.SHIPPED))


def test_it_opens_where_no_hub_may_be_asked() -> None:
    code = (
        "from encoders.training.texts import evaluate\n"
        "print(evaluate.encoder(str(evaluate.SHIPPED)).embed_texts(['маяк', 'lighthouse'], 'query').shape)"
    )
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HOME": "/nonexistent"}
    answer = subprocess.run([sys.executable, "-c", code], env=offline, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "(2, 320)"


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in evaluate.SHIPPED.rglob("*") if file.is_file()) < 7_000_000


def test_held_out_sentences_are_found() -> None:
    figures = evaluate.evaluate(baseline=False)
    assert {name: value for name, value in figures.items() if value < LEAST[name]} == {}


def test_the_demos_lines_are_found_in_the_other_language(trained: TextEncoder) -> None:
    ranks = evaluate.demo_ranks(trained)
    assert sorted(rank.line for rank in ranks) == sorted((*ENGLISH, *RUSSIAN))
    assert [rank for rank in ranks if rank.place > 2] == []


def test_unknown_words_give_different_vectors_of_length_1(trained: TextEncoder) -> None:
    texts = ["zxqv brmk", "глокая куздра штеко", "日本語", "🙂", "a", "2026", " ", "x" * 20_000]
    vectors = trained.embed_texts(texts, "query")
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    assert (vectors @ vectors.T - np.eye(len(texts)) < 0.98).all()


def test_case_and_the_dots_of_yo_do_not_matter(trained: TextEncoder) -> None:
    first, second = trained.embed_texts(["Чёрный КОТ", "черный кот"], "query")
    assert np.allclose(first, second)


def test_queries_for_the_demo_are_in_the_other_language() -> None:
    for query, line in QUERIES:
        assert any("а" <= letter <= "я" for letter in query) == (line in ENGLISH)


def test_examples_say_which_passages_answer_them_too() -> None:
    random = Random(4)
    drawn = [meanings.meaning(random) for _ in range(60)]
    examples = [meanings.example(each, drawn[0], random) for each in drawn]
    assert all(example.query and example.passage and example.asked for example in examples)
    red = meanings.Example("red car", "", frozenset({"en:red", "en:car"}), frozenset({"en:red", "en:car"}))
    longer = meanings.Example("", "", frozenset({"en:bus"}), frozenset({"en:red", "en:car", "en:bus"}))
    assert losses.also_right([red, longer]).tolist() == [[False, True], [False, False]]


def test_the_same_seed_gives_the_same_examples() -> None:
    drawn = [meanings.meaning(Random(seed)) for seed in (5, 5)]
    assert drawn[0] == drawn[1]
    examples = [meanings.example(drawn[0], drawn[1], Random(6)) for _ in "12"]
    assert examples[0] == examples[1]


def test_training_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    from encoders.training.texts import network, train

    recipe = train.Recipe(minutes=0.02, batch=32, meanings=200, seed=3)
    material = train.Material(recipe.meanings, recipe.seed)
    texts = material.texts()
    training = train.Training(recipe, network.pieces_of(texts), texts, "cpu")
    said: list[str] = []
    train.train(training, material, tmp_path / "checkpoint.pt", said.append)
    resumed = train.Training.resumed(tmp_path / "checkpoint.pt", 0.03, "cpu")
    assert resumed.steps == training.steps > 0
    train.train(resumed, material, tmp_path / "checkpoint.pt", said.append)
    assert resumed.steps > training.steps and said[-1].endswith("done")
    network.save(resumed.model, tmp_path / "model")
    vectors = evaluate.encoder(str(tmp_path / "model")).embed_texts(["red car"], "query")
    assert vectors.shape == (1, network.WIDTH)
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        train.Training.resumed(tmp_path / "missing.pt", 1, "cpu")


def test_a_recipe_without_time_is_refused() -> None:
    from encoders.training.texts.train import Recipe

    with pytest.raises(ValueError, match="positive"):
        Recipe(minutes=0)
