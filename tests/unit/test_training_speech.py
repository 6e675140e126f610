"""Training the small Whisper: tokens, windows, steps that can be taken up again, and what faster-whisper reads."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor

from encoders.training.language.grammar import held_out
from encoders.training.speech import data, speakers
from encoders.training.speech.checkpoint import load_checkpoint, save_checkpoint
from encoders.training.speech.data import Library, Utterance, examples, sentence, write_shard
from encoders.training.speech.export import every_head, export
from encoders.training.speech.learner import Learner
from encoders.training.speech.mel import WINDOW_POSITIONS, log_mel, scaled
from encoders.training.speech.model import PHONEMES as SIGNS
from encoders.training.speech.model import Shape, SmallWhisper, sample_padding
from encoders.training.speech.tokenizer import Tokens, train_tokenizer
from encoders.training.speech.train import read_plan
from encoders.training.speech.windows import IGNORED, Mixture, WindowMaker, collate
from encoders.training.voices import Voices

PHONEMES = ("ðəbɔɪz", "tʃˈɵrnʌja")
SENTENCES = ("The boys are playing football on the beach.", "Чёрная кошка сидит у окна и смотрит на снег.")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens.of(train_tokenizer(SENTENCES, size=300))


@pytest.fixture(scope="module")
def utterances() -> dict[str, list[Utterance]]:
    random = np.random.default_rng(0)
    return {
        language: [
            Utterance(language, text, phonemes, random.uniform(-6, 1, (length, 80)).astype(np.float16))
            for length in (120, 180, 240)
        ]
        for language, text, phonemes in zip(("en", "ru"), SENTENCES, PHONEMES, strict=True)
    }


def tiny(tokens: Tokens) -> Shape:
    return Shape(tokens.size, width=32, heads=2, encoder_layers=1, decoder_layers=1)


@pytest.mark.parametrize("text", [*SENTENCES, "Ёж? Number 7, naïve…"])
def test_tokens_give_the_text_back_with_its_capitals_and_stops(tokens: Tokens, text: str) -> None:
    assert tokens.decoded([tokens.start, *tokens.encoded(text), tokens.timestamp(100), tokens.end]) == text


def test_the_vocabulary_has_what_the_libraries_look_for(tokens: Tokens) -> None:
    vocabulary = tokens.tokenizer.get_vocab()
    assert "" in vocabulary, "CTranslate2 would take the model for an English one"
    assert tokens.timestamp(0) == vocabulary["<|0.00|>"]
    assert tokens.timestamp(3000) == vocabulary["<|30.00|>"] == tokens.size - 1
    assert max(tokens.languages.values()) < tokens.first_timestamp


def test_mel_is_that_of_faster_whisper() -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, 24_000).astype(np.float32)
    np.testing.assert_allclose(scaled(log_mel(sound)), FeatureExtractor()(sound).T, atol=2e-3)


def test_a_window_tells_when_each_sentence_begins_and_ends(
    tokens: Tokens, utterances: dict[str, list[Utterance]]
) -> None:
    maker = WindowMaker(utterances, tokens, seed=3)
    for _ in range(20):
        window = maker.window(Mixture(few=1.0, nothing=0.0, timestamps=1.0))
        stamps = [token - tokens.first_timestamp for token in window.inputs if token >= tokens.first_timestamp]
        assert stamps == sorted(stamps) and len(stamps) in (4, 6)
        assert stamps[0] <= 50, "Whisper's first timestamp is at most 1 s"
        assert stamps[-1] <= len(window.mel) // 2
        lengths = {stop - start for start, stop in zip(stamps[::2], stamps[1::2], strict=True)}
        assert lengths <= {59, 60, 61, 89, 90, 91, 119, 120, 121}
        assert window.targets[0] in tokens.languages.values() and window.targets[1] == IGNORED
        assert window.targets[-1] == tokens.end


def test_a_long_window_stops_at_thirty_seconds(tokens: Tokens, utterances: dict[str, list[Utterance]]) -> None:
    long = {language: [replace(u, mel=np.tile(u.mel, (5, 1))) for u in many] for language, many in utterances.items()}
    window = WindowMaker(long, tokens, seed=1).window(Mixture(many=1.0, nothing=0.0, timestamps=1.0))
    assert len(window.mel) <= 3000
    stamps = [token for token in window.inputs if token >= tokens.first_timestamp]
    assert len(stamps) % 2 == 1, "the last sentence is cut: only its start is told"
    assert window.heard_frames < 3000


def test_a_window_without_speech_is_told_as_such_and_has_no_text(
    tokens: Tokens, utterances: dict[str, list[Utterance]]
) -> None:
    window = WindowMaker(utterances, tokens, seed=0).window(Mixture(nothing=1.0, timestamps=0.0))
    assert window.targets == [tokens.no_speech, IGNORED, IGNORED, tokens.end]
    assert window.phonemes == []


def test_windows_are_padded_with_zeros_of_the_scaled_mel(
    tokens: Tokens, utterances: dict[str, list[Utterance]]
) -> None:
    maker = WindowMaker(utterances, tokens, seed=0)
    windows = [maker.window(Mixture(nothing=0.0)) for _ in range(4)]
    batch = collate(windows, tokens.end)
    assert batch.mel.shape[2] % 2 == 0
    for row, window in zip(batch.mel, windows, strict=True):
        np.testing.assert_array_equal(row[:, : len(window.mel)].T, window.mel)
        assert not row[:, len(window.mel) :].any()


def test_sampled_padding_stands_for_all_of_it(tokens: Tokens) -> None:
    torch.manual_seed(0)
    model = SmallWhisper(tiny(tokens)).eval()
    mel = torch.randn(1, 80, 400)
    whole = torch.zeros(1, 80, 3000)
    whole[:, :, :400] = mel
    mel = torch.nn.functional.pad(mel, (0, 4))
    none = sample_padding(WINDOW_POSITIONS, 4)
    with torch.no_grad():
        truth = model.encoder(whole, none).states[:, :200]
        near = model.encoder(mel, sample_padding(202, 200)).states[:, :200]
        without = model.encoder(mel, none).states[:, :200]
    assert (near - truth).abs().mean() < 0.1 * (without - truth).abs().mean()


def test_each_token_is_looked_for_where_it_is_spoken(tokens: Tokens, utterances: dict[str, list[Utterance]]) -> None:
    window = WindowMaker(utterances, tokens, seed=4).window(Mixture(few=1.0, nothing=0.0, timestamps=1.0))
    known = [(place, target) for place, target in zip(window.places, window.targets, strict=True) if place >= 0]
    places = [place for place, _ in known]
    assert places == sorted(places) and len(known) == sum(target < tokens.end for target in window.targets[3:]) + sum(
        target >= tokens.first_timestamp for target in window.targets
    )
    for place, target in known:
        if target >= tokens.first_timestamp:
            assert abs(place - (target - tokens.first_timestamp)) <= 1


def test_the_encoder_is_to_hear_each_phoneme_of_a_window_and_nothing_else(
    tokens: Tokens, utterances: dict[str, list[Utterance]]
) -> None:
    window = WindowMaker(utterances, tokens, seed=3).window(Mixture(nothing=0.0))
    assert "".join(SIGNS[number - 1] for number in window.phonemes) in ("ðəbɔɪz", "tʃɵrnʌja")


@pytest.mark.parametrize(
    ("voice", "text", "sounds"),
    [
        ("en-us", "A red car, right?", "ɐɹɛdkɑːɹɹaɪt"),
        ("en-gb-scotland", "A red car.", "ɐrɛdkaːr"),
        ("ru", "Молоко и ёж.", "mʌɭʌkoɪjɵʃ"),
    ],
)
def test_phonemes_are_those_of_the_accent_without_stress_and_pauses(voice: str, text: str, sounds: str) -> None:
    with Voices() as voices:
        assert voices.phonemes(text, voice) == sounds


def test_every_sound_of_the_grammar_has_a_sign() -> None:
    random = Random(7)
    with Voices() as voices:
        heard = {
            sign
            for _ in range(150)
            for language in ("en", "ru")
            for sign in voices.phonemes(sentence(language, random), speakers.random_voice(language, random).name)
        }
    assert heard <= set(SIGNS)


def test_training_never_draws_a_held_out_sentence_nor_an_unseen_voice(tmp_path: Path) -> None:
    random = Random(0)
    assert not any(held_out(sentence(language, random)) for language in ("en", "ru") for _ in range(300))
    voices = {speakers.random_voice(language, random).name for language in ("en", "ru") for _ in range(3000)}
    assert not {name for name in voices if name.partition("+")[2] in speakers.UNSEEN}
    assert {"en-us+edward", "en-us+f2", "ru+m3", "ru+f2"} <= voices


def test_speech_is_made_once_and_found_again(tmp_path: Path) -> None:
    write_shard(tmp_path, 7, seconds=12)
    library = Library(tmp_path)
    library.refresh()
    library.refresh()
    found = [utterance for many in library.utterances.values() for utterance in many]
    assert sum(len(utterance.mel) for utterance in found) >= 1200
    assert not any(held_out(utterance.text) for utterance in found)
    texts = [utterance.text for utterance in found]
    write_shard(tmp_path, 7, seconds=12)
    library = Library(tmp_path)
    library.refresh()
    again = [utterance.text for many in library.utterances.values() for utterance in many]
    assert again == texts, "the number is the seed"


def test_examples_are_held_out_and_half_of_them_in_unseen_voices() -> None:
    found = examples(3)
    assert len(found) == 12 and all(held_out(example.text) for example in found)
    assert sum(example.unseen_voice for example in found) == 6


def test_every_voice_of_the_training_exists() -> None:
    random = Random(2)
    names = {speakers.random_voice(language, random) for language in ("en", "ru") for _ in range(400)}
    voices = Voices()
    with voices:
        assert all(len(data.spoken(voices, "Да. Yes.", voice)) > 1000 for voice in list(names)[:120])


def test_training_lowers_the_loss_and_goes_on_from_its_checkpoint(
    tokens: Tokens, utterances: dict[str, list[Utterance]], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    learner = Learner(tiny(tokens), tokens, "cpu")
    learner.steps = 150
    batches = list(WindowMaker(utterances, tokens, seed=0).batches(Mixture(), 1000))[:4]
    losses = [sum(learner.learn(batches[step % 4], 0.2)) for step in range(40)]
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])

    save_checkpoint(learner, tmp_path / "checkpoint.pt")
    resumed = load_checkpoint(tmp_path / "checkpoint.pt", "cpu")
    assert (resumed.steps, resumed.heard_seconds) == (190, learner.heard_seconds)
    torch.manual_seed(5)
    expected = [learner.learn(batch, 0.2) for batch in batches]
    torch.manual_seed(5)
    assert [resumed.learn(batch, 0.2) for batch in batches] == expected
    for ours, theirs in zip(learner.averaged.parameters(), resumed.averaged.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_missing_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="leave --resume out"):
        load_checkpoint(tmp_path / "none.pt", "cpu")


def test_the_command_line_has_an_amount_of_speech_for_its_minutes(tmp_path: Path) -> None:
    plan = read_plan(["--minutes", "10", "--out", str(tmp_path)])
    assert plan.hours == pytest.approx(6.0) and plan.speech == tmp_path / "speech"


def test_an_exported_model_is_multilingual_and_asks_nobody(
    tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    torch.manual_seed(0)
    model = SmallWhisper(Shape(tokens.size, width=64, heads=2, encoder_layers=1, decoder_layers=1)).eval()
    folder = tmp_path / "whisper"
    folder.mkdir()
    (folder / "MODEL.md").write_text("kept")
    export(model, tokens, folder, every_head(model))
    assert (folder / "MODEL.md").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["whisper"]

    loaded = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    assert loaded.model.is_multilingual
    sound = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    found, details = loaded.transcribe(sound, word_timestamps=True, temperature=0.0, max_new_tokens=8)
    list(found)
    assert details.language in ("en", "ru"), "only the languages that were trained are candidates"
