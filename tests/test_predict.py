"""One pass over a split: the same numbers as MMSegmentation, all files or none, one message when something is wrong."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmseg.evaluation import IoUMetric

from data_manifests import evidence_file, loader
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import Evaluation, Prediction
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.overlap import IN_NETWORK
from mmseg_plugins.evaluation.predict import SplitPrediction, predict_split
from mmseg_plugins.evaluation.samples import WIDTH, choose_samples, colored, png
from mmseg_plugins.evaluation.scores import metric_names, scores
from mmseg_plugins.evaluation.split import build_test_split
from mmseg_plugins.networks.network import build_network, load_weights
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from workflow.scripts import predict, score

CLASSES, IMAGES, HEIGHT, WIDTH_OF_IMAGE = 4, 7, 70, 90
LABEL_SET = LabelSet(
    id="shapes",
    source="s",
    classes=[{"name": f"shape {c}", "color": (40 * c, 0, 255)} for c in range(CLASSES)],
    void={"label": 255, "color": (1, 2, 3)},
)
MANIFEST = Dataset(
    id="shapes",
    title="t",
    description="d",
    claim_names=(),
    licence={"name": "n", "url": "u", "terms": "t"},
    citation="c",
    preparation="camvid",
    image_size=(WIDTH_OF_IMAGE, HEIGHT),
    splits={"train": {"images": 1}, "val": {"images": IMAGES}},
    layout={"images": "{split}/*.png", "labels": "{split}annot/*.png"},
    label_set="shapes",
)
PIPELINE = [{"type": "LoadImageFromFile"}, {"type": "LoadAnnotations"}, {"type": "PackSegInputs"}]
HALVED = [PIPELINE[0], {"type": "Resize", "scale": (48, 40)}, *PIPELINE[1:]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Images of noise, and label maps with void and all classes."""
    rng = np.random.default_rng(0)
    for folder in ("val", "valannot"):
        (tmp_path / folder).mkdir()
    for name in (f"image_{i}.png" for i in range(IMAGES)):
        image = rng.integers(0, 256, (HEIGHT, WIDTH_OF_IMAGE, 3), np.uint8)
        cv2.imwrite(str(tmp_path / "val" / name), cv2.GaussianBlur(image, (0, 0), 4) * 3)
        labels = rng.choice([*range(CLASSES), 255], (7, 9)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "valannot" / name), labels.repeat(10, 0).repeat(10, 1))
    return tmp_path


def config(data: Path, **model: Any) -> Config:
    """A small network of MMSegmentation's own on the val split."""
    settings = {
        "default_scope": "mmseg",
        "model": {
            "type": "EncoderDecoder",
            "data_preprocessor": {"type": "SegDataPreProcessor", "mean": [120.0] * 3, "std": [60.0] * 3},
            "backbone": {"type": "ResNet", "depth": 18, "base_channels": 4, "norm_cfg": {"type": "BN"}},
            "decode_head": {
                "type": "FCNHead",
                "in_channels": 16,
                "in_index": 2,
                "channels": 8,
                "num_convs": 1,
                "num_classes": CLASSES,
                "norm_cfg": {"type": "BN"},
                "align_corners": False,
            },
            "test_cfg": {"mode": "whole"},
        },
        "test_dataloader": {
            "dataset": {
                "type": "BaseSegDataset",
                "metainfo": {"classes": [c.name for c in LABEL_SET.classes]},
                "data_root": str(data),
                "data_prefix": {"img_path": "val", "seg_map_path": "valannot"},
                "img_suffix": ".png",
                "pipeline": PIPELINE,
            }
        },
    }
    changed = Config(settings)
    changed.merge_from_dict(model)
    return changed


