"""What a client is told of why a hit is there: HTTP models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, Field

from search_api.found import LegReport
from search_api.fusion import LegName, Shares
from search_api.moments import Marked
from search_api.terms import Precision, Term, TextField


class ShareAnswer(BaseModel):
    """What one leg adds to a score; the shares of a hit sum to its score."""

    rank: int = Field(description="Place in the leg's list, from 1.")
    score: float = Field(description="The leg's own score, as OpenSearch gives it.")
    share: float = Field(description="Part of the hit's score that comes from this leg.")
    confidence: float | None = Field(
        default=None, description="How sure the leg is, 0 to 1, that the hit answers the query; null: it cannot say."
    )


class PieceAnswer(BaseModel):
    """A piece of the speech; the pieces joined are the speech."""

    text: str
    match: bool = Field(description="Whether the query's words are in it.")


class TermAnswer(BaseModel):
    """A word that matched the query, as it stands in the text."""

    text: str
    field: TextField = Field(description="Where it stands: `speech`, `title`, `description` or `tags`.")
    start_seconds: float | None = Field(default=None, description="When it is said, in video time; null if it is not.")
    stop_seconds: float | None = None
    precision: Precision | None = Field(
        default=None,
        description="What these seconds are: the `word`'s own, as it was recognised; its part of the `subtitle`'s time "
        "by letters; or those of the whole `moment`, where the times of its words are not known.",
    )


class LegExplanation(BaseModel):
    """How a leg did."""

    weight: float
    hits: int = Field(description="Hits that it gave.")
    cut: int = Field(description="Those that are left out, because the legs together are not sure enough of them.")
    hidden: int = Field(description="Those that are not shown, because the ledger does not vouch for them.")


def share_answers(legs: Shares) -> dict[LegName, ShareAnswer]:
    """What each leg adds to a hit."""
    return {
        leg: ShareAnswer(rank=share.rank, score=share.score, share=share.share, confidence=share.confidence)
        for leg, share in legs.items()
    }


def piece_answers(marked: Marked | None) -> list[PieceAnswer] | None:
    """The speech in pieces, if the query's words are in it."""
    return [PieceAnswer(text=piece.text, match=piece.match) for piece in marked.pieces] if marked else None


def term_answers(terms: Iterable[Term]) -> list[TermAnswer]:
    """The matched words with their times."""
    return [
        TermAnswer(
            text=term.text,
            field=term.field,
            start_seconds=term.said.start_seconds if term.said else None,
            stop_seconds=term.said.stop_seconds if term.said else None,
            precision=term.said.precision if term.said else None,
        )
        for term in terms
    ]


def leg_explanations(legs: Mapping[LegName, LegReport]) -> dict[LegName, LegExplanation]:
    """How each leg did."""
    return {
        leg: LegExplanation(weight=report.weight, hits=report.hits, cut=report.cut, hidden=report.hidden)
        for leg, report in legs.items()
    }
