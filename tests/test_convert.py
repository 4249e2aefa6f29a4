"""The authors' weight files become ours, or one message says why not."""

import hashlib
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.checkpoint import Checkpoint, CheckpointCollection, PlacedCheckpoint
from mmseg_plugins.networks.network import build_network, load_weights
from segrepro.errors import SegReproError
from tests import fill_rule, reference
from tests import test_ldn as ldn
from tests.test_espnet import OFFICIAL_FILES, filled, fixture, fixture_input
from workflow.data.fetch.placement import placed_checkpoint
from workflow.scripts import convert


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Publishes a file of the fixtures' weights for a model on Cityscapes; without batch counters, as the authors'."""

    def publish(variant: str, model: str) -> Path:
        weights = filled(variant)
        file = tmp_path / f"{variant}.pth"
        torch.save({name: value for name, value in weights.items() if not name.endswith("num_batches_tracked")}, file)
        entry = Checkpoint(
            file=file.name,
            urls=(),
            bytes=file.stat().st_size,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            model=model,
            dataset="cityscapes",
            trained_on="nothing",
        )
        collection = CheckpointCollection(
            id="authors", paper="paper", family="espnet", source="here", licence="none", files=(entry,)
        )
        monkeypatch.setattr(loader, "checkpoint_collections", lambda: {"authors": collection})
        return file

    return publish


@pytest.fixture
def placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Places a file for espnetc_p2q8 on Cityscapes where the manifest says; the manifest has no sha256 unless given."""

    def place(content: object, **fields: object) -> Path:
        entry = PlacedCheckpoint(
            file="authors.pth",
            by_hand="Fill in the form.",
            model="espnetc_p2q8",
            dataset="cityscapes",
            trained_on="nothing",
            **fields,
        )
        collection = CheckpointCollection(
            id="drive", paper="paper", family="espnet", source="a drive", licence="none", placed=(entry,)
        )
        monkeypatch.setattr(loader, "checkpoint_collections", lambda: {"drive": collection})
        file = tmp_path / "drive" / "authors.pth"
        file.parent.mkdir()
        torch.save(content, file)
        return file

    return place


def weights_of(variant: str) -> dict[str, torch.Tensor]:
    return filled(variant)


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(lambda weights: weights, id="state dict"),
        pytest.param(lambda weights: {"epoch": 7, "state_dict": weights, "best": 0.7}, id="beside the epoch"),
        pytest.param(lambda weights: {f"module.{name}": v for name, v in weights.items()}, id="of DataParallel"),
    ],
)
def test_placed_file_without_checksum_is_known_by_folder_and_name(placed, tmp_path: Path, capsys, saved) -> None:
    file = placed(saved(weights_of("espnetc_p2_q8")))
    convert.main("espnetc_p2q8", file, tmp_path / "weights.pth")
    reference.assert_same_output(
        output(tmp_path / "weights.pth", "cityscapes/espnetc_p2q8.py"), fixture("espnetc_p2_q8")
    )
    assert f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}; the manifest has none" in capsys.readouterr().err


def test_placed_file_must_fit_entry_by_entry(placed, tmp_path: Path) -> None:
    weights = weights_of("espnetc_p2_q8")
    weights["level1.conv.wieght"] = weights.pop("level1.conv.weight")
    with pytest.raises(SegReproError, match=r"1 missing: level1\.conv\.weight; 1 unknown: level1\.conv\.wieght"):
        convert.main("espnetc_p2q8", placed(weights), tmp_path / "weights.pth")
    assert not (tmp_path / "weights.pth").exists()


