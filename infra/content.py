"""`kadr upload` and `kadr search`: what publishers and readers do."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from infra.answers import ask, console, hits_table
from infra.clients import object_store, quiet_libraries, search_engine
from infra.errors import KadrError
from infra.ledger_view import Awaited, LedgerView
from infra.settings import StackSettings, read_settings
from infra.uploads import Upload, check_files, put
from stream.errors import TransientError
from stream.events import OwnEvent, VideoUploaded
from stream.publish import Publisher


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--title", help="Title of the video; one file only.")
@click.option("--description", help="Description of the video; one file only.")
@click.option("--external-id", help="Your own name of the video; one file only.")
@click.option("--language", help="Spoken language, two letters (en, ru).")
@click.option("--bucket", help="Bucket to store in; by default the first of KADR_BUCKETS.")
@click.option("--wait", is_flag=True, help="Wait until the videos can be found.")
def upload(
    files: tuple[Path, ...],
    title: str | None,
    description: str | None,
    external_id: str | None,
    language: str | None,
    bucket: str | None,
    wait: bool,
) -> None:
    """Upload videos.

    The object's key is the file's name. The bucket's notification starts the work; title and so on go ahead in an
    event of their own.

    \b
    Examples:
      kadr upload talk.mp4 --title "Opening talk" --external-id talk-1 --wait
      kadr upload *.webm --language ru
    """
    quiet_libraries()
    settings = read_settings()
    check_files(files)
    said = {"title": title, "description": description, "external_id": external_id, "language": language}
    uploads = plan_uploads(settings, files, bucket, {name: value for name, value in said.items() if value})
    etags = store_all(settings, uploads)
    for one in uploads:
        click.echo(f"uploaded {one.path} as {one.bucket}/{one.key}")
    if wait and not wait_until_found(settings, [Awaited(*pair) for pair in zip(uploads, etags, strict=True)]):
        raise SystemExit(1)


def plan_uploads(
    settings: StackSettings, files: tuple[Path, ...], bucket: str | None, said: dict[str, str]
) -> list[Upload]:
    """Decides bucket, key and event of each file.

    Raises:
        KadrError: The bucket is not served, two files have one name, or the metadata are wrong.
    """
    bucket = bucket or settings.buckets[0]
    if bucket not in settings.buckets:
        raise KadrError(f"kadr serves the buckets {', '.join(settings.buckets)} (KADR_BUCKETS), not {bucket}.")
    if len({path.name for path in files}) < len(files):
        raise KadrError("Two of the files have the same name: the second would replace the first.")
    if len(files) > 1 and set(said) - {"language"}:
        raise KadrError("--title, --description and --external-id are of one video: give one file with them.")
    return [Upload(path, bucket, path.name, event_of(bucket, path.name, said) if said else None) for path in files]


def event_of(bucket: str, key: str, said: dict[str, str]) -> VideoUploaded:
    """Makes the event that carries what the publisher says.

    Raises:
        KadrError: Something of it is wrong.
    """
    try:
        return VideoUploaded.model_validate({"bucket": bucket, "key": key, **said})
    except ValueError as error:
        first = error.errors()[0] if hasattr(error, "errors") else {"loc": ("event",), "msg": str(error)}
        name = str(first["loc"][0]).replace("_", "-")
        raise KadrError(f"--{name} is wrong: {first['msg']}.") from error


def store_all(settings: StackSettings, uploads: list[Upload]) -> list[str]:
    """Publishes the events, then stores the files; returns their ETags.

    The event goes ahead of the file: the language is then known before the first span is transcribed, a video never
    shows without its title, and an object that is there is one whose event was taken.

    Raises:
        KadrError: Kafka or the object store does not answer or refuses.
    """
    asyncio.run(publish(settings, [one.event for one in uploads if one.event is not None]))
    store = object_store(settings, timeout_seconds=120.0)
    return [put(store, one) for one in uploads]


async def publish(settings: StackSettings, events: Sequence[OwnEvent]) -> None:
    """Sends own events, if there are any.

    Raises:
        KadrError: Kafka does not answer.
    """
    if not events:
        return
    try:
        async with Publisher(settings.kafka_brokers, topic=settings.uploads_topic) as publisher:
            for event in events:
                await publisher.publish(event)
    except TransientError as error:
        raise KadrError(
            f"{str(error).rstrip('.')}: start it with `kadr up`, or set KADR_KAFKA_BROKERS to where it runs."
        ) from error


def wait_until_found(settings: StackSettings, awaited: list[Awaited]) -> bool:
    """Waits for the ledger and says how each video ended; True if all are ready."""
    client = search_engine(settings)
    try:
        view = LedgerView(settings, client)
        entries = view.wait(awaited, show=lambda counts: click.echo(str(counts)))
        view.refresh()
    finally:
        client.close()
    for one in awaited:
        entry = entries[one.upload.video_id]
        reason = f": {entry['reason']}" if entry.get("reason") else ""
        click.echo(f"{one.upload.bucket}/{one.upload.key} is {entry['status']}{reason}")
    return all(entries[one.upload.video_id]["status"] == "ready" for one in awaited)


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Most videos in the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the API's answer as it is.")
def search(query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search inside the videos, in English or Russian.

    \b
    Examples:
      kadr search "ask what you can do for your country"
      kadr search кошка на снегу --limit 3
      kadr search lighthouse --json
    """
    answer = ask(read_settings(), " ".join(query), limit=limit)
    if as_json:
        click.echo(answer.text)
        return
    body = answer.json()
    screen = console()
    for warning in body.get("warnings", []):
        screen.print(f"[yellow]{warning['message']}[/yellow]")
    if body["hits"]:
        screen.print(hits_table(body))
    else:
        click.echo("Nothing was found.")
