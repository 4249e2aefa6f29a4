"""What an evaluation costs an image: the suite beside MMSegmentation's test loop and a loop of the bare steps."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmseg.datasets import BaseSegDataset
from mmseg.evaluation import IoUMetric
from mmseg.models.segmentors import BaseSegmentor
from mmseg.models.utils import resize
from mmseg.registry import DATASETS
from numpy.typing import NDArray
from torch import Tensor
from typer import Option

from benchmarks.timing import Times, interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.confusion import count
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.predict import predict_split
from mmseg_plugins.evaluation.scores import scores
from mmseg_plugins.networks.network import build_network, load_weights
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from workflow.command_line import run

SUITE, STOCK = "suite", "MMSegmentation's test loop"
STOCK_CHANNELS_LAST, BARE = "MMSegmentation's test loop, channels-last", "bare loop, channels-last"
GOALS = ((STOCK, SUITE, 2.0), (STOCK_CHANNELS_LAST, SUITE, 1.25), (BARE, SUITE, 0.9))
"""Numerator, denominator, and what the ratio of their times should be at least."""
PARTS = {"memory layout": (STOCK, STOCK_CHANNELS_LAST), "work left out": (STOCK_CHANNELS_LAST, BARE)}
"""What the suite's advantage consists of; the rest is that two images are on their way at once."""


def stock_runner(settings: Config, weights: Path, folder: Path, images: int, *, channels_last: bool) -> Runner:
    """MMEngine's runner as `tools/test.py` makes it, on the first images of the split."""
    settings = settings.copy()
    settings.work_dir, settings.load_from, settings.log_level = str(folder), str(weights), "ERROR"
    settings.visualizer = None  # one by name would write to the folder of the runner before
    settings.test_dataloader.dataset.indices = images
    runner = Runner.from_cfg(settings)
    if channels_last:
        runner.model.to(memory_format=torch.channels_last)
    runner.test()
    return runner


def bare_loop(network: BaseSegmentor, dataset: BaseSegDataset, label_set: LabelSet) -> Iterator[NDArray[np.int64]]:
    """Decodes, predicts and counts each image with nothing around it; for networks whose logits have the image's size.

    Yields:
        The confusion array of an image, void last in both directions.
    """
    outputs, void = network.decode_head.num_classes, len(label_set.classes)
    preprocessor = network.data_preprocessor
    mean, std = (value.view(-1).cpu().numpy() for value in (preprocessor.mean, preprocessor.std))
    device = next(network.parameters()).device
    for info in map(dataset.get_data_info, range(len(dataset))):
        pixels = cv2.imread(info["img_path"])
        truth = cv2.imread(info["seg_map_path"], cv2.IMREAD_UNCHANGED)
        # Shape (1, H, W, C) seen as (1, C, H, W) is channels-last.
        inputs = torch.from_numpy((pixels - mean) / std)[None].permute(0, 3, 1, 2).to(device)
        prediction = network.decode_head(network.extract_feat(inputs)).max(dim=1).indices[0].cpu().numpy()
        truth = np.where(truth == label_set.void.label, void, truth)
        key = truth.astype(np.uint16) * outputs + prediction.astype(np.uint16)
        yield np.bincount(key.reshape(-1), minlength=(void + 1) * outputs).reshape(void + 1, outputs)


def parts(network: BaseSegmentor, item: dict[str, Any], label_set: LabelSet, rounds: int) -> Times:
    """Seconds of the single steps of one image, as the stock loop takes them and as the suite does."""
    truth = item["data_samples"].gt_sem_seg.data[0]
    source, classes, void = "labels", len(label_set.classes), label_set.void.label
    image = network.data_preprocessor({"inputs": [item["inputs"]], "data_samples": [item["data_samples"]]}, False)
    inputs = image["inputs"].contiguous()

    def forward() -> Tensor:
        return network.decode_head(network.extract_feat(inputs))

    def forward_in(layout: torch.memory_format) -> Tensor:
        network.to(memory_format=layout)
        return forward()

    plain, last = (forward_in(f) for f in (torch.contiguous_format, torch.channels_last))
    prediction, device = last.max(dim=1).indices[0], last.device
    outputs, size = last.shape[1], last.shape[2:]
    times = interleaved(
        {
            "two resizes of equal size": lambda: resize(resize(plain, size, mode="bilinear"), size, mode="bilinear"),
            "argmax": lambda: plain[0].argmax(dim=0),
            "argmax, channels-last": lambda: last[0].argmax(dim=0),
            "max, channels-last": lambda: last.max(dim=1).indices[0],
            "areas by histc": lambda: IoUMetric.intersect_and_union(prediction, truth.to(device), classes, void),
            "the suite's count": lambda: count(prediction, truth, None, label_set, num_outputs=outputs, source=source),
        },
        rounds=rounds,
        device=device,
    )
    # The layout is the network's state, so the two take turns by themselves.
    for name, layout in (("forward", torch.contiguous_format), ("forward, channels-last", torch.channels_last)):
        network.to(memory_format=layout)
        times |= interleaved({name: forward}, rounds=rounds, device=device)
    return times


