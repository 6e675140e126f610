"""What tests of the search API say and ask: speech, an encoder that can be switched off, questions."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import httpx
import numpy as np
import numpy.typing as npt

from encoders.client import EncoderClient, EncoderUnavailable

SPEECH = {
    "ask": ("And so my fellow Americans, ask not what your country can do for you.", [1.0, 0.0, 0.0]),
    "frog": ("The green frogs are jumping into the water.", [0.0, 1.0, 0.0]),
    "cat": ("Чёрная кошка бежит по снегу.", [0.0, 0.0, 1.0]),
    "hostile": ("<img src=x onerror=alert(1)> pineapple & \ue000co\ue001", [0.6, 0.0, 0.8]),
}


class Encoder(EncoderClient):
    """Puts queries near the speech that holds their first letters, or is down."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.down = False

    async def embed_texts(
        self, texts: Sequence[str], *, space: Literal["picture", "text"], purpose: Literal["query", "passage"]
    ) -> npt.NDArray[np.float32]:
        """One row for each text, of three numbers in the space of texts and four in that of pictures."""
        if self.down:
            raise EncoderUnavailable("it is down")
        if space == "picture":
            return np.array([[0.0, 0.0, 0.0, 1.0]] * len(texts), dtype=np.float32)
        rows = [vector for text in texts for name, (_, vector) in SPEECH.items() if text.startswith(name[:3])]
        return np.array(rows or [[0.1, 0.2, 0.3]], dtype=np.float32)


Add = Callable[..., None]


async def ask(api: httpx.AsyncClient, query: str, **fields: Any) -> dict[str, Any]:
    response = await api.post("/search", json={"query": query, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["video_id"] for hit in answer["hits"]]
