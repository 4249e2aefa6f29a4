"""Whether a prepared dataset is what its manifest says: lists, counts, pairs, sizes, label values, checksums."""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tqdm.contrib.concurrent import thread_map

from segrepro.errors import SegReproError
from data_manifests.schemas.base import Rgb
from data_manifests.schemas.dataset import Dataset, Layout
from data_manifests.schemas.label_set import LabelSet

from workflow.data import checksum_list
from .picture_checks import Shape, wrong_image, wrong_label_map

_PROBLEMS_SHOWN = 20

Key = tuple[str, ...]


@dataclass
class _SplitFiles:
    """The files of a split as paths in the prepared folder, by what stands in place of each `*`."""

    images: dict[Key, str]
    maps: dict[Key, str]
    problems: list[str] = field(default_factory=list)


def verify(
    manifest: Dataset, labels: LabelSet, data: Path, checksums: Mapping[str, str] | None, threads: int
) -> dict[str, Any]:
    """Checks every image and every public label map of a prepared dataset; each file is read once.

    Args:
        manifest: what is expected.
        labels: the classes whose train ids the label maps may hold, and void.
        data: the prepared dataset.
        checksums: sha256 by path in `data`, if the manifest has a list.
        threads: how many files are checked at a time.

    Returns:
        What was verified: `dataset`, `splits` with the numbers of `images` and `labels` of each, `files_sha256`, the
        sha256 of the list of all checksums, and `labelled_sha256`, that of the lists of the splits with public labels,
        which are all that a training can see. Equal files give an equal result.

    Raises:
        SegReproError: something differs; says how many problems there are and names the first.
    """
    splits: dict[str, _SplitFiles] = {}
    problems: list[str] = []
    for name, split in manifest.splits.items():
        layout, public = manifest.layout_of(name), split.labels == "public"
        if _left_out(manifest, name, data):
            print(f"note: {manifest.id}: the split {name} was left out, as its archive was not placed", file=sys.stderr)
            continue
        if layout.names is None:
            files = _matching(data, layout, name, public)
        else:
            files = _listed(data, layout, layout.names.format(split=name), name, public)
        if split.images not in (None, len(files.images)):
            problems.append(f"{name}: found {len(files.images)} images; expected {split.images}")
        problems += files.problems
        splits[name] = files
    problems += _unused_maps(manifest, splits, data)

    image_check = partial(wrong_image, size=manifest.image_size)
    map_check = partial(wrong_label_map, size=manifest.image_size, colors=_colors(manifest, labels))
    checks: dict[str, Callable[[bytes], tuple[Shape, str | None]]] = {}
    for files in splits.values():
        checks |= dict.fromkeys(files.images.values(), image_check) | dict.fromkeys(files.maps.values(), map_check)
    paths = sorted(path for path in checks if (data / path).is_file())
    seen = thread_map(
        lambda path: _inspect(data / path, checks[path]),
        paths,
        max_workers=threads,
        desc=f"verifying {manifest.id}",
        unit="file",
        mininterval=1,
    )
    problems += [f"{path}: {problem}" for path, (_, _, problem) in zip(paths, seen, strict=True) if problem]
    if manifest.image_size is None:
        shapes = {path: shape for path, (_, shape, problem) in zip(paths, seen, strict=True) if problem is None}
        problems += _unequal_pairs(splits, shapes)
    digests = {path: digest for path, (digest, _, _) in zip(paths, seen, strict=True)}
    if checksums is not None:
        problems += _unlisted(digests, checksums)
    if problems:
        raise SegReproError(_report(data, problems))
    listing = checksum_list.format_list(digests)
    labelled = [
        f"{name}\n{checksum_list.format_list({path: digests[path] for path in (*f.images.values(), *f.maps.values())})}"
        for name, f in sorted(splits.items())
        if manifest.splits[name].labels == "public"
    ]
    return {
        "dataset": manifest.id,
        "splits": {name: {"images": len(f.images), "labels": len(f.maps)} for name, f in splits.items()},
        "files_sha256": hashlib.sha256(listing.encode()).hexdigest(),
        "labelled_sha256": hashlib.sha256("".join(labelled).encode()).hexdigest(),
    }


def _left_out(manifest: Dataset, split: str, data: Path) -> bool:
    """Whether a split that has an archive of its own came without it."""
    names = manifest.layout_of(split).names
    has_its_own = split in {source.split for source in manifest.sources}
    return has_its_own and names is not None and not (data / names.format(split=split)).exists()


