"""What is missing from an answer: a code for programs, a sentence for people, and the legs that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, Field

from search_api.fusion import LegName


class WarningCode(StrEnum):
    """Why an answer is not complete; there are no others."""

    ENCODER_UNAVAILABLE = "encoder_unavailable"
    LEG_FAILED = "leg_failed"
    LEG_TIMED_OUT = "leg_timed_out"
    CONFIDENCE_UNKNOWN = "confidence_unknown"
    PHRASES_INCOMPLETE = "phrases_incomplete"
    QUERY_SHORTENED = "query_shortened"
    DUPLICATES_UNCHECKED = "duplicates_unchecked"
    FACETS_MISSING = "facets_missing"
    DEPTH_REACHED = "depth_reached"


_MEANINGS = {
    WarningCode.ENCODER_UNAVAILABLE: "the encoder server gave these legs no vector; they were left out",
    WarningCode.LEG_FAILED: "OpenSearch refused these legs",
    WarningCode.LEG_TIMED_OUT: "these legs ran out of time; some of their hits may be missing",
    WarningCode.CONFIDENCE_UNKNOWN: "hits of these legs have no confidence, and none of them was cut off",
    WarningCode.PHRASES_INCOMPLETE: "not all videos were looked at for phrases and exclusions",
    WarningCode.QUERY_SHORTENED: "only the first words of the query were looked up as words",
    WarningCode.DUPLICATES_UNCHECKED: "near-duplicates may be shown",
    WarningCode.FACETS_MISSING: "the facets were not counted in time",
    WarningCode.DEPTH_REACHED: "the pages end here, but more may match",
}


@dataclass(frozen=True, slots=True)
class SearchWarning:
    """One thing that is missing, and the legs that miss it, if it is about some."""

    code: WarningCode
    message: str
    legs: tuple[LegName, ...] = ()


class WarningAnswer(BaseModel):
    """One thing that is missing from an answer."""

    code: WarningCode = Field(
        description="; ".join(f"`{code}`: {meaning}" for code, meaning in _MEANINGS.items()) + "."
    )
    message: str = Field(description="What is missing and why, a sentence in English.")
    legs: list[LegName] = Field(default=[], description="The legs that it is about, if it is about some.")


def warning_answer(warning: SearchWarning) -> WarningAnswer:
    """Put a warning into its HTTP model."""
    return WarningAnswer(code=warning.code, message=warning.message, legs=list(warning.legs))