def test_placed_file_under_another_name_or_with_another_checksum_is_refused(placed, tmp_path: Path) -> None:
    file = placed(weights_of("espnetc_p2_q8"))
    with pytest.raises(SegReproError, match=r"(?s)sha256: found .*drive/authors\.pth for espnetc_p2q8"):
        convert.main("espnetc_p2q8", file.rename(file.with_name("other.pth")), tmp_path / "weights.pth")
    file.parent.joinpath("other.pth").unlink()
    file.parent.rmdir()
    with pytest.raises(SegReproError, match=r"(?s)sha256: found .*drive/authors\.pth for espnetc_p2q8"):
        convert.main("espnetc_p2q8", placed(weights_of("espnetc_p2_q8"), sha256="0" * 64), tmp_path / "weights.pth")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (torch.nn.Conv2d(1, 1, 1), r"found an object of torch\.nn\.modules\.conv\.Conv2d; expected tensors"),
        ({"epoch": 7, "model": {}}, "a dict of epoch, model; expected a state dict"),
        ([1, 2], "a list; expected a state dict"),
    ],
    ids=["pickled code", "no state dict", "no dictionary"],
)
def test_placed_file_that_holds_no_weights_is_refused(placed, tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(SegReproError, match=said):
        convert.main("espnetc_p2q8", placed(content), tmp_path / "weights.pth")


def test_placed_file_is_looked_for_in_its_folder_then_in_the_mirror(placed, tmp_path: Path) -> None:
    file = placed({})
    (collection,) = loader.checkpoint_collections().values()
    (entry,) = collection.placed
    nowhere = tmp_path / "nowhere"
    assert placed_checkpoint(collection, entry, nowhere, tmp_path) == file
    assert placed_checkpoint(collection, entry, tmp_path, nowhere) == file
    with pytest.raises(SegReproError, match=r"nowhere/drive/authors\.pth\nFill in the form\.\nPublished at: a drive"):
        placed_checkpoint(collection, entry, nowhere, None)


def output(weights: Path, config: str, scale: float = 1) -> torch.Tensor:
    network = build_network(Config.fromfile(convert.CONFIGS / config)).eval()
    load_weights(network, weights)
    with torch.inference_mode():
        return network(fixture_input(1) * torch.tensor(scale, dtype=torch.float32), mode="tensor")


@pytest.mark.parametrize(
    ("variant", "model"),
    [("espnet_p2_q3", "espnet_p2q3"), ("espnet_p2_q5", "espnet_p2q5"), ("espnetc_p2_q8", "espnetc_p2q8")],
)
def test_converted_weights_give_the_authors_outputs(published, tmp_path: Path, variant: str, model: str) -> None:
    convert.main(model, published(variant, model), tmp_path / "weights.pth")
    reference.assert_same_output(output(tmp_path / "weights.pth", f"cityscapes/{model}.py"), fixture(variant))


@pytest.mark.parametrize("variant", OFFICIAL_FILES)
def test_released_files_give_the_authors_outputs(mirror: Path, tmp_path: Path, variant: str) -> None:
    model = variant.replace("_q", "q").removesuffix("_camvid12")
    dataset = "camvid" if variant.endswith("camvid12") else "cityscapes"
    convert.main(model, mirror / "espnet" / OFFICIAL_FILES[variant], tmp_path / "weights.pth")
    logits = output(tmp_path / "weights.pth", f"{dataset}/{model}.py", scale=0.01)
    reference.assert_same_output(logits, fixture(f"{variant}_realweights"))


def test_same_file_gives_the_same_bytes(published, tmp_path: Path) -> None:
    file = published("espnetc_p2_q3", "espnetc_p2q3")
    for name in ("one.pth", "other.pth"):
        convert.main("espnetc_p2q3", file, tmp_path / name)
    assert (tmp_path / "one.pth").read_bytes() == (tmp_path / "other.pth").read_bytes()


def test_nothing_is_left_of_a_refused_file(published, tmp_path: Path) -> None:
    file = published("espnet_p2_q3_trainrepo", "espnet_p2q3")
    with pytest.raises(SegReproError, match=r"1 of another shape: conv\.conv\.weight 20x39x3x3 for 20x36x3x3"):
        convert.main("espnet_p2q3", file, tmp_path / "out" / "weights.pth")
    assert not (tmp_path / "out").exists()


def test_file_of_another_model_is_refused(published, tmp_path: Path) -> None:
    file = published("espnet_p2_q3", "espnet_p2q3")
    with pytest.raises(SegReproError, match="--model: found espnet_p2q8; expected espnet_p2q3"):
        convert.main("espnet_p2q8", file, tmp_path / "weights.pth")


def test_unknown_file_is_refused_before_it_is_opened(published, tmp_path: Path) -> None:
    published("espnet_p2_q3", "espnet_p2q3")
    stranger = tmp_path / "stranger.pth"
    stranger.write_bytes(b"\x80\x02 not even a checkpoint")
    with pytest.raises(
        SegReproError, match=r"(?s)sha256: found .*authors/espnet_p2_q3\.pth for espnet_p2q3 on cityscapes"
    ):
        convert.main("espnet_p2q3", stranger, tmp_path / "weights.pth")


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SegReproError, match=r"none\.pth: no such file"):
        convert.main("espnet_p2q3", tmp_path / "none.pth", tmp_path / "weights.pth")


@pytest.mark.parametrize("variant", ["ldn121", "ldn121_aux"])
def test_ldn_is_converted_with_its_auxiliary_classifiers_and_without(tmp_path: Path, variant: str) -> None:
    entries = reference.official_entries(variant)
    weights = {name: torch.from_numpy(fill_rule.filled(name, shape)) for name, (shape, _) in entries.items()}
    file = tmp_path / "ldn" / "ldn121.pth"
    file.parent.mkdir()
    torch.save(weights, file)
    convert.main("ldn121", file, tmp_path / "weights.pth")
    network = build_network(Config.fromfile("mmseg_plugins/configs/cityscapes/ldn121.py"))
    load_weights(network, tmp_path / "weights.pth")
    expected = reference.arrays(f"{variant}__128x256")
    main = {name: value for name, value in expected.items() if name.startswith("logits")}
    with torch.inference_mode():
        found = ldn.heads(network.eval(), ldn.fixture_input(1))
    ldn.assert_same_outputs({"logits": found["logits"]}, main)

    first = next(name for name in weights if "aux_logits" in name) if variant.endswith("aux") else next(iter(weights))
    del weights[first]
    torch.save(weights, file)
    with pytest.raises(SegReproError, match=r"1 missing: "):
        convert.main("ldn121", file, tmp_path / "other.pth")
