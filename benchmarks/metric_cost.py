"""What counting costs on one core or a GPU: the suite beside MMSegmentation's `IoUMetric` and `cityscapesscripts`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling as reference  # noqa: N813
import cv2
import numpy as np
import torch
from mmseg.evaluation import IoUMetric
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from typer import Option

from benchmarks.timing import CPU, Times, interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from mmseg_plugins.evaluation.cityscapes_ids import label_ids, train_ids
from mmseg_plugins.evaluation.confusion import InstanceMap, count
from mmseg_plugins.evaluation.counts import Counts, concatenate
from mmseg_plugins.evaluation.scores import metric_names, scores
from mmseg_plugins.runtime.device import choose_device
from workflow.command_line import run
from workflow.data.synthcity.scene import draw_scene

LABEL_SET = loader.label_set("cityscapes")
CLASSES, VOID = len(LABEL_SET.classes), LABEL_SET.void.label
SUITE, MMSEG, REFERENCE = (
    "suite: confusion and instances",
    "IoUMetric: areas",
    "cityscapesscripts: confusion and instances",
)
NOISE = "suite, another class at every pixel"
DECODED, SUITE_FILES = "decoding alone", "suite, from files"
REFERENCE_FILES = "cityscapesscripts, from files"
GOALS = (
    # Numerator, denominator, bound, whether the ratio must be above it.
    (MMSEG, SUITE, 6.0, True),
    (REFERENCE, SUITE, 5.0, True),
    (SUITE_FILES, DECODED, 1.3, False),
)


@dataclass(frozen=True)
class Scene:
    """One image as each of the three gets it: from memory, and as files."""

    prediction: Tensor
    """Where the network would have left it."""
    truth: Tensor
    instances: Tensor
    files: dict[str, str]


class Decoded:
    """An image file that Pillow has read already, so that `cityscapesscripts` is timed without the reading."""

    def __init__(self, file: str) -> None:
        self._pixels = np.array(Image.open(file))
        self.size = self._pixels.shape[::-1]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._pixels


def draw(folder: Path, number: int, width: int, height: int, device: torch.device = CPU) -> Scene:
    """A street of synthcity with its instances, and a prediction with displaced borders and mistaken patches."""
    _, instances = draw_scene((number,), width, height)
    rng = np.random.default_rng(number)
    truth = train_ids(LABEL_SET)[instances]

    def smooth(sigma: float) -> NDArray[np.float32]:
        noise = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), sigma)
        return noise / noise.std()

    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    found = np.where(truth == VOID, 0, truth).astype(np.uint8)
    prediction = cv2.remap(
        found, x + 3 * smooth(5), y + 3 * smooth(5), cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    for mistaken in rng.integers(0, CLASSES, 6):
        prediction[smooth(12) > 2.2] = mistaken
    pixels = {
        "prediction": label_ids(LABEL_SET)[prediction],
        "labelIds": np.where(instances < 1000, instances, instances // 1000).astype(np.uint8),
        "labelTrainIds": truth.astype(np.uint8),
        "instanceIds": instances,
    }
    files = {kind: str(folder / f"{number}_{kind}.png") for kind in pixels}
    for kind, content in pixels.items():
        cv2.imwrite(files[kind], content)
    # MMSegmentation's pipeline and argmax make both int64.
    predicted, true = (torch.from_numpy(m.astype(np.int64)) for m in (prediction, truth))
    return Scene(predicted.to(device), true, torch.from_numpy(instances), files)


def counted(prediction: Tensor, truth: Tensor, instances: Tensor) -> Counts:
    """The suite's counts of one image."""
    return count(
        prediction, truth, InstanceMap(instances, "instances"), LABEL_SET, num_outputs=CLASSES, source="labels"
    )


def areas(scene: Scene) -> tuple[Tensor, ...]:
    """Those of MMSegmentation: intersection, union, predicted and true pixels by class."""
    # `IoUMetric.process` brings the label map to the prediction, too.
    return IoUMetric.intersect_and_union(scene.prediction, scene.truth.to(scene.prediction.device), CLASSES, VOID)


def decoded(scene: Scene) -> list[NDArray[Any]]:
    """Prediction, label map and instance map, from files."""
    kinds = ("prediction", "labelTrainIds", "instanceIds")
    return [cv2.imread(scene.files[kind], cv2.IMREAD_UNCHANGED) for kind in kinds]


def counted_from_files(scene: Scene) -> Counts:
    """The suite's counts of a prediction that was written as label ids."""
    prediction, truth, instances = decoded(scene)
    table_of_ids = np.zeros(256, np.uint8)
    table_of_ids[label_ids(LABEL_SET)[:CLASSES]] = np.arange(CLASSES)
    maps = cv2.LUT(prediction, table_of_ids), truth, instances
    return counted(*map(torch.from_numpy, maps))


