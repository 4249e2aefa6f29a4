"""Whether a prepared dataset is what its manifest says: lists, counts, pairs, sizes, label values, checksums."""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tqdm.contrib.concurrent import thread_map

from segrepro.clutter import matching
from segrepro.errors import SegReproError
from data_manifests.schemas.base import Rgb
from data_manifests.schemas.dataset import Dataset, Layout
from data_manifests.schemas.label_set import LabelSet

from workflow.data import checksum_list
from workflow.data.placed_by_hand import how_to_complete, is_placed_by_hand

from .picture_checks import Shape, bad_form, wrong_image, wrong_label_map

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
    left_out = [name for name in manifest.splits if _left_out(manifest, name, data)]
    for name in left_out:
        print(f"note: {manifest.id}: the split {name} was left out, as nothing of it is there", file=sys.stderr)
    splits = {name: _files_of(manifest, name, data) for name in manifest.splits if name not in left_out}
    problems = [problem for files in splits.values() for problem in files.problems]
    problems += _unused_maps(manifest, splits, data)
    problems += _worse_than_known(manifest, data)
    digests, found = _inspect_all(manifest, labels, splits, data, threads)
    problems += found
    if checksums is not None:
        problems += _unlisted(digests, checksums)
    if problems:
        raise SegReproError(_report(manifest, data, problems))
    _tell_how_to_have(manifest, left_out, data)
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


def _files_of(manifest: Dataset, name: str, data: Path) -> _SplitFiles:
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


def _inspect_all(
    manifest: Dataset, labels: LabelSet, splits: Mapping[str, _SplitFiles], data: Path, threads: int
) -> tuple[dict[str, str], list[str]]:
    """Reads each file once.

    Returns:
        The sha256 of each by path, and what is wrong with them.
    """
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
    problems = [f"{path}: {problem}" for path, (_, _, problem) in zip(paths, seen, strict=True) if problem]
    if manifest.image_size is None:
        shapes = {path: shape for path, (_, shape, problem) in zip(paths, seen, strict=True) if problem is None}
        problems += _unequal_pairs(splits, shapes)
    return {path: digest for path, (digest, _, _) in zip(paths, seen, strict=True)}, problems


def _tell_how_to_have(manifest: Dataset, left_out: Sequence[str], data: Path) -> None:
    """A note on stderr: how to have the splits that were left out and that the suite can make."""
    made_here = [name for source in manifest.sources if source.urls for name in source.splits if name in left_out]
    if made_here:
        print(
            f"note: to have {', '.join(made_here)} the suite prepares the dataset from what is there, by links, without "
            f"writing beside it:\n{how_to_complete(manifest, data)}",
            file=sys.stderr,
        )


def _left_out(manifest: Dataset, split: str, data: Path) -> bool:
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
    return not _matches(data, layout.images.format(split=split))


def _matching(data: Path, layout: Layout, split: str, public: bool, bad: frozenset[str]) -> _SplitFiles:
    """The files that the patterns of a split find, without the images that are known to be bad and their label maps."""
    images = _matches(data, layout.images.format(split=split))
    maps, looked_at = {}, []
    for labels in (layout.labels, *layout.labels_also_at) if public else ():
        looked_at.append(labels.format(split=split))
        if maps := _matches(data, looked_at[-1]):
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
    return _keys([file.relative_to(data).as_posix() for file in matching(data, pattern)], pattern)


def _keys(paths: Sequence[str], pattern: str) -> dict[Key, str]:
    """Those paths that fit a pattern, by what stands in place of each `*`."""
    stars = re.compile(re.escape(pattern).replace(r"\*", "([^/]*)"))
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


def _worse_than_known(manifest: Dataset, data: Path) -> list[str]:
    """What is wrong with images that are known to be bad beyond what is tolerated of them."""
    problems = []
    for bad in manifest.known_bad_files:
        file = data / bad.image
        form = bad_form(file.read_bytes(), manifest.image_size) if file.is_file() else "absent"
        if form is not None and form not in bad.tolerated:
            problems.append(f"{bad.image}: {form}; expected it whole or {' or '.join(bad.tolerated)}")
    return problems


def _report(manifest: Dataset, data: Path, problems: list[str]) -> str:
    lines = [f"{data}: {len(problems)} problems:"]
    lines += [f"  {problem}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"  and {len(problems) - _PROBLEMS_SHOWN} more")
    if is_placed_by_hand(data):
        lines.append(
            f"Next step: {data} was not prepared by the suite, which changes nothing there: put right what is wrong. Or let "
            "the suite prepare the dataset from what is there, by links, without writing beside it:"
        )
        lines.append(how_to_complete(manifest, data))
    else:
        lines.append(f"Next step: remove {data} and prepare it again (workflow/scripts/prepare.py).")
    return "\n".join(lines)
