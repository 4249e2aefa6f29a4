"""How fast one core makes the training samples of Cityscapes' recipes, and what each step of it costs."""

import tempfile
import time
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from typer import Option

from benchmarks.timing import Times, interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from mmseg_plugins.evaluation.cityscapes_ids import train_ids
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.training.seeded_dataset import SeededDataset
from mmseg_plugins.training.seeded_sampler import SampleKey
from workflow.command_line import run
from workflow.data.synthcity.scene import draw_scene

RECIPES = ("ldn121", "shelfnet50", "shelfnet18_lw", "espnet_p2q8", "ladder_densenet121_2017")
RESIZED_WHOLE, RECIPE, UNCOMPRESSED = "images resized whole", "the recipe", "the recipe, from uncompressed files"
CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs/cityscapes"
BLUR = 0.8
"""Standard deviation, in pixels, of a blur that a camera's lens stands behind: streets come to Cityscapes' 2.3 MB."""


def draw(folder: Path, images: int, width: int, height: int) -> None:
    """Streets of the embedded dataset, blurred, named and laid out as the training images of Cityscapes are."""
    label_set = loader.label_set("cityscapes")
    for number in range(images):
        image, instances = draw_scene((number,), width, height)
        pictures = {
            "leftImg8bit/train/drawn/{}_leftImg8bit.png": cv2.GaussianBlur(image, (0, 0), BLUR)[..., ::-1],
            "gtFine/train/drawn/{}_gtFine_labelTrainIds.png": train_ids(label_set)[instances].astype(np.uint8),
            "gtFine/train/drawn/{}_gtFine_labelIds.png": np.where(
                instances < 1000, instances, instances // 1000
            ).astype(np.uint8),
        }
        for name, picture in pictures.items():
            file = folder / name.format(number)
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), picture)


class TimedStep:
    """A step of a pipeline, and the seconds that it has taken."""

    def __init__(self, step: Any) -> None:
        self.step = step
        self.seconds = 0.0

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        """Runs the step."""
        start = time.perf_counter()
        results = self.step(results)
        self.seconds += time.perf_counter() - start
        return results


def dataset(recipe: str, data: Path, way: str) -> SeededDataset:
    """The training images as a recipe augments them.

    Args:
        recipe: name of a config for Cityscapes.
        data: folder of Cityscapes.
        way: `RESIZED_WHOLE`, `RECIPE` or `UNCOMPRESSED`; the last keeps its files in a folder beside `data`.
    """
    with quiet_libraries():
        init_default_scope("mmseg")
        inner = _config(recipe).train_dataloader.dataset.dataset.to_dict()
        inner["data_root"] = str(data)
        if way == RESIZED_WHOLE:
            inner["pipeline"] = _resized_whole(inner["pipeline"])
        if way == UNCOMPRESSED:
            for load in inner["pipeline"][:2]:
                load["backend_args"] = {"backend": "uncompressed", "folder": f"{data}_uncompressed"}
        return SeededDataset(inner)


def resizes_on_demand(recipe: str) -> bool:
    """Whether a recipe resizes no more of an image than its crop keeps."""
    return "ResizeOnDemand" in str(_config(recipe).train_dataloader)


@cache
def _config(recipe: str) -> Config:
    return Config.fromfile(CONFIGS / f"{recipe}.py")


def _resized_whole(steps: Any) -> Any:
    """The same steps with `Resize` in the place of `ResizeOnDemand`, also in nested ones."""
    if isinstance(steps, list):
        return [_resized_whole(step) for step in steps]
    if not isinstance(steps, dict):
        return steps
    step = {key: _resized_whole(value) for key, value in steps.items()}
    if step.get("resize_type") == "ResizeOnDemand":
        step |= {"resize_type": "Resize", "backend": "pillow"}
    return step


def datasets(data: Path) -> dict[str, dict[str, SeededDataset]]:
    """The datasets of each recipe by way; without `RESIZED_WHOLE` where that is the recipe."""
    ways = (RESIZED_WHOLE, RECIPE, UNCOMPRESSED)
    return {
        recipe: {way: dataset(recipe, data, way) for way in ways if way != RESIZED_WHOLE or resizes_on_demand(recipe)}
        for recipe in RECIPES
    }


