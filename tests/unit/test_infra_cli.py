import subprocess
import sys
import time

import click
import pytest

from infra import cli
from infra.errors import KadrError


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    script = (
        "import sys; from infra.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({'torch','faust','numpy','pydantic','aiokafka','rich'} & set(sys.modules)))"
    )
    started = time.monotonic()
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert time.monotonic() - started < 2.0  # 0.1 s on a machine at rest.
    assert answer.stdout.splitlines()[-1] == "[]"
    for name, (_, line) in cli.COMMANDS.items():
        assert f"{name} " in answer.stdout
        assert line[:40] in answer.stdout


@pytest.mark.parametrize("name", ["up", "down", "status", "worker", "api", "encoder", "publish", "dead-letters"])
def test_every_command_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert f"kadr {name}" in capsys.readouterr().out.split("Example", 1)[1]


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_the_line_in_the_help_begins_the_command_s_own(name: str) -> None:
    command = cli.kadr.get_command(click.Context(cli.kadr), name)
    assert command is not None
    assert (command.help or "").startswith(cli.COMMANDS[name][1].rstrip("."))


def failing(error: BaseException) -> click.Command:
    @click.command("up")
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (KadrError("Port 9000 is taken: stop that."), 1, "Error: Port 9000 is taken: stop that.\n"),
        (click.UsageError("no such file"), 2, "no such file"),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (RuntimeError("odd"), 1, "Error: RuntimeError: odd (KADR_DEBUG=1 shows where it comes from).\n"),
    ],
)
def test_an_error_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    says: str,
) -> None:
    monkeypatch.delenv("KADR_DEBUG", raising=False)
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda self, ctx, name: failing(error))
    with pytest.raises(SystemExit) as ended:
        cli.main(["up"])
    assert ended.value.code == status
    written = capsys.readouterr().err
    assert says in written
    assert "Traceback" not in written


def test_a_developer_sees_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KADR_DEBUG", "1")
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda self, ctx, name: failing(KadrError("wrong")))
    with pytest.raises(KadrError):
        cli.main(["up"])


def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KADR_WORKERS", "-1")
    with pytest.raises(SystemExit) as ended:
        cli.main(["status"])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Error: KADR_WORKERS: ")
