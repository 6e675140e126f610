"""`kadr publish`: sends events about videos, as publishers' own programs do."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import click
from pydantic import ValidationError

from infra.clients import quiet_libraries
from infra.content import publish as send
from infra.errors import KadrError
from infra.settings import read_settings
from stream.events import OwnEvent, VideoDeleted, VideoLook, VideoUploaded

# As far as JSON's readers agree on numbers.
LARGEST_NUMBER = 2**53

Command = Callable[..., None]


@click.group()
def publish() -> None:
    """Publish events about videos.

    \b
    Examples:
      kadr publish uploaded talk.mp4 --title "Opening talk" --category talks --attribute year=2026
      kadr publish deleted talk.mp4
      kadr publish look talk.mp4
    """


def of_object(command: Command) -> Command:
    """Adds what names an object."""
    bucket = click.option("--bucket", help="Bucket of the object; by default the first of KADR_BUCKETS.")
    return click.argument("key")(bucket(command))


@publish.command()
@of_object
@click.option("--title", help="Title of the video.")
@click.option("--description", help="Description of the video.")
@click.option("--external-id", help="Your own name of the video.")
@click.option("--language", help="Spoken language, two letters (en, ru).")
@click.option("--published-at", help="When it was published (RFC 3339).")
@click.option("--category", "categories", multiple=True, help="A category; may be given several times.")
@click.option(
    "--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="An attribute; may be given several times."
)
def uploaded(key: str, bucket: str | None, attributes: tuple[str, ...], **said: Any) -> None:
    """Say what a stored video is: its metadata replace those of earlier events. Lifts a withdrawal.

    An attribute's value that is a number in JSON is sent as a number.

    \b
    Examples:
      kadr publish uploaded talk.mp4 --title "Opening talk" --external-id talk-1 --language en
      kadr publish uploaded talk.mp4 --category talks --category 2026 --attribute year=2026 --attribute studio=own
    """
    given = {name: value for name, value in said.items() if value}
    publish_event(VideoUploaded, bucket, key, {**given, "attributes": attributes_of(attributes)})


@publish.command()
@of_object
def deleted(key: str, bucket: str | None) -> None:
    """Withdraw a video; its file may stay in the bucket.

    \b
    Example:
      kadr publish deleted talk.mp4
    """
    publish_event(VideoDeleted, bucket, key, {})


@publish.command()
@of_object
def look(key: str, bucket: str | None) -> None:
    """Ask for one more look at an object, as if the bucket had notified of it.

    \b
    Example:
      kadr publish look talk.mp4 --bucket videos
    """
    publish_event(VideoLook, bucket, key, {})


def publish_event(kind: type[OwnEvent], bucket: str | None, key: str, said: Mapping[str, Any]) -> None:
    """Sends one event and says so.

    Raises:
        KadrError: The bucket is not served, the event is wrong, or Kafka does not answer.
    """
    quiet_libraries()
    settings = read_settings()
    bucket = bucket or settings.buckets[0]
    if bucket not in settings.buckets:
        raise KadrError(f"kadr serves the buckets {', '.join(settings.buckets)} (KADR_BUCKETS), not {bucket}.")
    event = event_of(kind, {"bucket": bucket, "key": key, **said})
    asyncio.run(send(settings, [event]))
    click.echo(f"published {event.type} of {bucket}/{key}")


def event_of(kind: type[OwnEvent], fields: Mapping[str, Any]) -> OwnEvent:
    """Makes an event.

    Raises:
        KadrError: Something of it is wrong; names the option.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        options = {"key": "KEY", "categories": "--category", "attributes": "--attribute"}
        field = str(first["loc"][0])
        option = options.get(field, f"--{field.replace('_', '-')}")
        raise KadrError(f"{option} is wrong: {first['msg'][0].lower()}{first['msg'][1:]}.") from error


def attributes_of(pairs: tuple[str, ...]) -> dict[str, str | int | float]:
    """Reads NAME=VALUE pairs.

    Raises:
        KadrError: One is none, or a name comes twice.
    """
    attributes: dict[str, str | int | float] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise KadrError(f"--attribute is wrong: write NAME=VALUE, not {pair!r}.")
        if name in attributes:
            raise KadrError(f"--attribute is wrong: {name} is given twice.")
        attributes[name] = _number_or_text(value)
    return attributes


def _number_or_text(value: str) -> str | int | float:
    try:
        number = json.loads(value, parse_constant=str)
    except ValueError:
        return value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return value
    return number if abs(number) <= LARGEST_NUMBER else value
