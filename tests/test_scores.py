"""Scores and intervals as arithmetic on per-image confusion arrays."""

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring import PROTOCOLS, label_set, protocol

from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.bootstrap import intervals
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.scores import applies, metric_names, scores
from tests import reference

VOID = -1


def counts_of(truths, predictions, classes, void_predicted):
    """Per-image counts, pixel by pixel; void is VOID in both lists of pixels."""
    counts = np.zeros((len(truths), classes + 1, classes + void_predicted), np.int64)
    for image, (truth, prediction) in enumerate(zip(truths, predictions, strict=True)):
        for pair in zip(truth, prediction, strict=True):
            counts[(image, *pair)] += 1
    return Counts(counts)


def scores_of_pixels(truth, prediction, classes, categories, rules):
    """The definitions, word by word, for one set of pixels; fractions, NaN where undefined."""
    if rules.void == "ignored":
        kept = [i for i, true in enumerate(truth) if true != VOID]
        truth, prediction = [truth[i] for i in kept], [prediction[i] for i in kept]
    undefined = math.nan if rules.absent == "skipped" else 0.0

    def share(part, whole):
        return sum(part) / sum(whole) if sum(whole) else undefined

    def iou(belongs):
        pairs = [(belongs(t), belongs(p)) for t, p in zip(truth, prediction, strict=True)]
        return share([t and p for t, p in pairs], [t or p for t, p in pairs])

    ious = [iou(lambda label, c=c: label == c) for c in range(classes)]
    accuracies = [
        share([t == p == c for t, p in zip(truth, prediction, strict=True)], [t == c for t in truth])
        for c in range(classes)
    ]
    correct = share([t == p for t, p in zip(truth, prediction, strict=True)], [True for _ in truth])
    by_category = [iou(lambda label, k=k: label != VOID and label % categories == k) for k in range(categories)]
    return [mean(ious), correct, mean(accuracies), *([mean(by_category)] if categories else []), *ious]


def mean(values):
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan


@st.composite
def splits(draw, void_predicted=None):
    """A few small images; classes are often absent."""
    classes = draw(st.integers(2, 6))
    void_predicted = draw(st.booleans()) if void_predicted is None else void_predicted
    true, predicted = st.integers(VOID, classes - 1), st.integers(VOID if void_predicted else 0, classes - 1)
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    truths = [draw(st.lists(true, min_size=n, max_size=n)) for n in sizes]
    predictions = [draw(st.lists(predicted, min_size=n, max_size=n)) for n in sizes]
    return truths, predictions, classes, void_predicted


@settings(deadline=None, derandomize=True)
@given(splits(), st.sampled_from(PROTOCOLS), st.sampled_from([0, 2]))
def test_scores_are_those_of_a_loop_over_the_pixels(split, rules, categories):
    truths, predictions, classes, void_predicted = split
    measured = scores(counts_of(truths, predictions, classes, void_predicted), rules, label_set(classes, categories))
    if rules.average == "dataset":
        expected = scores_of_pixels([*chain(*truths)], [*chain(*predictions)], classes, categories, rules)
    else:
        images = [scores_of_pixels(t, p, classes, categories, rules) for t, p in zip(truths, predictions, strict=True)]
        expected = [mean(column) for column in zip(*images, strict=True)]
    np.testing.assert_allclose(measured, 100 * np.array(expected), rtol=1e-12)


@settings(deadline=None, derandomize=True)
@given(splits(), st.sampled_from(PROTOCOLS))
def test_scores_are_percentages_and_intervals_enclose_a_part_of_them(split, rules):
    truths, predictions, classes, void_predicted = split
    counts, names = counts_of(truths, predictions, classes, void_predicted), label_set(classes)
    values, ends = scores(counts, rules, names), intervals(counts, rules, names)
    for numbers in (values, ends):
        defined = numbers[~np.isnan(numbers)]
        assert ((defined >= 0) & (defined <= 100)).all()
    assert not (ends[:, 0] > ends[:, 1]).any()


@settings(deadline=None, derandomize=True)
@given(splits(), st.sampled_from(PROTOCOLS), st.randoms())
def test_the_order_of_the_images_does_not_matter(split, rules, random):
    truths, predictions, classes, void_predicted = split
    counts = counts_of(truths, predictions, classes, void_predicted)
    order = random.sample(range(len(truths)), len(truths))
    names = label_set(classes)
    np.testing.assert_allclose(
        scores(Counts(counts.confusion[order]), rules, names), scores(counts, rules, names), rtol=1e-12
    )


