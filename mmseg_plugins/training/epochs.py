"""How many batches an epoch has, so that a config states epochs and a batch size and multiplies nothing by hand."""

from data_manifests import loader
from segrepro.errors import SegReproError


def batches_per_epoch(dataset: str, split: str, batch_size: int, *, drop_last: bool) -> int:
    """Counts the batches in which a training goes once through a split, known bad images left out.

    Args:
        dataset: name of a manifest in `data_manifests/datasets`.
        split: one of its splits.
        batch_size: images a batch, at least 1.
        drop_last: whether a last batch that is not whole is left out, as by PyTorch's `DataLoader`.

    Returns:
        The number of batches. How long a training is follows from it, and not what a batch holds: an endless sampler
        fills the last batch of an epoch with images of the next.

    Raises:
        SegReproError: the manifest has no such split or not the number of its images.
    """
    manifest = loader.dataset(dataset)
    file = f"data_manifests/datasets/{dataset}.yaml"
    if split not in manifest.splits:
        raise SegReproError(
            f"{file}: splits: found {', '.join(manifest.splits)}; expected {split}, whose images a config counts."
            " Name one of these in the config"
        )
    images = manifest.usable_images(split)
    if images is None:
        raise SegReproError(
            f"{file}: splits.{split}.images: found null; expected the number that a config counts epochs by. State it"
            " there, or state the config's length in iterations"
        )
    return images // batch_size if drop_last else -(-images // batch_size)
