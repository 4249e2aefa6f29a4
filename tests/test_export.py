"""A network as an ONNX file, which gives the network's logits to whoever follows what the file says of itself."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import inference_model, init_model

from data_manifests import loader
from mmseg_plugins.networks import onnx_form
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from workflow.scripts import export

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
# One network of each family, and a second one where a family has two kinds.
NETWORKS = [
    "camvid/espnet_p2q8",
    "synthcity/fcn2s_dilated_vgg16",
    "synthcity/ladder_densenet121_2017",
    "cityscapes/ladder_resnet50_2017",
    "synthcity/ldn121",
    "synthcity/shelfnet18_lw",
    "cityscapes/shelfnet50",
]
# LDN's grids divide neither side of its coarsest map, which is 2x3.
WIDTH, HEIGHT = 192, 128


def weights_of(name: str, folder: Path, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    network = build_network(Config.fromfile(CONFIGS / f"{name}.py"))
    for parameter in network.decode_head.parameters():
        if not parameter.any():  # FCN's scores begin at zero, which any file would give
            torch.nn.init.normal_(parameter, std=0.1)
    save_weights(network.state_dict(), folder / "weights.pth")
    return folder / "weights.pth"


def exported(name: str, folder: Path, **size: int) -> Path:
    weights = weights_of(name, folder)
    out = folder / "network.onnx"
    export.main(CONFIGS / f"{name}.py", weights, name.split("/")[0], out, **size)
    return out


@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_and_what_it_says_of_itself_give_the_logits_of_the_network(name: str, tmp_path: Path, capsys) -> None:
    file = exported(name, tmp_path, width=WIDTH, height=HEIGHT)
    assert f"{file}: {WIDTH}x{HEIGHT}; differs from the network by at most " in capsys.readouterr().out
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    said = {key: json.loads(value) for key, value in session.get_modelmeta().custom_metadata_map.items()}
    picture = np.random.default_rng(0).integers(0, 256, (said["input_height"], said["input_width"], 3), np.uint8)

    pixels = (picture[..., ::-1] if said["channel_order"] == "RGB" else picture).astype(np.float32)
    image = (pixels - np.float32(said["mean"])) / np.float32(said["std"])
    (logits,) = session.run(["logits"], {"image": image.transpose(2, 0, 1)[None].astype(np.float32)})

    model = init_model(str(CONFIGS / f"{name}.py"), str(tmp_path / "weights.pth"), device="cpu")
    model.cfg.test_pipeline = [{"type": "LoadImageFromFile"}, {"type": "PackSegInputs"}]
    cv2.imwrite(str(tmp_path / "picture.png"), picture)
    expected = inference_model(model, str(tmp_path / "picture.png")).seg_logits.data.numpy()
    assert np.ptp(expected) > 0
    assert np.abs(logits[0] - expected).max() <= 1e-4 * np.abs(expected).max()
    assert len(said["classes"]) == len(said["palette"]) == logits.shape[1]


def test_the_file_names_classes_config_dataset_and_weights(tmp_path: Path) -> None:
    file = exported("camvid/espnet_p2q8", tmp_path)
    said = onnxruntime.InferenceSession(file).get_modelmeta().custom_metadata_map
    label_set = loader.label_set("camvid")
    assert json.loads(said["classes"]) == [c.name for c in label_set.classes] + ["void"]
    assert json.loads(said["palette"])[0] == list(label_set.classes[0].color)
    assert (json.loads(said["input_width"]), json.loads(said["input_height"])) == (480, 360)  # of the config's test
    assert json.loads(said["channel_order"]) == "BGR"
    assert json.loads(said["config"]) == "camvid/espnet_p2q8.py"
    assert json.loads(said["dataset"]) == "camvid"
    assert json.loads(said["weights_sha256"]) == export.hash_of_file(tmp_path / "weights.pth")


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("synthcity/shelfnet18_lw", {"width": 100, "height": 64}, "found 100 and 64; expected sides .* is 128x64$"),
        ("synthcity/ldn121", {"width": 32, "height": 32}, "found 32 and 32; expected a size that the network can take"),
        ("camvid/espnet_p2q8", {"width": 480}, "found one of them; expected both or neither"),
        ("voc2012/shelfnet50", {}, "found neither; expected both, because the dataset's images have many sizes"),
    ],
)
def test_a_size_that_does_not_do_is_refused(name: str, size: dict[str, int], message: str, tmp_path: Path) -> None:
    with pytest.raises(SegReproError, match=f"^--width and --height: {message}"):
        exported(name, tmp_path, **size)
    assert not (tmp_path / "network.onnx").exists()


def test_a_file_with_other_logits_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to_onnx = onnx_form.to_onnx

    def of_other_weights(network, *arguments: object) -> bytes:
        with torch.no_grad():
            weight = network.decode_head.conv_seg.weight
            weight *= 1.001
            content = to_onnx(network, *arguments)
            weight /= 1.001
        return content

    monkeypatch.setattr(onnx_form, "to_onnx", of_other_weights)
    with pytest.raises(SegReproError, match=r"found logits that differ .* Nothing was written"):
        exported("camvid/espnet_p2q8", tmp_path, width=WIDTH, height=HEIGHT)
    assert not list(tmp_path.glob("network.onnx*"))


def test_without_its_packages_it_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == "onnx" else object())
    with pytest.raises(SegReproError, match=r"found no package onnx; .*uv pip install --group export"):
        exported("camvid/espnet_p2q8", tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_traced_network_gives_the_same_logits(name: str) -> None:
    torch.manual_seed(0)
    network = onnx_form.LogitsOfImage(build_network(Config.fromfile(CONFIGS / f"{name}.py")), WIDTH, HEIGHT)
    image = torch.randn(1, 3, HEIGHT, WIDTH)
    with torch.no_grad():
        assert torch.equal(torch.jit.trace(network, image)(image), network(image))