@settings(deadline=None, derandomize=True)
@given(splits(), st.sampled_from([p for p in PROTOCOLS if p.void == "ignored"]))
def test_what_is_predicted_on_void_does_not_matter_where_void_is_ignored(split, rules):
    truths, predictions, classes, void_predicted = split
    counts, names = counts_of(truths, predictions, classes, void_predicted), label_set(classes)
    without = counts.confusion.copy()
    without[:, -1] = 0
    np.testing.assert_array_equal(scores(Counts(without), rules, names), scores(counts, rules, names))


@settings(deadline=None, derandomize=True)
@given(splits(void_predicted=True))
def test_void_as_a_class_lowers_iou_and_leaves_class_accuracy(split):
    truths, predictions, classes, _ = split
    counts, names = counts_of(truths, predictions, classes, True), label_set(classes)
    ignored = dict(
        zip(metric_names(names, instances=False), scores(counts, protocol(absent="zero"), names), strict=True)
    )
    as_class = dict(
        zip(
            metric_names(names, instances=False),
            scores(counts, protocol(absent="zero", void="class"), names),
            strict=True,
        )
    )
    assert as_class["miou"] <= ignored["miou"]
    assert as_class["class_avg_accuracy"] == ignored["class_avg_accuracy"]


def test_a_small_example_by_hand():
    # Two classes and void; truth by rows, prediction by columns.
    counts = Counts(np.array([[[6, 2, 0], [1, 3, 0], [4, 0, 5]]]))
    names = label_set(2)
    ignored = scores(counts, loader.protocols()["standard"], names)
    np.testing.assert_allclose(ignored, [(600 / 9 + 300 / 6) / 2, 900 / 12, (75 + 75) / 2, 600 / 9, 300 / 6])
    as_class = scores(counts, loader.protocols()["espnet_authors"], names)
    np.testing.assert_allclose(as_class, [(600 / 13 + 300 / 6) / 2, 1400 / 21, (75 + 75) / 2, 600 / 13, 300 / 6])


def test_a_labelled_pixel_predicted_as_void_is_wrong_under_both_void_rules():
    counts = Counts(np.array([[[1, 0, 1], [0, 2, 0], [0, 0, 0]]]))
    for rules in PROTOCOLS:
        np.testing.assert_allclose(scores(counts, rules, label_set(2)), [75, 75, 75, 50, 100])


def test_an_absent_class_is_skipped_or_zero():
    counts = Counts(np.array([[[2, 0], [0, 0], [0, 0]]]))
    names = label_set(2)
    np.testing.assert_array_equal(scores(counts, protocol(absent="skipped"), names), [100, 100, 100, 100, np.nan])
    np.testing.assert_array_equal(scores(counts, protocol(absent="zero"), names), [50, 100, 50, 100, 0])


def test_metrics_are_named_as_in_the_claims():
    names = LabelSet(
        id="two",
        source="s",
        classes=[
            {"name": "traffic light", "color": (0, 0, 0), "category": "object"},
            {"name": "Sky", "color": (0, 0, 0), "category": "sky"},
        ],
        void={"label": 255, "color": (0, 0, 0)},
    )
    assert metric_names(names, instances=False) == (
        "miou",
        "pixel_accuracy",
        "class_avg_accuracy",
        "category_miou",
        "class_iou.traffic_light",
        "class_iou.sky",
    )
    assert "category_miou" not in metric_names(label_set(2), instances=False)


def test_void_is_a_class_only_for_a_network_that_predicts_it():
    assert applies(protocol(), void_predicted=False)
    assert applies(protocol(void="class"), void_predicted=True)
    assert not applies(protocol(void="class"), void_predicted=False)


def test_scores_equal_those_of_espnets_authors():
    expected = reference.arrays("protocol_espnet")
    classes = 20
    batches = [
        [np.where(batch == 255, VOID, batch.astype(int)).flatten() for batch in expected[f"iou_{kind}"]]
        for kind in ("gt", "pred")
    ]
    counts, names = counts_of(*batches, classes, False), label_set(classes)
    dataset_level = scores(counts, protocol(), names)
    np.testing.assert_allclose(dataset_level[3:], 100 * expected["iou_dataset_level_iou_for_comparison"], rtol=1e-12)
    assert dataset_level[0] == pytest.approx(100 * expected["iou_dataset_level_miou_for_comparison"], rel=1e-12)
    # Their training code averages over batches and divides by one batch too many.
    per_batch = scores(counts, protocol(average="image", absent="zero"), names) * 3 / 4
    np.testing.assert_allclose(per_batch[3:], 100 * expected["iou_per_class_iou"], rtol=1e-6)
    assert per_batch[0] == pytest.approx(100 * expected["iou_miou"], rel=1e-6)
    assert per_batch[1] == pytest.approx(100 * expected["iou_overall_acc"], rel=1e-6)
    assert per_batch[2] == pytest.approx(100 * expected["iou_per_class_acc"].mean(), rel=1e-6)


