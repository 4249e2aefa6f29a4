"""Two predictions of one split, and how far apart their mIoU lies."""

from pathlib import Path
from typing import Any

import evidence_factory as make
import numpy as np
import pytest

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Difference, Prediction
from data_manifests.schemas.suite import Report, Suite
from data_manifests.validation import validate
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.counts_file import arrays_of
from mmseg_plugins.evaluation.scores import scores
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from workflow.scripts import compare_accuracy

CAMVID = loader.label_set("camvid")
IMAGES, CLASSES = 12, len(CAMVID.classes)


def confusions(errors: float, *, images: int = IMAGES, void_predicted: bool = False) -> np.ndarray:
    """Counts of a network that errs in this share of each image's pixels; the truth is always the same."""
    truth = np.random.default_rng(0).integers(50, 500, (IMAGES, CLASSES + 1))[:images]
    wrong = np.round(truth * errors * np.random.default_rng(1).uniform(0.5, 1, truth.shape)[:images]).astype(int)
    counted = np.zeros((images, CLASSES + 1, CLASSES + void_predicted), int)
    labels = np.arange(CLASSES + 1)
    counted[:, labels, labels % CLASSES] += truth - wrong
    counted[:, labels, (labels + 1) % CLASSES] += wrong
    return counted


def predicted(folder: Path, model: str, confusion: np.ndarray, *, first: int = 0, **changes: Any) -> Path:
    """What predict.py leaves behind."""
    folder.mkdir()
    names = [f"frame_{first + i}" for i in range(len(confusion))]
    np.savez_compressed(folder / "confusion.npz", **arrays_of(names, {"single_scale": Counts(confusion)}))
    record = Prediction.model_validate(
        {
            "run": {"model": model, "dataset": "camvid", "route": "retrained", "seed": 0},
            "provenance": make.provenance(),
            "split": "test",
            "images": len(confusion),
            "classes": [c.name for c in CAMVID.classes],
            "void_predicted": confusion.shape[2] > CLASSES,
            "confusion_sha256": hash_of_file(folder / "confusion.npz"),
            "samples": [],
        }
        | changes
    )
    evidence_file.write(folder / "prediction.json", record)
    return folder / "prediction.json"


def compared(prediction: Path, baseline: Path, protocol: str = "standard") -> Difference:
    out = prediction.with_name("difference.json")
    compare_accuracy.main("a-against-b", prediction, baseline, protocol, out)
    return evidence_file.read(out, Difference)


def test_difference_is_that_of_the_scores_and_turns_its_sign_with_the_models(tmp_path):
    better, worse = confusions(0.1), confusions(0.3, void_predicted=True)
    first, second = predicted(tmp_path / "a", "net_a", better), predicted(tmp_path / "b", "net_b", worse)
    found, turned = compared(first, second), compared(second, first)
    rules = loader.protocols()["standard"]
    expected = (scores(Counts(better), rules, CAMVID) - scores(Counts(worse), rules, CAMVID))[0]
    assert expected > 5
    assert found.value == pytest.approx(expected) and turned.value == pytest.approx(-expected)
    assert found.interval[0] < found.value < found.interval[1]
    assert turned.interval == pytest.approx((-found.interval[1], -found.interval[0]))
    assert (found.models, found.dataset, found.split, found.images) == (("net_a", "net_b"), "camvid", "test", IMAGES)
    assert found.confusion_sha256 == tuple(hash_of_file(tmp_path / f / "confusion.npz") for f in "ab")


def test_one_image_has_a_difference_and_no_interval(tmp_path):
    paths = [
        predicted(tmp_path / name, name, confusions(errors, images=1)) for name, errors in (("a", 0.1), ("b", 0.3))
    ]
    found = compared(*paths)
    assert found.value > 5 and found.interval is None


@pytest.mark.parametrize(
    ("other", "changes", "said"),
    [
        (confusions(0.3), {"split": "val"}, r"b/prediction\.json: split: found 'val'; expected 'test', as in .*a/pred"),
        (confusions(0.3, images=11), {}, r"b/prediction\.json: images: found 11; expected 12"),
        (
            confusions(0.3),
            {"classes": [c.name for c in CAMVID.classes[::-1]]},
            r"classes: found Bicyclist,.*; expected Sky",
        ),
        (
            confusions(0.3),
            {"first": 1},
            r"b/confusion\.npz: names: found frame_1; expected frame_0, as in .*a/conf",
        ),
        (
            confusions(0.3)[::-1],
            {},
            r"found different ground truth; expected counts of the same images in the same order",
        ),
    ],
)
def test_predictions_of_other_images_are_refused(tmp_path, other, changes, said):
    first = predicted(tmp_path / "a", "net_a", confusions(0.1))
    with pytest.raises(SegReproError, match=said):
        compared(first, predicted(tmp_path / "b", "net_b", other, **changes))
    assert not (tmp_path / "a/difference.json").exists()


def test_protocol_must_be_one_that_both_were_predicted_for(tmp_path):
    first = predicted(tmp_path / "a", "net_a", confusions(0.1, void_predicted=True))
    second = predicted(tmp_path / "b", "net_b", confusions(0.3))
    for protocol, said in (
        ("espnet_authors", r"b/prediction\.json: inference: found single_scale, without an output for void; expected"),
        ("mmseg_tta", r"a/prediction\.json: inference: found single_scale; expected what the protocol 'mmseg_tta'"),
        ("nobodys", r"--protocol: found 'nobodys'; expected one of: .*standard"),
    ):
        with pytest.raises(SegReproError, match=said):
            compared(first, second, protocol)


PAIR = {"id": "a-b", "quantity": "miou", "models": ["net_a", "net_b"]}
RUN_A, RUN_B = {"model": "net_a", "route": "retrained"}, {"model": "net_b", "route": "official", "seeds": [2, 5]}


def report(*runs: dict[str, Any], **comparison: Any) -> Report:
    content = {"title": "t", "dataset": "camvid", "runs": runs, "comparisons": [PAIR | comparison]}
    return validate(content, Report, "config/reports/x.yaml")


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([RUN_A], "one official or retrained run of net_b, which the comparison a-b scores, not none"),
        ([RUN_A, RUN_B | {"route": "untrained"}], "one official or retrained run of net_b.*not none"),
        ([RUN_A, RUN_A | {"route": "official"}, RUN_B], "one official or retrained run of net_a.*not 2"),
    ],
)
def test_both_models_must_be_scored_once_by_the_report(runs, said):
    with pytest.raises(SegReproError, match=said):
        report(*runs)


def test_size_belongs_to_costs_only():
    with pytest.raises(SegReproError, match="the field size for every quantity but parameters and miou"):
        report(RUN_A, RUN_B, size=[512, 256])


def test_difference_is_planned_with_the_stages_that_score_both():
    quick, at_scale = report(RUN_A, RUN_B), report(RUN_A | {"paper_scale": True}, RUN_B)
    assert [run.seeds[0] for run in quick.scored_runs(quick.comparisons[0])] == [0, 2]
    for stages, planned in ((("structure",), (0, 0)), (("accuracy",), (1, 0)), (("accuracy", "training"), (1, 1))):
        suite = Suite(stages=stages, standard_protocol="standard", tolerances=make.suite().tolerances)
        assert tuple(len(suite.comparisons(of)) for of in (quick, at_scale)) == planned
