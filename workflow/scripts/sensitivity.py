"""Measures how far a claim's mIoU moves when one detail of its authors' protocol is changed."""

from pathlib import Path
from typing import Annotated

from mmengine.config import Config
from typer import Option

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Run, Sensitivity, Switch
from data_manifests.schemas.protocol import Protocol
from mmseg_plugins.runtime.computing_code import PREDICTION
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.errors import SegReproError
from segrepro.machine import network_runs
from workflow import options
from workflow.claimed_protocols import inference_of, single_scale_claims
from workflow.command_line import run
from workflow.verified_data import verified_data

with quiet_libraries():
    from mmseg.models.segmentors import BaseSegmentor

    from mmseg_plugins.evaluation.predict import predict_split
    from mmseg_plugins.evaluation.sensitivity import inference_switches, input_switches, miou, scoring_switches
    from mmseg_plugins.evaluation.split import build_test_split
    from mmseg_plugins.networks.network import build_network, load_weights

SEVERAL_SCALES = "mmseg_tta"
"""Protocol whose inference is what testing at several scales means here."""


def main(
    config: options.Config,
    weights: options.Weights,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    claim: Annotated[str, Option(help="id of a claim of an mIoU, whose protocol is departed from")],
    out: Annotated[Path, options.file_to_write("sensitivity.json to write")],
    seed: options.Seed = 0,
    verified: options.Verified = None,
    device: options.Device = None,
) -> None:
    """Measures how far a claim's mIoU moves when one detail of its authors' protocol is changed.

    Other ways to score use the same predictions; all other scales share one pass over the split.
    """
    protocol = _protocol(claim, model, dataset)
    chosen = choose_device(device)
    manifest = loader.dataset(dataset)
    label_set = loader.label_set(manifest.label_set)
    settings = read_config(config)
    split, test_set = build_test_split(settings, manifest, label_set)

    def network_of(described: Config) -> BaseSegmentor:
        network = build_network(described)
        load_weights(network, weights)
        network.to(chosen)
        return network

    scaled = inference_switches(inference_of(SEVERAL_SCALES))
    rules = {setting: rule for setting, (_, rule) in scaled.items()}
    network = network_of(settings)
    provenance = begin_provenance(
        settings,
        chosen,
        dataset=dataset,
        weights=weights,
        part=PREDICTION,
        data_sha256=None if verified is None else verified_data(verified),
    )
    with network_runs():
        result = predict_split(network, test_set, label_set, rules=rules)
        batch = settings.train_dataloader.batch_size
        # ESPNet's training code validates with four images more in a batch than it trains with.
        switches = [*scoring_switches(result.counts, protocol, label_set, batch=batch, validation_batch=batch + 4)]
        for choice, setting, changed in input_switches(settings):
            fed = predict_split(network_of(changed), test_set, label_set)
            value = miou(fed.counts, protocol, label_set)
            switches.append(Switch(kind="input", choice=choice, setting=setting, miou=value))
        for setting, (choice, _) in scaled.items():
            value = miou(result.by_rule[setting], protocol, label_set)
            switches.append(Switch(kind="inference", choice=choice, setting=setting, miou=value))

    record = Sensitivity(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        provenance=end_provenance(provenance),
        split=split,
        images=len(test_set),
        claim=claim,
        protocol=protocol.id,
        miou=miou(result.counts, protocol, label_set),
        switches=tuple(switches),
    )
    evidence_file.write(out, record)


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
