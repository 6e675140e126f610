"""A typed client of the search API, synchronous and asynchronous, on httpx.

from search_api.client import KadrClient

with KadrClient("http://127.0.0.1:8800") as kadr:
    for hit in kadr.search("кошка на снегу", limit=5).hits:
        print(hit.title or hit.key, [moment.start_seconds for moment in hit.moments])
"""

from search_api.client.asynchronous import AsyncKadrClient
from search_api.client.errors import ApiProblem, ApiUnavailable
from search_api.client.events import ProgressEvent
from search_api.client.synchronous import KadrClient

__all__ = ["ApiProblem", "ApiUnavailable", "AsyncKadrClient", "KadrClient", "ProgressEvent"]
