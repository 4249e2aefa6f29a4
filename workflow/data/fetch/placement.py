"""Files that the suite cannot fetch by itself: say at once what a person has to put where."""

from pathlib import Path

from segrepro.errors import SegReproError
from data_manifests.schemas.checkpoint import CheckpointCollection, PlacedCheckpoint
from data_manifests.schemas.dataset import Dataset

from workflow.data.placed_by_hand import expected_layout

from . import cityscapes_login
from .in_place import is_there


def require_placed(manifest: Dataset, folder: Path, mirror: Path | None) -> None:
    """Checks that the files which the suite cannot fetch by itself are in place.

    Args:
        manifest: the dataset.
        folder: where its archives belong.
        mirror: the other place that is looked at, `<mirror>/<dataset>/<file>`.

    Raises:
        SegReproError: a file is neither in `folder` nor in the mirror, and there is no account to download it with.
    """
    login = manifest.login
    if login is None:
        return
    by_login = login.packages is not None
    if by_login and cityscapes_login.has_account():
        return
    needed = [s for s in manifest.sources if not s.urls and not s.may_be_left_out]
    in_mirror = mirror / manifest.id if mirror else None
    missing = [s.file for s in needed if not (is_there(s, folder) or (in_mirror and (in_mirror / s.file).is_file()))]
    if not missing:
        return
    lines = [f"{manifest.title}: {len(missing)} of {len(manifest.sources)} files have to be placed by hand:"]
    lines += [f"  {folder / name}" for name in missing]
    lines.append(login.instructions)
    if login.account_url is not None:
        lines.append(f"Account: {login.account_url}")
    if by_login:
        lines.append(
            f"With an account there is a shorter way: set {cityscapes_login.USERNAME} and {cityscapes_login.PASSWORD}"
            " in the environment, and run the command again; the suite downloads them."
        )
    prepared = folder.parents[1] / manifest.id
    lines += [
        f"Who has the data unpacked needs no archives: put a link to its folder at {prepared}, which may be read-only;"
        f" expected there: {expected_layout(manifest)}"
    ]
    lines.append("To build the page from the stages that need no data, add: --config stages=structure")
    raise SegReproError("\n".join(lines))


def find_placed(
    collection: CheckpointCollection, checkpoint: PlacedCheckpoint, weights: Path, mirror: Path | None
) -> Path | None:
    """Looks for a weight file that a person places, in `weights` and then in the mirror; None where it is in neither."""
    files = [folder / collection.id / checkpoint.file for folder in (weights, mirror) if folder is not None]
    return next((file for file in files if file.is_file()), None)


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
    if found := find_placed(collection, checkpoint, weights, mirror):
        return found
    raise SegReproError(
        f"{checkpoint.model} on {checkpoint.dataset}: the authors' weights must be placed by hand and are missing:"
        f"\n  {weights / name}\n{checkpoint.by_hand}\nPublished at: {collection.source}"
        f"\nA folder that holds {name} can also be named in SEGREPRO_MIRROR."
        "\nTo build a page from the stages that need no weights, add: --config stages=structure"
    )
