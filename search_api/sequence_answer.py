"""What a client is told of moments that follow each other."""

from __future__ import annotations

from search_api.answer import SearchAnswer, ThenMomentAnswer, UnderstoodThen, answer_of
from search_api.question import Query
from search_api.reasons import piece_answers, share_answers, term_answers
from search_api.sequence import Following, FoundSequence, Then
from search_api.terms import speech_terms


def sequence_answer(found: FoundSequence, query: Query, *, typed: str, explain: bool) -> SearchAnswer:
    """Put into HTTP models what was found: each moment says which one follows it, and why that one was found."""
    answer = answer_of(found, query, explain=explain)
    answer.query = typed
    answer.understood.then = _understood(found.then)
    for hit in answer.hits:
        for moment in hit.moments:
            moment.then = _following(found.following[moment.moment_id])
    return answer


def _understood(then: Then) -> UnderstoodThen:
    return UnderstoodThen(
        text=then.wanted.text,
        phrases=list(then.wanted.phrases),
        without=[excluded.text for excluded in then.wanted.excluded],
        within_seconds=then.within_seconds,
    )


def _following(one: Following) -> ThenMomentAnswer:
    return ThenMomentAnswer(
        moment_id=one.moment.moment_id,
        start_seconds=one.moment.start_seconds,
        stop_seconds=one.moment.stop_seconds,
        after_seconds=round(one.after_seconds, 3),
        score=one.fused.score,
        speech=one.moment.speech,
        thumbnail=one.moment.thumbnail,
        highlight=piece_answers(one.highlight),
        terms=term_answers(speech_terms(one.moment, one.highlight)) if one.highlight else [],
        legs=share_answers(one.fused.legs),
    )