def network_of(settings: Config) -> Any:
    """Its network with random weights whose predictions vary over the image."""
    torch.manual_seed(1)
    network = build_network(settings)
    torch.nn.init.normal_(network.decode_head.conv_seg.weight, std=1)
    return network


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="whole image"),
        pytest.param({"model.decode_head.num_classes": CLASSES + 1}, id="output for void", marks=pytest.mark.slow),
        pytest.param({"test_dataloader.dataset.pipeline": HALVED}, id="reduced input", marks=pytest.mark.slow),
        pytest.param(
            {"model.data_preprocessor.test_cfg": {"size_divisor": 64}}, id="padded input", marks=pytest.mark.slow
        ),
        pytest.param(
            {"test_dataloader.dataset.pipeline": HALVED, "model.data_preprocessor.test_cfg": {"size_divisor": 32}},
            id="reduced and padded input",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"model.test_cfg": {"mode": "slide", "crop_size": (64, 64), "stride": (40, 40)}},
            id="sliding window",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"model.decode_head.align_corners": True, "test_dataloader.dataset.pipeline": HALVED},
            id="aligned corners",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_numbers_are_those_of_mmsegmentation(data, changes):
    settings = config(data, **changes)
    network = network_of(settings)
    _, dataset = build_test_split(settings, MANIFEST, LABEL_SET)
    result = predict_split(network, dataset, LABEL_SET)
    assert (result.counts.confusion.sum(axis=(0, 1)) > 0).sum() > 1, (
        "the network predicts one class only, so this tests little"
    )

    metric = IoUMetric(ignore_index=255)
    metric.dataset_meta = dataset.metainfo
    network.eval()
    with torch.inference_mode():
        for item in dataset:
            batch = pseudo_collate([item])
            metric.process(batch, [sample.to_dict() for sample in network.test_step(batch)])
    for counts, areas in zip(result.counts.confusion, metric.results, strict=True):
        labelled = counts[:CLASSES]
        true_positives = labelled.diagonal()
        predicted, true = labelled.sum(0)[:CLASSES], labelled.sum(1)
        for ours, theirs in zip(
            (true_positives, predicted + true - true_positives, predicted, true), areas, strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
    theirs = metric.compute_metrics(metric.results)
    names = metric_names(LABEL_SET, instances=False)
    values = dict(zip(names, scores(result.counts, loader.protocols()["standard"], LABEL_SET), strict=True))
    for our_name, their_name in (("miou", "mIoU"), ("pixel_accuracy", "aAcc"), ("class_avg_accuracy", "mAcc")):
        assert values[our_name] == pytest.approx(theirs[their_name], abs=0.0051)


@pytest.mark.usefixtures("two_cores")
def test_two_images_at_once_have_the_numbers_of_one_at_a_time(data, monkeypatch):
    settings = config(data)
    network = network_of(settings)
    _, dataset = build_test_split(settings, MANIFEST, LABEL_SET)

    def predicted(at_once: int) -> SplitPrediction:
        monkeypatch.setitem(IN_NETWORK, "cpu", at_once)
        return predict_split(network, dataset, LABEL_SET)

    together, in_turn = predicted(2), predicted(1)
    assert together.names == in_turn.names
    np.testing.assert_array_equal(together.counts.confusion, in_turn.counts.confusion)


@pytest.fixture
def run(data, monkeypatch):
    """Predicts as the command line does; returns the folder of results."""
    monkeypatch.setattr(loader, "dataset", lambda name: MANIFEST)
    monkeypatch.setattr(loader, "label_set", lambda name: LABEL_SET)
    monkeypatch.setattr("mmseg_plugins.runtime.provenance.dataset_manifest_sha256", lambda name: 64 * "0")

    def predicted(weights: Path | None = None, protocols: list[str] | None = None, **changes: Any) -> Path:
        settings = config(data, **changes)
        (data / "config.json").write_text(json.dumps(settings.to_dict()))
        if weights is None:
            weights = data / "weights.pth"
            save_weights(network_of(settings).state_dict(), weights)
        to = data / "results"
        predict.main(
            data / "config.json", weights, "shapes", "net", "official", to, seed=3, protocol=protocols, device="cpu"
        )
        return data / "results"

    return predicted


def image_iou(counts: np.ndarray) -> float:
    """Of one image, percent, as a loop would add it up."""
    ious = []
    for c in range(len(counts) - 1):
        union = counts[c].sum() + counts[:-1, c].sum() - counts[c, c]
        if union:
            ious.append(counts[c, c] / union)
    return 100 * sum(ious) / len(ious)


def test_a_run_leaves_counts_pictures_and_evidence_that_fit_together(run):
    folder = run()
    assert sorted(p.name for p in folder.iterdir()) == ["confusion.npz", "prediction.json", "samples"]
    record = evidence_file.read(folder / "prediction.json", Prediction)
    assert (record.split, record.images, record.void_predicted) == ("val", IMAGES, False)
    assert record.run.model_dump() == {"model": "net", "dataset": "shapes", "route": "official", "seed": 3}
    assert record.provenance.checkpoint_sha256 == hash_of_file(folder.parent / "weights.pth")
    with np.load(folder / "confusion.npz") as arrays:
        assert arrays["names"].tolist() == [f"image_{i}" for i in range(IMAGES)]
        counts = arrays["single_scale"]
    assert counts.dtype == np.int64
    assert (counts.sum(axis=(1, 2)) == HEIGHT * WIDTH_OF_IMAGE).all()

    ious = np.array([image_iou(each) for each in counts])
    assert [sample.rank for sample in record.samples] == ["best", "median", "worst"]
    assert [sample.iou for sample in record.samples] == pytest.approx([ious.max(), np.median(ious), ious.min()])
    for sample in record.samples:
        assert sample.iou == pytest.approx(ious[int(sample.name[-1])])
        image, truth, prediction = (
            cv2.imread(str(folder / "samples" / file)) for file in (sample.image, sample.truth, sample.prediction)
        )
        assert np.array_equal(image, cv2.imread(str(folder.parent / "val" / f"{sample.name}.png")))
        labels = cv2.imread(str(folder.parent / "valannot" / f"{sample.name}.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(truth[..., ::-1], colored(labels, LABEL_SET))
        right = (truth == prediction).all(axis=2).sum()
        assert right == np.trace(counts[int(sample.name[-1])])


def test_pictures_show_the_part_of_the_image_that_is_scored(run):
    load = {"type": "LoadImageFromFile", "to_float32": True}
    part = [{"type": "CropRows", "start": 10, "stop": 50}, {"type": "ScoreAtInputSize"}]
    folder = run(**{"test_dataloader.dataset.pipeline": [load, PIPELINE[1], *part, PIPELINE[2]]})
    for sample in evidence_file.read(folder / "prediction.json", Prediction).samples:
        image, truth, prediction = (
            cv2.imread(str(folder / "samples" / file)) for file in (sample.image, sample.truth, sample.prediction)
        )
        whole = cv2.imread(str(folder.parent / "val" / f"{sample.name}.png"))
        np.testing.assert_array_equal(image, whole[10:50])
        assert truth.shape == prediction.shape == image.shape


def test_the_same_run_again_gives_the_same_bytes(run):
    first = hash_of_file(run() / "confusion.npz")
    assert hash_of_file(run() / "confusion.npz") == first


def test_scoring_adds_scores_with_intervals_under_each_protocol_that_applies(run):
    folder = run(**{"model.decode_head.num_classes": CLASSES + 1})
    score.main(folder / "prediction.json", folder / "evaluation.json")
    record = evidence_file.read(folder / "evaluation.json", Evaluation)
    assert record.void_predicted
    assert record.provenance == evidence_file.read(folder / "prediction.json", Prediction).provenance
    assert {s.protocol for s in record.scores} == {p.id for p in loader.protocols().values() if p.inference is None}
    for s in record.scores:
        assert s.value is not None
        assert s.interval[0] <= s.value <= s.interval[1]

    folder = run()
    score.main(folder / "prediction.json", folder / "evaluation.json")
    found = {s.protocol for s in evidence_file.read(folder / "evaluation.json", Evaluation).scores}
    assert found == {p.id for p in loader.protocols().values() if p.void != "class" and p.inference is None}


def test_a_protocol_with_an_inference_of_its_own_is_scored_by_its_own_counts(run, data):
    protocol = "ldn_multi_scale_flip"
    folder = run(protocols=[protocol])
    record = evidence_file.read(folder / "prediction.json", Prediction)
    assert record.inference == ("single_scale", protocol)
    with np.load(folder / "confusion.npz") as arrays:
        counts = {rule: Counts(arrays[rule]) for rule in record.inference}
    assert not np.array_equal(*(c.confusion for c in counts.values()))
    np.testing.assert_array_equal(*(c.confusion.sum(axis=2) for c in counts.values()))

    score.main(folder / "prediction.json", folder / "evaluation.json")
    scored = {
        (s.protocol, s.metric): s.value for s in evidence_file.read(folder / "evaluation.json", Evaluation).scores
    }
    for rule, name in (("single_scale", "standard"), (protocol, protocol)):
        miou = scores(counts[rule], loader.protocols()[name], LABEL_SET)[0]
        assert scored[name, "miou"] == pytest.approx(miou, rel=1e-12)
    assert "shelfnet18_lw" not in {name for name, _ in scored}


def test_a_protocol_without_an_inference_of_its_own_cannot_be_asked_for(run):
    with pytest.raises(
        SegReproError, match="--protocol standard: found no inference of its own; expected one of: espnet"
    ):
        run(protocols=["standard"])


def test_scoring_starts_without_the_deep_learning_stack():
    program = "import sys, workflow.scripts.score; assert not {'torch', 'mmengine', 'mmseg', 'cv2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_classes_that_are_not_those_of_the_label_set_are_refused(run):
    folder = run()
    record = evidence_file.read(folder / "prediction.json", Prediction)
    turned = record.model_copy(update={"classes": record.classes[::-1]})
    evidence_file.write(folder / "prediction.json", turned)
    said = r"prediction\.json: classes: found shape 3, .*; expected shape 0, .* label set shapes .*Predict again"
    with pytest.raises(SegReproError, match=said):
        score.main(folder / "prediction.json", folder / "evaluation.json")
    assert not (folder / "evaluation.json").exists()


def test_counts_that_are_not_those_of_the_prediction_are_refused(run):
    folder = run()
    with np.load(folder / "confusion.npz") as arrays:
        np.savez_compressed(folder / "confusion.npz", single_scale=arrays["single_scale"] + 1, names=arrays["names"])
    with pytest.raises(SegReproError, match=r"confusion\.npz: sha256: found .* expected .* Predict again"):
        score.main(folder / "prediction.json", folder / "evaluation.json")
    (folder / "confusion.npz").unlink()
    with pytest.raises(SegReproError, match=r"confusion\.npz: no such file"):
        score.main(folder / "prediction.json", folder / "evaluation.json")
    assert not (folder / "evaluation.json").exists()


def not_a_number(data: Path) -> Path:
    weights = network_of(config(data)).state_dict()
    weights["decode_head.conv_seg.bias"][1] = float("nan")
    save_weights(weights, data / "broken.pth")
    return data / "broken.pth"


def of_another_network(data: Path) -> Path:
    save_weights(network_of(config(data, **{"model.backbone.base_channels": 8})).state_dict(), data / "other.pth")
    return data / "other.pth"


def no_weights(data: Path) -> Path:
    (data / "text.pth").write_text("not a checkpoint")
    return data / "text.pth"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (not_a_number, r"val/image_0\.png: found NaN or infinite logits; expected finite numbers"),
        (of_another_network, r"other\.pth: found weights of another architecture \(.* of another shape: .*backbone\."),
        (no_weights, r"text\.pth: found a file that cannot be read as data"),
        (lambda data: data / "none.pth", r"none\.pth: no such file"),
    ],
)
def test_weights_that_do_not_do_are_refused_and_leave_nothing(run, data, weights, message):
    with pytest.raises(SegReproError, match=message):
        run(weights(data))
    assert not (data / "results").exists()


def test_weights_are_never_run_as_code(run, data):
    class Intruder:
        def __reduce__(self):
            return Path.mkdir, (data / "intruded",)

    torch.save({"state_dict": Intruder()}, data / "code.pth")
    with pytest.raises(SegReproError, match=r"code\.pth: found an object of pathlib\.Path.*; expected tensors"):
        run(data / "code.pth")
    assert not (data / "intruded").exists()


def label_of_another_size(data: Path) -> None:
    cv2.imwrite(str(data / "valannot" / "image_4.png"), np.zeros((HEIGHT, 5), np.uint8))


def foreign_label(data: Path) -> None:
    cv2.imwrite(str(data / "valannot" / "image_4.png"), np.full((HEIGHT, WIDTH_OF_IMAGE), 17, np.uint8))


def broken_image(data: Path) -> None:
    (data / "val" / "image_4.png").write_bytes(b"no picture")


def broken_label(data: Path) -> None:
    (data / "valannot" / "image_4.png").write_bytes((data / "valannot" / "image_4.png").read_bytes()[:60])


def colored_label(data: Path) -> None:
    cv2.imwrite(str(data / "valannot" / "image_4.png"), np.zeros((HEIGHT, WIDTH_OF_IMAGE, 3), np.uint8))


def missing_image(data: Path) -> None:
    (data / "val" / "image_4.png").unlink()


def missing_folder(data: Path) -> None:
    (data / "val").rename(data / "elsewhere")


def empty_folder(data: Path) -> None:
    missing_folder(data)
    (data / "val").mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (label_of_another_size, r"valannot/image_4\.png: size .*: found \(70, 5\); expected .* \(70, 90\)"),
        (foreign_label, r"valannot/image_4\.png: label values: found 17; expected 0 to 3 or 255 \(void\)"),
        (broken_image, r"val/image_4\.png: found a file that cannot be decoded; expected an image"),
        (broken_label, r"valannot/image_4\.png: found a file that cannot be decoded; expected a label map"),
        (colored_label, r"valannot/image_4\.png: found three channels; expected a label map, one channel"),
        (missing_image, r"test_dataloader.dataset: found 6 images; expected 7 in the split val\. Prepare the dataset"),
        (missing_folder, r"found no \S*/val; expected the split val\. Prepare the dataset"),
        (
            empty_folder,
            r"found 0 images in \S*/val with the ending \.png; expected the split val\. Prepare the dataset",
        ),
    ],
)
def test_damaged_data_is_named_and_leaves_nothing(run, data, damage, message):
    damage(data)
    with pytest.raises(SegReproError, match=message):
        run()
    assert not (data / "results").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model.decode_head.num_classes": CLASSES + 2}, "found 6 outputs; expected 4, .*, or one more for void"),
        (
            {"test_dataloader.dataset.pipeline": [PIPELINE[0], PIPELINE[2]]},
            "found no label map; expected LoadAnn",
        ),
        (
            {"test_dataloader.dataset.metainfo.classes": list("abcd")},
            "classes: found a, b, c, d; expected shape 0",
        ),
        ({"test_dataloader.dataset.data_prefix.img_path": "other"}, "found 'other' and ''; expected .* train, val"),
    ],
)
def test_a_config_that_does_not_fit_the_manifest_is_named(run, data, changes, message):
    with pytest.raises(SegReproError, match=message):
        run(**changes)
    assert not (data / "results").exists()


