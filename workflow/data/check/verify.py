"""Whether a prepared dataset is what its manifest says: lists, counts, pairs, sizes, label values, checksums."""

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm.contrib.concurrent import thread_map

from data_manifests.schemas.base import Rgb
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet
from segrepro.errors import SegReproError
from segrepro.known_hashes import KnownHashes, marks_of
from workflow.data import deciding_facts
from workflow.data.placed_by_hand import how_to_complete, is_placed_by_hand

from .picture_checks import Shape, bad_form, wrong_image, wrong_label_map
from .split_files import SplitFiles, files_matching, files_of_splits, summary

_PROBLEMS_SHOWN = 20


def verify(
    manifest: Dataset,
    labels: LabelSet,
    data: Path,
    checksums: Mapping[str, str] | None,
    threads: int,
    known: KnownHashes | None = None,
    right: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Checks every image and every public label map of a prepared dataset; each file is read once.

    Args:
        manifest: what is expected.
        labels: the classes whose train ids the label maps may hold, and void.
        data: the prepared dataset.
        checksums: sha256 by path in `data`, if the manifest has a list.
        threads: how many files are checked at a time.
        known: hashes of files that have not changed since they were read; learns those of all others.
        right: sha256 by path of files that were found right by the same facts: they are not read again.

    Returns:
        What `split_files.summary` says.

    Raises:
        SegReproError: something differs; says how many problems there are and names the first.
    """
    splits = files_of_splits(manifest, data)
    left_out = [name for name in manifest.splits if name not in splits]
    for name in left_out:
        print(f"note: {manifest.id}: the split {name} was left out, as nothing of it is there", file=sys.stderr)
    problems = [problem for files in splits.values() for problem in files.problems]
    problems += _unused_maps(manifest, splits, data)
    problems += _worse_than_known(manifest, data)
    digests, found = _inspect_all(manifest, labels, splits, data, threads, known or KnownHashes(None), right or {})
    problems += found
    if checksums is not None:
        problems += _unlisted(digests, checksums)
    if problems:
        raise SegReproError(_report(manifest, data, problems))
    _tell_how_to_have(manifest, left_out, data)
    return summary(manifest, splits, digests, deciding_facts.hashes_of(manifest, labels, checksums))


def _inspect_all(
    manifest: Dataset,
    labels: LabelSet,
    splits: Mapping[str, SplitFiles],
    data: Path,
    threads: int,
    known: KnownHashes,
    right: Mapping[str, str],
) -> tuple[dict[str, str], list[str]]:
    """Reads each file once, but for those that are known to be right.

    Returns:
        The sha256 of each by path, and what is wrong with them.
    """
    image_check = partial(wrong_image, size=manifest.image_size)
    map_check = partial(wrong_label_map, size=manifest.image_size, colors=_colors(manifest, labels))
    checks: dict[str, Callable[[bytes], tuple[Shape, str | None]]] = {}
    for files in splits.values():
        checks |= dict.fromkeys(files.images.values(), image_check) | dict.fromkeys(files.maps.values(), map_check)
    paths = {path: data / path for path in sorted(checks) if (data / path).is_file()}
    changed = set(known.changed(list(paths.values())))
    unread = known.of([file for file in paths.values() if file not in changed])
    digests = {path: unread[file] for path, file in paths.items() if file in unread and unread[file] == right.get(path)}
    # An image and its label map are compared with each other.
    for image, label_map in _pairs(splits):
        if image not in digests or label_map not in digests:
            digests.pop(image, None)
            digests.pop(label_map, None)
    to_read = [path for path in paths if path not in digests]
    marks = {path: marks_of(paths[path]) for path in to_read}
    seen = thread_map(
        lambda path: _inspect(data / path, checks[path]),
        to_read,
        max_workers=threads,
        desc=f"verifying {manifest.id}",
        unit="file",
        mininterval=1,
    )
    problems = [f"{path}: {problem}" for path, (_, _, problem) in zip(to_read, seen, strict=True) if problem]
    if manifest.image_size is None:
        shapes = {path: shape for path, (_, shape, problem) in zip(to_read, seen, strict=True) if problem is None}
        problems += _unequal_pairs(splits, shapes)
    for path, (digest, _, _) in zip(to_read, seen, strict=True):
        known.learn(paths[path], marks[path], digest)
        digests[path] = digest
    return digests, problems


def _tell_how_to_have(manifest: Dataset, left_out: Sequence[str], data: Path) -> None:
    """A note on stderr: how to have the splits that were left out and that the suite can make."""
    made_here = [name for source in manifest.sources if source.urls for name in source.splits if name in left_out]
    if made_here:
        print(
            f"note: to have {', '.join(made_here)} the suite prepares the dataset from what is there, by links, without "
            f"writing beside it:\n{how_to_complete(manifest, data)}",
            file=sys.stderr,
        )


def _unused_maps(manifest: Dataset, splits: Mapping[str, SplitFiles], data: Path) -> list[str]:
    """Label maps that lie among those of listed splits, but which no list names."""
    used = {path for files in splits.values() for path in files.maps.values()}
    patterns = {manifest.layout_of(s).labels.format(split=s) for s in splits if manifest.layout_of(s).names}
    found = {path for pattern in patterns for path in files_matching(data, pattern).values()}
    return [f"{path}: found a label map; expected only those that a list names" for path in sorted(found - used)]


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


def _pairs(splits: Mapping[str, SplitFiles]) -> list[tuple[str, str]]:
    """Every image with its label map."""
    return sorted({(files.images[key], path) for files in splits.values() for key, path in files.maps.items() if key in files.images})


def _unequal_pairs(splits: Mapping[str, SplitFiles], shapes: Mapping[str, Shape]) -> list[str]:
    """Label maps of another size than their image."""
    return [
        f"{path}: found height, width {shapes[path][:2]}; expected {shapes[image][:2]}, those of {image}"
        for image, path in _pairs(splits)
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
