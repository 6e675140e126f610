"""Puts the reconciler and the sweeper together: for the periodic work of the workers, and for the commands."""

from collections.abc import Callable
from dataclasses import dataclass

from minio import Minio
from opensearchpy import AsyncOpenSearch

from stream.breaker import Breakers
from stream.errors import Dependency
from stream.listing import LedgerListing
from stream.outbox import Outbox, Topics
from stream.periodic import Periodic
from stream.progress import Progress
from stream.reconciler import Reconciler, Report
from stream.record import Producer
from stream.settings import StreamSettings
from stream.store import Store
from stream.sweeper import IndexSweeper, Sweeper, SweepReport

_NEEDED: frozenset[Dependency] = frozenset({"opensearch", "object store", "kafka"})


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What keeps buckets, ledger and index together, whatever was lost on the way."""

    reconciler: Reconciler
    sweeper: IndexSweeper

    def periodic(self, settings: StreamSettings, leads: Callable[[], bool], breakers: Breakers) -> list[Periodic]:
        """Returns it as work for the worker that leads; it waits while a service that it needs is down."""
        retry_seconds = settings.retry_longest_seconds

        async def reconcile() -> Report:
            return await breakers.guard(_NEEDED, self.reconciler.reconcile)

        async def sweep() -> SweepReport:
            return await breakers.guard(_NEEDED, self.sweeper.sweep)

        return [
            Periodic("reconciled", reconcile, settings.reconcile_every_seconds, retry_seconds, leads),
            Periodic("swept", sweep, settings.sweep_every_seconds, retry_seconds, leads),
        ]


def build_upkeep(
    settings: StreamSettings, *, opensearch: AsyncOpenSearch, minio: Minio, producer: Producer, progress: Progress
) -> Upkeep:
    """Puts both together."""
    reconciler = build_reconciler(settings, opensearch=opensearch, minio=minio, producer=producer, progress=progress)
    return Upkeep(reconciler, build_sweeper(settings, opensearch=opensearch, minio=minio))


def build_reconciler(
    settings: StreamSettings, *, opensearch: AsyncOpenSearch, minio: Minio, producer: Producer, progress: Progress
) -> Reconciler:
    """Puts the reconciler together."""
    topics = Topics(settings.uploads_topic, settings.spans_topic, settings.status_topic, settings.dead_letters_topic)
    return Reconciler(
        listing=LedgerListing(opensearch, index=settings.videos_index),
        store=Store(minio, thumbnail_bucket=settings.thumbnail_bucket),
        outbox=Outbox(producer, topics),
        progress=progress,
        buckets=settings.buckets,
        uploads_topic=settings.uploads_topic,
        spans_topic=settings.spans_topic,
        resend_after_seconds=settings.resend_after_seconds,
    )


def build_sweeper(settings: StreamSettings, *, opensearch: AsyncOpenSearch, minio: Minio) -> IndexSweeper:
    """Puts the sweeper of the whole index together."""
    store = Store(minio, thumbnail_bucket=settings.thumbnail_bucket)
    listing = LedgerListing(opensearch, index=settings.videos_index)
    sweeper = Sweeper(opensearch, store, index=settings.moments_index)
    return IndexSweeper(opensearch, sweeper, listing, index=settings.moments_index)
