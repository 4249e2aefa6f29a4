"""Intervals over images, and paired differences."""

import json
from pathlib import Path

import numpy as np
import pytest
from scoring import PROTOCOLS, label_set, protocol

from data_manifests import loader
from data_manifests.schemas.dataset import Sampling
from mmseg_plugins.evaluation import bootstrap
from mmseg_plugins.evaluation.bootstrap import Blocks, blocks_of, intervals, paired_difference, times_drawn
from mmseg_plugins.evaluation.counts import Counts, InstanceCounts, concatenate
from mmseg_plugins.evaluation.scores import metric_names, scores
from segrepro.errors import SegReproError

ROOT = Path(__file__).parents[1]
CITYSCAPES = loader.label_set("cityscapes")


@pytest.fixture(scope="module")
def many_images() -> Counts:
    rng = np.random.default_rng(0)
    return Counts(rng.integers(0, 50, (60, 5, 5)) * np.random.default_rng(1).integers(0, 3, (60, 1, 1)))


def street_scenes(images: int, seed: int = 0) -> Counts:
    """Random counts of Cityscapes' classes with some twenty instances in each image."""
    rng = np.random.default_rng(seed)
    confusion = rng.integers(0, 1000, (images, 20, 20)) * rng.integers(0, 2, (images, 20, 20))
    kept = [train_id for train_id, c in enumerate(CITYSCAPES.classes) if c.instances]
    number = 20 * images
    return Counts(
        confusion,
        InstanceCounts(
            np.sort(rng.integers(0, images, number)), rng.choice(kept, number), rng.integers(0, 90, (number, 20)) + 1
        ),
    )


def of_images(counts: Counts, chosen: np.ndarray) -> Counts:
    """The counts of the images at these positions, some of them several times."""
    return concatenate([image(counts, position) for position in chosen])


def image(counts: Counts, position: int) -> Counts:
    confusion = counts.confusion[position : position + 1]
    if counts.instances is None:
        return Counts(confusion)
    of_image = counts.instances.images == position
    pixels, classes = counts.instances.pixels[of_image], counts.instances.classes[of_image]
    return Counts(confusion, InstanceCounts(np.zeros(len(classes), int), classes, pixels))


@pytest.mark.parametrize("rules", PROTOCOLS, ids=lambda p: f"{p.void}-{p.average}-{p.absent}")
@pytest.mark.parametrize("kind", ["classes", "instances"])
def test_a_resample_scores_as_its_images_do(many_images, rules, kind):
    counts, names = (many_images, label_set(4)) if kind == "classes" else (street_scenes(60), CITYSCAPES)
    resampled = bootstrap.resampled_scores(counts, rules, names, seed=3)
    draws = np.random.default_rng(3).multinomial(60, np.full(60, 1 / 60), size=bootstrap.RESAMPLES)
    for resample in (0, 500, bootstrap.RESAMPLES - 1):
        chosen = np.repeat(np.arange(60), draws[resample])
        np.testing.assert_allclose(resampled[resample], scores(of_images(counts, chosen), rules, names), rtol=1e-12)


@pytest.mark.parametrize("name", ["standard", "espnet_authors"])
def test_scores_and_intervals_of_the_committed_evidence_are_those_of_its_counts(name):
    """The counts are those of ESPNet on CamVid's test split, with the authors' weights."""
    run = ROOT / "reports/measurements/intel-xeon-processor-2-cores/camvid/espnet_p2q8/official/seed0/evaluation.json"
    committed = {s["metric"]: s for s in json.loads(run.read_text())["scores"] if s["protocol"] == name}
    with np.load(ROOT / "tests/fixtures/evaluation/camvid_espnet_p2q8_official.npz") as arrays:
        counts = Counts(arrays["counts"])
        blocks = blocks_of(arrays["names"].tolist(), loader.dataset("camvid").sampling)
    names, rules = loader.label_set("camvid"), loader.protocols()[name]
    measured = zip(
        metric_names(names, instances=False),
        scores(counts, rules, names),
        intervals(counts, rules, names, blocks),
        strict=True,
    )
    for metric, value, ends in measured:
        assert value == pytest.approx(committed[metric]["value"], rel=1e-12)
        np.testing.assert_allclose(ends, committed[metric]["interval"], rtol=1e-12)


