"""The README's commands and examples, run as they stand there, on servers that run already."""

import asyncio
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from services import ENCODER_KEY, Scope

from infra.demo_catalogue import films
from infra.demo_film import render
from stream.events import parse_event

README = (Path(__file__).parents[2] / "README.md").read_text()


def blocks(language: str, text: str = README) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(code) for _, code in found]


def commands() -> list[str]:
    marked = README.split("<!-- commands: start -->")[1].split("<!-- commands: stop -->")[0]
    return [line.split("  #")[0].strip() for line in blocks("sh", marked)[0].splitlines()]


@pytest.fixture
def desk(ready_scope: Scope, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder with a talk in it, and an environment whose servers run already."""
    film = next(film for film in films() if "football" in film.name)
    render(film, tmp_path).rename(tmp_path / "talk.mp4")
    environment = {
        **ready_scope.environment,
        "KADR_LOCAL_SERVERS": "",
        "KADR_DATA": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    yield environment
    subprocess.run(["kadr", "down"], env=environment, check=False)
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


def test_the_commands_do_what_the_readme_says(desk: dict[str, str], tmp_path: Path) -> None:
    printed = {}
    for command in commands():
        done = subprocess.run(command, shell=True, env=desk, cwd=tmp_path, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        printed[command] = done.stdout
    assert next(iter(printed)) == "kadr up"
    answer = json.loads(next(out for command, out in printed.items() if "--json" in command))
    assert [hit["title"] for hit in answer["hits"]] == ["Opening talk"]
    assert "Opening talk" in next(out for command, out in printed.items() if command.startswith("kadr search"))


def test_the_example_events_are_ones() -> None:
    events = [block for block in blocks("json") if '"type"' in block]
    assert len(events) == 2, "an own event and a CloudEvent"
    for event in events:
        (look,) = parse_event(event.encode())
        assert look.key == "talk.mp4"
        assert look.metadata is not None
        assert look.metadata.title == "Opening talk"


def test_the_example_in_python_runs(ready_scope: Scope) -> None:
    (code,) = (block for block in blocks("python") if "Publisher" in block)
    imports, body = code.split("\n\n", 1)
    own = body.replace("127.0.0.1:9092", ready_scope.kafka_brokers)
    space: dict[str, object] = {}
    exec(f"{imports}\nasync def example():\n{textwrap.indent(own, '    ')}", space)
    asyncio.run(space["example"]())  # type: ignore[operator]


def test_the_example_with_openai_s_client_runs(
    ready_scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = (block for block in blocks("python") if "OpenAI" in block)
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(picture, "JPEG")
    with wave.open(str(tmp_path / "talk.mp3"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(32_000))
    monkeypatch.chdir(tmp_path)
    own = code.replace("http://127.0.0.1:8801", ready_scope.encoder_url).replace('"none"', repr(ENCODER_KEY))
    exec(own.replace("base64,…", f"base64,{base64.b64encode(picture.getvalue()).decode()}"), {})
