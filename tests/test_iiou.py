"""iIoU and its relatives against the reference, `cityscapesscripts`."""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling as reference  # noqa: N813
import cv2
import numpy as np
import pytest
import torch
from cityscapesscripts.helpers.labels import category2labels, id2label
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mmengine.config import Config
from scoring import PROTOCOLS, label_set

from data_manifests import evidence_file, loader
from data_manifests.schemas.dataset import Layout, Split
from data_manifests.schemas.evidence import Evaluation, Prediction
from mmseg_plugins.evaluation import counts_file
from mmseg_plugins.evaluation.bootstrap import intervals
from mmseg_plugins.evaluation.cityscapes_ids import label_ids, train_ids
from mmseg_plugins.evaluation.confusion import InstanceMap, count
from mmseg_plugins.evaluation.counts import Counts, InstanceCounts, concatenate
from mmseg_plugins.evaluation.scores import metric_names, scores
from mmseg_plugins.evaluation.split import instance_files
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from tests import evidence_factory as make
from workflow.scripts import predict, score

CITYSCAPES = loader.label_set("cityscapes")
NAMES = metric_names(CITYSCAPES, instances=True)
STANDARD = loader.protocols()["standard"]
EVALUATED = [label for label in id2label.values() if label.id >= 0 and not label.ignoreInEval]
VOID_OUTPUT = len(CITYSCAPES.classes)
# Values of instance maps: classes, void, groups, and instances, some of them of void.
STUFF, VOIDS = [7, 8, 11, 13, 17, 22, 23], [0, 1, 3, 4, 6, 29, 30]
GROUPS = [24, 25, 26, 27, 28, 31, 32, 33]
INSTANCES = [1000 * label + number for label in (*GROUPS, 29, 30) for number in (0, 1, 999)]


@pytest.fixture(autouse=True)
def _with_a_function_that_numpy_has_removed(monkeypatch):
    # cityscapesscripts 2.3 still calls it.
    monkeypatch.setattr(np, "in1d", np.isin, raising=False)