class Reference:
    """The computation of `cityscapesscripts` over a few images."""

    def __init__(self) -> None:
        self.settings = SimpleNamespace(**vars(reference.args))
        self.settings.quiet, self.settings.JSONOutput = True, False

    def add(self, scenes: list[Scene]) -> None:
        """Counts all images from files, into nothing."""
        confusion, instances = reference.generateMatrix(self.settings), reference.generateInstanceStats(self.settings)
        for scene in scenes:
            files = scene.files["prediction"], scene.files["labelIds"]
            reference.evaluatePair(*files, confusion, instances, {}, self.settings)

    def scores(self, scenes: list[Scene]) -> dict[str, float]:
        """Its scores of all images, named as in the suite."""
        predictions, truths = ([scene.files[kind] for scene in scenes] for kind in ("prediction", "labelIds"))
        result = reference.evaluateImgLists(predictions, truths, self.settings)
        return {
            "miou": result["averageScoreClasses"],
            "category_miou": result["averageScoreCategories"],
            "iiou": result["averageScoreInstClasses"],
            "category_iiou": result["averageScoreInstCategories"],
        }


def check_equal(scenes: list[Scene]) -> None:
    """Stops where the three do not count the same."""
    images = [counted(scene.prediction, scene.truth, scene.instances) for scene in scenes]
    for scene, image in zip(scenes, images, strict=True):
        labelled = image.confusion[0, :CLASSES]
        right, predicted, true = labelled.diagonal(), labelled.sum(0), labelled.sum(1)
        for ours, theirs in zip((right, predicted + true - right, predicted, true), areas(scene), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        from_files = counted_from_files(scene)
        np.testing.assert_array_equal(image.confusion, from_files.confusion)
        np.testing.assert_array_equal(image.instances.pixels, from_files.instances.pixels)
    values = scores(concatenate(images), loader.protocols()["standard"], LABEL_SET) / 100
    ours = dict(zip(metric_names(LABEL_SET, instances=True), values, strict=True))
    for metric, value in Reference().scores(scenes).items():
        np.testing.assert_allclose(ours[metric], value, rtol=0, atol=1e-12, err_msg=metric)


def measure(scenes: list[Scene], rounds: int, device: torch.device) -> Times:
    """Seconds an image of each way; the device is that of the predictions."""
    evaluator = Reference()
    in_memory = {file: Decoded(file) for scene in scenes for file in scene.files.values()}
    noise = torch.from_numpy(np.random.default_rng(0).integers(0, CLASSES, scenes[0].truth.shape)).to(device)

    def reference_in_memory() -> None:
        opened, reference.Image = reference.Image, SimpleNamespace(open=in_memory.__getitem__)
        try:
            evaluator.add(scenes)
        finally:
            reference.Image = opened

    times = interleaved(
        {
            SUITE: lambda: [counted(s.prediction, s.truth, s.instances) for s in scenes],
            MMSEG: lambda: [areas(s) for s in scenes],
            REFERENCE: reference_in_memory,
            DECODED: lambda: [decoded(s) for s in scenes],
            SUITE_FILES: lambda: [counted_from_files(s) for s in scenes],
            REFERENCE_FILES: lambda: evaluator.add(scenes),
            NOISE: lambda: [counted(noise, s.truth, s.instances) for s in scenes],
        },
        rounds=rounds,
        device=device,
    )
    return {name: [value / len(scenes) for value in values] for name, values in times.items()}


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/metric_cost.json"),
    images: Annotated[int, Option(min=1, help="number of images")] = 3,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 15,
    width: Annotated[int, Option(min=64, help="of an image, in pixels")] = 2048,
    height: Annotated[int, Option(min=32, help="of an image, in pixels")] = 1024,
    device: Annotated[str, Option(help="cpu or cuda: where predictions lie; files are counted on the CPU")] = "cpu",
) -> None:
    """Times counting on one core, or on a GPU: the suite beside MMSegmentation's IoUMetric and cityscapesscripts."""
    place = choose_device(device)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    # cityscapesscripts 2.3 calls it, NumPy 2.4 no longer has it.
    np.in1d = np.isin
    with tempfile.TemporaryDirectory() as folder:
        scenes = [draw(Path(folder), number, width, height, place) for number in range(images)]
        check_equal(scenes)
        times = measure(scenes, rounds, place)
    ratios = {
        f"{over} / {under} ({'at least' if above else 'at most'} {bound:g})": ratio(times, over, under)
        for over, under, bound, above in GOALS
    }
    spread = milliseconds(times)
    print(f"{images} images of {width}x{height}, {rounds} rounds in turns, {place.type}, one core;", end=" ")
    print("all counts and scores equal\n")
    print(table(spread, "milliseconds an image"), table(ratios, "ratio within a round"), sep="\n\n")
    results = {"images": images, "size": [width, height], "rounds": rounds, "ms": spread, "ratios": ratios}
    write_json(out, results, device=place)


if __name__ == "__main__":
    run(main)
