"""Predicts a dataset's test split once and keeps the confusion counts of each image, under each inference rule."""

import io
from collections.abc import Iterable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from typer import Option

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Prediction, Run, Sample, pictures_of
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.cityscapes_ids import label_ids as owners_label_ids
from mmseg_plugins.evaluation.counts_file import arrays_of
from mmseg_plugins.evaluation.samples import choose_samples, colored, png
from mmseg_plugins.runtime.computing_code import PREDICTION
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_folder, atomic_write
from segrepro.hashes import hash_of_file, hash_of_hashes
from segrepro.machine import network_runs
from workflow import options
from workflow.claimed_protocols import inference_of
from workflow.command_line import run
from workflow.verified_data import verified_data

with quiet_libraries():
    from mmseg_plugins.evaluation.predict import SampleMaps, predict_samples, predict_split
    from mmseg_plugins.evaluation.split import build_test_split, instance_files
    from mmseg_plugins.networks.network import build_network, load_weights


def main(
    config: options.Config,
    weights: options.Weights,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    out_dir: Annotated[Path, options.folder_to_write("folder for prediction.json, confusion.npz and samples")],
    seed: options.Seed = 0,
    protocol: Annotated[
        list[str] | None,
        Option(help="protocol whose inference is counted too, besides the single scale; give it once for each"),
    ] = None,
    verified: options.Verified = None,
    device: options.Device = None,
    label_ids: Annotated[
        Path | None,
        options.folder_to_write(
            "folder for the predictions as PNG files of label ids, as Cityscapes' benchmark reads them"
        ),
    ] = None,
) -> None:
    """Predicts a dataset's test split once and keeps the confusion counts of each image, under each inference rule."""
    chosen = choose_device(device)
    manifest = loader.dataset(dataset)
    label_set = loader.label_set(manifest.label_set)
    rules = {name: inference_of(name) for name in protocol or ()}
    settings = read_config(config)
    split, test_set = build_test_split(settings, manifest, label_set)
    network = build_network(settings)
    load_weights(network, weights)
    provenance = begin_provenance(
        settings,
        chosen,
        dataset=dataset,
        weights=weights,
        part=PREDICTION,
        data_sha256=None if verified is None else verified_data(verified),
    )
    with network_runs(), nullcontext() if label_ids is None else atomic_folder(label_ids) as folder:
        result = predict_split(
            network.to(chosen),
            test_set,
            label_set,
            rules=rules,
            instance_files=instance_files(test_set, manifest.layout, split),
            keep=None if folder is None else partial(_write_label_ids, folder, owners_label_ids(label_set)),
        )
        maps = predict_samples(network, test_set, label_set, choose_samples(result.counts))
        samples = _write_samples(out_dir / "samples", maps, label_set)

    counts_file = out_dir / "confusion.npz"
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays_of(result.names, result.by_rule))
    atomic_write(counts_file, buffer.getvalue())
    prediction = Prediction(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        provenance=end_provenance(provenance),
        split=split,
        images=len(result.names),
        classes=tuple(c.name for c in label_set.classes),
        void_predicted=result.counts.confusion.shape[2] > len(label_set.classes),
        instances=None if result.counts.instances is None else len(result.counts.instances.classes),
        inference=tuple(result.by_rule),
        confusion_sha256=hash_of_file(counts_file),
        samples=samples,
        pictures_sha256=hash_of_hashes(map(hash_of_file, pictures_of(samples, out_dir / "samples"))),
    )
    # Last, because it vouches for the others.
    evidence_file.write(out_dir / "prediction.json", prediction)


def _write_label_ids(folder: Path, ids: NDArray[np.uint8], name: str, prediction: NDArray[np.uint8]) -> None:
    _, content = cv2.imencode(".png", ids[prediction])
    (folder / f"{name}.png").write_bytes(content.tobytes())


def _write_samples(folder: Path, samples: Iterable[SampleMaps], label_set: LabelSet) -> tuple[Sample, ...]:
    listed = []
    with atomic_folder(folder) as made:
        for sample in samples:
            pictures = {
                "image": png(sample.image, interpolation=cv2.INTER_AREA),
                "truth": png(colored(sample.truth, label_set)[..., ::-1], interpolation=cv2.INTER_NEAREST),
                "prediction": png(colored(sample.prediction, label_set)[..., ::-1], interpolation=cv2.INTER_NEAREST),
            }
            files = {kind: f"{sample.name}_{kind}.png" for kind in pictures}
            for kind, content in pictures.items():
                (made / files[kind]).write_bytes(content)
            listed.append(Sample(name=sample.name, rank=sample.rank, iou=sample.iou, **files))
    return tuple(listed)


if __name__ == "__main__":
    run(main)
