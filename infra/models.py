"""`kadr models`: which models there are, bringing them here, and whether they are what they should be."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from encoders.errors import ModelError
from encoders.libraries import set_library_defaults
from encoders.registry.catalogue import FETCHED, SHIPPED, HubModel, Kind, known_model
from encoders.registry.manifest import read_manifest
from encoders.registry.places import Place, find_place
from encoders.registry.profiles import PROFILES, Profile, choose_models
from encoders.settings import EncoderSettings
from infra.answers import console
from infra.errors import KadrError
from infra.fetching import fetch_all, megabytes

KINDS: tuple[Kind, ...] = ("picture", "text", "speech")
Named = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A model in the list: the sets that it belongs to, and where it is."""

    sets: tuple[str, ...]
    kind: Kind
    model: str
    bytes: int | None
    exact: bool
    licence: str
    where: str
    present: bool


@click.group()
def models() -> None:
    """List, fetch and check models.

    \b
    Examples:
      kadr models list
      kadr models fetch cpu
      kadr models check
    """


@models.command("list", short_help="Show models, their sizes and licences.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_models(as_json: bool) -> None:
    """Show the models of every set, how large they are, their licences and whether they are here.

    \b
    Examples:
      kadr models list
      KADR_MODELS_DIR=/srv/models kadr models list --json
    """
    settings = _settings()
    with _sentences():
        rows = rows_of(settings)
    if as_json:
        body = {
            "folder": str(settings.models_dir),
            "in_use": settings.model_set,
            "models": [asdict(row) for row in rows],
        }
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    console().print(_table(rows, settings.models_dir))
    click.echo(f"\nFetched models are kept in {settings.models_dir} (KADR_MODELS_DIR).")
    click.echo(
        f"In use: {settings.model_set} (KADR_MODEL_SET, KADR_PICTURE_MODEL, KADR_TEXT_MODEL, KADR_SPEECH_MODEL)."
    )


@models.command(short_help="Bring models here.")
@click.argument("names", nargs=-1, metavar="[SET|MODEL]...")
@click.option(
    "--picture", "pictures", multiple=True, metavar="NAME", help="Any open_clip model: name:tag or owner/name."
)
@click.option("--text", "texts", multiple=True, metavar="NAME", help="Any sentence-transformers model: owner/name.")
@click.option(
    "--speech", "speeches", multiple=True, metavar="NAME", help="Any CTranslate2 Whisper: size or owner/name."
)
def fetch(names: tuple[str, ...], pictures: tuple[str, ...], texts: tuple[str, ...], speeches: tuple[str, ...]) -> None:
    """Bring models into KADR_MODELS_DIR: those of a set, single ones, or by default those of the settings.

    An interrupted download goes on where it stopped. The folder can be copied to a machine without a network.

    \b
    Examples:
      kadr models fetch cpu
      kadr models fetch BAAI/bge-m3
      kadr models fetch --text intfloat/multilingual-e5-base --speech medium
    """
    set_library_defaults()
    settings = _settings()
    with _sentences():
        given: list[Named] = [*_named(names)]
        for kind, chosen in zip(KINDS, (pictures, texts, speeches), strict=True):
            given += [(kind, name) for name in chosen]
        places = [find_place(*named, settings.models_dir) for named in given or _chosen(settings)]
        fetch_all(places, settings.models_dir)


@models.command(short_help="Look whether they are what they were.")
@click.argument("names", nargs=-1, metavar="[SET|MODEL]...")
def check(names: tuple[str, ...]) -> None:
    """Look whether models are what they were: their files, and what they make of known inputs.

    Loads each of them, so it needs their memory. The exit status is 0 when nothing is wrong.

    \b
    Examples:
      kadr models check
      kadr models check cpu
    """
    set_library_defaults()
    settings = _settings()
    with _sentences():
        named = [*_named(names)] or _chosen(settings)
    from encoders.registry.checking import check_model

    healthy = True
    for kind, model in named:
        click.echo(f"{kind} {model}: ", nl=False)
        try:
            text = check_model(kind, model, settings)
        except ModelError as error:
            healthy = False
            console().print(f"[red]wrong[/red]: {escape(str(error))}", soft_wrap=True)
        else:
            console().print(f"[green]ok[/green], {escape(text)}", soft_wrap=True)
    sys.exit(0 if healthy else 1)


def rows_of(settings: EncoderSettings) -> list[Row]:
    """Lists the models in use, then those of every set and those that ship, each once.

    Raises:
        ModelError: The settings name a model that cannot exist.
    """
    in_use = _parts(choose_models(settings))
    sets = {name: _parts(profile) for name, profile in PROFILES.items()}
    known = [(model.kind, model.name) for model in (*SHIPPED, *FETCHED)]
    ordered = dict.fromkeys([*(named for parts in sets.values() for named in parts), *in_use, *known])
    return [
        _row(named, tuple(name for name, parts in sets.items() if named in parts), settings, named in in_use)
        for named in ordered
    ]


def _row(named: Named, sets: tuple[str, ...], settings: EncoderSettings, in_use: bool) -> Row:
    kind, model = named
    known = known_model(kind, model)
    licence = (known.licence if known is not None else None) or "unknown"
    sets = (*sets, "in use") if in_use else sets
    try:
        place = find_place(kind, model, settings.models_dir)
    except ModelError:
        if in_use:
            raise
        return Row(sets, kind, model, None, False, licence, "not in this installation", False)
    if not place.present:
        about = place.hub.about_bytes if place.hub else None
        return Row(sets, kind, model, about, False, licence, "not fetched", False)
    return Row(sets, kind, model, _size(place), True, _licence(place, licence), _where(place), True)


def _licence(place: Place, otherwise: str) -> str:
    manifest = read_manifest(place.folder) if place.folder is not None else None
    return manifest.licence if manifest is not None else otherwise


def _size(place: Place) -> int | None:
    if place.folder is None:
        return None
    return sum(file.stat().st_size for file in place.folder.rglob("*") if file.is_file())


def _where(place: Place) -> str:
    return "comes with kadr" if known_ships(place) else str(place.folder)


def known_ships(place: Place) -> bool:
    """Whether a model is installed with kadr."""
    return place.hub is None and any((model.kind, model.name) == (place.kind, place.name) for model in SHIPPED)


def _table(rows: Sequence[Row], models_dir: Path) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("set", "for", "model", "size", "licence", "where"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "size" else "left")
    for row in rows:
        size = "" if row.bytes is None else f"{'' if row.exact else 'about '}{megabytes(row.bytes)}"
        # The folder of fetched models is said once, below the table.
        here = "fetched" if Path(row.where).parent == models_dir.absolute() else escape(row.where)
        where = here if row.present else f"[yellow]{escape(row.where)}[/yellow]"
        table.add_row(", ".join(row.sets), row.kind, escape(row.model), size, escape(row.licence), where)
    return table


def _named(names: Sequence[str]) -> Iterator[Named]:
    for name in names:
        if name in PROFILES:
            yield from _parts(PROFILES[name])
            continue
        found: list[Named] = [(model.kind, model.name) for model in (*SHIPPED, *FETCHED) if _means(model, name)]
        if not found:
            raise KadrError(
                f"{name} is neither a set ({', '.join(PROFILES)}) nor a model of `kadr models list`: say what it is "
                "for with --picture, --text or --speech of `kadr models fetch`."
            )
        yield from found


def _means(model: object, name: str) -> bool:
    return name in (getattr(model, "name", None), model.repository if isinstance(model, HubModel) else None)


def _chosen(settings: EncoderSettings) -> list[Named]:
    return list(_parts(choose_models(settings)))


def _parts(profile: Profile) -> tuple[Named, ...]:
    return ("picture", profile.picture_model), ("text", profile.text_model), ("speech", profile.speech_model)


def _settings() -> EncoderSettings:
    try:
        return EncoderSettings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise KadrError(f"The setting KADR_{str(first['loc'][0]).upper()} is wrong: {first['msg']}.") from error


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except ModelError as error:
        raise KadrError(str(error)) from error
