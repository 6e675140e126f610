"""`kadr demo`: from nothing to found moments, on the real services."""

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from infra.answers import ask, console, hits_table
from infra.clients import quiet_libraries
from infra.demo_catalogue import Notice, Question, notices, questions
from infra.demo_index import index_videos
from infra.demo_progress import StageProgress
from infra.demo_videos import demo_videos
from infra.errors import KadrError
from infra.progress import ServiceProgress
from infra.settings import StackSettings, read_settings
from infra.stack import LocalStack
from infra.uploads import Upload, check_files
from stream.events import VideoUploaded

FOLDER = "demo"
HITS = 3


@click.command()
@click.argument("videos", nargs=-1, type=click.Path(path_type=Path))
def demo(videos: tuple[Path, ...]) -> None:
    """Make videos, index them and search inside them.

    Starts the local stack if it does not run, uploads the demo's own videos and those that you name, and asks for what
    is said in them. In a terminal everything stays up until Ctrl-C. A second run indexes nothing again.

    \b
    Examples:
      kadr demo
      kadr demo talk.mp4 lecture.webm
    """
    quiet_libraries()
    settings = read_settings()
    check_files(videos)
    check_names(videos)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    sys.exit(run(settings, videos))


def _stop(number: int, frame: FrameType | None) -> None:
    """Leaves through every `finally`, so that all that was started is stopped."""
    raise SystemExit(128 + number)


def check_names(videos: tuple[Path, ...]) -> None:
    """Checks that every video gets an object of its own.

    Raises:
        KadrError: Two have one name.
    """
    names = [path.name for path in videos]
    for name in names:
        if names.count(name) > 1:
            raise KadrError(f"Two of the videos are called {name}: rename one of them.")


def run(settings: StackSettings, videos: tuple[Path, ...]) -> int:
    """Runs the demo; returns the exit status: 0 if every question found its video.

    Raises:
        KadrError: Something is missing or does not answer.
    """
    started = time.monotonic()
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    with StageProgress() as progress:
        own = demo_videos(settings.home, progress=progress.rendered)
    with running_stack(settings) as stack:
        uploads = own_uploads(settings, own) + [Upload(path, settings.buckets[0], path.name) for path in videos]
        with StageProgress() as progress:
            trouble = index_videos(settings, uploads, progress)
        for sentence in trouble:
            click.echo(sentence)
        ready = len(uploads) - len(trouble)
        click.echo(f"{ready} of {len(uploads)} videos are ready, {time.monotonic() - started:.0f} s after the start.")
        missed = ask_all(settings)
        if interactive and not stack.joined:
            stay(settings)
        elif stack.joined:
            click.echo(f"kadr goes on: the page and the API are at {settings.api_url}.")
    return 1 if missed else 0


@contextmanager
def running_stack(settings: StackSettings) -> Iterator[LocalStack]:
    """Starts the local stack, waits until it is ready, and stops in the end what it started.

    Raises:
        KadrError: A part cannot be started; says which and what to do.
    """
    with ServiceProgress() as progress:
        stack = LocalStack(settings, on_progress=progress.line, on_change=progress.service)
        try:
            stack.start()
            stack.wait_ready()
        except BaseException:
            stack.stop()
            raise
    try:
        yield stack
    finally:
        if not stack.joined:
            click.echo("Stopping.")
        stack.stop()


def own_uploads(settings: StackSettings, paths: tuple[Path, ...]) -> list[Upload]:
    """Makes the uploads of the demo's own videos, two of them with an event of their publisher."""
    said = {notice.film: notice for notice in notices()}
    bucket = settings.buckets[0]
    return [Upload(path, bucket, key_of(path.name), event_of(bucket, said.get(path.name))) for path in paths]


def key_of(film: str) -> str:
    """Returns the object key of one of the demo's videos."""
    return f"{FOLDER}/{film}"


def event_of(bucket: str, notice: Notice | None) -> VideoUploaded | None:
    """Returns what the publisher says of a video as an event."""
    if notice is None:
        return None
    return VideoUploaded(
        bucket=bucket,
        key=key_of(notice.film),
        external_id=notice.external_id,
        title=notice.title,
        description=notice.description,
    )


def ask_all(settings: StackSettings) -> int:
    """Asks every question and shows the answers; returns how many did not find their video first.

    Raises:
        KadrError: The search API does not answer.
    """
    missed = sum(not ask_one(settings, question) for question in questions())
    total = len(questions())
    click.echo("")
    click.echo(
        f"Every one of the {total} queries found its video." if not missed else f"{missed} of {total} queries failed."
    )
    return missed


def ask_one(settings: StackSettings, question: Question) -> bool:
    """Asks one question and shows the hits; True if the expected video comes first."""
    screen = console()
    answer = ask(settings, question.text, limit=HITS).json()
    screen.print(f'\n[bold]"{question.text}"[/bold] ({question.kind})')
    for warning in answer.get("warnings", []):
        screen.print(f"[yellow]{warning['message']}[/yellow]")
    screen.print(hits_table(answer))
    first = answer["hits"][0]["key"] if answer["hits"] else "nothing"
    wanted = key_of(question.film)
    if first != wanted:
        screen.print(f"[red]expected {wanted} first, found {first}[/red]")
        return False
    leg = strongest_leg(answer["hits"][0])
    if question.leg is not None and leg != question.leg:
        screen.print(f"[red]found {wanted} first, but by {leg} more than by {question.leg}[/red]")
        return False
    screen.print(f"[green]found {wanted} first, in {answer['took_ms']:.0f} ms, mostly by {leg}[/green]")
    return True


def strongest_leg(hit: Mapping[str, Any]) -> str:
    """Names the leg with the largest share in a hit's score."""
    legs: Mapping[str, Mapping[str, float]] = hit["legs"]
    return max(legs, key=lambda leg: legs[leg]["share"])


def stay(settings: StackSettings) -> None:
    """Keeps everything up until Ctrl-C."""
    click.echo("")
    click.echo(f"The page is at      {settings.api_url}/")
    click.echo(f"The API is at       {settings.api_url}/search, described in {settings.api_url}/openapi.json")
    click.echo(f"The object store is {settings.minio_url}, bucket {', '.join(settings.buckets)}")
    click.echo("Ctrl-C stops everything; the data stay.")
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        click.echo("")
