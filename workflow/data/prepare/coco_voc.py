"""COCO 2017 as PASCAL VOC would have labelled it: 20 of its 80 classes, as many methods pretrain on."""

import json
from collections import defaultdict
from functools import partial
from pathlib import Path

from data_manifests import loader
from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from segrepro.atomic import atomic_write

from workflow.data.fetch import sources
from .annotated_image import AnnotatedImage, write_label_map
from segrepro.atomic import atomic_folder, remove_folder
from workflow.data.parallel import each

MIN_PIXELS = 1000
"""An image is kept if more pixels than this are labelled, as in the PyTorch-Encoding code (`datasets/coco.py`)."""


def prepare(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    """Makes `images/<split>2017` as COCO has it, `labels/<split>2017` with train ids, and `<split>.txt`.

    A split lists the images in which more than 1000 pixels are labelled; only these have a label map. Crowds are drawn
    like all others, and where instances overlap the earlier one in COCO's file is seen. What a killed run had finished
    in `<out>.partial` is not done again.

    Args:
        manifest: the dataset; `category_ids` are COCO's, by VOC's class names.
        downloads: folder with its archives: images of train, images of val, annotations.
        out: the folder to make.
        threads: how many label maps are drawn at a time.

    Raises:
        SegReproError: an archive is missing or not the right one, or the annotations are not COCO's.
    """
    *images, annotations = manifest.sources
    sources.require(manifest.sources, downloads)
    train_ids = _train_ids(manifest)
    with atomic_folder(out, resume=True) as folder:
        for source in images:
            if not (folder / "images" / source.folder).exists():
                sources.unpack(source, downloads, folder / "images" / source.folder)
        instances = folder / "annotations"
        if not instances.exists():
            sources.unpack(annotations, downloads, instances)
        for split in manifest.splits:
            labels = folder / "labels" / f"{split}2017"
            found = _images(instances / f"instances_{split}2017.json", labels, train_ids)
            kept = each(partial(write_label_map, more_than=MIN_PIXELS), found, threads, f"label maps of {split}")
            names = sorted(image.label_map.stem for image, enough in zip(found, kept, strict=True) if enough)
            atomic_write(folder / f"{split}.txt", "".join(f"{name}\n" for name in names))
        remove_folder(instances)


def _train_ids(manifest: Dataset) -> dict[int, int]:
    """The train id of each of the owner's categories that the manifest names."""
    names = [c.name for c in loader.label_set(manifest.label_set).classes]
    return {category: names.index(name) for name, category in (manifest.category_ids or {}).items()}


def _images(annotations: Path, labels: Path, train_ids: dict[int, int]) -> list[AnnotatedImage]:
    """The images of COCO's file that have an instance of a wanted class, with the label map that each is to get."""
    try:
        content = json.loads(annotations.read_text(encoding="utf-8"))
        instances = defaultdict(list)
        for annotation in content["annotations"]:
            if annotation["category_id"] in train_ids:
                drawn = (train_ids[annotation["category_id"]], annotation["segmentation"])
                instances[annotation["image_id"]].append(drawn)
        return [
            AnnotatedImage(
                labels / f"{Path(i['file_name']).stem}.png", i["height"], i["width"], tuple(instances[i["id"]])
            )
            for i in content["images"]
            if i["id"] in instances
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise SegReproError(
            f"{annotations}: found {type(error).__name__} {error}; expected COCO's instances with images and "
            f"annotations; remove {annotations.parents[1]} and prepare the dataset again"
        ) from error
