"""Fetches models from a hub (https://huggingface.co or HF_ENDPOINT) into one folder, with progress and resumption."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from encoders.errors import ModelError
from encoders.registry.catalogue import HubModel
from encoders.registry.hub_files import HubFile, needed_files
from encoders.registry.manifest import write_manifest
from encoders.registry.places import hub_folder

Progress = Callable[[int], None]
"""Told how many bytes came in; a negative number where some must be fetched again."""

_HUB = "https://huggingface.co"
_ANSWER_SECONDS = 15.0
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What fetching a model means.

    Attributes:
        model: The model.
        folder: Where it will be.
        revision: The commit that is fetched.
        licence: The licence of its weights, as far as it is known.
        files: The files to fetch.
        fetched_bytes: How much of them is there from an earlier try.
    """

    model: HubModel
    folder: Path
    revision: str
    licence: str
    files: tuple[HubFile, ...]
    fetched_bytes: int

    @property
    def bytes(self) -> int:
        """How large the files are together."""
        return sum(file.bytes for file in self.files)


def plan_fetch(model: HubModel, models_dir: Path) -> Plan:
    """Asks the hub what fetching a model means; fetches nothing.

    Raises:
        ModelError: The hub cannot be asked, or does not have the model in the format that is needed.
    """
    with _telling(model, models_dir):
        found = HfApi(endpoint=_endpoint(), token=_token()).model_info(
            model.repository, revision=model.revision, files_metadata=True, timeout=_ANSWER_SECONDS
        )
    files = needed_files(model, found.siblings or [])
    card: Any = found.card_data
    licence = model.licence or str((card.get("license") if card is not None else None) or "unknown")
    staging = _staging(model, models_dir)
    there = sum(file.stat().st_size for file in staging.rglob("*") if file.is_file()) if staging.is_dir() else 0
    revision = found.sha or model.revision or "main"
    return Plan(model, hub_folder(model, models_dir), revision, licence, files, there)


def fetch(plan: Plan, models_dir: Path, on_progress: Progress) -> Path:
    """Fetches what is missing and checks it; the folder appears under its name only when all of it is there.

    What an interrupted try brought is kept, and the next one goes on from there.

    Raises:
        ModelError: The hub does not answer any more, a file is not what the hub announced, or the disk is full.
    """
    staging = _staging(plan.model, models_dir)
    with _only_one(models_dir, staging):
        if plan.folder.is_dir():
            shutil.rmtree(staging, ignore_errors=True)
            return plan.folder
        _check_room(models_dir, plan)
        for file in plan.files:
            with _telling(plan.model, models_dir):
                _fetch_file(plan, file, staging, on_progress)
        shutil.rmtree(staging / ".cache", ignore_errors=True)
        write_manifest(
            staging,
            kind=plan.model.kind,
            model=plan.model.name,
            repository=plan.model.repository,
            revision=plan.revision,
            licence=plan.licence,
        )
        staging.rename(plan.folder)
    return plan.folder


def _fetch_file(plan: Plan, file: HubFile, staging: Path, on_progress: Progress) -> None:
    for tries_left in reversed(range(_TRIES)):
        try:
            path = hf_hub_download(
                plan.model.repository,
                file.name,
                revision=plan.revision,
                local_dir=staging,
                endpoint=_endpoint(),
                token=_token(),
                etag_timeout=_ANSWER_SECONDS,
                tqdm_class=_reporter(on_progress),
            )
            break
        except httpx.TransportError:
            if not tries_left:
                raise
            time.sleep(_TRIES - tries_left)
    _check_file(plan, file, Path(path))


def _check_file(plan: Plan, file: HubFile, path: Path) -> None:
    if file.sha256 is not None:
        with path.open("rb") as opened:
            same = hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
    else:
        content = path.read_bytes()
        header = f"blob {len(content)}\0".encode()
        same = file.git_sha1 is None or hashlib.sha1(header + content).hexdigest() == file.git_sha1
    if not same or path.stat().st_size != file.bytes:
        path.unlink()
        raise ModelError(
            f"The file {file.name} of {plan.model.repository} is not what the hub announced (its hash differs) and "
            "was removed: try again, and if it stays so, do not trust that hub or proxy."
        )


def _reporter(on_progress: Progress) -> type[Any]:
    """Makes what huggingface_hub takes for a tqdm progress bar."""

    class Reporter:
        def __init__(self, *, initial: int = 0, **_: Any) -> None:
            on_progress(initial)

        def __enter__(self) -> Reporter:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, count: int) -> None:
            on_progress(count)

    return Reporter


def _staging(model: HubModel, models_dir: Path) -> Path:
    folder = hub_folder(model, models_dir)
    return folder.with_name(f".{folder.name}.part")


@contextmanager
def _only_one(models_dir: Path, staging: Path) -> Iterator[None]:
    """Lets one process at a time fetch; the others wait and then find what it fetched."""
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        lock = (models_dir / ".lock").open("a")
    except OSError as error:
        raise ModelError(
            f"The folder {models_dir} cannot be written ({error.strerror}): set KADR_MODELS_DIR."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        staging.mkdir(exist_ok=True)
        yield


def _check_room(models_dir: Path, plan: Plan) -> None:
    free, needed = shutil.disk_usage(models_dir).free, plan.bytes - plan.fetched_bytes
    if free < needed:
        raise ModelError(
            f"{models_dir} has room for {free / 1e9:.1f} GB, and {plan.model.name} needs {needed / 1e9:.1f} GB more: "
            "make room, or set KADR_MODELS_DIR to a folder on another disk."
        )


@contextmanager
def _telling(model: HubModel, models_dir: Path) -> Iterator[None]:
    folder = hub_folder(model, models_dir)
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise ModelError(
            f"The {model.kind} model {model.name} is not in {folder}, and HF_HUB_OFFLINE forbids to fetch it: "
            f"{_copy_it(model, folder)}."
        )
    try:
        yield
    except GatedRepoError as error:
        raise ModelError(
            f"The hub gives {model.repository} only to those who accepted its terms: do so there, and set HF_TOKEN."
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"The hub at {_endpoint()} has no model {model.repository} (or needs a token, HF_TOKEN): correct its name."
        ) from error
    except RevisionNotFoundError as error:
        raise ModelError(f"The hub's {model.repository} has no revision {model.revision} any more.") from error
    except (httpx.HTTPError, HfHubHTTPError, EntryNotFoundError) as error:
        raise ModelError(
            f"The hub at {_endpoint()} cannot be reached for {model.name} ({_reason(error)}): try again (what came is "
            f"kept), or {_copy_it(model, folder)}."
        ) from error
    except OSError as error:
        raise ModelError(
            f"{model.name} cannot be fetched into {folder.parent} ({_reason(error)}): try again."
        ) from error


def _copy_it(model: HubModel, folder: Path) -> str:
    return f"run `kadr models fetch {model.name}` on a machine that can reach it and copy its folder here, to {folder}"


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")


def _token() -> str | None:
    return os.environ.get("HF_TOKEN") or None
