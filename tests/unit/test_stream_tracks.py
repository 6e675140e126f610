"""Of several sounds, the one in which people speak is listened to."""

from pathlib import Path

import numpy as np
import pytest
from av.stream import Disposition
from decoding import decoded
from media import Video, make
from tracks import with_sounds

from stream.errors import InvalidMedia

Track = tuple[str | None, str | None, Disposition]
NONE = Disposition(0)


@pytest.mark.parametrize(
    ("tracks", "language", "chosen"),
    [
        ([(None, None, NONE), (None, None, Disposition.default)], None, 1),
        ([("eng", "Director's commentary", Disposition.default), ("eng", None, NONE)], None, 1),
        ([("rus", "Тифлокомментарий", Disposition.default), ("rus", None, NONE)], None, 1),
        ([("eng", None, Disposition.comment), ("eng", None, NONE)], None, 1),
        ([("zxx", "Music and effects", Disposition.default), ("rus", None, NONE)], None, 1),
        ([("eng", None, Disposition.default), ("rus", None, NONE)], "ru", 1),
        ([("eng", None, Disposition.default), ("rus", None, NONE)], "de", 0),
        ([("eng", None, Disposition.default), ("rus", "commentary", NONE)], "ru", 0),
    ],
)
def test_the_track_in_which_people_speak_is_chosen(
    tmp_path: Path, tracks: list[Track], language: str | None, chosen: int
) -> None:
    beeps = [
        make(tmp_path / f"{n}.mka", Video((3.0,), codec=None, sound_codec="flac", flash_seconds=(0.5 + n,)))
        for n in range(len(tracks))
    ]
    path = with_sounds(tmp_path / "a.mkv", [(beep, *track) for beep, track in zip(beeps, tracks, strict=True)])
    sound, start = decoded(path, 0.0, 3.0, language=language).sound or pytest.fail()
    assert start + int(np.argmax(np.abs(sound) > 0.2)) / 16_000 == pytest.approx(0.5 + chosen, abs=0.1)


def test_a_sound_in_a_codec_that_nobody_knows_is_refused_by_name(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mov", Video((1.0,), codec=None, sound_codec="pcm_s16le"))
    path.write_bytes(path.read_bytes().replace(b"sowt", b"zzzz"))
    with pytest.raises(InvalidMedia, match=r"nothing that can be decoded here: audio \(unknown codec\)"):
        decoded(path, 0.0, 1.0)
