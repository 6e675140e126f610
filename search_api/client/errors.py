"""What a client raises, and how it is read off an answer."""

from __future__ import annotations

import httpx


class ApiUnavailable(Exception):
    """The search API cannot be reached, or what answers at its address is something else."""


class ApiProblem(Exception):
    """The search API does not do what it was asked; the message is its own sentence (RFC 9457).

    `kind` is the last part of the problem's type, such as `unknown-video`; `retry_after_seconds` is the API's own wish.
    """

    def __init__(self, status: int, kind: str, detail: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{detail} ({status}, {kind})")
        self.status = status
        self.kind = kind
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


def problem_of(response: httpx.Response) -> ApiProblem | ApiUnavailable:
    """What an answer that is no success says; its body has been read."""
    try:
        body = response.json()
        wish = response.headers.get("retry-after", "")
        return ApiProblem(
            response.status_code,
            str(body["type"]).rpartition(":")[2],
            str(body["detail"]),
            float(wish) if wish.isdecimal() else None,
        )
    except (ValueError, KeyError, TypeError):
        return ApiUnavailable(f"{response.request.url} answers {response.status_code}, but not as kadr does.")
