"""Checkpoint files that are whole or not there."""

from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from segrepro.atomic import atomic_write


@register_backend("atomic")
class AtomicBackend(LocalBackend):
    """MMEngine's local storage, but a file appears under its name only when all of it is on the disk.

    MMEngine writes a checkpoint straight to its final name: a process killed at that moment leaves a torn newest
    checkpoint. Chosen by `backend_args=dict(backend="atomic")` of the `CheckpointHook`.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Writes `obj` to a temporary file beside `filepath` and moves it there."""
        atomic_write(Path(filepath), obj)