def _matching(data: Path, layout: Layout, split: str, public: bool) -> _SplitFiles:
    """The files that the patterns of a split find."""
    images = _matches(data, layout.images.format(split=split))
    maps = _matches(data, layout.labels.format(split=split)) if public else {}
    problems = []
    if public:
        problems += [f"{images[key]}: found no label map for it" for key in sorted(images.keys() - maps.keys())]
        problems += [f"{maps[key]}: found no image for it" for key in sorted(maps.keys() - images.keys())]
    return _SplitFiles(images, maps, problems)


def _listed(data: Path, layout: Layout, names_file: str, split: str, public: bool) -> _SplitFiles:
    """The files that the list of a split names."""
    if not (data / names_file).is_file():
        return _SplitFiles({}, {}, [f"{names_file}: no such file; expected the list of the split {split}"])
    names = Counter((data / names_file).read_text(encoding="utf-8").split())
    images: dict[Key, str] = {(name,): layout.images.format(split=split).replace("*", name) for name in names}
    maps: dict[Key, str] = {(name,): layout.labels.format(split=split).replace("*", name) for name in names}
    kinds = {"image": images} | ({"label map": maps} if public else {})
    problems = [f"{names_file}: found {name} {times} times; expected once" for name, times in names.items() if times > 1]
    for kind, files in kinds.items():
        missing = sorted(path for path in files.values() if not (data / path).is_file())
        problems += [f"{path}: no such {kind}; {names_file} names it" for path in missing]
    return _SplitFiles(images, maps if public else {}, problems)


def _unused_maps(manifest: Dataset, splits: Mapping[str, _SplitFiles], data: Path) -> list[str]:
    """Label maps that lie among those of listed splits, but which no list names."""
    used = {path for files in splits.values() for path in files.maps.values()}
    patterns = {manifest.layout_of(s).labels.format(split=s) for s in splits if manifest.layout_of(s).names}
    found = {path for pattern in patterns for path in _matches(data, pattern).values()}
    return [f"{path}: found a label map; expected only those that a list names" for path in sorted(found - used)]


def _matches(data: Path, pattern: str) -> dict[Key, str]:
    """The files of a pattern, as paths in `data`, by what stands in place of each `*`."""
    stars = re.compile(re.escape(pattern).replace(r"\*", "([^/]*)"))
    paths = sorted(file.relative_to(data).as_posix() for file in data.glob(pattern))
    return {match.groups(): path for path in paths if (match := stars.fullmatch(path))}


def _colors(manifest: Dataset, labels: LabelSet) -> dict[int, Rgb]:
    """The values that label maps may hold, with their colors."""
    classes = [c.color for c in labels.classes]
    if manifest.reduce_zero_label:
        return dict(enumerate([labels.void.color, *classes]))
    return dict(enumerate(classes)) | {labels.void.label: labels.void.color}


def _inspect(file: Path, check: Callable[[bytes], tuple[Shape, str | None]]) -> tuple[str, Shape, str | None]:
    """The sha256 of a file, the shape of its picture and what is wrong with it, from one reading."""
    content = file.read_bytes()
    return hashlib.sha256(content).hexdigest(), *check(content)


def _unequal_pairs(splits: Mapping[str, _SplitFiles], shapes: Mapping[str, Shape]) -> list[str]:
    """Label maps of another size than their image."""
    pairs = {(files.images[key], path) for files in splits.values() for key, path in files.maps.items()}
    return [
        f"{path}: found height, width {shapes[path][:2]}; expected {shapes[image][:2]}, those of {image}"
        for image, path in sorted(pairs)
        if image in shapes and path in shapes and shapes[image][:2] != shapes[path][:2]
    ]


def _unlisted(digests: Mapping[str, str], checksums: Mapping[str, str]) -> list[str]:
    """What differs between the files found and the list of checksums."""
    problems = [f"{path}: no such file" for path in sorted(checksums.keys() - digests.keys())]
    for path in sorted(digests):
        if path not in checksums:
            problems.append(f"{path}: found in the folder; expected only files that the list of checksums has")
        elif digests[path] != checksums[path]:
            problems.append(f"{path}: found sha256 {digests[path]}; expected {checksums[path]}")
    return problems


def _report(data: Path, problems: list[str]) -> str:
    lines = [f"{data}: {len(problems)} problems:"]
    lines += [f"  {problem}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"  and {len(problems) - _PROBLEMS_SHOWN} more")
    lines.append(f"Next step: remove {data} and prepare it again (workflow/scripts/prepare.py).")
    return "\n".join(lines)
