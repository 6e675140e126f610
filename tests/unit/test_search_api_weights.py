from search_api.settings import SearchSettings


def test_words_that_match_outweigh_a_vector_leg_which_always_finds_something() -> None:
    settings = SearchSettings()
    vectors = settings.leg_weight_speech_vector + settings.leg_weight_picture_vector
    assert min(settings.leg_weight_speech_text, settings.leg_weight_metadata_text) > vectors
