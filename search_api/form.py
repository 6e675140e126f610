"""Reads a form (multipart/form-data, RFC 7578) piece by piece, so that a file in it is never held whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

FILE_FIELD = "file"
MOST_PARTS = 500
MOST_FIELD_BYTES = 64 << 10
_MOST_FIELDS_BYTES = 512 << 10


def form_with_file(
    file: str, fields: Mapping[str, Any], example: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """What OpenAPI says of a form with one file.

    Args:
        file: What the file is, in words.
        fields: JSON Schema of each field beside it.
        example: Values of some of the fields.
    """
    properties = {FILE_FIELD: {"type": "string", "format": "binary", "description": file}, **fields}
    content: dict[str, Any] = {"schema": {"type": "object", "required": [FILE_FIELD], "properties": properties}}
    if example:
        content["example"] = dict(example)
    return {"requestBody": {"required": True, "content": {"multipart/form-data": content}}}


class InvalidForm(Exception):
    """The body is no form that is understood here; the message says why."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field with its whole value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FileStart:
    """A file begins."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class FileData:
    """The next bytes of the file."""

    data: bytes


@dataclass(frozen=True, slots=True)
class FileEnd:
    """The file is whole."""


FormPiece = FormField | FileStart | FileData | FileEnd


class FormReader:
    """Takes the body of a request as it comes, and gives out the pieces of the form."""

    def __init__(self, content_type: str | None) -> None:
        """Prepare to read.

        Raises:
            InvalidForm: the body is of another type.
        """
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidForm("Send a form with a file in it: the content type must be multipart/form-data.")
        self._pieces: list[FormPiece] = []
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._field: str | None = None
        self._value = bytearray()
        self._fields_bytes = 0
        self._parts = 0
        self._whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._add_header_name,
                    "on_header_value": self._add_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._start_part,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise InvalidForm(f"The form's boundary is wrong: {error}.") from error

    def feed(self, data: bytes) -> Iterator[FormPiece]:
        """Take more of the body; returns the pieces that it completes.

        Raises:
            InvalidForm: it is malformed or larger than forms are.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidForm(f"The form is malformed: {error}") from error
        pieces, self._pieces = self._pieces, []
        return iter(pieces)

    def finish(self) -> None:
        """Say that the body is over.

        Raises:
            InvalidForm: the form is not.
        """
        if not self._whole:
            raise InvalidForm("The form ends in the middle: the upload was cut off. Send it again.")

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise InvalidForm(f"The form has more than {MOST_PARTS} fields.")
        self._headers = {}

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name, self._header_value = b"", b""

    def _start_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise InvalidForm("A field of the form has no name.")
        name = _text(options[b"name"], "a field's name")
        if b"filename" in options:
            self._field = None
            self._pieces.append(FileStart(name, options[b"filename"].decode(errors="replace")))
        else:
            self._field = name
            self._value.clear()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._pieces.append(FileData(data[start:end]))
            return
        self._value += data[start:end]
        self._fields_bytes += end - start
        if len(self._value) > MOST_FIELD_BYTES or self._fields_bytes > _MOST_FIELDS_BYTES:
            raise InvalidForm(
                f"The field {self._field[:100]} is too long: a field holds {MOST_FIELD_BYTES >> 10} KiB at most, "
                f"all fields together {_MOST_FIELDS_BYTES >> 10} KiB."
            )

    def _end_part(self) -> None:
        if self._field is None:
            self._pieces.append(FileEnd())
        else:
            self._pieces.append(FormField(self._field, _text(bytes(self._value), f"the field {self._field[:100]}")))

    def _end(self) -> None:
        self._whole = True


def _text(value: bytes, subject: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidForm(f"The form must be UTF-8: {subject} is not.") from error
