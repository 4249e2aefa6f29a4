"""PASCAL Context: VOC 2010's images, labelled pixel by pixel with the 59 most frequent of its 459 classes."""

import json
from collections import defaultdict
from pathlib import Path

from data_manifests import loader
from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from segrepro.atomic import atomic_write

from workflow.data.fetch import sources
from .annotated_image import AnnotatedImage, write_label_map
from segrepro.atomic import atomic_folder
from workflow.data.parallel import each


def prepare(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    """Makes `JPEGImages`, `SegmentationClassContext` and the lists in `ImageSets/SegmentationContext`.

    The images of its test split, whose labels are hidden, are left out. Label maps hold 1 to 59, and 0 where none of these classes is. What a killed run had finished in `<out>.partial` is
    not done again.

    Args:
        manifest: the dataset; `category_ids` are those of the annotations.
        downloads: folder with VOC 2010 and `trainval_merged.json`, in this order in the manifest.
        out: the folder to make.
        threads: how many label maps are drawn at a time.

    Raises:
        SegReproError: a file is missing or not the right one, or the annotations have another form or other classes.
    """
    voc, annotations = manifest.sources
    sources.require(manifest.sources, downloads)
    names = [c.name for c in loader.label_set(manifest.label_set).classes]
    labels = {category: names.index(name) + 1 for name, category in (manifest.category_ids or {}).items()}
    with atomic_folder(out, resume=True) as folder:
        if not (folder / "JPEGImages").exists():
            sources.unpack(voc, downloads, folder)
        images = _images(downloads / annotations.file, folder / "SegmentationClassContext", labels)
        for split in (name for name, split in manifest.splits.items() if split.labels == "public"):
            each(write_label_map, images[split], threads, f"label maps of {split}")
            stems = sorted(image.label_map.stem for image in images[split])
            listing = folder / "ImageSets/SegmentationContext" / f"{split}.txt"
            atomic_write(listing, "".join(f"{stem}\n" for stem in stems))


def _images(annotations: Path, out: Path, labels: dict[int, int]) -> dict[str, list[AnnotatedImage]]:
    """The images of the annotations, by their phase (`train`, `val` or `test`), with the label map that each is to get."""
    try:
        content = json.loads(annotations.read_text(encoding="utf-8"))
        # Segments should not overlap; if they do the later one is seen.
        segments = defaultdict(list)
        for segment in reversed(content["annos_segmentation"]):
            if segment["category_id"] != 0:
                segments[segment["image_id"]].append((labels[segment["category_id"]], segment["segmentation"]))
        images = defaultdict(list)
        for i in content["images"]:
            label_map = out / f"{Path(i['file_name']).stem}.png"
            outlines = tuple(segments[i["image_id"]])
            images[i["phase"]].append(AnnotatedImage(label_map, i["height"], i["width"], outlines))
    except (ValueError, KeyError, TypeError) as error:
        raise SegReproError(
            f"{annotations}: found {type(error).__name__} {error}; expected the form of the Detail API: images with "
            "image_id, file_name, height, width and phase, annos_segmentation with image_id, segmentation and "
            "category_id, one of category_ids in the manifest; put the right file there"
        ) from error
    return images
