"""Whether an archive is what the owner's server wants, said before the server says it."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from segrepro.errors import SegReproError

from .form import Form

_PROBLEMS_SHOWN = 20


def problems(archive: Path, images: Mapping[str, tuple[int, int]], form: Form) -> list[str]:
    """Compares an archive with the images that it should have predictions for.

    Args:
        archive: a zip file.
        images: of the split, from the stem of the name to width and height in pixels.
        form: of the server.

    Returns:
        One sentence for each file that is missing, that nobody asked for, that cannot be read, or that has another
        size, kind or value than the server takes. None: the archive is right.
    """
    expected = {form.path(stem): size for stem, size in images.items()}
    try:
        with zipfile.ZipFile(archive) as opened:
            names = Counter(info.filename for info in opened.infolist() if not info.is_dir())
            found = [f"{name}: no such file" for name in sorted(expected.keys() - names.keys())]
            found += [f"{name}: found twice" for name in sorted(names) if names[name] > 1]
            found += [f"{name}: no image of the split asks for it" for name in sorted(names.keys() - expected.keys())]
            for name in tqdm(sorted(expected.keys() & names.keys()), desc="checking", unit="file", mininterval=1):
                if problem := _problem(opened, name, expected[name], form):
                    found.append(f"{name}: {problem}")
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        return [f"no readable zip file ({error})"]
    return found


def require_right(archive: Path, images: Mapping[str, tuple[int, int]], form: Form) -> None:
    """Checks an archive, see `problems`.

    Raises:
        SegReproError: something differs; says how many problems there are and names the first.
    """
    if found := problems(archive, images, form):
        lines = [f"{archive}: {len(found)} problems:", *(f"  {problem}" for problem in found[:_PROBLEMS_SHOWN])]
        if len(found) > _PROBLEMS_SHOWN:
            lines.append(f"  and {len(found) - _PROBLEMS_SHOWN} more")
        lines.append("Next step: make the archive again (workflow/scripts/submit.py).")
        raise SegReproError("\n".join(lines))


def _problem(archive: zipfile.ZipFile, name: str, size: tuple[int, int], form: Form) -> str | None:
    mode = "L" if form.palette is None else "P"
    try:
        with archive.open(name) as file, Image.open(file, formats=["PNG"]) as picture:
            pixels = np.asarray(picture)
            kind, colors = picture.mode, picture.getpalette()
    except (UnidentifiedImageError, OSError, SyntaxError, zipfile.BadZipFile, zlib.error) as error:
        return f"found no readable PNG ({type(error).__name__})"
    if kind != mode:
        return f"found a picture of Pillow's mode {kind}; expected {mode}"
    if (pixels.shape[1], pixels.shape[0]) != size:
        return f"found {pixels.shape[1]}x{pixels.shape[0]} pixels; expected {size[0]}x{size[1]}, those of the image"
    if strange := sorted(set(np.unique(pixels).tolist()) - set(form.values.tolist())):
        return f"found the values {strange}; expected only {form.values.tolist()}"
    if form.palette is not None and bytes(colors or ())[: 3 * len(form.values)] != form.palette[: 3 * len(form.values)]:
        return "found another palette; expected the color map of PASCAL VOC"
    return None
