"""Checkpoint files that are either complete or absent."""

from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from segrepro.atomic import atomic_write


@register_backend("atomic")
class AtomicBackend(LocalBackend):
    """MMEngine's local storage, but a file gets its name only when it is completely written.

    MMEngine writes a checkpoint straight to its final name: a process that is killed at that moment leaves an
    incomplete newest checkpoint. Chosen by `backend_args=dict(backend="atomic")` of the `CheckpointHook`.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Writes `obj` to a temporary file next to `filepath` and renames it."""
        atomic_write(Path(filepath), obj)
