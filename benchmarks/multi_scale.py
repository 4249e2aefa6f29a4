"""What six scales and mirror images cost an image: the suite beside MMSegmentation's `SegTTAModel`."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmseg.datasets import BaseSegDataset
from mmseg.models.segmentors import BaseSegmentor
from mmseg.registry import DATASETS
from torch import Tensor
from typer import Option

from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.schemas.protocol import Inference
from mmseg_plugins.evaluation.inference import Passes, scores
from mmseg_plugins.evaluation.predict import predict_split
from mmseg_plugins.evaluation.scaled_images import scaled_images
from mmseg_plugins.networks.network import build_network, load_weights
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from workflow.command_line import run

PROTOCOL = "mmseg_tta"
SUITE, STOCK = "suite: six scales and flip, and one scale", "SegTTAModel"
BARE, BARE_CHANNELS_LAST = "the twelve passes alone", "the twelve passes alone, channels-last"
IN_PAIRS = "the twelve passes alone, channels-last, an image and its mirror image as one batch"
GOAL = (STOCK, SUITE, 1.35)
"""Numerator, denominator, and what the ratio of their times should be at least."""


def with_tta(settings: Config, rule: Inference) -> Config:
    """The config as `tools/test.py --tta` changes it, with a pipeline as those of MMSegmentation's own configs."""
    changed = settings.copy()
    resizes = [{"type": "Resize", "scale_factor": scale, "keep_ratio": True} for scale in rule.scales]
    flips = [{"type": "RandomFlip", "prob": prob, "direction": "horizontal"} for prob in (0.0, 1.0)]
    steps = [resizes, flips, [{"type": "LoadAnnotations"}], [{"type": "PackSegInputs"}]]
    changed.test_dataloader.dataset.pipeline = [
        {"type": "LoadImageFromFile"},
        {"type": "TestTimeAug", "transforms": steps},
    ]
    changed.model = {"type": "SegTTAModel", "module": settings.model}
    return changed


def check_equal(runner: Runner, network: BaseSegmentor, dataset: BaseSegDataset, rule: Inference) -> None:
    """Stops where probabilities differ by more than 1e-5, or a label differs."""
    for augmented, item in zip(runner.test_dataloader, dataset, strict=True):
        (theirs,) = runner.model.test_step(augmented)
        views = [
            runner.model.module.test_step({"inputs": inputs, "data_samples": samples})[0].seg_logits.data
            for inputs, samples in zip(augmented["inputs"], augmented["data_samples"], strict=True)
        ]
        probabilities = torch.stack([logits.softmax(dim=0) for logits in views]).mean(dim=0)
        scaled = scaled_images(item["inputs"], [rule], item["data_samples"].img_path)
        found = scores(rule, Passes(network, item, scaled, {PROTOCOL: rule}, check=lambda logits: None))
        np.testing.assert_allclose(found[0] / len(views), probabilities, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(found.max(dim=1).indices, theirs.pred_sem_seg.data)


def inputs_of(network: BaseSegmentor, item: dict[str, Any], rule: Inference) -> list[Tensor]:
    """What the network is fed at each scale, not mirrored."""
    image = item["inputs"].permute(1, 2, 0).numpy()
    made = []
    for scale in rule.scales:
        resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        data = {"inputs": [torch.from_numpy(resized).permute(2, 0, 1)], "data_samples": [item["data_samples"].clone()]}
        made.append(network.data_preprocessor(data, False)["inputs"].contiguous())
    return made


def passes_alone(
    network: BaseSegmentor, inputs: list[Tensor], layout: torch.memory_format, *, in_pairs: bool = False
) -> Callable[[], object]:
    """All that the network itself has to do for one image."""

    def once() -> None:
        network.to(memory_format=layout)
        for image in inputs:
            fed = image.contiguous(memory_format=layout)
            both = (fed, fed.flip(3))
            for batch in (torch.cat(both),) if in_pairs else both:
                network.decode_head(network.extract_feat(batch))

    return once


def main(
    config: Annotated[Path, Option(help="MMSegmentation config of a network that is tested whole")] = Path(
        "mmseg_plugins/configs/camvid/espnet_p2q8.py"
    ),
    weights: Annotated[Path, Option(help="weights.pth of the run")] = Path(
        "results/camvid/espnet_p2q8/official/seed0/weights.pth"
    ),
    dataset: Annotated[str, Option(help="name of the dataset's manifest")] = "camvid",
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/multi_scale.json"),
    images: Annotated[int, Option(min=1, help="images of the test split, from its beginning")] = 10,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 5,
    device: Annotated[str, Option(help="cpu or cuda")] = "cpu",
) -> None:
    """Times six scales and flip, taken in turns. The dataset must be prepared, the weights converted."""
    place = choose_device(device)
    settings = Config.fromfile(config)
    init_default_scope("mmseg")
    label_set = loader.label_set_of(dataset)
    rule = loader.protocols()[PROTOCOL].inference
    split = DATASETS.build({**settings.test_dataloader.dataset, "indices": images})
    network = build_network(settings).eval().to(memory_format=torch.channels_last)
    load_weights(network, weights)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode(), quiet_libraries():
        augmented = with_tta(settings, rule)
        augmented.work_dir, augmented.load_from, augmented.log_level = folder, None, "ERROR"
        augmented.visualizer = None  # one by name would write to the folder of the runner before
        augmented.test_dataloader.dataset.indices = images
        runner = Runner.from_cfg(augmented)
        load_weights(runner.model.module, weights)
        runner.test()
        runner.model.cpu()  # a GPU rounds differently in every memory layout
        check_equal(runner, network, split, rule)
        for model in (network, runner.model):
            model.to(place)
        fed, plain, last = inputs_of(network, split[0], rule), torch.contiguous_format, torch.channels_last
        times = interleaved(
            {
                SUITE: lambda: predict_split(network, split, label_set, rules={PROTOCOL: rule}),
                STOCK: runner.test_loop.run,
                BARE: passes_alone(network, fed, plain),
                BARE_CHANNELS_LAST: passes_alone(network, fed, last),
                IN_PAIRS: passes_alone(network, fed, last, in_pairs=True),
            },
            rounds=rounds,
            device=place,
        )
    for name in (SUITE, STOCK):
        times[name] = [value / len(split) for value in times[name]]
    spread = milliseconds(times)
    over, under, goal = GOAL
    ratios = {
        f"{over} / {under} (at least {goal:g})": ratio(times, over, under),
        f"{under} / {BARE_CHANNELS_LAST}": ratio(times, under, BARE_CHANNELS_LAST),
        "of which memory layout": ratio(times, BARE, BARE_CHANNELS_LAST),
        "a batch of two instead of two passes": ratio(times, IN_PAIRS, BARE_CHANNELS_LAST),
    }
    print(f"{len(split)} images, {rounds} rounds in turns, {place.type}, {torch.get_num_threads()} threads;", end=" ")
    print("probabilities and labels equal\n")
    print(table(spread, "milliseconds an image"), table(ratios, "ratio within a round"), sep="\n\n")
    write_json(out, {"images": len(split), "rounds": rounds, "ms": spread, "ratios": ratios}, device=place)


if __name__ == "__main__":
    run(main)