def of_maps(truths, predictions, classes):
    """Counts of images, each a map of train ids; everything else in the truth is void."""
    truths = [np.where((t >= 0) & (t < classes), t.astype(int), VOID).flatten() for t in truths]
    return counts_of(truths, [p.astype(int).flatten() for p in predictions], classes, False)


def under(protocol, counts, classes):
    names = label_set(classes)
    values = scores(counts, loader.protocols()[protocol], names)
    return dict(zip(metric_names(names, instances=False), values, strict=True))


@pytest.mark.parametrize("protocol", ["standard", "ldn_multi_scale", "ldn_multi_scale_flip"])
def test_scores_equal_those_of_ldns_authors(protocol):
    expected = reference.arrays("protocol_ldn")
    counts = of_maps([expected["cm_true"]], [expected["cm_pred"]], 19)
    np.testing.assert_array_equal(counts.confusion[0, :19].T, expected["cm_matrix_rows_pred_cols_true"])
    found = under(protocol, counts, 19)
    assert found["miou"] == pytest.approx(expected["cm_miou"], rel=1e-12)
    assert found["pixel_accuracy"] == pytest.approx(expected["cm_pixel_acc"], rel=1e-12)
    np.testing.assert_allclose([found[f"class_iou.class_{c}"] for c in range(19)], expected["cm_class_iou"], rtol=1e-12)


@pytest.mark.parametrize("family", ["lw18", "lw34"])
def test_scores_equal_those_of_lightweight_shelfnets_authors(family):
    expected = reference.arrays(f"protocol_shelfnet_{family}")
    counts = of_maps(expected["hist_label"], expected["hist_pred"], 19)
    np.testing.assert_array_equal(counts.confusion[:, :19].sum(axis=0).T, expected["hist"])
    protocol = {"lw18": "shelfnet18_lw", "lw34": "shelfnet34_lw"}[family]
    assert under(protocol, counts, 19)["miou"] == pytest.approx(100 * expected["hist_miou"], rel=1e-12)


@pytest.mark.parametrize("data", ["cityscapes", "voc"])
def test_scores_equal_those_of_shelfnets_authors(data):
    expected = reference.arrays("protocol_shelfnet_orig")
    counts = of_maps(expected["loss_target"], expected["loss_pred"].argmax(axis=1), 21)
    found = under(f"shelfnet_{data}", counts, 21)
    assert found["miou"] == pytest.approx(100 * expected["m_miou"], rel=1e-12)
    assert found["pixel_accuracy"] == pytest.approx(100 * expected["m_pixacc"], rel=1e-12)
    # A class that neither occurs nor is predicted counts as 0 there, of which the fixture has none.
    absent = Counts(np.array([[[2, 0], [0, 0], [0, 0]]]))
    assert under(f"shelfnet_{data}", absent, 2)["miou"] == 50


def test_scores_equal_those_of_fcns_authors():
    expected = reference.arrays("protocol_fcn")
    counts = of_maps(expected["m_gt"], expected["m_pred"], 21)
    np.testing.assert_array_equal(counts.confusion[:, :21].sum(axis=0), expected["m_hist"])
    found = under("standard", counts, 21)
    for ours, theirs in (("miou", "miou"), ("pixel_accuracy", "overall"), ("class_avg_accuracy", "mean_acc")):
        assert found[ours] == pytest.approx(100 * expected[f"m_{theirs}"], rel=1e-12)


def test_scores_equal_those_of_the_ladders_authors_of_2017():
    expected = reference.arrays("protocol_ladder2017")
    counts = of_maps(expected["metric_gt"], expected["metric_pred"], 5)
    np.testing.assert_array_equal(counts.confusion[:, :5].sum(axis=0).T, expected["metric_confusion_rows_pred_cols_gt"])
    found = under("standard", counts, 5)
    assert found["miou"] == pytest.approx(expected["metric_miou_percent"], rel=1e-12)
    assert found["pixel_accuracy"] == pytest.approx(expected["metric_pixel_acc_percent"], rel=1e-12)
