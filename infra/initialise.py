"""Creates what kadr needs before it starts: topics, buckets, notifications and indices."""

import asyncio
from dataclasses import replace

import click
from minio import Minio
from minio.notificationconfig import NotificationConfig, QueueConfig
from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException
from pydantic import ValidationError

from encoders.client import EncoderClient, EncoderError
from encoders.values import ModelSet
from infra.clients import STORE_ERRORS, object_store, quiet_libraries, reason_of, search_engine
from infra.errors import KadrError
from infra.settings import StackSettings, read_settings
from infra.topics import create_topics
from opensearch.apply import apply
from opensearch.hybrid import LEGS, Fusion, apply_hybrid
from opensearch.mappings import IndexMismatch
from opensearch.neural import Endpoint, NeuralRefused, apply_models, model_ids
from opensearch.removal import remove
from search_api.settings import SearchSettings

NOTIFICATION_TARGET = "KADR"
EVENTS = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]

__all__ = ["create_topics", "init", "initialise"]


def initialise(settings: StackSettings, *, notification_target: str = NOTIFICATION_TARGET) -> list[str]:
    """Creates what is missing in Kafka, the object store and OpenSearch; says in words what changed.

    Nothing that exists is changed, so it can run as often as one likes.

    Args:
        settings: Where the services are.
        notification_target: Name of the object store's Kafka target, from `MINIO_NOTIFY_KAFKA_ENABLE_<NAME>`.

    Raises:
        KadrError: A service does not answer or refuses; says which and what to do.
    """
    return [
        *create_topics(settings),
        *add_buckets(settings, notification_target=notification_target),
        *add_indices(settings),
    ]


def add_buckets(settings: StackSettings, *, notification_target: str = NOTIFICATION_TARGET) -> list[str]:
    """Creates the missing buckets and their notifications; the thumbnail bucket gets none.

    Raises:
        KadrError: The object store does not answer or refuses.
    """
    store = object_store(settings)
    changes: list[str] = []
    try:
        for bucket in (*settings.buckets, settings.thumbnail_bucket):
            if not store.bucket_exists(bucket):
                store.make_bucket(bucket)
                changes.append(f"created the bucket {bucket}")
        for bucket in settings.buckets:
            changes += add_notification(store, bucket, notification_target)
    except STORE_ERRORS as error:
        raise KadrError(
            f"The object store at {settings.minio_url} does not do as it should ({reason_of(error)}): start it with "
            "`kadr up`, or check KADR_MINIO_URL, its credentials and its notification targets."
        ) from error
    return changes


def add_notification(store: Minio, bucket: str, target: str) -> list[str]:
    """Makes a bucket tell a Kafka target what is stored and removed, beside whom it tells already."""
    arn = f"arn:minio:sqs::{target}:kafka"
    present = store.get_bucket_notification(bucket)
    if any(queue.queue == arn for queue in present.queue_config_list):
        return []
    store.set_bucket_notification(
        bucket,
        NotificationConfig(
            cloud_func_config_list=present.cloud_func_config_list,
            queue_config_list=[*present.queue_config_list, QueueConfig(queue=arn, events=EVENTS)],
            topic_config_list=present.topic_config_list,
        ),
    )
    return [f"the bucket {bucket} now notifies {arn}"]


def add_indices(settings: StackSettings) -> list[str]:
    """Applies templates, indices, scripts and pipelines with the dimensions of the encoder server's models.

    Raises:
        KadrError: OpenSearch or the encoder server does not answer, or an index has other dimensions.
    """
    models = asyncio.run(model_set(settings))
    client = search_engine(settings)
    try:
        changes = apply(
            client,
            model_set=settings.model_set,
            index_prefix=settings.index_prefix,
            picture_dimension=models.picture_dimension,
            text_dimension=models.text_dimension,
        )
        changes += add_models(client, settings)
        return changes + add_hybrid(client, settings)
    except (IndexMismatch, NeuralRefused) as error:
        raise KadrError(f"{str(error)[0].upper()}{str(error)[1:].rstrip('.')}.") from error
    except OpenSearchException as error:
        raise KadrError(
            f"OpenSearch at {settings.opensearch_url} does not do as it should ({reason_of(error)}): start it with "
            "`kadr up`, or check KADR_OPENSEARCH_URL and its credentials."
        ) from error
    finally:
        client.close()


