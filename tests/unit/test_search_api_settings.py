import pytest

from search_api.settings import SearchSettings


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:8800", "127.0.0.1", 8800),
        ("http://0.0.0.0", "0.0.0.0", 80),
        ("https://search.example", "search.example", 443),
        ("http://[::1]:9000", "::1", 9000),
    ],
)
def test_the_api_listens_where_its_address_says(url: str, host: str, port: int) -> None:
    settings = SearchSettings(api_url=url)

    assert (settings.listen_host, settings.listen_port) == (host, port)


def test_the_weights_differ_and_sum_to_one() -> None:
    settings = SearchSettings()
    weights = [
        settings.leg_weight_speech_text,
        settings.leg_weight_speech_vector,
        settings.leg_weight_picture_vector,
        settings.leg_weight_metadata_text,
    ]

    assert sum(weights) == pytest.approx(1)
    assert len(set(weights)) == len(weights), "equal weights tie"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KADR_INDEX_PREFIX", "trial-")
    monkeypatch.setenv("KADR_LEG_WEIGHT_PICTURE_VECTOR", "0.2")
    settings = SearchSettings()

    assert settings.moments_alias == "trial-moments"
    assert settings.videos_alias == "trial-videos"
    assert settings.leg_weight_picture_vector == 0.2
