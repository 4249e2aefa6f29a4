"""Dilated FCN-2s starts from VGG as the authors' does, learns by their rules and is scored by their measure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import nn
from torchvision.models import VGG, VGG16_Weights, vgg16, vgg16_bn, vgg19

from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.confusion import count
from mmseg_plugins.evaluation.counts import concatenate
from mmseg_plugins.evaluation.scores import metric_names, scores
from mmseg_plugins.networks.fcn_dilated_vgg.backbone import FullyConvolutionalVGG
from mmseg_plugins.networks.fcn_dilated_vgg.imagenet import CAFFE_MEAN, flat_copy, from_imagenet
from mmseg_plugins.networks.network import build_network
from segrepro.errors import SegReproError
from tests import reference

PROJECT = Path(__file__).resolve().parents[1]
CONFIGS = PROJECT / "mmseg_plugins" / "configs"
ALL = sorted(str(path.relative_to(CONFIGS)) for path in CONFIGS.glob("*/fcn*.py"))
RECIPES = [name for name in ALL if not name.startswith("synthcity/")]
SECOND_STAGES = [f"voc2012/{model}.py" for model in ("fcn2s_dilated_vgg16", "fcn2s_dilated_vgg19", "fcn8s_vgg16")]
VOID = 255


def recipe(name: str) -> Config:
    return Config.fromfile(CONFIGS / name, import_custom_modules=False)


def optimizer(config: Config, network: nn.Module) -> OptimWrapper:
    return build_optim_wrapper(network, config.optim_wrapper)


@pytest.fixture(scope="module")
def vgg() -> VGG:
    """torchvision's VGG16 with random weights and biases."""
    torch.manual_seed(0)
    network = vgg16(weights=None, init_weights=False)
    nn.init.normal_(network.features[0].bias)
    return network


def backbone(depth: int, *, dilated: bool = True) -> FullyConvolutionalVGG:
    with torch.device("meta"):
        return FullyConvolutionalVGG(depth, dilated)


# The start


def test_layers_are_carried_over_as_the_authors_carry_them() -> None:
    protocol = reference.arrays("protocol_fcn")
    source, expected = (torch.from_numpy(protocol[f"transplant_{name}"]) for name in ("src", "dst"))
    assert torch.equal(flat_copy(source, expected.shape), expected)


def test_every_layer_starts_as_its_counterpart_in_vgg(vgg: VGG) -> None:
    ours = backbone(16).state_dict()
    start = from_imagenet(vgg.state_dict(), ours)
    assert {name: value.shape for name, value in start.items()} == {name: value.shape for name, value in ours.items()}
    theirs = [layer for layer in vgg.features if isinstance(layer, nn.Conv2d)]
    names = [name.removesuffix(".weight") for name in ours if name.startswith("stages.") and name.endswith(".weight")]
    for name, layer in list(zip(names, theirs, strict=True))[1:]:
        assert torch.equal(start[f"{name}.weight"], layer.weight), name
        assert torch.equal(start[f"{name}.bias"], layer.bias), name
    # Filter 1 of the 3x3 `fc6` goes on where filter 0 ended: within VGG's filter 0.
    assert torch.equal(start["fc6.0.weight"][1].flatten(), vgg.classifier[0].weight[0, 4608:9216])
    assert torch.equal(start["fc6.0.bias"], vgg.classifier[0].bias)
    assert torch.equal(start["fc7.0.weight"][:, :, 0, 0], vgg.classifier[3].weight)


def test_fc6_of_fcn8s_is_vggs_own(vgg: VGG) -> None:
    start = from_imagenet(vgg.state_dict(), backbone(16, dilated=False).state_dict())
    pool5 = torch.rand(1, 512, 7, 7)
    with torch.inference_mode():
        score = nn.functional.conv2d(pool5, start["fc6.0.weight"], start["fc6.0.bias"])
        torch.testing.assert_close(score.flatten(1), vgg.classifier[0](pool5.flatten(1)), rtol=1e-4, atol=1e-4)


