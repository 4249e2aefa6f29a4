"""Networks that papers only compare with are MMSegmentation's own, under this suite's data and runtime."""

import re
from pathlib import Path

import mmseg
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.models.segmentors import BaseSegmentor
from mmseg.structures import SegDataSample

from data_manifests import loader
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.structure import count_macs, count_parameters

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
MMSEGMENTATION = Path(mmseg.__file__).parent / ".mim" / "configs"
ORIGIN = {
    "cityscapes/pspnet_r50": "pspnet/pspnet_r50-d8_4xb2-80k_cityscapes-512x1024",
    "cityscapes/pspnet_r101": "pspnet/pspnet_r101-d8_4xb2-80k_cityscapes-512x1024",
    "cityscapes/encnet_r50": "encnet/encnet_r50-d8_4xb2-80k_cityscapes-512x1024",
    "cityscapes/encnet_r101": "encnet/encnet_r101-d8_4xb2-80k_cityscapes-512x1024",
    "cityscapes/icnet_r50": "icnet/icnet_r50-d8_4xb2-80k_cityscapes-832x832",
    "voc2012/pspnet_r50": "pspnet/pspnet_r50-d8_4xb4-40k_voc12aug-512x512",
    "voc2012/pspnet_r101": "pspnet/pspnet_r101-d8_4xb4-40k_voc12aug-512x512",
    "voc2012/encnet_r50": "encnet/encnet_r50-d8_4xb4-40k_voc12aug-512x512",
    "voc2012/encnet_r101": "encnet/encnet_r101-d8_4xb4-40k_voc12aug-512x512",
}


def ours(name: str) -> Config:
    return Config.fromfile(CONFIGS / f"{name}.py")


def theirs(name: str) -> Config:
    config = Config.fromfile(MMSEGMENTATION / f"{ORIGIN[name]}.py")
    config.model.pretrained = None
    return config


def layers(network: BaseSegmentor) -> str:
    """Every layer with its arguments; that norms are synchronised, or not, does not count."""
    assert "BatchNorm" in str(network)
    return re.sub(r"(Sync)?BatchNorm(1d|2d)?", "BatchNorm", str(network))


def heads(network: BaseSegmentor) -> list[torch.nn.Module]:
    auxiliary = network.auxiliary_head
    return [network.decode_head, *(auxiliary if isinstance(auxiliary, torch.nn.ModuleList) else [auxiliary])]


@pytest.mark.parametrize("name", ORIGIN)
def test_network_is_mmsegmentations(name: str) -> None:
    with torch.device("meta"):
        found, expected = build_network(ours(name)), build_network(theirs(name))
    assert layers(found) == layers(expected)
    for head, original in zip(heads(found), heads(expected), strict=True):
        assert (head.in_index, head.align_corners) == (original.in_index, original.align_corners)
        assert head.loss_decode.loss_weight == original.loss_decode.loss_weight
        assert head.num_classes == original.num_classes


@pytest.mark.parametrize("name", ORIGIN)
def test_recipe_is_mmsegmentations(name: str) -> None:
    found, expected = ours(name), theirs(name)
    assert found.data_preprocessor == found.model.data_preprocessor
    for field in ("mean", "std", "bgr_to_rgb", "size"):
        assert found.data_preprocessor[field] == expected.data_preprocessor[field], field
    assert found.optim_wrapper.optimizer == expected.optim_wrapper.optimizer
    assert found.param_scheduler == expected.param_scheduler
    assert found.train_cfg == expected.train_cfg
    # One GPU takes the batches of the four that the recipe's name speaks of, `4xb2` or `4xb4`.
    assert found.train_dataloader.batch_size == 4 * expected.train_dataloader.batch_size
    assert found.train_dataloader.dataset.dataset.pipeline == expected.train_pipeline


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "losses"),
    [
        ("cityscapes/pspnet_r50", {"decode.loss_ce", "aux.loss_ce"}),
        ("cityscapes/icnet_r50", {"decode.loss_ce", "aux_0.loss_ce", "aux_1.loss_ce"}),
        ("voc2012/encnet_r50", {"decode.loss_ce", "decode.loss_se", "aux.loss_ce"}),
    ],
)
def test_network_takes_a_training_step_and_predicts_on_the_cpu(name: str, losses: set[str]) -> None:
    torch.manual_seed(0)
    network = build_network(ours(name))
    labels = torch.randint(network.num_classes, (1, 64, 96))
    samples = [
        SegDataSample(gt_sem_seg=PixelData(data=labels), metainfo={"img_shape": (64, 96), "ori_shape": (64, 96)})
    ] * 2
    image = torch.randn(2, 3, 64, 96)
    found = network.loss(image, samples)
    assert losses <= found.keys()
    sum(value for key, value in found.items() if "loss" in key).backward()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)
    with torch.inference_mode():
        prediction = network.eval().predict(image[:1], samples[:1])[0].pred_sem_seg.data
    assert prediction.shape == (1, 64, 96)


def test_every_baseline_and_reading_of_a_paper_is_a_model_of_the_suite() -> None:
    papers = loader.papers().values()
    named = {read.network for paper in papers for read in (*paper.baselines.values(), *paper.readings.values())}
    assert {"pspnet_r101", "encnet_r101", "icnet_r50", "fcn8s_vgg16"} <= named
    assert named <= {path.stem for path in CONFIGS.rglob("*.py")}


def without_auxiliary_head(network: BaseSegmentor) -> int:
    return count_parameters(network) - count_parameters(network.auxiliary_head)


def test_espnet_is_as_many_times_smaller_than_pspnet_101_as_its_abstract_says() -> None:
    (claim,) = [claim for claim in loader.claims() if claim.id == "espnet.abs.size-pspnet"]
    assert (claim.variant, claim.baseline) == ("espnet_p2q8", "pspnet_r101")
    with torch.device("meta"):
        espnet = build_network(ours(f"cityscapes/{claim.variant}"))
        pspnet = {depth: build_network(ours(f"cityscapes/pspnet_r{depth}")) for depth in (50, 101)}
    assert without_auxiliary_head(pspnet[101]) == 65_602_931
    assert round(without_auxiliary_head(pspnet[101]) / count_parameters(espnet)) == claim.value == 180
    # Neither with the auxiliary head nor with the other backbone does it fit.
    assert round(count_parameters(pspnet[101]) / count_parameters(espnet)) == 186
    assert round(without_auxiliary_head(pspnet[50]) / count_parameters(espnet)) == 128


def test_work_of_a_forward_pass_is_counted_for_every_baseline() -> None:
    macs = {}
    for name in ("pspnet_r101", "encnet_r101", "icnet_r50"):
        with torch.device("meta"):
            macs[name] = round(count_macs(build_network(ours(f"cityscapes/{name}")), 512, 1024) / 1e9, 1)
    assert macs == {"pspnet_r101": 511.7, "encnet_r101": 436.5, "icnet_r50": 30.6}