def check_equal(by_way: dict[str, SeededDataset], keys: list[SampleKey]) -> None:
    """Stops where a sample of one way differs from that of the recipe."""
    for key in keys:
        expected = by_way[RECIPE][key]
        for way, other in by_way.items():
            found = other[key]
            assert torch.equal(found["inputs"], expected["inputs"]), (way, key)
            labels = (sample["data_samples"].gt_sem_seg.data for sample in (found, expected))
            assert torch.equal(*labels), (way, key)
            assert found["data_samples"].metainfo == expected["data_samples"].metainfo, (way, key)


def measure(by_recipe: dict[str, dict[str, SeededDataset]], keys: list[SampleKey], rounds: int) -> tuple[Times, Times]:
    """Seconds a sample, in each round.

    Returns:
        Those of each way of each recipe, `<recipe>: <way>`, and those of each step of it, `<recipe>: <way>: <step>`.
    """
    steps: Times = {}

    def make(name: str, samples: SeededDataset) -> None:
        timed = samples.dataset.pipeline.transforms
        for step in timed:
            step.seconds = 0.0
        for key in keys:
            samples[key]
        for step in timed:
            steps.setdefault(f"{name}: {type(step.step).__name__}", []).append(step.seconds / len(keys))

    ways = {}
    for recipe, by_way in by_recipe.items():
        for way, samples in by_way.items():
            samples.dataset.pipeline.transforms = [TimedStep(step) for step in samples.dataset.pipeline.transforms]
            ways[f"{recipe}: {way}"] = partial(make, f"{recipe}: {way}", samples)
    times = interleaved(ways, rounds=rounds)
    # The first round is the one that `interleaved` does not time.
    return (
        {name: [value / len(keys) for value in values] for name, values in times.items()},
        {name: values[1:] for name, values in steps.items()},
    )


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/training_input.json"),
    images: Annotated[int, Option(min=1, help="number of images")] = 2,
    samples: Annotated[int, Option(min=1, help="number of samples, each with a scale and a crop of its own")] = 24,
    rounds: Annotated[int, Option(min=1, help="how many times each is timed")] = 5,
    width: Annotated[int, Option(min=64, help="of an image, in pixels")] = 2048,
    height: Annotated[int, Option(min=32, help="of an image, in pixels")] = 1024,
) -> None:
    """Times the training samples of Cityscapes' recipes on one core, step by step."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    keys = [SampleKey(seed % images, seed) for seed in range(samples)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "cityscapes"
        draw(data, images, width, height)
        size = np.mean([file.stat().st_size for file in data.glob("leftImg8bit/*/*/*.png")]) / 1e6
        by_recipe = datasets(data)
        for by_way in by_recipe.values():
            check_equal(by_way, keys)
        times, steps = measure(by_recipe, keys, rounds)
    ratios = {
        f"{recipe}: {over} / {under}": ratio(times, f"{recipe}: {over}", f"{recipe}: {under}")
        for recipe, by_way in by_recipe.items()
        for over, under in ((RESIZED_WHOLE, RECIPE), (RECIPE, UNCOMPRESSED), (RESIZED_WHOLE, UNCOMPRESSED))
        if over in by_way
    }
    spread, spread_of_steps = milliseconds(times), milliseconds(steps)
    rates = {name: 1000 / row["median"] for name, row in spread.items()}
    print(f"{samples} samples of {images} images of {width}x{height}, {size:.1f} MB each, {rounds} rounds in turns,")
    print("one core, files in memory; the samples of all ways equal in every pixel\n")
    print(table(spread, "milliseconds a sample"), table(ratios, "ratio within a round"), sep="\n\n")
    print("\n" + table(spread_of_steps, "milliseconds a step"))
    print("\nsamples a second, median\n" + "\n".join(f"{rate:8.1f}  {name}" for name, rate in rates.items()))
    results = {"images": images, "size": [width, height], "png_mb": size, "samples": samples, "rounds": rounds}
    write_json(
        out, results | {"ms": spread, "steps_ms": spread_of_steps, "ratios": ratios, "samples_per_second": rates}
    )


if __name__ == "__main__":
    run(main)
