"""Datasets behind a login: say at once what a person has to put where."""

from pathlib import Path

from data_manifests.errors import SegReproError
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
    missing = [s.file for s in manifest.sources if not s.urls and not any((p / s.file).is_file() for p in places)]
    if missing:
        raise SegReproError(
            f"{manifest.title} is behind a login; {len(missing)} of its {len(manifest.sources)} archives are missing:"
            + "".join(f"\n  {folder / name}" for name in missing)
            + f"\n{manifest.login.instructions}\nAccount: {manifest.login.account_url}"
            + "\nTo build the page from the stages that need no data, add: --config stages=structure"
        )
