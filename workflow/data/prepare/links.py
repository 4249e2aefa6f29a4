"""Links to files and folders that another place holds already."""

import errno
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from segrepro.atomic import atomic_file, atomic_folder

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}
"""What file systems without symbolic links answer, such as those of memory cards and of some network drives."""


def link(targets: Mapping[Path, Path], *, relative: bool) -> None:
    """Makes a symbolic link for each path; on a disk that has none, a copy, and says so once.

    Args:
        targets: from the link to make, whose folder is there, to the file or folder that it is to stand for. What is
            there already stays.
        relative: whether the links are to hold, together with their targets, in another place too.

    Raises:
        OSError: neither can be made.
    """
    copying = False
    for path, target in targets.items():
        if path.exists():
            continue
        path.unlink(missing_ok=True)  # a link to where the target was once
        if not copying:
            try:
                path.symlink_to(os.path.relpath(target, path.parent) if relative else target.absolute())
                continue
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                print(f"note: {path.parent}: this disk has no symbolic links; copying files instead", file=sys.stderr)
                copying = True
        _copy(target, path)


def _copy(target: Path, path: Path) -> None:
    if target.is_dir():
        with atomic_folder(path) as folder:
            shutil.copytree(target, folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    else:
        with atomic_file(path) as part:
            shutil.copyfile(target, part)
