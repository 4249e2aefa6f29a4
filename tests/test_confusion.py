"""Counts of one image: its confusion matrix and its instances."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmseg.evaluation import IoUMetric

from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation import confusion
from mmseg_plugins.evaluation.confusion import InstanceMap
from segrepro.errors import SegReproError

VOID = 255
CITYSCAPES = loader.label_set("cityscapes")
ROAD, PERSON, CAR = (
    next(i for i, c in enumerate(CITYSCAPES.classes) if c.name == n) for n in ("road", "person", "car")
)
ROAD_ID, PERSON_ID, CAR_ID, TRAILER_ID = 7, 24, 26, 30


@pytest.fixture(params=["runs", "pixels"], scope="module", autouse=True)
def counting(request):
    """Everything twice: as on the CPU, by runs of pixels, and as on a GPU, pixel by pixel."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pixels":
            patch.setattr(confusion, "_runs", confusion._pixels)
        yield


def label_set(classes: int, void: int = VOID) -> LabelSet:
    return LabelSet(
        id="made-up",
        source="s",
        classes=[{"name": f"class {c}", "color": (0, 0, 0)} for c in range(classes)],
        void={"label": void, "color": (0, 0, 0)},
    )


@st.composite
def maps(draw):
    """Classes, outputs, and a random (prediction, truth) of a random size; truth may be void."""
    classes = draw(st.integers(2, 150))
    outputs = classes + draw(st.integers(0, 1))
    height, width, seed = draw(st.integers(1, 12)), draw(st.integers(1, 12)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    prediction = rng.integers(0, outputs, (height, width))
    truth = rng.choice([*range(classes), VOID], (height, width))
    return classes, outputs, torch.from_numpy(prediction), torch.from_numpy(truth)


def count(prediction, truth, classes, outputs, void_label=VOID):
    return confusion.count(
        prediction, truth, None, label_set(classes, void_label), num_outputs=outputs, source="labels/a.png"
    )


@settings(deadline=None, derandomize=True)
@given(maps())
def test_counts_are_those_of_a_loop_over_the_pixels(drawn):
    classes, outputs, prediction, truth = drawn
    expected = np.zeros((classes + 1, outputs), np.int64)
    for true, predicted in zip(truth.flatten().tolist(), prediction.flatten().tolist(), strict=True):
        expected[classes if true == VOID else true, predicted] += 1
    counts = count(prediction, truth, classes, outputs)
    assert counts.confusion.dtype == np.int64
    np.testing.assert_array_equal(counts.confusion, expected[None])
    assert counts.instances is None


@settings(deadline=None, derandomize=True)
@given(maps())
def test_areas_are_those_of_mmsegmentation(drawn):
    classes, outputs, prediction, truth = drawn
    intersect, union, predicted, true = IoUMetric.intersect_and_union(prediction, truth, classes, ignore_index=VOID)
    counts = count(prediction, truth, classes, outputs).confusion[0, :classes]
    true_positives = counts.diagonal()
    np.testing.assert_array_equal(intersect, true_positives)
    np.testing.assert_array_equal(predicted, counts.sum(0)[:classes])
    np.testing.assert_array_equal(true, counts.sum(1))
    np.testing.assert_array_equal(union, counts.sum(0)[:classes] + counts.sum(1) - true_positives)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.int64])
def test_any_integer_dtype_gives_the_same_counts(dtype):
    prediction, truth = torch.tensor([[0, 1, 2, 2]]), torch.tensor([[0, 1, 1, 11]])
    expected = count(prediction, truth, 11, 12, void_label=11).confusion
    np.testing.assert_array_equal(
        count(prediction.to(dtype), truth.to(dtype), 11, 12, void_label=11).confusion, expected
    )
    assert expected[0, 1, 1] == expected[0, 1, 2] == expected[0, 0, 0] == expected[0, 11, 2] == 1


def test_maps_need_not_be_contiguous():
    prediction, truth = torch.tensor([[0, 1], [1, 1], [0, 0]]), torch.tensor([[0, 1], [0, 1], [0, VOID]])
    expected = count(prediction, truth, 2, 2).confusion
    np.testing.assert_array_equal(count(prediction.T, truth.T, 2, 2).confusion, expected)


@pytest.mark.parametrize("value", [-1, 2, 254, 256, 1000])
def test_a_foreign_label_value_is_named_with_its_file(value):
    truth = torch.tensor([[0, 1, VOID, value]])
    with pytest.raises(SegReproError, match=rf"^labels/a\.png: label values: found {value}; expected 0 to 1 or 255"):
        count(torch.zeros_like(truth), truth, 2, 2)


