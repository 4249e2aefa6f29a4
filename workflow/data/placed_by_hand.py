"""Datasets that a person put in place, by a link or file by file: the suite reads and verifies them, and changes nothing."""

from pathlib import Path

from data_manifests.schemas.dataset import Archive, Dataset
from segrepro.atomic import PARTIAL
from segrepro.clutter import content_of
from segrepro.errors import SegReproError

STAMP = ".prepared-by-segrepro"
"""The file that the suite writes last into a folder that it fills: the facts that decided its files."""


def is_placed_by_hand(data: Path) -> bool:
    """Whether the folder of a dataset holds files that the suite did not put there.

    Args:
        data: the folder, or a link to it; need not exist.
    """
    if not data.is_dir():
        return False
    content = [path.name for path in content_of(data)]
    return bool(content) and STAMP not in content and not any(name.startswith(PARTIAL) for name in content)


def refuse_to_replace(data: Path) -> None:
    """Makes sure that nothing of a person is lost when a dataset is prepared.

    Raises:
        SegReproError: the folder holds files that the suite did not put there.
    """
    if is_placed_by_hand(data):
        raise SegReproError(
            f"{data}: found files that were not prepared by the suite, which are never replaced; expected no folder, an "
            f"empty one, or a link to an empty one. To use the files: snakemake --cores all data/verified/{data.name}.json;"
            " to prepare the dataset anew, move them away"
        )


def expected_layout(manifest: Dataset) -> str:
    """Where the images and label maps lie that a person links to, in a line."""
    split = next(iter(manifest.splits))
    layout = manifest.layout_of(split)
    patterns = filter(None, (layout.images, layout.labels, layout.names))
    return ", ".join(pattern.format(split=split) for pattern in patterns)


def how_to_complete(manifest: Dataset, data: Path) -> str:
    """The commands by which the suite prepares a dataset from files that are in place, without writing beside them.

    Args:
        manifest: the dataset.
        data: its folder, placed by hand.
    """
    downloads = data.parent / "downloads" / data.name
    links, others = {}, []
    for source in manifest.sources:
        folder = _unpacked_in(data, source)
        if folder is not None and not source.may_be_left_out:
            links[downloads / source.folder] = folder
        elif source.urls:
            where = f", or its folder is linked at {downloads / source.folder}" if source.folder else ""
            others.append(f"  # {source.file} is fetched{where}")
    away = f"rm {data}" if data.is_symlink() else f"mv {data} {data}.placed"
    moved = data.resolve() if data.is_symlink() else data.absolute().with_name(f"{data.name}.placed")
    return "\n".join(
        [f"  {away}"]
        + [f"  mkdir -p {link.parent}; ln -s {moved / folder} {link}" for link, folder in links.items()]
        + others
        + [f"  snakemake --cores all data/verified/{data.name}.json"]
    )


def _unpacked_in(data: Path, source: Archive) -> Path | None:
    """The folder below `data`, `.` included, that holds what an archive does; None if there is none."""
    if source.folder and (data / source.folder).is_dir():
        return Path(source.folder)
    own = [pattern for pattern in source.wanted if pattern != "*"]
    return Path() if any(True for pattern in own for _ in data.glob(pattern)) else None
