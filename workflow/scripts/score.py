"""Scores the counts of a prediction under every protocol that applies; reads no image and needs no network."""

import math
from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Evaluation, Score
from mmseg_plugins.evaluation.bootstrap import blocks_of, intervals, resampled
from mmseg_plugins.evaluation.counts_file import counts_of
from mmseg_plugins.evaluation.scores import applies, metric_names, scores
from workflow import options
from workflow.command_line import run
from workflow.read_prediction import read_prediction
from workflow.scoring import scoring_sha256


def main(
    prediction: Annotated[Path, Option(help="prediction.json of a run; confusion.npz lies beside it")],
    out: Annotated[Path, options.file_to_write("evaluation.json to write")],
) -> None:
    """Scores the counts of a prediction under every protocol that applies; reads no image and needs no network."""
    record, arrays = read_prediction(prediction)
    manifest = loader.dataset(record.run.dataset)
    label_set = loader.label_set(manifest.label_set)
    blocks = blocks_of(arrays["names"].tolist(), manifest.sampling)
    names = metric_names(label_set, instances=record.instances is not None)
    listed = []
    for protocol in loader.protocols().values():
        if protocol.counted_as not in record.inference or not applies(protocol, void_predicted=record.void_predicted):
            continue
        counts = counts_of(arrays, protocol.counted_as)
        values, ends = scores(counts, protocol, label_set), intervals(counts, protocol, label_set, blocks)
        listed += [
            Score(
                protocol=protocol.id,
                metric=metric,
                value=None if math.isnan(value) else value,
                interval=None if math.isnan(low) else (low, high),
            )
            for metric, value, (low, high) in zip(names, values.tolist(), ends.tolist(), strict=True)
        ]
    scored = {
        "kind": "evaluation",
        "resampled": resampled(blocks),
        "scores": tuple(listed),
        "scoring_sha256": scoring_sha256(manifest.id),
    }
    evaluation = Evaluation(**dict(record) | scored)
    evidence_file.write(out, evaluation)


if __name__ == "__main__":
    run(main)