def test_a_list_of_images_that_is_missing_or_empty_is_named_and_leaves_nothing(run, data):
    changes = {"test_dataloader.dataset.ann_file": "val.txt"}
    with pytest.raises(SegReproError, match=r"found no \S*/val\.txt; expected the split val\. Prepare the dataset"):
        run(**changes)
    (data / "val.txt").touch()
    with pytest.raises(SegReproError, match=r"found 0 images in \S*/val\.txt; expected the split val\. Prepare the"):
        run(**changes)
    assert not (data / "results").exists()


def test_scores_that_overflow_are_refused_and_leave_nothing(run, data):
    """Twice 60 is beyond the largest exponent of float32, once is not."""
    weights = network_of(config(data)).state_dict()
    weights["decode_head.conv_seg.weight"].zero_()
    weights["decode_head.conv_seg.bias"].copy_(torch.tensor([60.0, 0, 0, 0]))
    save_weights(weights, data / "large.pth")
    protocol = "shelfnet_voc_single_scale"
    with pytest.raises(SegReproError, match=rf"val/image_0\.png: inference {protocol}: found NaN or infinite scores"):
        run(data / "large.pth", protocols=[protocol])
    assert not (data / "results").exists()
    weights["decode_head.conv_seg.bias"][0] = 40
    save_weights(weights, data / "large.pth")
    run(data / "large.pth", protocols=[protocol])


