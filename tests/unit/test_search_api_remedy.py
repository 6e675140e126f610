"""What the API advises when OpenSearch refuses: setting up helps only where something is missing."""

from collections.abc import Sequence
from typing import Any

import pytest

from search_api.found import SearchUnavailable
from search_api.stored_moments import StoredMoments
from search_api.videos import Videos

MISSING = {"type": "index_not_found_exception", "reason": "no such index [videos]"}
STARTING = {"type": "no_shard_available_action_exception", "reason": "No shard available for [get]"}


class OpenSearch:
    """Answers every document with an error."""

    def __init__(self, error: dict[str, str]) -> None:
        self._error = error

    async def mget(self, body: dict[str, Sequence[str]], **_: Any) -> dict[str, Any]:
        return {"docs": [{"_id": id_, "error": self._error} for id_ in body["ids"]]}


@pytest.mark.parametrize(("error", "advice"), [(MISSING, "Try `kadr init`."), (STARTING, "try again soon.")])
async def test_an_index_that_is_not_ready_yet_is_not_called_missing(error: dict[str, str], advice: str) -> None:
    client: Any = OpenSearch(error)
    videos = Videos(client, videos_alias="videos", moments_alias="moments", deadline_seconds=1.0)
    moments = StoredMoments(client, videos_alias="videos", moments_alias="moments", deadline_seconds=1.0)
    for ask in (lambda: videos.find("0" * 32), lambda: moments.find(f"{'0' * 32}:1:0:{'a' * 16}:0")):
        with pytest.raises(SearchUnavailable) as refused:
            await ask()
        assert str(refused.value).endswith(advice)
        assert error["reason"] in str(refused.value)
