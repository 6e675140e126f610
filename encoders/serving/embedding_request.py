"""What a request for embeddings may hold: texts, and pictures in the ways in which other servers take them."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.datastructures import UploadFile

from encoders.picture_file import NoPicture
from encoders.serving.bodies import read_body, read_form, wrong
from encoders.serving.problems import RequestProblem
from encoders.settings import EncoderSettings
from encoders.values import Purpose

_LARGE = 65_536
"""Bodies of more bytes are read beside the event loop."""
_DATA_URL = "data:image/"


class TextItem(BaseModel):
    """A text."""

    type: Literal["text"] = "text"
    text: str


class PictureItem(BaseModel):
    """A picture file, as Jina's servers take it."""

    image: str = Field(description="A data URL, or base64 alone.")


class PictureUrl(BaseModel):
    """Where OpenAI's content parts have the data URL."""

    url: str


class PictureUrlItem(BaseModel):
    """A picture file, as in the content of OpenAI's chat messages."""

    type: Literal["image_url"]
    image_url: PictureUrl | str


Item = str | TextItem | PictureItem | PictureUrlItem


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, dict)) else value


class Manner(BaseModel):
    """How vectors are made; `purpose` is kadr's own."""

    model: str = Field(description="`picture`, `text`, or a model's own name.")
    purpose: Purpose = Field(
        "query", description="Whether texts and picture files search (then they go first) or are to be found."
    )
    encoding_format: Literal["float", "base64"] = Field("float", description="base64 holds little-endian float32.")
    dimensions: int | None = Field(None, description="Only the model's own dimension is accepted.")


class EmbeddingRequest(Manner):
    """OpenAI's request for embeddings, with pictures beside texts."""

    input: Annotated[list[Item], BeforeValidator(_as_list)] = Field(
        min_length=1,
        description="One or several: a text, or a picture file as a data URL (`data:image/png;base64,…`).",
    )


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture file: its bytes, or the base64 of them."""

    content: bytes | str

    def read(self, max_bytes: int) -> bytes:
        """The bytes.

        Raises:
            NoPicture: They are too many, or it is no base64.
        """
        # The end of base64 may be padding, of two bytes at most.
        size = len(self.content) if isinstance(self.content, bytes) else len(self.content) * 3 // 4 - 2
        if size > max_bytes:
            raise NoPicture(f"It has {size} bytes, at most {max_bytes} are read.")
        if isinstance(self.content, bytes):
            return self.content
        try:
            return base64.b64decode("".join(self.content.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoPicture("It is no base64: send a data URL such as data:image/png;base64,…") from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """Texts and pictures to encode, in the order of the request."""

    manner: Manner
    items: tuple[str | PictureFile, ...]


async def read_json(request: Request, settings: EncoderSettings, workers: Executor) -> Wanted:
    """Reads a request sent as JSON.

    Raises:
        RequestProblem: It is not one, or asks for more than it may.
    """
    body = await read_body(request, settings)
    if len(body) <= _LARGE:
        return _parse(body, settings)
    return await asyncio.get_running_loop().run_in_executor(workers, _parse, body, settings)


async def read_files(request: Request, settings: EncoderSettings) -> Wanted:
    """Reads picture files sent as a form: every file counts, whatever its field is called.

    Raises:
        RequestProblem: The form has no file, or more than there may be.
    """
    form = await read_form(request, settings, max_files=settings.max_frames + 1)
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str) and value}
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not uploads:
            raise wrong("The form has no picture file.")
        _check_count(len(uploads), settings.max_frames, "pictures")
        manner = Manner.model_validate({"model": "picture", **fields})
        return Wanted(manner, tuple([PictureFile(await upload.read()) for upload in uploads]))
    except ValidationError as error:
        raise wrong(_describe(error)) from error
    finally:
        await form.close()


def _parse(body: bytes, settings: EncoderSettings) -> Wanted:
    try:
        sent = EmbeddingRequest.model_validate_json(body)
    except ValidationError as error:
        raise wrong(_describe(error)) from error
    items = tuple(_open(index, item) for index, item in enumerate(sent.input))
    texts = [(index, item) for index, item in enumerate(items) if isinstance(item, str)]
    _check_count(len(texts), settings.max_texts, "texts")
    _check_count(len(items) - len(texts), settings.max_frames, "pictures")
    _check_texts(texts, settings.max_text_characters)
    return Wanted(sent, items)


def _open(index: int, item: Item) -> str | PictureFile:
    match item:
        case str() if item[: len(_DATA_URL)].lower() != _DATA_URL:
            return item
        case TextItem():
            return item.text
        case str():
            link = item
        case PictureItem():
            link = item.image
        case PictureUrlItem():
            link = item.image_url if isinstance(item.image_url, str) else item.image_url.url
    if link.startswith(("http://", "https://", "file:")):
        raise _bad_picture(index, "Nothing is fetched from addresses: send the file itself, as a data URL")
    head, comma, content = link.partition(",")
    if comma and head.lower().startswith("data:"):
        if not head.lower().endswith(";base64"):
            raise _bad_picture(index, "Its data URL is no base64: send data:image/png;base64,…")
        return PictureFile(content)
    return PictureFile(link)


def _bad_picture(index: int, reason: str) -> RequestProblem:
    return bad_pictures([(index, reason)])


def bad_pictures(reasons: Sequence[tuple[int, str]]) -> RequestProblem:
    """Says which pictures, by their place in the request, cannot be used; all of them under `pictures`."""
    index, reason = reasons[0]
    others = f" {len(reasons) - 1} more cannot be used either." if len(reasons) > 1 else ""
    listed = [{"index": index, "detail": reason} for index, reason in reasons]
    detail = f"Picture {index} cannot be used. {reason.rstrip('.')}.{others}"
    return RequestProblem(422, "picture-wrong", detail, more={"pictures": listed})


def _check_count(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise wrong(f"At most {limit} {what} travel in one request: this one has {count}.")


def _check_texts(texts: Sequence[tuple[int, str]], limit: int) -> None:
    for index, text in texts:
        if not text.strip():
            raise wrong(f"Text {index} is empty.")
        if len(text) > limit:
            raise wrong(f"Text {index} has {len(text)} characters, at most {limit} are encoded.")


def _describe(error: ValidationError) -> str:
    first: dict[str, Any] = dict(error.errors(include_url=False, include_context=False, include_input=False)[0])
    where = ".".join(str(part) for part in first["loc"])
    if len(first["loc"]) > 1 and first["loc"][0] == "input":
        return f'{".".join(map(str, first["loc"][:2]))} is neither a text nor {{"image": "data:image/png;base64,…"}}.'
    return f"{where}: {first['msg']}" if where else str(first["msg"])
