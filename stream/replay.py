"""Tries dead letters again (LEDGER: REPLAY). Every step may be repeated: it loses, doubles and overtakes nothing."""

from dataclasses import dataclass
from enum import Enum, auto

from stream.entry import Entry
from stream.errors import InvalidEvent
from stream.events import parse_event
from stream.ledger import Ledger
from stream.letter import Answer, Letter
from stream.outbox import Outbox, SpanMessage, Topics, pending_spans


class Action(Enum):
    """What trying a letter again comes to."""

    SEND_EVENT = auto()
    """Its event goes to the uploads topic once more."""
    PLAN_AGAIN = auto()
    """The ledger forgets which content failed, and a look is asked for."""
    REVIVE = auto()
    """The ledger makes the failed span pending, and the span is sent."""
    SEND_SPAN = auto()
    """The span is pending already; it is sent, and the letter stays open: its failure may not be written yet."""
    NOTHING = auto()
    """What the letter is about is done or past."""
    KEEP = auto()
    """It cannot be tried again; the letter stays open."""


@dataclass(frozen=True, slots=True)
class Step:
    """An action and the reason for it, in words that fit before and after it."""

    action: Action
    text: str
    entry: Entry | None = None


class Replay:
    """Judges and replays letters. Every method may raise TransientError."""

    def __init__(self, *, ledger: Ledger, outbox: Outbox, topics: Topics) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._topics = topics

    async def judge(self, letter: Letter) -> Step:
        """Says what replaying a letter would do now; changes nothing."""
        if letter.cut_bytes:
            where = f"it lay at {letter.record.name}"
            return Step(Action.KEEP, f"the record was too large to be kept ({letter.cut_bytes} bytes; {where})")
        match letter.stage:
            case "event" | "planner":
                return self._judge_event(letter)
            case "probe":
                return await self._judge_content(letter)
            case "span":
                return await self._judge_span(letter)
            case _:
                return Step(Action.KEEP, f"kadr does not know the stage {letter.stage!r}")

    async def replay(self, letter: Letter) -> Step:
        """Tries a letter again, and closes it unless it has to stay.

        The letter comes before the ledger's mark, so that a span that is still pending may fail for this very letter.
        """
        step = await self.judge(letter)
        while not await self._take(letter, step):
            step = await self.judge(letter)
        if step.action not in (Action.KEEP, Action.SEND_SPAN):
            await self._outbox.send_answer(Answer(letter.id, "replayed"))
        return step

    async def discard(self, letter: Letter) -> None:
        """Closes a letter for good; the ledger and the other topics stay as they are."""
        await self._outbox.send_answer(Answer(letter.id, "discarded"))

    def _judge_event(self, letter: Letter) -> Step:
        try:
            parse_event(letter.record.value, letter.record.headers)
        except InvalidEvent as error:
            return Step(Action.KEEP, f"it would end here again ({error})")
        return Step(Action.SEND_EVENT, f"the event goes to {self._topics.uploads} again")

    async def _judge_content(self, letter: Letter) -> Step:
        if letter.spans_topic != self._topics.spans:
            return self._foreign(letter.spans_topic)
        entry = await self._ledger.read(letter.video_id)
        if entry is None or entry.revision < letter.revision:
            return Step(Action.KEEP, "the ledger does not know of the failure (yet)")
        if entry.revision > letter.revision or entry.status != "failed" or entry.spans:
            return _past(entry)
        return Step(Action.PLAN_AGAIN, f"{letter.subject} is looked at and planned again", entry)

    async def _judge_span(self, letter: Letter) -> Step:
        if letter.record.topic != self._topics.spans:
            return self._foreign(letter.record.topic)
        try:
            message = SpanMessage.parse(letter.record.value)
        except InvalidEvent as error:
            return Step(Action.KEEP, f"it would end here again ({error})")
        entry = await self._ledger.read(message.video_id)
        if entry is None or entry.deleted or entry.revision != message.revision or message.span >= len(entry.spans):
            return _past(entry)
        span = f"span {message.span} of {message.bucket}/{message.key}"
        match entry.spans[message.span].state:
            case "f":
                return Step(Action.REVIVE, f"{span} is pending and sent again", entry)
            case "p":
                return Step(
                    Action.SEND_SPAN, f"{span} is pending already and sent once more; the letter stays open", entry
                )
            case "d":
                return Step(Action.NOTHING, f"{span} is done", entry)

    async def _take(self, letter: Letter, step: Step) -> bool:
        """Takes a step; False if the ledger has changed since it was judged."""
        match step.action:
            case Action.SEND_EVENT:
                await self._outbox.send_event_again(letter)
            case Action.PLAN_AGAIN:
                return await self._plan_again(letter)
            case Action.REVIVE:
                return await self._revive(letter)
            case Action.SEND_SPAN:
                assert step.entry is not None
                await self._send_span(step.entry, SpanMessage.parse(letter.record.value).span)
        return True

    async def _plan_again(self, letter: Letter) -> bool:
        entry = await self._ledger.replan(letter.video_id, letter.revision)
        if entry is None:
            return False
        await self._outbox.send_look(entry.body["bucket"], entry.body["key"])
        return True

    async def _revive(self, letter: Letter) -> bool:
        message = SpanMessage.parse(letter.record.value)
        entry = await self._ledger.replay(message.video_id, message.revision, message.span)
        if entry is None:
            return False
        await self._send_span(entry, message.span)
        return True

    async def _send_span(self, entry: Entry, span: int) -> None:
        """Sends a pending span as the ledger has it now: its source may have a newer version than the letter's."""
        for message in pending_spans(entry):
            if message.span == span:
                await self._outbox.send_span(message)

    def _foreign(self, spans_topic: str) -> Step:
        return Step(Action.KEEP, f"its model set is the one of {spans_topic or 'nobody'}: set KADR_MODEL_SET to that")


def _past(entry: Entry | None) -> Step:
    if entry is None:
        return Step(Action.NOTHING, "the ledger does not know the video")
    return Step(Action.NOTHING, f"the video has moved on: it is {entry.status} with revision {entry.revision}", entry)
