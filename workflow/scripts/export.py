"""Writes a network with its weights as an ONNX file, which says itself how to feed it and what its outputs are."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from mmengine.config import Config
from typer import Option

from data_manifests import loader
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.networks.dataset_meta import dataset_meta
    from mmseg_plugins.networks.network import build_network, load_weights
    from mmseg_plugins.profiling.inputs import input_of_test

LIMIT = 1e-4
"""Largest difference between the file's logits and the network's, as a share of the largest logit. float32 sums in
another order differ by about a hundredth of it."""


def main(
    config: options.Config,
    weights: options.Weights,
    dataset: options.Dataset,
    out: Annotated[Path, options.file_to_write("ONNX file to write")],
    width: Annotated[int | None, Option(help="of the input; by default that of the config's test", min=1)] = None,
    height: Annotated[int | None, Option(help="of the input; by default that of the config's test", min=1)] = None,
) -> None:
    """Writes a network with its weights as an ONNX file, which says itself how to feed it and what its outputs are.

    The file's metadata are JSON: `classes` and `palette` of the outputs, `input_width` and `input_height`,
    `channel_order`, `mean` and `std` of the input, and `config`, `dataset` and `weights_sha256`. Its logits are
    compared with the network's before anything is written.
    """
    if missing := [name for name in ("onnx", "onnxruntime") if find_spec(name) is None]:
        raise SegReproError(
            f"export: found no package {' and no '.join(missing)}; expected the optional dependency group `export`."
            " Next: uv pip install --group export"
        )
    from mmseg_plugins.networks.onnx_form import difference, normalisation, require_size, to_onnx

    settings = read_config(config)
    manifest = loader.dataset(dataset)
    size = _size(settings, manifest.image_size, width, height)
    with quiet_libraries():
        network = build_network(settings)
        load_weights(network, weights)
        require_size(network, *size)
        metadata = {
            **dataset_meta(network, loader.label_set(manifest.label_set)),
            "input_width": size[0],
            "input_height": size[1],
            **normalisation(network),
            "config": f"{config.parent.name}/{config.name}",
            "dataset": dataset,
            "weights_sha256": hash_of_file(weights),
        }
        exported = to_onnx(network, *size, metadata)
        found, largest = difference(network, exported, *size)
    if not found <= LIMIT * largest:
        raise SegReproError(
            f"{out}: found logits that differ from the network's by up to {found:.2g}; expected at most {LIMIT} of the"
            f" largest, {largest:.3g}. Nothing was written. Please report it with the versions of torch and onnxruntime"
        )
    atomic_write(out, exported)
    print(f"{out}: {size[0]}x{size[1]}; differs from the network by at most {found:.1e} in logits up to {largest:.3g}")


def _size(
    settings: Config, image_size: tuple[int, int] | None, width: int | None, height: int | None
) -> tuple[int, int]:
    """Width and height of the input: as asked for, else those of the config's test."""
    if width is not None and height is not None:
        return width, height
    if width is not None or height is not None:
        raise SegReproError(
            "--width and --height: found one of them; expected both or neither. Give the other one, too"
        )
    size = input_of_test(settings, image_size)
    if size is None:
        raise SegReproError(
            "--width and --height: found neither; expected both, because the dataset's images have many sizes. Give the"
            " size of the images that the file is for"
        )
    return size


if __name__ == "__main__":
    run(main)
