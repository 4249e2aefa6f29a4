"""Options that several programs have, each declared and checked once: what is wrong is refused before any work."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from typer import CallbackParam, Option

from data_manifests import loader
from data_manifests.schemas.base import Identifier
from data_manifests.schemas.base import Seed as SeedNumber
from data_manifests.schemas.suite import Route as RouteName
from segrepro.errors import SegReproError
from segrepro.system_errors import require_no_dangling_link


def file_to_write(help: str) -> Any:
    """An option for a file that a program writes, which is refused where it cannot be made."""
    return Option(help=help, callback=_require_place_for_file)


def folder_to_write(help: str) -> Any:
    """An option for a folder that a program fills, which is refused where it cannot be made or written to."""
    return Option(help=help, callback=_require_place_for_folder)


def _fitting(kind: Any, expected: str) -> Callable[[CallbackParam, Any], Any]:
    """Makes the check of a value that evidence holds, by its type there: evidence is written when all work is done."""

    def check(option: CallbackParam, value: Any) -> Any:
        try:
            return TypeAdapter(kind).validate_python(value)
        except ValidationError:
            raise SegReproError(f"{option.opts[0]}: found {value!r}; expected {expected}. Correct it") from None

    return check


def _of_a_manifest(value: str) -> str:
    loader.dataset(value)
    return value


def _require_place_for_file(value: Path | None) -> Path | None:
    if value is not None:
        require_no_dangling_link(value.parent)
        if value.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(value))
        _require_writable(value.parent)
        _stat_if_there(value)
    return value


def _require_place_for_folder(value: Path | None) -> Path | None:
    if value is not None:
        require_no_dangling_link(value)
        _require_writable(value)
    return value


def _require_writable(folder: Path) -> None:
    """Checks that files can be made in a folder, or in the nearest one above it that is there; leaves nothing."""
    while not _stat_if_there(folder):
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        error.filename = str(folder)
        raise


def _stat_if_there(path: Path) -> bool:
    """Whether a path is there; what else the system says of it, such as of too long a name, is raised."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


_SEEDS = "a whole number from 0 to 4294967295, which NumPy takes as a seed"
_NAME = _fitting(Identifier, "a name of lower-case letters and digits, with _ or - between them")

Config = Annotated[Path, Option(help="MMSegmentation config of the model on the dataset", exists=True, dir_okay=False)]
Weights = Annotated[Path, Option(help="weights.pth of the run", exists=True, dir_okay=False)]
Dataset = Annotated[str, Option(help="name of the dataset's manifest", callback=_of_a_manifest)]
Verified = Annotated[
    Path | None, Option(help="what verify.py wrote on the dataset; without it the evidence names no data")
]
Data = Annotated[Path, Option(help="the prepared dataset")]
HiddenSplit = Annotated[str, Option(help="split of the manifest whose labels are hidden")]
Device = Annotated[str | None, Option(help="cpu or cuda; by default cuda where there is one")]
Suite = Annotated[Path, Option(help="the suite file")]
ComparisonId = Annotated[str, Option(help="its id", callback=_NAME)]
EvidenceFile = Annotated[Path, file_to_write("evidence file to write")]
Seconds = Annotated[float, Option(help="limit for the latency of one precision and mode", min=0)]

# Of a run, as its evidence names it.
Model = Annotated[str, Option(help="name of the model, for the evidence", callback=_NAME)]
Route = Annotated[RouteName, Option(help="where the weights come from, for the evidence")]
Seed = Annotated[
    int,
    Option(help="seed of the run", callback=_fitting(SeedNumber, _SEEDS)),
]
