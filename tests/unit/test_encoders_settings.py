"""Settings of the encoder server, and the models that they choose."""

from pathlib import Path

import pytest

from encoders.errors import ModelError
from encoders.registry.profiles import PROFILES, Profile, choose_models
from encoders.settings import EncoderSettings


def test_the_server_listens_where_its_url_points() -> None:
    settings = EncoderSettings(encoder_url="http://127.0.0.1:9123")
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 9123)
    elsewhere = EncoderSettings(encoder_url="http://encoder:9123", encoder_bind="0.0.0.0")
    assert (elsewhere.listen_host, elsewhere.listen_port) == ("0.0.0.0", 9123)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KADR_TEXT_QUERY_PREFIX", "query: ")
    monkeypatch.setenv("KADR_DEVICE", "cpu")
    settings = EncoderSettings()
    assert (settings.text_query_prefix, settings.device) == ("query: ", "cpu")


def test_models_of_kadr_s_own_live_in_the_user_s_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert EncoderSettings().models_dir == Path("/somewhere/kadr/models")


def test_every_setting_is_described() -> None:
    assert all(field.description for field in EncoderSettings.model_fields.values())


def test_a_named_set_brings_its_models() -> None:
    assert choose_models(EncoderSettings(model_set="cpu")) == PROFILES["cpu"]


def test_a_model_of_the_settings_replaces_that_of_the_set() -> None:
    chosen = choose_models(EncoderSettings(model_set="cpu", speech_model="/weights/whisper", text_model="other"))
    assert (chosen.picture_model, chosen.text_model, chosen.speech_model) == (
        PROFILES["cpu"].picture_model,
        "other",
        "/weights/whisper",
    )
    assert chosen.text_query_prefix is None, "the prefixes belong to the set's own text model"


def test_a_set_of_another_name_needs_all_three_models() -> None:
    with pytest.raises(ModelError, match="KADR_TEXT_MODEL, KADR_SPEECH_MODEL"):
        choose_models(EncoderSettings(model_set="mine", picture_model="p"))
    settings = EncoderSettings(model_set="mine", picture_model="p", text_model="t", speech_model="s")
    assert choose_models(settings) == Profile("p", "t", "s")
