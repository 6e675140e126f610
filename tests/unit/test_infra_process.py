import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import process
from infra.process import last_meaningful_line

PARENT = """
import asyncio, os, sys, time
from pathlib import Path
from infra.process import Launch, start
async def main():
    child = await start(Launch(("sleep", "60"), dict(os.environ), Path("."), Path(sys.argv[1])))
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_child_does_not_survive_its_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert process.birth_seconds(child) > 0
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 5
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("INFO a\nERROR b\n\tat some.Class\nINFO c\n", "ERROR b"),
        (
            "Error: Invalid heap size: x\nError: Could not create the Java Virtual Machine.\n",
            "Error: Invalid heap size: x",
        ),
        ("Traceback\n  File x\nValueError: wrong\n", "ValueError: wrong"),
        ("one\ntwo\n\n", "two"),
        ("", ""),
    ],
)
def test_the_line_that_says_why(tmp_path: Path, log: str, line: str) -> None:
    (tmp_path / "log").write_text(log)
    assert last_meaningful_line(tmp_path / "log") == line


def test_only_the_last_start_counts(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ERROR of yesterday\nall is well\n")
    assert last_meaningful_line(tmp_path / "log", since=len("ERROR of yesterday\n")) == "all is well"


def test_a_log_stays_bounded_while_a_process_appends_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LARGEST_LOG_BYTES", 10)
    log = tmp_path / "log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a long first part")
        process.rotate(log)
        writer.write(b"second")
    assert log.read_bytes() == b"second"
    assert (tmp_path / "log.1").read_bytes() == b"a long first part"


def test_a_reused_number_is_not_ended(tmp_path: Path) -> None:
    assert not process.end_leftover(os.getpid(), process.birth_seconds(os.getpid()) - 100.0, 1.0)
