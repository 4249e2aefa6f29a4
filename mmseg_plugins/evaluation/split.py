"""The split that a config is evaluated on."""

from pathlib import PurePath

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from data_manifests.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet


def build_test_split(config: Config, manifest: Dataset, label_set: LabelSet) -> tuple[str, BaseSegDataset]:
    """Builds the dataset of a config's `test_dataloader` and checks that it is the one that the manifest describes.

    Args:
        config: an MMSegmentation config.
        manifest: the dataset's manifest.
        label_set: the manifest's label set.

    Returns:
        Name of the split and MMSegmentation's dataset, whose items hold one image and its label map.

    Raises:
        SegReproError: the dataset is not prepared, or its split, number of images or classes are not the manifest's.
    """
    init_default_scope(config.get("default_scope", "mmseg"))
    described = config.test_dataloader.dataset
    where = f"{config.filename}: test_dataloader.dataset"
    split = _split_name(described, manifest, where)
    prepare = f"Prepare the dataset: snakemake --cores all data/verified/{manifest.id}.json"
    try:
        dataset = DATASETS.build(described)
    except FileNotFoundError as error:
        raise SegReproError(
            f"{where}: found no folder {error.filename}; expected the split {split}. {prepare}"
        ) from None
    if len(dataset) != manifest.splits[split].images:
        raise SegReproError(
            f"{where}: found {len(dataset)} images; expected {manifest.splits[split].images} in the split {split}. "
            f"{prepare}"
        )
    found, expected = tuple(dataset.metainfo["classes"]), tuple(c.name for c in label_set.classes)
    if found != expected:
        raise SegReproError(
            f"{where}: classes: found {', '.join(found)}; expected {', '.join(expected)}, those of the label set "
            f"{label_set.id}. Correct the dataset class or the label set"
        )
    return split, dataset


def _split_name(described: dict, manifest: Dataset, where: str) -> str:
    """MMSegmentation has no name for a split: it is a folder of the image path or the stem of the annotation file."""
    images = described.get("data_prefix", {}).get("img_path", "")
    annotations = described.get("ann_file", "")
    names = {*PurePath(images).parts, PurePath(annotations).stem} & manifest.splits.keys()
    if len(names) != 1:
        raise SegReproError(
            f"{where}: data_prefix.img_path and ann_file: found {images!r} and {annotations!r}; expected one of the "
            f"splits {', '.join(manifest.splits)} as a folder or file name. Correct the config"
        )
    return names.pop()
