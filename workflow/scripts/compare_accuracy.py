"""Takes the mIoU of one prediction from that of another of the same images; reads no image and needs no network."""

import math
from pathlib import Path
from typing import Annotated

import numpy as np
from typer import Option

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Difference, Prediction
from data_manifests.schemas.protocol import Protocol
from mmseg_plugins.evaluation.bootstrap import blocks_of, paired_difference, resampled
from mmseg_plugins.evaluation.counts_file import counts_of
from mmseg_plugins.evaluation.scores import applies, metric_names
from segrepro.errors import SegReproError
from workflow import options
from workflow.command_line import run
from workflow.read_prediction import read_prediction
from workflow.scoring import scoring_sha256


def main(
    comparison: options.ComparisonId,
    prediction: Annotated[Path, Option(help="prediction.json of the model; confusion.npz lies beside it")],
    baseline: Annotated[Path, Option(help="prediction.json of the baseline; confusion.npz lies beside it")],
    protocol: Annotated[str, Option(help="the protocol that both are scored under, one of a single scale")],
    out: options.EvidenceFile,
) -> None:
    """Takes the mIoU of one prediction from that of another of the same images; reads no image and needs no network."""
    (ours, our_arrays), (theirs, their_arrays) = read_prediction(prediction), read_prediction(baseline)
    _require_same_split(prediction, ours, baseline, theirs)
    if differing := np.flatnonzero(our_arrays["names"] != their_arrays["names"]).tolist():
        mine, other = (arrays["names"][differing[0]] for arrays in (our_arrays, their_arrays))
        raise SegReproError(
            f"{baseline.with_name('confusion.npz')}: names: found {other!s}; expected {mine!s}, as in "
            f"{prediction.with_name('confusion.npz')}. Predict the same images in the same order with both models"
        )
    rules = _rules(protocol, [(prediction, ours), (baseline, theirs)])
    manifest = loader.dataset(ours.run.dataset)
    label_set = loader.label_set(manifest.label_set)
    blocks = blocks_of(our_arrays["names"].tolist(), manifest.sampling)
    differences, intervals = paired_difference(
        counts_of(their_arrays, rules.counted_as), counts_of(our_arrays, rules.counted_as), rules, label_set, blocks
    )
    miou = metric_names(label_set, instances=ours.instances is not None).index("miou")
    value, (low, high) = float(differences[miou]), intervals[miou].tolist()
    difference = Difference(
        id=comparison,
        runs=(ours.run, theirs.run),
        split=ours.split,
        images=ours.images,
        protocol=protocol,
        value=None if math.isnan(value) else value,
        interval=None if math.isnan(low) else (low, high),
        resampled=resampled(blocks),
        confusion_sha256=(ours.confusion_sha256, theirs.confusion_sha256),
        scoring_sha256=scoring_sha256(manifest.id),
        provenance=ours.provenance,
        baseline_provenance=theirs.provenance,
    )
    evidence_file.write(out, difference)


def _require_same_split(path: Path, ours: Prediction, baseline_path: Path, theirs: Prediction) -> None:
    """As far as the records tell."""
    for field, mine, other in (
        ("run.dataset", ours.run.dataset, theirs.run.dataset),
        ("split", ours.split, theirs.split),
        ("images", ours.images, theirs.images),
    ):
        if mine != other:
            raise SegReproError(
                f"{baseline_path}: {field}: found {other!r}; expected {mine!r}, as in {path}. Predict one split with"
                " both models"
            )


def _rules(name: str, records: list[tuple[Path, Prediction]]) -> Protocol:
    protocols = loader.protocols()
    if name not in protocols:
        raise SegReproError(f"--protocol: found {name!r}; expected one of: {', '.join(protocols)}")
    rules = protocols[name]
    for path, record in records:
        if rules.counted_as not in record.inference or not applies(rules, void_predicted=record.void_predicted):
            raise SegReproError(
                f"{path}: inference: found {', '.join(record.inference)}"
                f"{'' if record.void_predicted else ', without an output for void'}; expected what the protocol"
                f" {name!r} scores. Take another protocol or predict again with it"
            )
    return rules


if __name__ == "__main__":
    run(main)
