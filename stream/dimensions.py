"""Whether the moments index takes the vectors that the encoder server makes, asked before anything is consumed."""

import asyncio

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException

from encoders.client import EncoderClient, EncoderError

_LONGEST_SECONDS = 5.0


class DimensionMismatch(Exception):
    """The index was made for other models; the message says for which and what to do."""


async def check_dimensions(encoder: EncoderClient, opensearch: AsyncOpenSearch, *, index: str) -> None:
    """Compares the models' dimensions with those of the index.

    A worker may start before the services that it needs: while one of them does not answer, nothing is compared.

    Raises:
        DimensionMismatch: They differ.
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            models = await encoder.model_set()
            mappings = await opensearch.indices.get_mapping(index=index)
    except (EncoderError, OpenSearchException, TimeoutError):
        return
    made = {"visual": models.picture_dimension, "speech_vector": models.text_dimension}
    for name, body in mappings.items():
        fields = body["mappings"].get("properties", {})
        for field, dimension in made.items():
            expected = fields.get(field, {}).get("dimension", dimension)
            if expected != dimension:
                raise DimensionMismatch(
                    f"The index {name} was made for {field} vectors of {expected} numbers, and the encoder server's "
                    f"models ({models.picture_model}, {models.text_model}) make {dimension}: give these models another "
                    "KADR_MODEL_SET and run `kadr init`, or start the encoder server with the models of this index."
                )