def test_more_resamples_go_on_where_fewer_end(many_images, monkeypatch):
    whole = bootstrap.resampled_scores(many_images, protocol(), label_set(4), seed=0)
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1000)
    first = bootstrap.resampled_scores(many_images, protocol(), label_set(4), seed=0)
    np.testing.assert_allclose(whole[:1000], first, rtol=1e-12)


def test_an_interval_is_that_of_the_central_limit_theorem():
    # The mean of per-image accuracies: its interval is 1.96 standard errors wide on either side.
    right = np.random.default_rng(0).integers(0, 101, 400)
    confusion = np.zeros((400, 3, 2), np.int64)
    confusion[:, 0, 0], confusion[:, 0, 1] = right, 100 - right
    low, high = intervals(Counts(confusion), protocol(average="image"), label_set(2))[1]
    error = right.std(ddof=1) / 20
    assert low == pytest.approx(right.mean() - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(right.mean() + 1.96 * error, abs=0.2 * error)


def test_one_image_has_no_interval(many_images):
    one = of_images(many_images, np.array([0]))
    assert np.isnan(intervals(one, protocol(), label_set(4))).all()
    assert np.isnan(paired_difference(one, one, protocol(), label_set(4))[1]).all()


def test_intervals_are_the_same_every_time(many_images):
    np.testing.assert_array_equal(*(intervals(many_images, protocol(), label_set(4)) for _ in range(2)))


def test_the_authors_rules_say_what_they_give_with_the_authors_weights():
    rules, names = loader.protocols()["espnet_authors"], loader.label_set("camvid")
    with np.load(ROOT / "tests/fixtures/evaluation/camvid_espnet_p2q8_official.npz") as arrays:
        miou, _, class_average = scores(Counts(arrays["counts"]), rules, names)[:3]
    assert f"class average accuracy of {class_average:.2f}, as printed" in rules.inferred
    assert f"mIoU of {miou:.3f}, which is the printed {int(100 * miou) / 100}" in rules.inferred
    assert f"and {miou:.2f} rounded" in rules.inferred


def test_images_are_drawn_once_for_all_protocols_and_both_models(many_images, monkeypatch):
    drawn, generator = [], np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: drawn.append(seed) or generator(seed))
    for rules in PROTOCOLS:
        intervals(many_images, rules, label_set(4), seed=17)
    paired_difference(many_images, many_images, protocol(), label_set(4), seed=17)
    assert drawn == [17]


# Two models


def better(counts: Counts, classes: int) -> Counts:
    """The same images by a model that makes half of the mistakes on each of them."""
    confusion = counts.confusion.copy()
    diagonal = np.arange(classes)
    labelled = confusion[:, :classes, :classes]
    right = labelled[:, diagonal, diagonal].copy()
    fewer = (labelled + 1) // 2
    fewer[:, diagonal, diagonal] = 0
    fewer[:, diagonal, diagonal] = labelled.sum(axis=2) - fewer.sum(axis=2)
    assert (fewer[:, diagonal, diagonal] >= right).all()
    confusion[:, :classes, :classes] = fewer
    return Counts(confusion)


