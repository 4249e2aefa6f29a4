"""What the intervals of a large split cost: the suite beside scoring each resample by itself."""

from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from typer import Option

from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation import bootstrap
from mmseg_plugins.evaluation.counts import Counts
from mmseg_plugins.evaluation.scores import scores
from workflow.command_line import run

RULES = loader.protocols()["standard"]
FIRST, NEXT = "suite: first protocol", "suite: every further protocol"
ALONE = "each resample scored by itself"
GOAL = (ALONE, FIRST, 50.0)
"""Numerator, denominator, and what the ratio of their times should be at least."""
RESAMPLES_ALONE = 5
"""So many resamples are scored by themselves, and their time is multiplied: all of them take minutes."""


def random_counts(images: int, label_set: LabelSet) -> Counts:
    """Counts of images as large as PASCAL's in which a few classes occur."""
    rng = np.random.default_rng(0)
    classes = len(label_set.classes)
    occurs = rng.random((images, classes + 1, 1)) < 5 / classes
    return Counts(rng.integers(0, 50_000 // classes, (images, classes + 1, classes)) * occurs)


def scored_alone(counts: Counts, label_set: LabelSet) -> NDArray[np.float64]:
    """Scores of the first resamples, each of an array of all its images."""
    chosen = (np.repeat(np.arange(len(counts.confusion)), drawn) for drawn in draws_of(counts)[:RESAMPLES_ALONE])
    return np.stack([scores(Counts(counts.confusion[images]), RULES, label_set) for images in chosen])


def draws_of(counts: Counts) -> NDArray[np.int64]:
    """How often each image is in each resample."""
    return bootstrap.times_drawn(bootstrap.Blocks((len(counts.confusion),)), 0, bootstrap.RESAMPLES).astype(np.int64)


def main(
    dataset: Annotated[str, Option(help="name of the manifest whose classes are scored")] = "pascal_context",
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/bootstrap_cost.json"),
    images: Annotated[int, Option(min=2, help="images of the split")] = 5105,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 5,
) -> None:
    """Times the intervals of random counts, by default with as many images and classes as PASCAL Context's val has."""
    label_set = loader.label_set_of(dataset)
    counts = random_counts(images, label_set)
    together = bootstrap.resampled_scores(counts, RULES, label_set, seed=0)
    np.testing.assert_allclose(together[:RESAMPLES_ALONE], scored_alone(counts, label_set), rtol=1e-12)

    def of_next() -> None:
        bootstrap.intervals(counts, RULES, label_set)

    def of_first() -> None:
        bootstrap.times_drawn.cache_clear()
        of_next()

    times = interleaved({FIRST: of_first, NEXT: of_next, ALONE: lambda: scored_alone(counts, label_set)}, rounds=rounds)
    times[ALONE] = [value * bootstrap.RESAMPLES / RESAMPLES_ALONE for value in times[ALONE]]
    over, under, goal = GOAL
    spread, ratios = milliseconds(times), {f"{over} / {under} (at least {goal:g})": ratio(times, over, under)}
    size = f"{images} images, {len(label_set.classes)} classes, {bootstrap.RESAMPLES} resamples"
    print(f"{size}, {rounds} rounds in turns; scores equal\n")
    print(table(spread, "milliseconds"), table(ratios, "ratio within a round"), sep="\n\n")
    write_json(
        out, {"images": images, "classes": len(label_set.classes), "rounds": rounds, "ms": spread, "ratios": ratios}
    )


if __name__ == "__main__":
    run(main)