def test_a_failed_run_leaves_the_earlier_result_as_it_was(run, data):
    folder = run()
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    foreign_label(data)
    with pytest.raises(SegReproError):
        run()
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_a_split_can_be_named_by_an_annotation_file(data):
    settings = config(data)
    (data / "pictures").mkdir()
    (data / "val").rename(data / "pictures" / "all")
    (data / "val.txt").write_text("\n".join(f"image_{i}" for i in range(IMAGES)))
    settings.test_dataloader.dataset.update(ann_file="val.txt")
    settings.test_dataloader.dataset.data_prefix.img_path = "pictures/all"
    split, dataset = build_test_split(settings, MANIFEST, LABEL_SET)
    assert (split, len(dataset)) == ("val", IMAGES)


def test_weights_are_loaded_as_they_were_saved(data):
    saved = network_of(config(data))
    save_weights(saved.state_dict(), data / "weights.pth")
    loaded = build_network(config(data))
    load_weights(loaded, data / "weights.pth")
    for name, value in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


def test_a_config_is_left_as_it_was(data):
    settings = config(data)
    before = copy.deepcopy(settings.to_dict())
    build_network(settings)
    build_test_split(settings, MANIFEST, LABEL_SET)
    assert json.dumps(settings.to_dict(), default=str) == json.dumps(before, default=str)