@pytest.mark.parametrize("average", ["dataset", "image"])
def test_a_paired_difference_is_over_the_same_resamples_of_both(many_images, average):
    rules, names, other = protocol(average=average), label_set(4), better(many_images, 4)
    difference, interval = paired_difference(many_images, other, rules, names)
    np.testing.assert_allclose(difference, scores(other, rules, names) - scores(many_images, rules, names))
    draws = np.random.default_rng(0).multinomial(60, np.full(60, 1 / 60), size=bootstrap.RESAMPLES)
    by_hand = [
        scores(of_images(other, chosen), rules, names) - scores(of_images(many_images, chosen), rules, names)
        for chosen in (np.repeat(np.arange(60), draw) for draw in draws[:: bootstrap.RESAMPLES // 250])
    ]
    # From every eighth of the resamples, so with some more noise.
    np.testing.assert_allclose(interval, np.quantile(by_hand, (0.025, 0.975), axis=0).T, atol=0.3)
    assert ((interval[:, 0] <= difference) & (difference <= interval[:, 1])).all()


def test_a_paired_difference_sees_what_two_intervals_do_not(many_images):
    rules, names, other = protocol(), label_set(4), better(many_images, 4)
    width = sum(end - start for start, end in (intervals(c, rules, names)[0] for c in (many_images, other)))
    _, interval = paired_difference(many_images, other, rules, names)
    assert interval[0, 1] - interval[0, 0] < width / 2
    assert interval[0, 0] > 0


def test_the_difference_of_a_model_to_itself_is_nothing_and_changes_sign_with_the_order(many_images):
    rules, names, other = protocol(), label_set(4), better(many_images, 4)
    assert not any(numbers.any() for numbers in paired_difference(many_images, many_images, rules, names))
    forth, back = (
        paired_difference(many_images, other, rules, names),
        paired_difference(other, many_images, rules, names),
    )
    np.testing.assert_array_equal(forth[0], -back[0])
    np.testing.assert_allclose(forth[1], -back[1][:, ::-1])


def test_only_models_on_the_same_images_are_compared(many_images):
    rules, names = protocol(), label_set(4)
    reordered = of_images(many_images, np.arange(60)[::-1])
    with pytest.raises(
        SegReproError, match=r"60 and 60 images: found different ground truth; expected counts of the same"
    ):
        paired_difference(many_images, reordered, rules, names)
    with pytest.raises(
        SegReproError, match=r"60 and 59 images: found different numbers of images; expected counts of the"
    ):
        paired_difference(many_images, of_images(many_images, np.arange(59)), rules, names)
    scenes = street_scenes(5)
    with pytest.raises(SegReproError, match=r"found instances in one of the two counts; expected them in both"):
        paired_difference(scenes, Counts(scenes.confusion), rules, CITYSCAPES)


FILMED = Sampling(sequence="^[^_]+", block=3, why="two films")


def test_images_of_a_sequence_are_drawn_in_blocks_that_stay_within_it():
    blocks = blocks_of([f"a_{i}" for i in range(7)] + [f"b_{i}" for i in range(4)], FILMED)
    assert blocks == Blocks((7, 4), 3)
    drawn = times_drawn(blocks, 0, 500)
    assert (drawn.sum(axis=1) == 4 * 3).all()  # ceil(11 / 3) blocks
    # Neighbours come together, also the last and the first of a sequence; images of two sequences do not.
    together = np.corrcoef(drawn.T)
    for sequence in (range(7), range(7, 11)):
        for first, second in zip(sequence, [*sequence[1:], sequence[0]], strict=True):
            assert together[first, second] > 0.3
    assert together[6, 7] < 0.1


def test_blocks_of_one_image_are_images_one_by_one(many_images):
    rules, names = PROTOCOLS[0], label_set(4)
    assert np.array_equal(
        intervals(many_images, rules, names), intervals(many_images, rules, names, Blocks((60,))), equal_nan=True
    )
    assert blocks_of(["a", "b"], None) == blocks_of(["a", "b"], Sampling(why="apart")) == Blocks((2,))


def test_every_image_is_drawn_as_often_as_the_others():
    drawn = times_drawn(Blocks((7, 40), 5), 0, 20_000)
    assert drawn.mean(axis=0) == pytest.approx(np.full(47, 10 * 5 / 47), abs=0.05)


def test_the_interval_of_frames_of_a_film_is_wider_than_that_of_single_images():
    with np.load(ROOT / "tests/fixtures/evaluation/camvid_espnet_p2q8_official.npz") as arrays:
        counts, listed = Counts(arrays["counts"]), arrays["names"].tolist()
    rules, names = loader.protocols()["espnet_authors"], loader.label_set("camvid")
    miou = metric_names(names, instances=False).index("miou")
    sampling = loader.dataset("camvid").sampling
    blocks = blocks_of(listed, sampling)
    assert len(blocks.sequences) == 2
    single, filmed = (np.diff(intervals(counts, rules, names, b)[miou]).item() for b in (None, blocks))
    assert single == pytest.approx(3.2, abs=0.1)
    assert 1.5 * single < filmed < 1.8 * single


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a_1", "b_1", "a_2"], "found the images of the sequences a, b mixed"),
        (["a_1", "_2"], "found no match of .* in the image '_2'"),
    ],
)
def test_names_that_name_no_sequences_are_refused(names, said):
    with pytest.raises(SegReproError, match=said):
        blocks_of(names, FILMED)