def test_first_layer_sees_caffes_image_as_vgg_sees_torchvisions(vgg: VGG) -> None:
    image = torch.randint(0, 256, (1, 3, 9, 11)).float()
    normalisation = VGG16_Weights.IMAGENET1K_V1.transforms()
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (normalisation.mean, normalisation.std))
    start = from_imagenet(vgg.state_dict(), backbone(16).state_dict())
    weight, bias = (start[f"stages.0.0.{kind}"] for kind in ("weight", "bias"))
    caffe = (image - torch.tensor(CAFFE_MEAN)[:, None, None]).flip(1)
    with torch.inference_mode():
        expected = vgg.features[0]((image / 255 - mean) / deviation)
        found = nn.functional.conv2d(caffe, weight, bias, padding=1)
    torch.testing.assert_close(found[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], rtol=1e-5, atol=1e-5)
    # Around the image the two nets assume other means, which differ by up to 1 of 255.
    assert not torch.allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_mean_of_the_start_is_the_one_that_the_configs_subtract() -> None:
    for name in RECIPES:
        assert recipe(name).model.data_preprocessor.mean == list(reversed(CAFFE_MEAN))


@pytest.mark.parametrize(
    ("network", "depth", "message"),
    [
        (vgg16, 19, r"missing: features\.16\.weight"),
        (vgg19, 16, r"unknown: features\.16\.weight"),
        (vgg16_bn, 16, r"unknown: features\.1\.weight"),
    ],
)
def test_another_vgg_is_refused(network: Callable[..., VGG], depth: int, message: str) -> None:
    with torch.device("meta"):
        state = network(weights=None, init_weights=False).state_dict()
    with pytest.raises(SegReproError, match=message):
        from_imagenet(state, backbone(depth).state_dict())


def test_incomplete_vgg_is_refused_by_the_name_of_what_lacks(vgg: VGG) -> None:
    state = vgg.state_dict()
    del state["features.28.bias"]
    with pytest.raises(SegReproError, match=r"1 missing: features\.28\.bias"):
        from_imagenet(state, backbone(16).state_dict())


# The training


def test_optimizer_steps_as_caffes() -> None:
    """v = m v + r (g + d w); w = w - v: with the rate r doubled and the decay d zero for biases."""
    layer = nn.Conv2d(2, 3, 1).double()
    wrapper = optimizer(recipe("voc2012/fcn2s_dilated_vgg16.py"), nn.Sequential(layer))
    expected = {name: value.detach().clone() for name, value in layer.named_parameters()}
    velocity = {name: torch.zeros_like(value) for name, value in expected.items()}
    generator = torch.Generator().manual_seed(0)
    for _ in range(4):
        for name, parameter in layer.named_parameters():
            parameter.grad = 1e6 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            rate, decay = (1e-10, 5e-4) if name == "weight" else (2e-10, 0)
            velocity[name] = 0.99 * velocity[name] + rate * (parameter.grad + decay * expected[name])
            expected[name] = expected[name] - velocity[name]
        wrapper.step()
    for name, parameter in layer.named_parameters():
        torch.testing.assert_close(parameter.detach(), expected[name], rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("voc2012/fcn2s_dilated_vgg19.py", (".up.weight", ".scale.weight", ".conv_seg.weight")),
        ("voc2012/fcn8s_vgg16.py", (".conv_seg.weight",)),
    ],
)
def test_every_learnt_parameter_has_its_rate_and_every_fixed_one_none(name: str, fixed: tuple[str, ...]) -> None:
    config = recipe(name)
    with torch.device("meta"):
        network = build_network(config)
    groups = optimizer(config, network).optimizer.param_groups
    rates = {id(group["params"][0]): (group["lr"], group["weight_decay"]) for group in groups}
    for parameter_name, parameter in network.named_parameters():
        if parameter_name.endswith(fixed):
            assert id(parameter) not in rates, parameter_name
        else:
            expected = (2e-10, 0) if parameter_name.endswith(".bias") else (1e-10, 5e-4)
            assert rates.pop(id(parameter)) == expected, parameter_name
    assert not rates