def check_equal(runners: list[Runner], counted: NDArray[np.int64], bare: NDArray[np.int64], labels: LabelSet) -> None:
    """Stops where the ways do not give the same numbers."""
    np.testing.assert_array_equal(counted, bare)
    miou = scores(Counts(counted), loader.protocols()["standard"], labels)[0]
    for runner in runners:
        # MMSegmentation rounds to two decimals.
        np.testing.assert_allclose(runner.test_loop.run()["mIoU"], miou, atol=0.0051)


def main(
    config: Annotated[Path, Option(help="MMSegmentation config whose logits have the image's size")] = Path(
        "mmseg_plugins/configs/camvid/espnet_p2q8.py"
    ),
    weights: Annotated[Path, Option(help="weights.pth of the run")] = Path(
        "results/camvid/espnet_p2q8/official/seed0/weights.pth"
    ),
    dataset: Annotated[str, Option(help="name of the dataset's manifest")] = "camvid",
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/evaluation_throughput.json"),
    images: Annotated[int, Option(min=1, help="images of the test split, from its beginning")] = 233,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 5,
    device: Annotated[str, Option(help="cpu or cuda")] = "cpu",
) -> None:
    """Times whole evaluations, taken in turns. The dataset must be prepared, the weights converted."""
    place = choose_device(device)
    settings = Config.fromfile(config)
    init_default_scope("mmseg")
    label_set = loader.label_set_of(dataset)
    split = DATASETS.build({**settings.test_dataloader.dataset, "indices": images})
    network = build_network(settings).eval().to(memory_format=torch.channels_last)
    load_weights(network, weights)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode(), quiet_libraries():
        runners = [stock_runner(settings, weights, Path(folder), images, channels_last=last) for last in (False, True)]
        # Compared on the CPU: a GPU rounds differently in every memory layout.
        for runner in runners:
            runner.model.cpu()
        counted = predict_split(network, split, label_set).counts.confusion
        check_equal(runners, counted, np.stack([*bare_loop(network, split, label_set)]), label_set)
        for model in (network, *(runner.model for runner in runners)):
            model.to(place)
        times = interleaved(
            {
                SUITE: lambda: predict_split(network, split, label_set),
                STOCK: runners[0].test_loop.run,
                STOCK_CHANNELS_LAST: runners[1].test_loop.run,
                BARE: lambda: [*bare_loop(network, split, label_set)],
            },
            rounds=rounds,
            device=place,
        )
        of_parts = milliseconds(parts(network, split[0], label_set, max(rounds, 5)))
    spread = milliseconds({name: [value / len(split) for value in values] for name, values in times.items()})
    ratios = {f"{over} / {under} (at least {goal:g})": ratio(times, over, under) for over, under, goal in GOALS}
    ratios |= {f"of which {part}": ratio(times, *ways) for part, ways in PARTS.items()}
    print(f"{len(split)} images, {rounds} rounds in turns, {place.type}, {torch.get_num_threads()} threads;", end=" ")
    print("all counts equal\n")
    print(table(spread, "milliseconds an image"), table(of_parts, "milliseconds of one step"), sep="\n\n")
    print("", table(ratios, "ratio within a round"), sep="\n")
    write_json(
        out,
        {"images": len(split), "rounds": rounds, "ms": spread, "parts_ms": of_parts, "ratios": ratios},
        device=place,
    )


if __name__ == "__main__":
    run(main)
