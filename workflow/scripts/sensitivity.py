"""Measures how far a claim's mIoU moves when one quiet choice of its authors' protocol is made otherwise."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from mmengine.config import Config
from mmseg.models.segmentors import BaseSegmentor
from typer import Option

from data_manifests import loader
from data_manifests.schemas.evidence import Run, Sensitivity, Switch
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Route
from mmseg_plugins.evaluation.predict import predict_split
from mmseg_plugins.evaluation.sensitivity import inference_switches, input_switches, miou, scoring_switches
from mmseg_plugins.evaluation.split import build_test_split
from mmseg_plugins.networks.network import build_network, load_weights
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.provenance import collect_provenance, config_sha256
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from workflow.claimed_protocols import inference_of, single_scale_claims
from workflow.command_line import run

SEVERAL_SCALES = "mmseg_tta"
"""Protocol whose inference is what testing at several scales means here."""


def main(
    config: Annotated[Path, Option(help="MMSegmentation config of the model on the dataset")],
    weights: Annotated[Path, Option(help="weights.pth of the run")],
    dataset: Annotated[str, Option(help="name of the dataset's manifest")],
    model: Annotated[str, Option(help="name of the model, for the evidence")],
    route: Annotated[Route, Option(help="where the weights come from, for the evidence")],
    claim: Annotated[str, Option(help="id of a claim of an mIoU, whose protocol is departed from")],
    out: Annotated[Path, Option(help="sensitivity.json to write")],
    seed: Annotated[int, Option(help="seed of the run, for the evidence")] = 0,
    device: Annotated[str | None, Option(help="cpu or cuda; by default cuda where there is one")] = None,
) -> None:
    """Measures how far a claim's mIoU moves when one quiet choice of its authors' protocol is made otherwise.

    What is arithmetic needs no pass of its own; all choices of scales share one run over the split.
    """
    started = datetime.now(UTC)
    protocol = _protocol(claim, model, dataset)
    place = choose_device(device)
    manifest = loader.dataset(dataset)
    label_set = loader.label_set(manifest.label_set)
    settings = Config.fromfile(config)
    split, images = build_test_split(settings, manifest, label_set)

    def network_of(described: Config) -> BaseSegmentor:
        network = build_network(described)
        load_weights(network, weights)
        network.to(place)
        return network

    scaled = inference_switches(inference_of(SEVERAL_SCALES))
    rules = {setting: rule for setting, (_, rule) in scaled.items()}
    result = predict_split(network_of(settings), images, label_set, rules=rules)
    switches = [*scoring_switches(result.counts, protocol, label_set, batch=settings.train_dataloader.batch_size)]
    for choice, setting, changed in input_switches(settings):
        fed = predict_split(network_of(changed), images, label_set)
        value = miou(fed.counts, protocol, label_set)
        switches.append(Switch(kind="input", choice=choice, setting=setting, miou=value))
    for setting, (choice, _) in scaled.items():
        value = miou(result.by_rule[setting], protocol, label_set)
        switches.append(Switch(kind="inference", choice=choice, setting=setting, miou=value))

    record = Sensitivity(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        provenance=collect_provenance(
            config_sha256=config_sha256(settings),
            checkpoint_sha256=hash_of_file(weights),
            dataset=dataset,
            device=place,
            started=started,
        ),
        split=split,
        images=len(images),
        claim=claim,
        protocol=protocol.id,
        miou=miou(result.counts, protocol, label_set),
        switches=tuple(switches),
    )
    atomic_write(out, record.model_dump_json(indent=1) + "\n")


def _protocol(claim: str, model: str, dataset: str) -> Protocol:
    known = single_scale_claims(model, dataset)
    if claim not in known:
        raise SegReproError(
            f"--claim {claim}: found no claim of an mIoU of {model} on {dataset} at a single scale that is known to be "
            f"scored by a protocol of the suite; expected one of: {', '.join(known)}"
        )
    return known[claim]


if __name__ == "__main__":
    run(main)
