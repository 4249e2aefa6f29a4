"""Files that only a person can bring: say at once what has to be put where."""

from pathlib import Path

from data_manifests.errors import SegReproError
from data_manifests.schemas.checkpoint import CheckpointCollection, PlacedCheckpoint
from data_manifests.schemas.dataset import Dataset


def require_placed(manifest: Dataset, folder: Path, mirror: Path | None) -> None:
    """Checks that the files which the suite cannot fetch by itself are in place.

    Args:
        manifest: the dataset.
        folder: where its archives belong.
        mirror: the other place that is looked at, `<mirror>/<dataset>/<file>`.

    Raises:
        SegReproError: at least one archive behind a login is neither in `folder` nor in the mirror.
    """
    if manifest.login is None:
        return
    places = [folder] + ([mirror / manifest.id] if mirror else [])
    needed = [s.file for s in manifest.sources if not s.urls and s.split is None]
    missing = [file for file in needed if not any((place / file).is_file() for place in places)]
    account = manifest.login.account_url
    if missing:
        raise SegReproError(
            f"{manifest.title} {'is behind a login' if account else 'has files that a person must place'}; "
            f"{len(missing)} of its {len(manifest.sources)} archives are missing:"
            + "".join(f"\n  {folder / name}" for name in missing)
            + f"\n{manifest.login.instructions}"
            + (f"\nAccount: {account}" if account else "")
            + "\nTo build the page from the stages that need no data, add: --config stages=structure"
        )


def placed_checkpoint(
    collection: CheckpointCollection, checkpoint: PlacedCheckpoint, weights: Path, mirror: Path | None
) -> Path:
    """Finds a weight file that the suite cannot fetch by itself.

    Args:
        collection: where it belongs.
        checkpoint: the file.
        weights: folder of `<collection>/<file>`.
        mirror: the other place that is looked at, in the same way.

    Returns:
        Its path in `weights` or in the mirror.

    Raises:
        SegReproError: it is in neither.
    """
    name = f"{collection.id}/{checkpoint.file}"
    for folder in (weights, mirror):
        if folder is not None and (folder / name).is_file():
            return folder / name
    raise SegReproError(
        f"{checkpoint.model} on {checkpoint.dataset}: the authors' weights must be placed by hand and are missing:"
        f"\n  {weights / name}\n{checkpoint.by_hand}\nPublished at: {collection.source}"
        f"\nA folder that holds {name} can also be named in SEGREPRO_MIRROR."
        "\nTo build a page from the stages that need no weights, add: --config stages=structure"
    )
