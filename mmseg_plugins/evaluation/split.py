"""The splits that a config is evaluated on."""

import copy
import re
from itertools import takewhile
from pathlib import Path, PurePath
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from data_manifests.schemas.dataset import Dataset, Layout
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.datasets.score_at_input_size import ScoreAtInputSize
from segrepro.errors import SegReproError

_FOR_SCORING = ("LoadAnnotations", "CentredPad", "ScoreAtInputSize")
"""Steps of a test pipeline that are only needed for scoring with label maps."""


def build_test_split(config: Config, manifest: Dataset, label_set: LabelSet) -> tuple[str, BaseSegDataset]:
    """Builds the dataset of a config's `test_dataloader` and checks it against the manifest.

    Args:
        config: an MMSegmentation config.
        manifest: the dataset's manifest.
        label_set: the manifest's label set.

    Returns:
        Name of the split and MMSegmentation's dataset, whose items have one image and its label map.

    Raises:
        SegReproError: the dataset is not prepared, or its split, number of images or classes are not the manifest's.
    """
    dataset_cfg = config.test_dataloader.dataset
    where = f"{config.filename}: test_dataloader.dataset"
    split = _split_name(dataset_cfg, manifest, where)
    return split, _build(config, dataset_cfg, split, manifest, label_set, where)


def build_hidden_split(config: Config, manifest: Dataset, label_set: LabelSet, split: str) -> BaseSegDataset:
    """Builds a split whose labels are hidden: like the config's test split, but with other images and no label maps.

    `CentredPad` is left out as well, so that predictions have the size of the image: the server scores the image, and
    the ladder networks of 2017, whose configs pad, were tested on PASCAL VOC without padding.

    Args:
        config: an MMSegmentation config.
        manifest: the dataset's manifest.
        label_set: the manifest's label set.
        split: its name in the manifest, whose layout gives the paths of its images.

    Returns:
        MMSegmentation's dataset, whose items hold one image.

    Raises:
        SegReproError: as for `build_test_split`.
    """
    dataset_cfg = copy.deepcopy(config.test_dataloader.dataset)
    where = f"{config.filename}: test_dataloader.dataset, for the split {split}"
    layout = manifest.layout_of(split)
    folders = takewhile(lambda part: "*" not in part, PurePath(layout.images.format(split=split)).parts)
    dataset_cfg.data_prefix = {"img_path": str(PurePath(*folders))}
    if layout.names is not None:
        dataset_cfg.ann_file = layout.names.format(split=split)
    dataset_cfg.pipeline = [step for step in dataset_cfg.pipeline if step["type"] not in _FOR_SCORING]
    return _build(config, dataset_cfg, split, manifest, label_set, where)


def _build(
    config: Config, dataset_cfg: dict[str, Any], split: str, manifest: Dataset, label_set: LabelSet, where: str
) -> BaseSegDataset:
    init_default_scope(config.get("default_scope", "mmseg"))
    prepare = f"Prepare the dataset: snakemake --cores all data/verified/{manifest.id}.json"
    try:
        # MMEngine cannot pack an empty list; packed or not, threads share it.
        dataset = DATASETS.build({**dataset_cfg, "serialize_data": False})
    except (FileNotFoundError, AssertionError):
        # Some of MMSegmentation's classes assert without a message.
        named = (dataset_cfg.get("data_prefix", {}).get("img_path"), dataset_cfg.get("ann_file"))
        paths = (Path(dataset_cfg.get("data_root") or "", name) for name in named if name)
        missing = [str(path) for path in paths if not path.exists()]
        if not missing:
            raise
        raise SegReproError(
            f"{where}: found no {' and no '.join(missing)}; expected the split {split}. {prepare}"
        ) from None
    if not len(dataset):
        folder = f"{dataset.data_prefix['img_path']} with the ending {dataset.img_suffix}"
        location = dataset.ann_file if dataset_cfg.get("ann_file") else folder
        raise SegReproError(f"{where}: found 0 images in {location}; expected the split {split}. {prepare}")
    if manifest.usable_images(split) not in (None, len(dataset)):
        raise SegReproError(
            f"{where}: found {len(dataset)} images; expected {manifest.usable_images(split)} in the split {split}. "
            f"{prepare}"
        )
    found, expected = tuple(dataset.metainfo["classes"]), tuple(c.name for c in label_set.classes)
    if found != expected:
        raise SegReproError(
            f"{where}: classes: found {', '.join(found)}; expected {', '.join(expected)}, those of the label set "
            f"{label_set.id}. Correct the dataset class or the label set"
        )
    return dataset


def instance_files(dataset: BaseSegDataset, layout: Layout, split: str) -> list[Path] | None:
    """Finds the instance map of each image of a split.

    Args:
        dataset: the split, as of `build_test_split`.
        layout: the manifest's layout.
        split: name of the split.

    Returns:
        The files in the order of the dataset; None where the layout has no instance maps, and where the test pipeline
        scores at another size than the files' (`ScoreAtInputSize`): no instance map has that size, so there is no iIoU.

    Raises:
        SegReproError: a label map is not where the layout says, or has no instance map.
    """
    if layout.instances is None or any(isinstance(step, ScoreAtInputSize) for step in dataset.pipeline.transforms):
        return None
    labels = re.compile("(.*/|)" + re.escape(layout.labels.format(split=split)).replace(r"\*", "([^/]*)"))
    files = []
    for index in range(len(dataset)):
        label_map = dataset.get_data_info(index)["seg_map_path"]
        match = labels.fullmatch(Path(label_map).as_posix())
        if match is None:
            raise SegReproError(
                f"{label_map}: found a label map outside the layout; expected {layout.labels}, so that "
                "its instance map can be found. Correct test_dataloader in the config"
            )
        root, *stars = match.groups()
        files.append(Path(root + layout.instances.format(split=split).replace("*", "{}").format(*stars)))
    if missing := [file for file in files if not file.is_file()]:
        raise SegReproError(
            f"{missing[0]}: no such file, and {len(missing) - 1} more; expected an instance map for each label map. "
            "Prepare the dataset again"
        )
    return files


def _split_name(dataset_cfg: dict[str, Any], manifest: Dataset, where: str) -> str:
    """Finds the split's name: a folder of the image path, or the stem of the annotation file."""
    img_path = dataset_cfg.get("data_prefix", {}).get("img_path", "")
    ann_file = dataset_cfg.get("ann_file", "")
    names = {*PurePath(img_path).parts, PurePath(ann_file).stem} & manifest.splits.keys()
    if len(names) != 1:
        raise SegReproError(
            f"{where}: data_prefix.img_path and ann_file: found {img_path!r} and {ann_file!r}; expected one of the "
            f"splits {', '.join(manifest.splits)} as a folder or file name. Correct the config"
        )
    return names.pop()
