"""Models are fetched completely or not at all, and what was fetched works without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import COMMIT, FakeHub, fake_hub
from small_models import write_clip

from encoders.errors import ModelError
from encoders.openclip import OpenClipEncoder
from encoders.registry.catalogue import HubModel
from encoders.registry.hub import Plan, fetch, plan_fetch
from encoders.registry.hub_files import needed_files
from encoders.registry.manifest import compare_files, read_manifest
from encoders.registry.places import find_place

MODEL = HubModel("picture", "hf-hub:some/clip", "some/clip")
WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_clip(tmp_path_factory.mktemp("published") / "clip")
    (folder / "open_clip_pytorch_model.bin").write_bytes(b"the same weights in another format")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"and in a third")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    return folder


@pytest.fixture
def hub(published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with fake_hub() as hub:
        hub.add("some/clip", published)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setattr("encoders.registry.hub.time.sleep", lambda _: None)
        # It keeps whole chunks of 10 MB; these models are smaller.
        monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1_000)
        yield hub


def _fetch(models_dir: Path, told: list[int] | None = None) -> tuple[Plan, Path]:
    plan = plan_fetch(MODEL, models_dir)
    return plan, fetch(plan, models_dir, ([] if told is None else told).append)


def test_what_is_needed_is_fetched_and_nothing_else(hub: FakeHub, published: Path, tmp_path: Path) -> None:
    told: list[int] = []
    plan, folder = _fetch(tmp_path, told)
    wanted = {"open_clip_config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json", "README.md"}
    assert {file.name for file in plan.files} == wanted
    assert {str(file.relative_to(folder)) for file in folder.rglob("*")} == {*wanted, "kadr.json"}
    assert (folder / WEIGHTS).read_bytes() == (published / WEIGHTS).read_bytes()
    assert sum(told) == plan.bytes == sum((published / name).stat().st_size for name in wanted)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["some--clip"]


def test_it_is_written_down_where_a_model_comes_from(hub: FakeHub, tmp_path: Path) -> None:
    plan, folder = _fetch(tmp_path)
    manifest = read_manifest(folder)
    assert manifest is not None
    assert (manifest.repository, manifest.revision, manifest.licence) == ("some/clip", COMMIT, "mit")
    assert plan.licence == "mit"
    assert compare_files(folder, manifest) == []
    (folder / "README.md").write_text("---\nlicense: mit\n--\n\n")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "tokenizer_config.json").unlink()
    first, second, third = compare_files(folder, manifest)
    assert "README.md is not what it was" in first
    assert "tokenizer.json has 2 bytes" in second
    assert third == "tokenizer_config.json is missing"


def test_a_fetched_model_is_found_and_loaded_without_the_hub(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fetch(tmp_path / "here")
    asked = len(hub.requests)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    place = find_place("picture", MODEL.name, tmp_path / "there")
    assert place.present and place.folder == tmp_path / "there" / "some--clip"
    assert OpenClipEncoder(str(place.folder), name=place.name, device="cpu", batch=1).name == "hf-hub:some/clip"
    assert len(hub.requests) == asked


def test_a_cut_connection_is_taken_up_where_it_broke(hub: FakeHub, published: Path, tmp_path: Path) -> None:
    hub.cut_after_bytes[WEIGHTS] = 5_000
    _, folder = _fetch(tmp_path)
    assert hub.gets(WEIGHTS) == ["", "bytes=5000-"]
    assert (folder / WEIGHTS).read_bytes() == (published / WEIGHTS).read_bytes()


def test_a_later_try_goes_on_where_an_earlier_one_ended(
    hub: FakeHub, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.cut_after_bytes[WEIGHTS] = 5_000
    monkeypatch.setattr("encoders.registry.hub._TRIES", 1)
    with pytest.raises(ModelError, match="what came is kept") as caught:
        _fetch(tmp_path)
    assert "\n" not in str(caught.value)
    assert not find_place("picture", MODEL.name, tmp_path).present, "half a model is not there"
    again = plan_fetch(MODEL, tmp_path)
    assert again.fetched_bytes >= 5_000
    folder = fetch(again, tmp_path, lambda _: None)
    assert hub.gets(WEIGHTS) == ["", "bytes=5000-"]
    assert hub.gets("tokenizer.json") == [""], "what was complete is not fetched again"
    assert (folder / WEIGHTS).read_bytes() == (published / WEIGHTS).read_bytes()


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_a_file_that_is_not_what_was_announced_is_refused(hub: FakeHub, tmp_path: Path, name: str) -> None:
    content = hub.repositories["some/clip"][name]
    hub.other_content[name] = content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(ModelError, match=f"{name} of some/clip is not what the hub announced"):
        _fetch(tmp_path)
    assert not find_place("picture", MODEL.name, tmp_path).present
    hub.other_content.clear()
    assert _fetch(tmp_path)[1].is_dir(), "and the next try does not trip over it"


def test_what_the_hub_does_not_have_is_one_sentence(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no model some/other") as caught:
        plan_fetch(HubModel("text", "some/other", "some/other"), tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match=r"some/clip is no CTranslate2 Whisper model.*KADR_SPEECH_MODEL"):
        plan_fetch(HubModel("speech", "some/clip", "some/clip"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_hub_the_sentence_says_how_to_bring_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(ModelError, match=r"cannot be reached.*kadr models fetch hf-hub:some/clip") as caught:
        plan_fetch(MODEL, tmp_path)
    assert str(tmp_path / "some--clip") in str(caught.value)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE forbids"):
        plan_fetch(MODEL, tmp_path)


def test_a_full_disk_is_said_before_anything_is_fetched(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("encoders.registry.hub.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    with pytest.raises(ModelError, match="KADR_MODELS_DIR"):
        _fetch(tmp_path)
    assert hub.gets(WEIGHTS) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="KADR_MODELS_DIR"):
        _fetch(tmp_path / "file")


class _Listed:
    def __init__(self, name: str) -> None:
        self.rfilename, self.size, self.lfs, self.blob_id = name, 1, None, None


def _chosen(kind: str, *names: str) -> set[str]:
    model = HubModel(kind, "m", "o/m")  # type: ignore[arg-type]
    return {file.name for file in needed_files(model, [_Listed(name) for name in names])}


def test_one_format_of_the_weights_is_chosen() -> None:
    described = ("modules.json", "config.json", "sentencepiece.bpe.model", "1_Pooling/config.json")
    extra = ("onnx/model.onnx", "model.onnx", "tf_model.h5", "imgs/a.jpg", "colbert_linear.pt", "../evil.json", "a.py")
    assert _chosen("text", *described, *extra, "pytorch_model.bin") == {*described, "pytorch_model.bin"}
    shards = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    assert _chosen("text", *described, *shards, "pytorch_model.bin") == {*described, *shards}
    dense = ("2_Dense/config.json", "2_Dense/model.safetensors")
    assert _chosen("text", *described, *dense, "model.safetensors") == {*described, *dense, "model.safetensors"}
    speech = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt", "preprocessor_config.json")
    assert _chosen("speech", *speech, "pytorch_model.bin", ".gitattributes") == set(speech)
