"""The files of each split of a prepared dataset, as its manifest describes them, and what stands for all their content."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_manifests.schemas.dataset import Dataset, Layout
from segrepro.clutter import matching
from workflow.data import checksum_list
from workflow.data.placed_by_hand import is_placed_by_hand

Key = tuple[str, ...]


@dataclass
class SplitFiles:
    """The files of a split as paths in the prepared folder, by what stands in place of each `*`."""

    images: dict[Key, str]
    maps: dict[Key, str]
    problems: list[str] = field(default_factory=list)


def files_of_splits(manifest: Dataset, data: Path) -> dict[str, SplitFiles]:
    """The files of every split of which anything is there."""
    return {name: files_of(manifest, name, data) for name in manifest.splits if not is_left_out(manifest, name, data)}


def all_paths(splits: Iterable[SplitFiles]) -> set[str]:
    """The paths of all images and label maps."""
    return {path for files in splits for path in (*files.images.values(), *files.maps.values())}


def summary(
    manifest: Dataset, splits: Mapping[str, SplitFiles], digests: Mapping[str, str], facts: Mapping[str, str]
) -> dict[str, Any]:
    """What stands for a dataset; equal files give an equal one.

    Args:
        manifest: the dataset.
        splits: the files of each split that is there.
        digests: sha256 by path of all of them.
        facts: `deciding_facts.hashes_of` them.

    Returns:
        `dataset`, `splits` with the numbers of `images` and `labels` of each, the facts, `files_sha256`, the sha256 of
        the list of all checksums, and `labelled_sha256`, that of the lists of the splits with public labels, which
        are all that a training or an evaluation can see.
    """
    listing = checksum_list.format_list(digests)
    labelled = [
        f"{name}\n{checksum_list.format_list({path: digests[path] for path in all_paths([files])})}"
        for name, files in sorted(splits.items())
        if manifest.splits[name].labels == "public"
    ]
    return {
        "dataset": manifest.id,
        "splits": {name: {"images": len(files.images), "labels": len(files.maps)} for name, files in splits.items()},
        **facts,
        "files_sha256": hashlib.sha256(listing.encode()).hexdigest(),
        "labelled_sha256": hashlib.sha256("".join(labelled).encode()).hexdigest(),
    }


def known_hashes_of(verified: Path) -> Path:
    """Where the hashes of a dataset's files are kept, beside what its verification wrote."""
    return verified.with_suffix(".hashes")


def files_of(manifest: Dataset, name: str, data: Path) -> SplitFiles:
    """The files of a split; another number of images than the manifest has is one of its problems."""
    layout, public = manifest.layout_of(name), manifest.splits[name].labels == "public"
    if layout.names is None:
        files = _matching(data, layout, name, public, manifest.known_bad_images(name))
    else:
        files = _listed(data, layout, layout.names.format(split=name), name, public)
    if (expected := manifest.usable_images(name)) not in (None, len(files.images)):
        where = (layout.names or layout.images).format(split=name)
        files.problems.insert(0, f"{name}: found {len(files.images)} images at {where}; expected {expected}")
    return files


def is_left_out(manifest: Dataset, split: str, data: Path) -> bool:
    """Whether nothing of a split is there, which is no mistake.

    That is so of hidden splits and of those with an archive of their own, if a person placed the data, or if the suite
    prepared it and does without.
    """
    by_hand = is_placed_by_hand(data)
    if manifest.splits[split].labels == "hidden" and (by_hand or manifest.layout_of(split).names is not None):
        return _nothing_of(manifest, split, data)
    return any(
        (by_hand or source.may_be_left_out) and all(_nothing_of(manifest, other, data) for other in source.splits)
        for source in manifest.sources
        if split in source.splits
    )


def _nothing_of(manifest: Dataset, split: str, data: Path) -> bool:
    layout = manifest.layout_of(split)
    if layout.names is not None:
        return not (data / layout.names.format(split=split)).exists()
    return not files_matching(data, layout.images.format(split=split))


def _matching(data: Path, layout: Layout, split: str, public: bool, bad: frozenset[str]) -> SplitFiles:
    """The files that the patterns of a split find, without the images that are known to be bad and their label maps."""
    images = files_matching(data, layout.images.format(split=split))
    maps, looked_at = {}, []
    for labels in (layout.labels, *layout.labels_also_at) if public else ():
        looked_at.append(labels.format(split=split))
        if maps := files_matching(data, looked_at[-1]):
            break
    for image in bad:
        (key,) = _keys([image], layout.images.format(split=split))
        images.pop(key, None)
        maps.pop(key, None)
    problems = []
    if public and images and not maps:
        problems.append(f"{split}: found 0 label maps at {' and '.join(looked_at)}; expected one for each image")
    elif public:
        problems += [f"{images[key]}: found no label map for it" for key in sorted(images.keys() - maps.keys())]
        problems += [f"{maps[key]}: found no image for it" for key in sorted(maps.keys() - images.keys())]
    return SplitFiles(images, maps, problems)


def _listed(data: Path, layout: Layout, names_file: str, split: str, public: bool) -> SplitFiles:
    """The files that the list of a split names."""
    if not (data / names_file).is_file():
        return SplitFiles({}, {}, [f"{names_file}: no such file; expected the list of the split {split}"])
    names = Counter((data / names_file).read_text(encoding="utf-8").split())
    images: dict[Key, str] = {(name,): layout.images.format(split=split).replace("*", name) for name in names}
    maps: dict[Key, str] = {(name,): layout.labels.format(split=split).replace("*", name) for name in names}
    kinds = {"image": images} | ({"label map": maps} if public else {})
    problems = [f"{names_file}: found {name} {times} times; expected once" for name, times in names.items() if times > 1]
    for kind, files in kinds.items():
        missing = sorted(path for path in files.values() if not (data / path).is_file())
        problems += [f"{path}: no such {kind}; {names_file} names it" for path in missing]
    return SplitFiles(images, maps if public else {}, problems)


def files_matching(data: Path, pattern: str) -> dict[Key, str]:
    """The files of a pattern, as paths in `data`, by what stands in place of each `*`."""
    return _keys([file.relative_to(data).as_posix() for file in matching(data, pattern)], pattern)


def _keys(paths: Sequence[str], pattern: str) -> dict[Key, str]:
    """Those paths that fit a pattern, by what stands in place of each `*`."""
    stars = re.compile(re.escape(pattern).replace(r"\*", "([^/]*)"))
    return {match.groups(): path for path in paths if (match := stars.fullmatch(path))}
