import httpx
import pytest

from search_api.form import FileData, FileEnd, FileStart, FormField, FormPiece, FormReader, InvalidForm

TYPE = "multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nA talk\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n\x00\r\n--\xff\r\n'


def read(body: bytes, step: int = 10_000) -> list[FormPiece]:
    """Feed a body in steps; neighbouring data joined."""
    reader = FormReader(TYPE)
    pieces: list[FormPiece] = []
    for start in range(0, len(body), step):
        for piece in reader.feed(body[start : start + step]):
            if isinstance(piece, FileData) and isinstance(pieces[-1], FileData):
                pieces[-1] = FileData(pieces[-1].data + piece.data)
            else:
                pieces.append(piece)
    reader.finish()
    return pieces


@pytest.mark.parametrize("step", [1, 2, 3, 7, 10_000])
def test_reads_fields_and_files_however_they_arrive(step: int) -> None:
    assert read(FIELD + FILE + FIELD + b"--b--\r\n", step) == [
        FormField("title", "A talk"),
        FileStart("file", "a.mp4"),
        FileData(b"\x00\r\n--\xff"),
        FileEnd(),
        FormField("title", "A talk"),
    ]


def test_reads_what_clients_write() -> None:
    request = httpx.Request(
        "POST", "http://kadr", data={"title": "Лес"}, files={"file": ("Мой фильм.mp4", b"x" * 100_000)}
    )
    reader = FormReader(request.headers["content-type"])
    request.read()
    pieces = list(reader.feed(request.content))
    reader.finish()

    assert pieces[0] == FormField("title", "Лес")
    assert pieces[1] == FileStart("file", "Мой фильм.mp4")
    assert sum(len(piece.data) for piece in pieces if isinstance(piece, FileData)) == 100_000


@pytest.mark.parametrize("kind", [None, "", "application/json", "multipart/form-data", "multipart/mixed; boundary=b"])
def test_another_type_is_no_form(kind: str | None) -> None:
    with pytest.raises(InvalidForm, match="multipart/form-data"):
        FormReader(kind)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "cut off"),
        (FIELD, "cut off"),
        (FILE[:-5], "cut off"),
        (b"nonsense", "malformed"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", "no name"),
        (b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\n\xff\r\n--b--\r\n', "UTF-8"),
        (b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\n' + b"x" * 70_000 + b"\r\n--b--\r\n", "too long"),
        (FIELD * 501 + b"--b--\r\n", "more than 500"),
    ],
)
def test_says_what_is_wrong_with_a_form(body: bytes, said: str) -> None:
    with pytest.raises(InvalidForm, match=said):
        read(body)


def test_a_boundary_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidForm, match="boundary"):
        FormReader("multipart/form-data; boundary=" + "b" * 10_000)
