"""Failpoints kill only where the environment says so, and every name has its place in the code."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from stream.failpoints import FAILURE, LOOK, SPAN, VARIABLE, passed

STREAM = Path(__file__).parents[2] / "stream"


def test_without_the_variable_nothing_happens() -> None:
    for step in (*LOOK, *SPAN, *FAILURE):
        passed(step)


def test_the_process_dies_as_in_a_crash_at_the_step_that_is_named() -> None:
    code = "from stream.failpoints import passed; passed('span.claim'); print('alive', flush=True); passed('span.done')"
    died = subprocess.run([sys.executable, "-c", code], env={VARIABLE: "span.done"}, capture_output=True)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, b"alive\n")


def test_each_name_has_one_place_and_each_place_a_name() -> None:
    sources = [path.read_text() for path in STREAM.glob("*.py")]
    places = [name for source in sources for name in re.findall(r'passed\("([a-z.]+)"\)', source)]
    assert sorted(places) == sorted((*LOOK, *SPAN, *FAILURE))