def add_models(client: OpenSearch, settings: StackSettings) -> list[str]:
    """Lets OpenSearch call the encoder server, unless the settings say that it shall not."""
    if not settings.opensearch_models:
        return []
    endpoint = Endpoint(settings.encoder_url, settings.encoder_api_key.get_secret_value() or None)
    return apply_models(client, endpoint, model_set=settings.model_set, index_prefix=settings.index_prefix)


def add_hybrid(client: OpenSearch, settings: StackSettings) -> list[str]:
    """Installs the search pipelines and templates, with the weights that the search API has."""
    where = {"model_set": settings.model_set, "index_prefix": settings.index_prefix}
    try:
        weighed = SearchSettings()
    except ValidationError as error:
        first = error.errors()[0]
        raise KadrError(f"KADR_{str(first['loc'][0]).upper()}: {first['msg']}.") from error
    weights = [float(getattr(weighed, f"leg_weight_{leg}")) for leg in LEGS]
    # Without a weight for any leg over moments, the API searches titles alone; a pipeline needs one.
    speech_text, speech_vector, picture_vector = weights
    fusion = Fusion(speech_text, speech_vector, picture_vector) if any(weights) else Fusion()
    fusion = replace(fusion, rank_constant=weighed.rrf_rank_constant)
    return apply_hybrid(client, **where, fusion=fusion, models=model_ids(client, **where))


def remove_indices(settings: StackSettings, *, indices: bool) -> list[str]:
    """Takes out of OpenSearch what `add_indices` put there; the indices themselves only if that is said.

    Raises:
        KadrError: OpenSearch does not answer or refuses.
    """
    client = search_engine(settings)
    try:
        return remove(client, model_set=settings.model_set, index_prefix=settings.index_prefix, indices=indices)
    except OpenSearchException as error:
        raise KadrError(
            f"OpenSearch at {settings.opensearch_url} does not do as it should ({reason_of(error)}): start it with "
            "`kadr up`, or check KADR_OPENSEARCH_URL and its credentials."
        ) from error
    finally:
        client.close()


async def model_set(settings: StackSettings) -> ModelSet:
    """Asks the encoder server which models it has.

    Raises:
        KadrError: It does not answer.
    """
    key = settings.encoder_api_key
    async with EncoderClient(settings.encoder_url, timeout_seconds=20.0, api_key=key) as encoder:
        try:
            return await encoder.model_set()
        except EncoderError as error:
            raise KadrError(
                f"{str(error).rstrip('.')}: start it with `kadr up` or `kadr encoder`, or set "
                "KADR_ENCODER_URL to where it runs."
            ) from error


@click.command()
@click.option("--remove", "removes", is_flag=True, help="Take out of OpenSearch what init put there; indices stay.")
@click.option("--indices", is_flag=True, help="With --remove: the indices too, with everything that was indexed.")
def init(removes: bool, indices: bool) -> None:
    """Create topics, buckets, notifications and indices.

    Says what it created; a second run changes nothing. With --remove, nothing is indexed or found until the next init.

    \b
    Examples:
      kadr init
      KADR_INDEX_PREFIX=trial- KADR_TOPIC_PREFIX=trial. kadr init
      KADR_INDEX_PREFIX=trial- kadr init --remove --indices
    """
    if indices and not removes:
        raise click.UsageError("--indices goes with --remove")
    quiet_libraries()
    settings = read_settings()
    if removes:
        for change in remove_indices(settings, indices=indices) or ["There is nothing to remove."]:
            click.echo(change)
        return
    changes = initialise(settings)
    for change in changes:
        click.echo(change)
    if not changes:
        click.echo("Everything is there already.")
