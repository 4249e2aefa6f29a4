"""Predicts a split whose labels are hidden, and packs what its owner's server scores."""

import zipfile
from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_file
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from segrepro.machine import network_runs
from workflow import options
from workflow.claimed_protocols import inference_of
from workflow.command_line import run
from workflow.submission.check import require_right
from workflow.submission.form import FORMS, encode
from workflow.submission.images import hidden_images, scoring_server

with quiet_libraries():
    from mmseg_plugins.evaluation.predict import predict_label_maps
    from mmseg_plugins.evaluation.split import build_hidden_split
    from mmseg_plugins.networks.network import build_network, load_weights


def main(
    config: options.Config,
    weights: options.Weights,
    dataset: options.Dataset,
    data: Annotated[Path, Option(help="the prepared dataset, which the config reads")],
    split: options.HiddenSplit,
    out: Annotated[Path, options.file_to_write("zip file to write")],
    protocol: Annotated[
        str | None, Option(help="protocol whose inference predicts; by default a single scale does")
    ] = None,
    device: options.Device = None,
) -> None:
    """Predicts a split whose labels are hidden, and packs what its owner's server scores.

    The archive gets its name when it has passed the checks of check_submission.py.
    """
    manifest = loader.dataset(dataset)
    server = scoring_server(manifest, split)
    sizes = hidden_images(manifest, data, split)
    labels = loader.label_set(manifest.label_set)
    form = FORMS[server.form](labels)
    rule = None if protocol is None else inference_of(protocol)
    chosen = choose_device(device)
    settings = read_config(config)
    test_set = build_hidden_split(settings, manifest, labels, split)
    network = build_network(settings)
    load_weights(network, weights)

    # PNG files are compressed already.
    with network_runs(), atomic_file(out) as part:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for image, label_map in predict_label_maps(network.to(chosen), test_set, labels, rule=rule):
                if (found := label_map.shape[::-1]) != (expected := sizes[image.stem]):
                    raise SegReproError(
                        f"{image}: found a prediction of {found[0]}x{found[1]} pixels; expected "
                        f"{expected[0]}x{expected[1]}, those of the image file. Correct the test pipeline in {config}"
                    )
                if label_map.max() >= len(form.values):
                    raise SegReproError(
                        f"{image}: found pixels that the network sees as void; expected one of the classes, as "
                        f"{server.url} takes nothing else. Take a model without an output for void"
                    )
                # Without a date of its own, so that equal predictions give an equal archive.
                archive.writestr(zipfile.ZipInfo(form.path(image.stem)), encode(form, label_map))
        require_right(part, sizes, form)
    print(f"{out}: {len(sizes)} predictions, sha256 {hash_of_file(out)}")
    print(f"Next step: hand it in at {server.url}, and enter the answer as reports/server/README.md says.")


if __name__ == "__main__":
    run(main)
