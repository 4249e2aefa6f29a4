"""ESPNet is trained as its authors do it: the encoder first, then the whole network from the encoder's weights."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.datasets import CityscapesDataset
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from PIL import Image

from mmseg_plugins.networks.espnet.loss import ClassWeightsHook
from mmseg_plugins.networks.network import build_network

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
FIXTURES = Path(__file__).parent / "fixtures" / "espnet"
SECOND_STAGES = ["camvid/espnet_p2q8.py", *(f"cityscapes/espnet_p2q{q}.py" for q in (3, 5, 8))]
FIRST_STAGES = [name.replace("espnet_", "espnetc_") for name in SECOND_STAGES]


def recipe(name: str) -> Config:
    return Config.fromfile(CONFIGS / name)


def first_stage(config: Config) -> Config:
    """The config of the training whose weights another one starts from."""
    results, dataset, model, route, seed, weights = Path(config.load_from).parts
    assert (results, route, seed, weights) == ("results", "retrained", "seed0", "weights.pth")
    return recipe(f"{dataset}/{model}.py")


def renamed(name: str, prefixes: dict[str, str]) -> str:
    for before, after in prefixes.items():
        if name.startswith(before):
            return after + name.removeprefix(before)
    return name


@pytest.mark.parametrize(
    ("name", "batch_size"), [*((name, 12) for name in FIRST_STAGES), *((name, 6) for name in SECOND_STAGES)]
)
def test_300_epochs_whose_rate_is_halved_after_each_100(name: str, batch_size: int) -> None:
    config = recipe(name)
    assert config.train_dataloader.batch_size == batch_size
    assert config.param_scheduler == [
        {"type": "StepLR", "step_size": 100 * config.epoch, "gamma": 0.5, "by_epoch": False},
    ]
    assert config.train_cfg.max_iters == 300 * config.epoch


@pytest.mark.parametrize("name", ["cityscapes/espnetc_p2q3.py", "camvid/espnet_p2q8.py"])
def test_every_parameter_learns_by_adam_at_one_rate_with_decay(name: str) -> None:
    config = recipe(name)
    network = build_network(config)
    optimizer = build_optim_wrapper(network, config.optim_wrapper).optimizer
    assert isinstance(optimizer, torch.optim.Adam)
    (group,) = optimizer.param_groups
    assert len(group["params"]) == len(list(network.parameters()))
    assert (group["lr"], group["weight_decay"], group["betas"], group["eps"]) == (5e-4, 5e-4, (0.9, 0.999), 1e-8)


@pytest.mark.parametrize("name", FIRST_STAGES)
def test_first_stage_is_the_encoder_with_nothing_before_it(name: str) -> None:
    config = recipe(name)
    assert config.load_from is None
    assert config.model.decode_head.type == "ESPNetCHead"


@pytest.mark.parametrize("name", SECOND_STAGES)
def test_second_stage_sees_what_the_first_saw(name: str) -> None:
    config = recipe(name)
    before = first_stage(config)
    assert config.model.backbone == before.model.backbone
    assert config.model.data_preprocessor == before.model.data_preprocessor
    assert config.model.decode_head.loss_decode == before.model.decode_head.loss_decode
    assert config.train_dataloader.dataset == before.train_dataloader.dataset


@pytest.mark.parametrize("name", SECOND_STAGES)
def test_first_stage_fills_all_but_the_layers_named_as_new(name: str) -> None:
    config = recipe(name)
    with torch.device("meta"):
        before, after = (build_network(stage).state_dict() for stage in (first_stage(config), config))
    filled = {renamed(key, config.renamed_layers): value.shape for key, value in before.items()}
    new = {key: value.shape for key, value in after.items() if key.startswith(tuple(config.new_layers))}
    assert not filled.keys() & new.keys()
    assert filled | new == {key: value.shape for key, value in after.items()}
    assert all(any(key.startswith(prefix) for key in after) for prefix in config.new_layers)


@pytest.fixture(scope="module")
def stages() -> tuple[EncoderDecoder, EncoderDecoder]:
    """ESPNet-C after some use, and ESPNet that starts from it."""
    torch.manual_seed(0)
    config = recipe("cityscapes/espnet_p2q3.py")
    encoder, network = build_network(first_stage(config)), build_network(config)
    encoder.train()(torch.randn(2, 3, 64, 128), mode="tensor")
    start = {renamed(key, config.renamed_layers): value for key, value in encoder.state_dict().items()}
    network.load_state_dict(start, strict=False)
    return encoder.eval(), network.eval()


def test_decoder_begins_with_the_scores_that_the_encoder_learnt(
    stages: tuple[EncoderDecoder, EncoderDecoder],
) -> None:
    encoder, network = stages
    seen = []
    network.decode_head.classify_l3.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    image = torch.randn(1, 3, 64, 128)
    with torch.inference_mode():
        network(image, mode="tensor")
        torch.testing.assert_close(seen[0], encoder(image, mode="tensor"))


def test_encoder_learns_from_reduced_truth_as_its_authors_reduce_it() -> None:
    """The loss of the config's own head on the full truth is that of the logits on the authors' reduced truth."""
    with np.load(FIXTURES / "protocol_espnet.npz") as protocol:
        labels, reduced = (
            torch.from_numpy(protocol[f"totensor_scale8_label_{end}"].astype(int)) for end in ("in", "out")
        )
    head = build_network(recipe("cityscapes/espnetc_p2q3.py")).decode_head
    logits = torch.randn(1, 20, *reduced.shape)
    sample = SegDataSample(gt_sem_seg=PixelData(data=labels[None]))
    loss = head.loss_by_feat(logits, [sample])["loss_ce"]
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits, reduced[None]))


def test_class_weights_are_those_that_the_authors_code_counts(tmp_path: Path) -> None:
    """The hook reads void as the data set marks it and gives it the network's last output."""
    with np.load(FIXTURES / "protocol_espnet.npz") as protocol:
        labels, expected = protocol["cw_labels"], protocol["cw_class_weights"]
    for index, label_map in enumerate(labels):
        (tmp_path / f"{index}_leftImg8bit.png").touch()
        void_as_stored = np.where(label_map == 19, np.uint8(255), label_map)
        Image.fromarray(void_as_stored).save(tmp_path / f"{index}_gtFine_labelTrainIds.png")
    dataset = CityscapesDataset(data_root=str(tmp_path), data_prefix={"img_path": "", "seg_map_path": ""}, pipeline=[])
    network = build_network(recipe("cityscapes/espnetc_p2q3.py"))
    runner = SimpleNamespace(model=network, train_dataloader=SimpleNamespace(dataset=SimpleNamespace(dataset=dataset)))
    ClassWeightsHook().before_train(runner)
    np.testing.assert_allclose(network.decode_head.loss_decode.class_weight, expected, rtol=1e-6)


@pytest.mark.parametrize("name", [*FIRST_STAGES, *SECOND_STAGES])
def test_both_stages_weight_the_classes(name: str) -> None:
    config = recipe(name)
    counted = [hook for hook in config.custom_hooks if hook["type"] == "ClassWeightsHook"]
    held = config.model.decode_head.loss_decode.get("class_weight")
    assert (len(counted), held is None) == ((1, True) if name.startswith("cityscapes") else (0, False))