def test_a_step_trains_the_scores_and_leaves_upsampling_and_scales_as_they_were() -> None:
    config = recipe("voc2012/fcn2s_dilated_vgg16_voc_train.py")
    torch.manual_seed(0)
    network = build_network(config).train()
    fixed = {name: value.clone() for name, value in network.named_parameters() if not value.requires_grad}
    assert len(fixed) == 9
    wrapper = optimizer(config, network)
    sample = SegDataSample(gt_sem_seg=PixelData(data=torch.randint(0, 21, (1, 17, 23))))
    image = torch.randint(0, 256, (3, 17, 23), dtype=torch.uint8)
    network.train_step({"inputs": [image], "data_samples": [sample]}, wrapper)
    after = network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in fixed.items())
    for name in ("score_fr", *(f"fusions.pool{i}.score" for i in range(1, 5))):
        for kind in ("weight", "bias"):
            assert after[f"decode_head.{name}.{kind}"].abs().sum() > 0, name


@pytest.mark.parametrize("name", RECIPES)
def test_training_shows_one_whole_picture_at_a_time_unchanged(name: str) -> None:
    train = recipe(name).train_dataloader
    assert train.batch_size == 1
    assert [step.type for step in train.dataset.dataset.pipeline] == [
        "LoadImageFromFile",
        "LoadAnnotations",
        "PackSegInputs",
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_only_the_first_stage_starts_from_imagenet(name: str) -> None:
    config = recipe(name)
    assert (config.load_from is None) == (name not in SECOND_STAGES)
    start = config.model.backbone.init_cfg
    if config.load_from:
        assert start is None
        assert config.train_cfg.max_iters == 200000
    else:
        assert start == {
            "type": "ImageNetInit",
            "weights": f"VGG{config.model.backbone.depth}_Weights.IMAGENET1K_V1",
        }
        assert config.train_cfg.max_iters == 100000


@pytest.mark.parametrize("name", SECOND_STAGES)
def test_second_stage_takes_up_all_of_the_first(name: str) -> None:
    config = recipe(name)
    first_stage = recipe(name.replace(".py", "_voc_train.py"))
    assert config.load_from == f"results/{name.removesuffix('.py')}_voc_train/retrained/seed0/weights.pth"
    with torch.device("meta"):
        before, after = (build_network(stage).state_dict() for stage in (first_stage, config))
    assert {key: value.shape for key, value in before.items()} == {key: value.shape for key, value in after.items()}
    assert config.train_dataloader.dataset.dataset.ann_file == "ImageSets/Segmentation/sbd_train.txt"
    assert config.test_dataloader == first_stage.test_dataloader


# The measure


def test_suite_scores_as_the_authors() -> None:
    """One matrix over the data set; truth outside the classes dropped; absent classes left out of the mean."""
    protocol = reference.arrays("protocol_fcn")
    expected = {name.removeprefix("m_"): value for name, value in protocol.items() if name.startswith("m_")}
    classes = [{"name": f"class {i}", "color": (i, i, i)} for i in range(21)]
    label_set = LabelSet.model_validate(
        {"id": "voc", "source": "test", "classes": classes, "void": {"label": VOID, "color": (0, 0, 0)}}
    )
    truth = torch.from_numpy(expected["gt"].astype(int))
    truth[truth > 20] = VOID
    counts = concatenate(
        [
            count(torch.from_numpy(prediction.astype(int)), labels, None, label_set, num_outputs=21, source="test")
            for prediction, labels in zip(expected["pred"], truth, strict=True)
        ]
    )
    np.testing.assert_array_equal(counts.confusion.sum(axis=0)[:21], expected["hist"])
    found = scores(counts, loader.protocols()["standard"], label_set)
    assert metric_names(label_set, instances=False)[:3] == ("miou", "pixel_accuracy", "class_avg_accuracy")
    np.testing.assert_allclose(
        found,
        100 * np.array([expected["miou"], expected["overall"], expected["mean_acc"], *expected["iou"]]),
        rtol=1e-12,
    )