def test_a_label_map_of_another_size_is_named_with_both_sizes():
    with pytest.raises(SegReproError, match=r"labels/a\.png: size .* found \(3, 4\); expected .* \(3, 5\)"):
        count(torch.zeros(3, 5, dtype=torch.int64), torch.zeros(3, 4, dtype=torch.int64), 2, 2)


# With an instance map


def count_instances(prediction, truth, instances, outputs=20):
    prediction, truth, instances = (torch.tensor([row]) for row in (prediction, truth, instances))
    values = InstanceMap(instances.int(), "gt/a_instanceIds.png")
    return confusion.count(prediction, truth, values, CITYSCAPES, num_outputs=outputs, source="gt/a_labelTrainIds.png")


def test_instances_are_counted_one_by_one_and_groups_are_none():
    # Two persons, of which one in two parts; a group of cars; a single car; road; a trailer, which is void.
    truth = [PERSON] * 4 + [CAR] * 3 + [ROAD, VOID]
    instances = [24000, 24001, 24001, 24000, CAR_ID, CAR_ID, 26003, ROAD_ID, 30001]
    prediction = [PERSON, PERSON, CAR, 19, CAR, CAR, ROAD, ROAD, CAR]
    counts = count_instances(prediction, truth, instances).instances
    assert counts.images.tolist() == [0, 0, 0]
    assert counts.classes.tolist() == [PERSON, PERSON, CAR]
    expected = np.zeros((3, 20), np.int64)
    expected[0, [PERSON, 19]] = expected[1, [PERSON, CAR]] = expected[2, ROAD] = 1
    np.testing.assert_array_equal(counts.pixels, expected)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_an_instance_map_changes_nothing_about_the_confusion_matrix(seed):
    rng = np.random.default_rng(seed)
    ids = rng.choice([0, ROAD_ID, PERSON_ID, 24000, 24001, 24999, CAR_ID, 26000, TRAILER_ID, 30000], 60)
    table = {0: VOID, ROAD_ID: ROAD, PERSON_ID: PERSON, CAR_ID: CAR, TRAILER_ID: VOID}
    truth = [table[int(i) if i < 1000 else int(i) // 1000] for i in ids]
    prediction = rng.integers(0, 20, 60).tolist()
    with_instances = count_instances(prediction, truth, ids.tolist())
    without = confusion.count(
        torch.tensor([prediction]), torch.tensor([truth]), None, CITYSCAPES, num_outputs=20, source="labels/a.png"
    )
    np.testing.assert_array_equal(with_instances.confusion, without.confusion)
    sizes = np.unique(ids[np.isin(ids // 1000, (PERSON_ID, CAR_ID))], return_counts=True)[1]
    np.testing.assert_array_equal(with_instances.instances.pixels.sum(axis=1), sizes)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        pytest.param(26001, PERSON, id="instance of another class"),
        pytest.param(ROAD_ID, VOID, id="class where the label map has void"),
        pytest.param(30001, CAR, id="void where the label map has a class"),
    ],
)
def test_an_instance_map_that_disagrees_with_the_label_map_is_named(value, label):
    with pytest.raises(
        SegReproError, match=rf"^gt/a_instanceIds\.png: found {value}, .* gt/a_labelTrainIds\.png has class {label}; "
    ):
        count_instances([0, 0, 0], [ROAD, label, CAR], [ROAD_ID, value, 26001])


@pytest.mark.parametrize("value", [-1, 34, 999, 7001, 23000, 34000, 65535])
def test_a_foreign_instance_value_is_named_with_its_file(value):
    with pytest.raises(SegReproError, match=rf"^gt/a_instanceIds\.png: instance values: found {value}; expected label"):
        count_instances([0, 0], [ROAD, VOID], [ROAD_ID, value])


def test_an_instance_map_of_another_size_is_named_with_both_sizes():
    with pytest.raises(SegReproError, match=r"^gt/a_instanceIds\.png: size .* found \(1, 1\); expected .* \(1, 2\)"):
        count_instances([0, 0], [ROAD, ROAD], [ROAD_ID])


def test_a_label_set_that_is_not_of_cityscapes_has_no_instance_maps():
    prediction = torch.zeros(1, 1, dtype=torch.int64)
    with pytest.raises(
        SegReproError, match=r"label set made-up: classes: found class 0, class 1; expected .* Cityscapes"
    ):
        confusion.count(
            prediction, prediction, InstanceMap(prediction, "i.png"), label_set(2), num_outputs=2, source="l.png"
        )
