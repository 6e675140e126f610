"""A form with a picture and the parameters of a search in it, read up to a limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from search_api.form import FILE_FIELD, FileData, FileStart, FormField, FormReader, InvalidForm
from search_api.like_request import LIST_FIELDS
from search_api.problems import Refusal

_FIELDS_BYTES = 1 << 20
_SILENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class PictureForm:
    """A picture file and the fields around it; empty fields are left out."""

    content: bytes
    fields: dict[str, str | list[str]]


async def read_picture_form(
    body: AsyncIterator[bytes], content_type: str | None, *, most_bytes: int, announced_bytes: int | None = None
) -> PictureForm:
    """Read the form.

    Args:
        most_bytes: of the picture.
        announced_bytes: how long the body says that it is.

    Raises:
        Refusal: the form is wrong, the picture is missing or too large, or the client fell silent.
    """
    most = most_bytes + _FIELDS_BYTES
    if announced_bytes is not None and announced_bytes > most:
        raise _too_large(most_bytes)
    try:
        return await _read(FormReader(content_type), body, most_bytes)
    except InvalidForm as error:
        raise Refusal(422, "invalid-form", str(error)) from error


async def _read(reader: FormReader, body: AsyncIterator[bytes], most_bytes: int) -> PictureForm:
    content: bytearray | None = None
    fields: dict[str, str | list[str]] = {}
    async for data in _unless_silent(body):
        for piece in reader.feed(data):
            match piece:
                case FormField(name, value):
                    _add_field(fields, name, value.strip())
                case FileStart(field):
                    if content is not None:
                        raise InvalidForm("The form has more than one file; search by one picture at a time.")
                    if field != FILE_FIELD:
                        raise InvalidForm(
                            f"The picture belongs into the field `{FILE_FIELD}`, not into {field[:100]!r}."
                        )
                    content = bytearray()
                case FileData(more) if content is not None:
                    content += more
                    if len(content) > most_bytes:
                        raise _too_large(most_bytes)
    reader.finish()
    if content is None:
        raise InvalidForm(f"The form has no file: send the picture in the field `{FILE_FIELD}`.")
    if not content:
        raise Refusal(422, "no-picture", "The file is empty: send a picture.")
    return PictureForm(bytes(content), fields)


def _add_field(fields: dict[str, str | list[str]], name: str, value: str) -> None:
    if name == FILE_FIELD:
        raise InvalidForm(f"The field `{FILE_FIELD}` must be a file, not a text.")
    if not value:
        return
    if name in LIST_FIELDS:
        there = fields.setdefault(name, [])
        assert isinstance(there, list)
        there.append(value)
    elif name in fields:
        raise InvalidForm(f"The field {name[:100]} comes twice.")
    else:
        fields[name] = value


async def _unless_silent(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                data = await anext(body, None)
        except TimeoutError as error:
            detail = f"Nothing came for {_SILENCE_SECONDS:.0f} s. Send the picture again."
            raise Refusal(408, "upload-silent", detail) from error
        if data is None:
            return
        yield data


def _too_large(most_bytes: int) -> Refusal:
    return Refusal(413, "picture-too-large", f"A picture to search by has at most {most_bytes / 10**6:g} MB.")