def scene(seed: int, height: int, width: int, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """An instance map and a prediction of train ids and void.

    A few kinds of things lie over each other in blocks of all sizes, down to one pixel, so that instances touch, come
    in parts, and classes are missing.
    """
    rng = np.random.default_rng(seed)
    values = rng.choice([*STUFF, *VOIDS, *GROUPS, *INSTANCES, *INSTANCES], kinds)
    instances = np.full((height, width), rng.choice(values), np.uint16)
    for value in rng.choice(values, 3 * kinds):
        top, left = rng.integers(0, height), rng.integers(0, width)
        down, right = rng.integers(1, [max(2, height // 2), max(2, width // 2)])
        instances[top : top + down, left : left + right] = value
    prediction = np.where(train_ids(CITYSCAPES)[instances] == 255, 0, train_ids(CITYSCAPES)[instances])
    wrong = rng.random((height, width)) < rng.choice([0, 0.3, 1])
    prediction[wrong] = rng.choice(rng.integers(0, VOID_OUTPUT + 1, 4), wrong.sum())
    return instances, prediction


def counts_of(scenes: list[tuple[np.ndarray, np.ndarray]]) -> Counts:
    return concatenate(
        [
            count(
                torch.from_numpy(prediction),
                torch.from_numpy(train_ids(CITYSCAPES)[instances]),
                InstanceMap(torch.from_numpy(instances), "instances.png"),
                CITYSCAPES,
                num_outputs=VOID_OUTPUT + 1,
                source="labels.png",
            )
            for instances, prediction in scenes
        ]
    )


def write_pngs(folder: Path, scenes: list[tuple[np.ndarray, np.ndarray]]) -> list[list[str]]:
    """Files as the reference expects them; predictions and label maps."""
    files: list[list[str]] = [[], []]
    for number, (instances, prediction) in enumerate(scenes):
        truth = np.where(instances < 1000, instances, instances // 1000).astype(np.uint8)
        written = {"pred": label_ids(CITYSCAPES)[prediction], "labelIds": truth, "instanceIds": instances}
        paths = {kind: str(folder / f"{number}_{kind}.png") for kind in written}
        for kind, pixels in written.items():
            cv2.imwrite(paths[kind], pixels)
        for listed, kind in zip(files, ("pred", "labelIds"), strict=True):
            listed.append(paths[kind])
    return files


def scores_of_reference(folder: Path, scenes: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    settings = SimpleNamespace(
        evalInstLevelScore=True, evalPixelAccuracy=False, quiet=True, JSONOutput=False, normalized=True
    )
    settings.avgClassSize = reference.args.avgClassSize
    result = reference.evaluateImgLists(*write_pngs(folder, scenes), settings)
    confusion = np.array(result["confMatrix"], np.uint64)
    accuracies = {
        label.id: reference.getMatrixFieldValue(confusion, label.id, label.id, settings) for label in EVALUATED
    }
    priors = {label.id: reference.getPrior(label.id, confusion) for label in EVALUATED}
    present = sum(priors.values())
    right = sum(priors[i] * accuracies[i] for i in priors if priors[i])
    return named_as_ours(result) | {
        "pixel_accuracy": right / present if present else math.nan,
        "class_avg_accuracy": reference.getScoreAverage(accuracies, settings),
    }


def named_as_ours(result: dict) -> dict[str, float]:
    return {
        "miou": result["averageScoreClasses"],
        "category_miou": result["averageScoreCategories"],
        "iiou": result["averageScoreInstClasses"],
        "category_iiou": result["averageScoreInstCategories"],
        **{f"class_iou.{c.name.replace(' ', '_')}": result["classScores"][c.name] for c in CITYSCAPES.classes},
        **{f"class_iiou.{c.name}": result["classInstScores"][c.name] for c in CITYSCAPES.classes if c.instances},
    }


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3, unique=True),
    st.integers(1, 24),
    st.integers(1, 24),
    st.integers(1, 12),
)
@example([0], 1, 1, 1)
def test_every_score_is_that_of_the_reference(tmp_path_factory, seeds, height, width, kinds):
    scenes = [scene(seed, height, width, kinds) for seed in seeds]
    expected = scores_of_reference(tmp_path_factory.mktemp("scenes"), scenes)
    measured = dict(zip(NAMES, scores(counts_of(scenes), STANDARD, CITYSCAPES), strict=True))
    assert measured.keys() == expected.keys()
    for metric, value in expected.items():
        np.testing.assert_allclose(measured[metric] / 100, value, rtol=0, atol=1e-12, err_msg=metric)


def test_the_scenes_hold_what_is_hard():
    scenes = [scene(seed, 24, 24, 8) for seed in range(200)]
    values, sizes = zip(*(np.unique(instances, return_counts=True) for instances, _ in scenes), strict=True)
    one_pixel = [(v[s == 1] >= 1000).any() for v, s in zip(values, sizes, strict=True)]
    neighbours = [
        ((i[:, 1:] != i[:, :-1]) & (i[:, 1:] // 1000 == i[:, :-1] // 1000) & (i[:, 1:] >= 1000)).any()
        for i, _ in scenes
    ]
    assert sum(one_pixel) > 5
    assert sum(neighbours) > 5
    assert sum(np.isin(v, GROUPS).any() for v in values) > 50
    assert sum(not np.isin(v // 1000, GROUPS).any() for v in values) > 1
    assert sum((p == VOID_OUTPUT).any() for _, p in scenes) > 20


def test_a_small_example_by_hand():
    # A person of one pixel that is found, one of three that is missed, a group, and a road taken for a person.
    instances = np.array([[24000, 24001, 24001, 24001, 24, 7]], np.uint16)
    prediction = np.array([[11, 0, 0, 12, 11, 11]])
    measured = dict(zip(NAMES, scores(counts_of([(instances, prediction)]), STANDARD, CITYSCAPES), strict=True))
    size = reference.args.avgClassSize["person"]
    assert measured["class_iiou.person"] == pytest.approx(100 * size / (2 * size + 1), rel=1e-12)
    # A rider is as human as a person; what is a person for the rider is missed.
    assert measured["category_iiou"] == pytest.approx(100 * (size + size / 3) / (2 * size + 1), rel=1e-12)
    assert measured["class_iou.person"] == pytest.approx(100 * 2 / 6, rel=1e-12)
    # One pixel of a rider is predicted where none is, and no instance of one is there to find.
    assert measured["class_iiou.rider"] == 0
    assert math.isnan(measured["class_iiou.car"])
    assert measured["iiou"] == pytest.approx(measured["class_iiou.person"] / 2, rel=1e-12)


def test_perfect_predictions_score_100_and_no_more():
    """A hair above would be no percentage, and evidence would refuse it."""
    scenes = [
        (instances, np.where(t == 255, 0, t))
        for instances, t in ((i, train_ids(CITYSCAPES)[i]) for i, _ in (scene(seed, 48, 64, 30) for seed in range(20)))
    ]
    counts = counts_of(scenes)
    for numbers in (scores(counts, STANDARD, CITYSCAPES), intervals(counts, STANDARD, CITYSCAPES)):
        assert set(np.unique(numbers[~np.isnan(numbers)])) == {100}


@pytest.mark.parametrize("rules", PROTOCOLS, ids=lambda p: f"{p.void}-{p.average}-{p.absent}")
def test_other_rules_hold_for_iiou_as_for_iou(rules):
    scenes = [scene(seed, 24, 24, 12) for seed in range(6)]
    measured = dict(zip(NAMES, scores(counts_of(scenes), rules, CITYSCAPES), strict=True))
    if rules.average == "image":
        alone = [scores(counts_of([one]), rules, CITYSCAPES)[NAMES.index("iiou")] for one in scenes]
        assert measured["iiou"] == pytest.approx(np.nanmean(alone), rel=1e-12)
    else:
        standard = dict(zip(NAMES, scores(counts_of(scenes), STANDARD, CITYSCAPES), strict=True))
        per_class = np.array([measured[name] for name in NAMES if name.startswith("class_iiou.")])
        assert measured["iiou"] == pytest.approx(np.nanmean(per_class), rel=1e-12)
        assert (rules.void == "class") == (measured["class_iiou.person"] < standard["class_iiou.person"])


def test_metrics_are_named_for_classes_and_categories_that_have_instances():
    with_instances = [c.name for c in CITYSCAPES.classes if c.instances]
    assert [c for c, of in category2labels.items() if all(label.hasInstances for label in of if label.id >= 0)] == [
        "human",
        "vehicle",
    ]
    assert set(NAMES) - set(metric_names(CITYSCAPES, instances=False)) == {
        "iiou",
        "category_iiou",
        *(f"class_iiou.{name}" for name in with_instances),
    }
    assert metric_names(label_set(3), instances=True) == metric_names(label_set(3), instances=False)


# Through the programs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three images in the layout of Cityscapes."""
    for number, city in enumerate(("aachen", "aachen", "zurich")):
        name = f"{city}_{number:06d}_000019"
        instances, _ = scene(number, 64, 96, 12)
        files = {
            "leftImg8bit/val/{}/{}_leftImg8bit.png": np.random.default_rng(number).integers(0, 256, (64, 96, 3)),
            "gtFine/val/{}/{}_gtFine_instanceIds.png": instances,
            "gtFine/val/{}/{}_gtFine_labelIds.png": np.where(instances < 1000, instances, instances // 1000),
            "gtFine/val/{}/{}_gtFine_labelTrainIds.png": train_ids(CITYSCAPES)[instances],
        }
        for pattern, pixels in files.items():
            file = tmp_path / pattern.format(city, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            dtype = np.uint16 if "instanceIds" in pattern else np.uint8
            file.write_bytes(cv2.imencode(".png", pixels.astype(dtype))[1].tobytes())
    return tmp_path


MANIFEST = loader.dataset("synthcity").model_copy(update={"splits": {"val": Split(images=3)}})
CONFIG = {
    "default_scope": "mmseg",
    "model": {
        "type": "EncoderDecoder",
        "data_preprocessor": {"type": "SegDataPreProcessor", "mean": [120.0] * 3, "std": [60.0] * 3},
        "backbone": {"type": "ResNet", "depth": 18, "base_channels": 4, "norm_cfg": {"type": "BN"}},
        "decode_head": {
            "type": "FCNHead",
            "in_channels": 4,
            "in_index": 0,
            "channels": 8,
            "num_convs": 1,
            "num_classes": VOID_OUTPUT + 1,
            "norm_cfg": {"type": "BN"},
            "align_corners": False,
        },
        "test_cfg": {"mode": "whole"},
    },
}


@pytest.fixture
def run(data, monkeypatch):
    """Predicts and exports as the command line does; returns the folder of results."""
    monkeypatch.setattr(loader, "dataset", lambda name: MANIFEST)

    def predicted(prefix: str = "gtFine/val", protocol: list[str] | None = None) -> Path:
        config = CONFIG | {
            "test_dataloader": {
                "dataset": {
                    "type": "CityscapesDataset",
                    "data_root": str(data),
                    "data_prefix": {"img_path": "leftImg8bit/val", "seg_map_path": prefix},
                    "pipeline": [{"type": "LoadImageFromFile"}, {"type": "LoadAnnotations"}, {"type": "PackSegInputs"}],
                }
            }
        }
        (data / "config.json").write_text(json.dumps(config))
        torch.manual_seed(1)
        network = build_network(Config(config))
        torch.nn.init.normal_(network.decode_head.conv_seg.weight, std=1)
        save_weights(network.state_dict(), data / "weights.pth")
        out = data / "results"
        predict.main(
            data / "config.json",
            data / "weights.pth",
            "synthcity",
            "net",
            "official",
            out,
            protocol=protocol,
            device="cpu",
            label_ids=data / "predictions",
        )
        return out

    return predicted


def test_the_evaluation_of_exported_predictions_by_the_reference_gives_our_scores(run, data):
    folder = run()
    score.main(folder / "prediction.json", folder / "evaluation.json")
    record = evidence_file.read(folder / "evaluation.json", Evaluation)
    ours = {s.metric: s for s in record.scores if s.protocol == "standard"}
    assert record.instances == sum(
        len([v for v in np.unique(cv2.imread(str(p), -1)) if v >= 24000 and v // 1000 not in (29, 30)])
        for p in data.glob("gtFine/val/*/*instanceIds.png")
    )

    program = (
        "import runpy, numpy; numpy.in1d = numpy.isin; "
        "runpy.run_module('cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling', run_name='__main__')"
    )
    folders = {"DATASET": data, "RESULTS": data / "predictions", "EXPORT_DIR": data}
    environment = os.environ | {f"CITYSCAPES_{name}": str(path) for name, path in folders.items()}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, capture_output=True)
    theirs = named_as_ours(json.loads((data / "resultPixelLevelSemanticLabeling.json").read_text()))
    assert theirs.keys() | {"pixel_accuracy", "class_avg_accuracy"} == ours.keys()
    for metric, value in theirs.items():
        assert (ours[metric].value is None) == math.isnan(value)
        if not math.isnan(value):
            assert ours[metric].value / 100 == pytest.approx(value, abs=1e-12)
            assert ours[metric].interval[0] <= ours[metric].value <= ours[metric].interval[1]
    assert ours["iiou"].value > 0


def test_counts_of_instances_are_kept_beside_the_confusion_arrays(run):
    folder = run()
    record = evidence_file.read(folder / "prediction.json", Prediction)
    with np.load(folder / "confusion.npz") as arrays:
        of_instances = ("instance_images", "instance_classes", "single_scale.instance_pixels")
        assert set(arrays) == {"single_scale", "names", *of_instances}
        instances = InstanceCounts(*(arrays[name] for name in of_instances))
        assert instances.pixels.shape == (record.instances, VOID_OUTPUT + 1)
        assert {array.dtype for array in vars(instances).values()} == {np.dtype(np.int64)}
        # Their pixels are pixels of their classes.
        for image, confusion in enumerate(arrays["single_scale"]):
            for train_id, row in enumerate(confusion[:-1]):
                mine = (instances.images == image) & (instances.classes == train_id)
                assert (instances.pixels[mine].sum(axis=0) <= row).all()


def test_each_inference_rule_keeps_its_own_pixels_of_the_instances(run):
    protocol = "mmseg_tta"
    folder = run(protocol=[protocol])
    record = evidence_file.read(folder / "prediction.json", Prediction)
    assert record.inference == ("single_scale", protocol)
    with np.load(folder / "confusion.npz") as arrays:
        single, several = (counts_file.counts_of(arrays, rule) for rule in record.inference)
    # What is predicted differs; the instances and their sizes are the same.
    assert not np.array_equal(single.instances.pixels, several.instances.pixels)
    np.testing.assert_array_equal(single.instances.pixels.sum(axis=1), several.instances.pixels.sum(axis=1))
    np.testing.assert_array_equal(single.instances.images, several.instances.images)


def an_instance_map(data: Path) -> Path:
    return next(data.glob("gtFine/val/aachen/aachen_000001_*_instanceIds.png"))


def missing(data: Path) -> None:
    an_instance_map(data).unlink()


def undecodable(data: Path) -> None:
    an_instance_map(data).write_bytes(an_instance_map(data).read_bytes()[:60])


def of_8_bits(data: Path) -> None:
    cv2.imwrite(str(an_instance_map(data)), np.zeros((64, 96), np.uint8))


def of_another_size(data: Path) -> None:
    cv2.imwrite(str(an_instance_map(data)), np.zeros((64, 5), np.uint16))


def of_another_image(data: Path) -> None:
    cv2.imwrite(str(an_instance_map(data)), scene(7, 64, 96, 12)[0])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (missing, r"no such file, and 0 more; expected an instance map for each label map"),
        (undecodable, r"found no image; expected an instance map, one channel of uint16"),
        (of_8_bits, r"found height, width, channels \(64, 96\) of uint8; expected an instance map"),
        (of_another_size, r"size .*: found \(64, 5\); expected .* \(64, 96\)"),
        (
            of_another_image,
            r"found \d+, which is class \d+, where the label map .*_gtFine_labelTrainIds\.png has class",
        ),
    ],
)
def test_a_damaged_instance_map_is_named_and_leaves_nothing(run, data, damage, message):
    damage(data)
    with pytest.raises(SegReproError, match=rf"aachen_000001_000019_gtFine_instanceIds\.png: {message}"):
        run()
    assert not any((data / name).exists() for name in ("results", "predictions", "predictions.partial"))


def test_label_maps_outside_the_layout_are_named(run, data):
    (data / "gtFine/val").rename(data / "other")
    with pytest.raises(SegReproError, match=r"other/aachen/.*: found a label map outside the layout; expected gtFine/"):
        run("other")


def test_a_layout_without_instance_maps_has_none():
    assert instance_files([], MANIFEST.layout.model_copy(update={"instances": None}), "val") is None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("gtFine/val/*/*_instanceIds.png", "pattern of the instances has no {split}"),
        ("gtFine/{split}/*_instanceIds.png", "the patterns need the same number of *"),
    ],
)
def test_the_pattern_of_instance_maps_fits_that_of_the_images(pattern, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Layout(**MANIFEST.layout.model_dump() | {"instances": pattern})


def test_counts_without_the_instances_that_the_prediction_speaks_of_are_refused(run):
    folder = run()
    with np.load(folder / "confusion.npz") as arrays:
        np.savez_compressed(folder / "confusion.npz", single_scale=arrays["single_scale"], names=arrays["names"])
    record = json.loads((folder / "prediction.json").read_text())
    record["confusion_sha256"] = hash_of_file(folder / "confusion.npz")
    make.write_content(folder / "prediction.json", record)
    with pytest.raises(SegReproError, match=r"confusion\.npz: arrays: found the shapes .* expected .*instance_pixels"):
        score.main(folder / "prediction.json", folder / "evaluation.json")
    assert not (folder / "evaluation.json").exists()
