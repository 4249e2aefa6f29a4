"""Tileable random fields that give surfaces their texture."""

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .dice import Dice

_SIZE = 256


class Noise:
    """Three periodic fields of `_SIZE` x `_SIZE` random values in 0..255."""

    def __init__(self, dice: Dice) -> None:
        """Draws the fields: `grain` is white, `leaves` is made of small clumps, `clouds` of large ones."""
        octaves = {cells: _octave(dice, cells) for cells in (4, 8, 16, 32, 64, 128)}
        fields = {
            "grain": dice.rng.integers(0, 256, (_SIZE, _SIZE), dtype=np.int32),
            "leaves": (octaves[32] + octaves[64] + 2 * octaves[128]) // 4,
            "clouds": (4 * octaves[4] + 3 * octaves[8] + 2 * octaves[16] + octaves[32]) // 10,
        }
        self._fields = {name: field.ravel() for name, field in fields.items()}

    def __call__(self, field: str, s: NDArray[np.integer], t: NDArray[np.integer]) -> IntArray:
        """The field's values at the integer places (s, t), which broadcast together."""
        return self._fields[field].take((t & _SIZE - 1) * _SIZE + (s & _SIZE - 1))


def _octave(dice: Dice, cells: int) -> IntArray:
    """Random values on a periodic grid of cells x cells, interpolated linearly."""
    grid = dice.rng.integers(0, 256, (cells, cells), dtype=np.int32)
    step = _SIZE // cells
    cell, offset = np.divmod(np.arange(_SIZE, dtype=np.int32), step)
    following = (cell + 1) % cells
    rows = grid[cell] * (step - offset)[:, None] + grid[following] * offset[:, None]
    field: IntArray = (rows[:, cell] * (step - offset) + rows[:, following] * offset) // step**2
    return field
