"""The training of the picture model: its loss, its tokens, its checkpoints."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import torch
from tokenizers import Tokenizer

from encoders.training.pictures import card, labels, model, tokens, train
from encoders.training.pictures.batches import batch
from encoders.training.pictures.evaluate import evaluate, gallery
from encoders.training.pictures.facts import contrasted, held_out
from encoders.training.pictures.losses import contrast


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return tokens.learned(1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def rows(*values: tuple[float, float]) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.tensor(values, dtype=torch.float32), dim=-1)


def test_captions_that_are_true_of_another_picture_are_no_contrast() -> None:
    pictures, captions = rows((1, 0.1), (1, -0.1)), rows((1, 0), (1, 0))
    scale, nothing = torch.tensor(50.0), torch.zeros(2, 2, dtype=torch.bool)
    everything = torch.ones(2, 2, dtype=torch.bool)
    assert contrast(pictures, captions, scale, nothing) > 0.3
    assert contrast(pictures, captions, scale, everything) == 0.0


def test_the_right_pairs_have_the_smaller_loss() -> None:
    pictures, captions = rows((1, 0), (0, 1)), rows((1, 0.1), (0.1, 1))
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    right = contrast(pictures, captions, torch.tensor(20.0), nothing)
    assert right < contrast(pictures, captions.flip(0), torch.tensor(20.0), nothing)


@pytest.mark.parametrize("text", ["Ёлка у ОКНА!", "елка — у окна", "  елка у «окна»"])
def test_case_punctuation_and_yo_make_no_difference(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.encode(text).ids == tokenizer.encode("елка у окна").ids


def test_words_that_were_never_seen_are_made_of_pieces(tokenizer: Tokenizer) -> None:
    pieces = tokenizer.encode("красную zebra").tokens
    assert tokens.UNKNOWN not in pieces and pieces[-1] == tokens.END


def test_the_end_has_the_highest_number_and_survives_a_cut(tokenizer: Tokenizer) -> None:
    end = tokenizer.token_to_id(tokens.END)
    assert end == tokenizer.get_vocab_size() - 1
    long = train.padded([tokenizer.encode("red car " * 60).ids, tokenizer.encode("red car").ids])
    assert long.shape == (2, model.CONTEXT)
    assert long[0, -1] == end and long[1].argmax() == 2


def test_texts_without_padding_give_the_vectors_of_padded_ones(tokenizer: Tokenizer) -> None:
    torch.manual_seed(1)
    fresh = model.built(tokenizer.get_vocab_size()).eval()
    ids = tokenizer.encode("красная машина под дождём").ids
    whole = torch.tensor([ids + [0] * (model.CONTEXT - len(ids))])
    with torch.no_grad():
        expected = fresh.encode_text(whole, normalize=True)
        assert torch.allclose(model.text_vectors(fresh, torch.tensor([ids])), expected, atol=1e-5)


def test_a_training_learns_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    recipe = train.Recipe(minutes=5, batch=8, rate=1e-3)
    training = train.Training(recipe, torch.device("cpu"))
    examples = batch(contrasted(8, Random(1)), model.PIXELS, Random(1))
    losses = []
    for _ in range(8):
        training.learn(examples)
        losses.append(training.report["seen"] + training.report["read"])
    assert losses[-1] < losses[0]
    training.save(tmp_path / "checkpoint.pt")
    other = train.Training(recipe, torch.device("cpu"))
    other.load(tmp_path / "checkpoint.pt")
    assert (other.step, other.seconds) == (8, training.seconds)
    assert other.tokenizer.to_str() == training.tokenizer.to_str()
    for name, tensor in training.model.state_dict().items():
        assert torch.equal(tensor, other.model.state_dict()[name]), name


def test_the_rate_warms_up_and_falls() -> None:
    recipe = train.Recipe(minutes=1)
    assert recipe.rate_at(0.0, 0) < recipe.rate_at(0.1, 200) > recipe.rate_at(0.9, 900) > 0


def test_a_recipe_without_time_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        train.Recipe(minutes=0)


def test_the_evaluation_has_one_right_answer_per_caption() -> None:
    examples = gallery(40, 32, Random(3))
    assert all(held_out(facts) for facts in examples.facts)
    for _, said in examples.captions:
        fits = labels.same(examples.facts, labels.np.array([labels.numbers_told(caption) for caption in said]))
        assert fits.sum() == 40 and fits.diagonal().all()


def test_an_untrained_model_is_written_loads_and_finds_nothing(tmp_path: Path, tokenizer: Tokenizer) -> None:
    torch.manual_seed(1)
    model.write(model.built(tokenizer.get_vocab_size()), tokenizer, tmp_path)
    figures = evaluate(tmp_path, candidates=50, rounds=1)
    assert figures.keys() == {"clip_r1_en", "clip_r1_ru"} and max(figures.values()) < 0.15
    run = card.Run("python -m …", 1.0, 2, 3, 4, "nothing", 5)
    card.write(tmp_path, run, figures)
    assert "Apache-2.0" in (tmp_path / "MODEL.md").read_text(encoding="utf-8")


def test_an_evaluation_without_candidates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two candidates"):
        evaluate(tmp_path, candidates=1)
