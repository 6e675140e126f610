"""Every hostile file ends as moments, in part or with a reason that a person understands, and does nothing else."""

import re
import socket
import subprocess
from pathlib import Path

import pytest
from hostile import Hostile, suite
from hostile_runs import LIMITS, Ending, canary, ends_of, listening, was_called, was_opened
from media import Video, make

SAMPLE_MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"


@pytest.mark.timeout(1800)
async def test_every_hostile_file_ends_as_it_may_and_reaches_nothing(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    bait = make(tmp_path / "canary.ts", Video((0.5,), width=64, height=64, sound_codec=None))
    with listening() as (address, server):
        files = suite(tmp_path, address, str(bait))
        assert len(files) >= 80 and len({file.name for file in files}) == len(files)
        if pytestconfig.getoption("--hostile") == "short":
            files = [file for file in files if file.brief]
        with canary(bait) as watch:
            endings = await ends_of(files)
            assert not was_opened(watch)
        assert not was_called(server)
    wrong = {file.name: ending for file in files if not _fits(file, ending := endings[file.name])}
    assert wrong == {}


def _fits(file: Hostile, ending: Ending) -> bool:
    in_bounds = ending.seconds < 4 * LIMITS.wall_seconds and ending.bytes_read <= 6 * (64 << 20)
    return in_bounds and ending.how in file.ends and re.search(file.says, ending.reason) is not None


@pytest.mark.skipif(not SAMPLE_MEDIA.is_dir(), reason="the sample media folder beside the repository is missing")
async def test_real_files_cut_in_the_middle_end_too() -> None:
    halves = []
    for path in sorted(SAMPLE_MEDIA.glob("*.*")):
        data = path.read_bytes()
        halves.append(Hostile(f"half of {path.name}", data[: len(data) // 2]))
    endings = await ends_of(halves)
    assert {ending.how for ending in endings.values()} <= {"moments", "partial", "refused"}


def test_the_traps_work(tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.write_text("x")
    with canary(bait) as watch:
        assert not was_opened(watch)
        subprocess.run(["cat", str(bait)], check=True, capture_output=True)
        assert was_opened(watch)
    with listening() as (address, server):
        assert not was_called(server)
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))).close()
        assert was_called(server)
