"""Confusion counts of one image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmseg.evaluation import IoUMetric

from data_manifests.errors import SegReproError
from mmseg_plugins.evaluation.confusion import confusion_counts

VOID = 255


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
    return confusion_counts(
        prediction, truth, classes=classes, outputs=outputs, void_label=void_label, source="labels/a.png"
    )


@settings(deadline=None, derandomize=True)
@given(maps())
def test_counts_are_those_of_a_loop_over_the_pixels(drawn):
    classes, outputs, prediction, truth = drawn
    expected = np.zeros((classes + 1, outputs), np.int64)
    for true, predicted in zip(truth.flatten().tolist(), prediction.flatten().tolist(), strict=True):
        expected[classes if true == VOID else true, predicted] += 1
    counts = count(prediction, truth, classes, outputs)
    assert counts.dtype == torch.int64
    np.testing.assert_array_equal(counts.numpy(), expected)


@settings(deadline=None, derandomize=True)
@given(maps())
def test_counts_sum_to_the_number_of_pixels(drawn):
    classes, outputs, prediction, truth = drawn
    assert int(count(prediction, truth, classes, outputs).sum()) == truth.numel()


@settings(deadline=None, derandomize=True)
@given(maps())
def test_areas_are_those_of_mmsegmentation(drawn):
    classes, outputs, prediction, truth = drawn
    intersect, union, predicted, true = IoUMetric.intersect_and_union(prediction, truth, classes, ignore_index=VOID)
    counts = count(prediction, truth, classes, outputs)[:classes, :]
    true_positives = counts.diagonal()
    torch.testing.assert_close(intersect.long(), true_positives)
    torch.testing.assert_close(predicted.long(), counts.sum(0)[:classes])
    torch.testing.assert_close(true.long(), counts.sum(1))
    torch.testing.assert_close(union.long(), counts.sum(0)[:classes] + counts.sum(1) - true_positives)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.int64])
def test_any_integer_dtype_gives_the_same_counts(dtype):
    prediction, truth = torch.tensor([[0, 1, 2, 2]]), torch.tensor([[0, 1, 1, 11]])
    expected = count(prediction, truth, 11, 12, void_label=11)
    assert torch.equal(count(prediction.to(dtype), truth.to(dtype), 11, 12, void_label=11), expected)
    assert expected[1, 1] == expected[1, 2] == expected[0, 0] == expected[11, 2] == 1


@pytest.mark.parametrize("value", [-1, 2, 254, 256, 1000])
def test_a_foreign_label_value_is_named_with_its_file(value):
    truth = torch.tensor([[0, 1, VOID, value]])
    with pytest.raises(SegReproError, match=rf"^labels/a\.png: label values: found {value}; expected 0 to 1 or 255"):
        count(torch.zeros_like(truth), truth, 2, 2)


def test_a_label_map_of_another_size_is_named_with_both_sizes():
    with pytest.raises(SegReproError, match=r"labels/a\.png: size .* found \(3, 4\); expected .* \(3, 5\)"):
        count(torch.zeros(3, 5, dtype=torch.int64), torch.zeros(3, 4, dtype=torch.int64), 2, 2)