def matrices(*shares: float) -> Counts:
    """Images of two classes of ten pixels each, of which a share is right."""
    return Counts(np.array([[[10 * s, 10 - 10 * s], [10 - 10 * s, 10 * s], [7, 0]] for s in shares]).astype(np.int64))


@pytest.mark.parametrize(
    ("shares", "chosen"),
    [
        ((0.5,), [(0, "median")]),
        ((0.2, 0.8), [(1, "best"), (0, "worst")]),
        ((0.5, 0.9, 0.1, 0.7, 0.3), [(1, "best"), (0, "median"), (2, "worst")]),
        ((0.9, 0.5, 0.7, 0.1), [(0, "best"), (1, "median"), (3, "worst")]),
        ((0.4, 0.4, 0.4), [(0, "best"), (1, "median"), (2, "worst")]),
    ],
)
def test_samples_are_the_best_the_median_and_the_worst_image(shares, chosen):
    assert [(position, rank) for position, rank, _ in choose_samples(matrices(*shares))] == chosen


def test_an_image_without_a_class_is_no_sample():
    counts = matrices(0.5, 0.9)
    counts.confusion[1, :2] = 0  # all of it is void
    assert [(c.position, c.rank, round(c.iou, 2)) for c in choose_samples(counts)] == [(0, "median", 33.33)]
    counts.confusion[:, :2] = 0
    assert choose_samples(counts) == []


def test_void_is_colored_alike_as_label_and_as_output():
    picture = colored(np.array([[0, 1, CLASSES, 255]], np.uint8), LABEL_SET)
    assert picture.tolist() == [[[0, 0, 255], [40, 0, 255], [1, 2, 3], [1, 2, 3]]]


def test_wide_pictures_are_reduced():
    content = png(np.zeros((1024, 2048, 3), np.uint8), interpolation=cv2.INTER_AREA)
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (WIDTH // 2, WIDTH, 3)
