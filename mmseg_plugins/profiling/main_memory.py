"""How much main memory this process may use."""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/proc/self/cgroup")
MOUNTED = Path("/sys/fs/cgroup")


def main_memory_bytes() -> int:
    """Bytes of the machine's memory, or less where a container or batch system sets a limit by control groups."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_limits()])


def _limits() -> Iterator[int]:
    """Limits of the process's memory control groups, version 1 or 2, and of all groups that contain them."""
    for line in CGROUPS.read_text(encoding="utf-8").splitlines() if CGROUPS.exists() else ():
        _, controllers, path = line.split(":", 2)
        if not controllers or "memory" in controllers.split(","):
            root, name = (MOUNTED / "memory", "memory.limit_in_bytes") if controllers else (MOUNTED, "memory.max")
            for group in (Path(path), *Path(path).parents):
                file = root / group.relative_to("/") / name
                if file.exists() and (limit := file.read_text(encoding="utf-8").strip()) != "max":
                    yield int(limit)
